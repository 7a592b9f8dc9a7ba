//! V8 to V12: what the countersigning authority, the log and the decision bear witness of.

use chancery_tests::office::{ORIGIN, entry_in, life};
use chancery_tests::{Office, Parts};
use signer_core::certificate::CertificateError;
use signer_core::crypto::Ed25519Key;
use signer_core::decision::DecisionRecord;
use signer_core::digest::Digest;
use signer_core::identity::Custody;
use signer_core::log_entry::LogEntry;
use signer_core::merkle;
use signer_core::reason::{Code, Coded as _};
use signer_core::token::TokenError;
use signer_core::trust_root::{TrustRoot, ValidFor};
use signer_core::verify::{Verifier, VerifyError};

use super::{code, parts, refusal, signed};

#[test]
fn v8_refuses_a_token_of_the_plain_time_authority() {
    let (world, commit) = signed();
    let mut parts = parts(&commit);
    parts.token = world.office.stamp(&parts.signature, world.now());
    assert_refused!(world, parts.object(), VerifyError::TokenPolicy { .. }, Code::TimePolicy);
}

#[test]
fn v8_refuses_a_countersignature_made_with_the_plain_time_key() {
    let (world, commit) = signed();
    let mut parts = parts(&commit);
    parts.token = world.office.time.countersigns(&parts.signature, world.now(), &Digest::of(&parts.decision));
    assert_refused!(world, parts.object(), VerifyError::Token(TokenError::Policy { .. }), Code::TimePolicy);
}

#[test]
fn v8_refuses_a_token_of_another_engine() {
    let (world, commit) = signed();
    let stranger = Office::new(world.now());
    let forged = parts(&commit).stamped(&stranger, world.now()).object();
    assert_refused!(world, forged, VerifyError::Token(TokenError::Untrusted), Code::TimeTsaUntrusted);
}

#[test]
fn v8_refuses_a_token_over_another_signature() {
    let (world, commit) = signed();
    let other = parts(&world.agent("builder").commits("src/other.rs", "two\n"));
    let forged = Parts { token: other.token, ..parts(&commit) }.object();
    assert_refused!(world, forged, VerifyError::Token(TokenError::Imprint), Code::TimeImprintMismatch);
}

#[test]
fn v8_refuses_a_token_outside_its_authoritys_window() {
    let (world, commit) = signed();
    let mut trust = world.office.trust_parts(world.now());
    trust.time_authorities[0].valid_for.end = Some(world.now());
    let verifier = Verifier::new(TrustRoot::new(trust).unwrap(), world.now());
    let error = world.check_with(&verifier, &commit.bytes).unwrap_err();
    assert!(matches!(error, VerifyError::Token(TokenError::OutsideWindow { .. })), "{error:?}");
    assert_eq!(error.code(), Code::TimeOutsideWindow);
}

#[test]
fn v8_refuses_a_time_that_has_not_come() {
    let (world, commit) = signed();
    let forged = parts(&commit).stamped(&world.office, world.now().plus(1)).object();
    assert_refused!(world, forged, VerifyError::Future { .. }, Code::TimeFuture);
}

// TIME-16, TIME-17: a clock set back, or a token asked for too late.
#[test]
fn v9_refuses_a_signature_stamped_after_its_certificate_ended() {
    let (world, commit) = signed();
    world.passes(600);
    let forged = world.forges(&commit).object();
    let error = refusal(&world, &forged);
    assert!(matches!(error, VerifyError::Certificate(CertificateError::Expired { .. })), "{error:?}");
    assert_eq!(code(&world, &forged), Code::X509Expired);
}

#[test]
fn v9_refuses_a_signature_stamped_before_its_certificate_began() {
    let (world, commit) = signed();
    let forged = world.forges(&commit).at(world.now().minus(1)).object();
    assert_refused!(world, forged, VerifyError::Certificate(CertificateError::Expired { .. }), Code::X509Expired);
}

#[test]
fn v9_refuses_an_issuer_that_was_not_trusted_at_the_time() {
    let (world, commit) = signed();
    let mut trust = world.office.trust_parts(world.now());
    trust.certificate_authorities[0].valid_for = ValidFor { start: life(world.now()).start, end: Some(world.now()) };
    let verifier = Verifier::new(TrustRoot::new(trust).unwrap(), world.now());
    let error = world.check_with(&verifier, &commit.bytes).unwrap_err();
    assert!(matches!(error, VerifyError::Certificate(CertificateError::OutsideTrust { .. })), "{error:?}");
    assert_eq!(error.code(), Code::TrustWindow);
}

#[test]
fn v10_refuses_a_decision_the_token_was_not_made_for() {
    let (world, commit) = signed();
    let other = parts(&world.agent("builder").commits("src/other.rs", "two\n"));
    let forged = Parts { decision: other.decision, ..parts(&commit) }.object();
    assert_refused!(world, forged, VerifyError::OtherDecision, Code::TimeDecision);
}

#[test]
fn v10_refuses_a_token_whose_decision_is_another() {
    let (world, commit) = signed();
    let mut parts = parts(&commit);
    parts.token = world.office.countersign(&parts.signature, world.now(), &Digest::of(b"another"));
    assert_refused!(world, parts.object(), VerifyError::OtherDecision, Code::TimeDecision);
}

#[test]
fn v10_refuses_a_decision_in_another_form() {
    let (world, commit) = signed();
    let honest = String::from_utf8(parts(&commit).decision).unwrap();
    for text in [
        honest.replacen('{', "{ ", 1),
        honest.replacen('{', "{\"also\":1,", 1),
        honest.replacen("\"feed\":0", "\"feed\":0.0", 1),
        "{}".to_owned(),
        String::new(),
    ] {
        let forged = Parts { decision: text.into_bytes(), ..parts(&commit) }.stamped(&world.office, world.now());
        assert_refused!(world, forged.object(), VerifyError::Decision { .. }, Code::DecisionMalformed);
    }
}

#[test]
fn v11_refuses_an_entry_that_is_no_protobuf_of_ours() {
    let (world, commit) = signed();
    let entry = [parts(&commit).entry, vec![0x78, 1]].concat();
    let forged = Parts { entry, ..parts(&commit) }.object();
    assert_refused!(world, forged, VerifyError::Log(_), Code::LogEntryMalformed);
}

// LOG-01, LOG-04: the entry of a sibling under the same key.
#[test]
fn v11_refuses_an_entry_logged_for_another_signature() {
    let (world, commit) = signed();
    let other = parts(&world.agent("builder").commits("src/other.rs", "two\n"));
    let forged = Parts { entry: other.entry, ..parts(&commit) }.object();
    assert_refused!(world, forged, VerifyError::Log(_), Code::LogInclusionProof);
}

#[test]
fn v11_refuses_a_log_the_trust_root_does_not_name() {
    let (world, commit) = signed();
    let forged = parts(&commit).decided(&world.office, world.now(), |record| {
        record.log.origin = "log-00.7f.chancery.internal".to_owned();
    });
    assert_refused!(world, forged.object(), VerifyError::UnknownLog { .. }, Code::LogOriginMismatch);
}

// LOG-21.
#[test]
fn v11_refuses_a_log_key_outside_its_window() {
    let (world, commit) = signed();
    let mut trust = world.office.trust_parts(world.now());
    trust.logs[0].valid_for.end = Some(world.now());
    let verifier = Verifier::new(TrustRoot::new(trust).unwrap(), world.now());
    let error = world.check_with(&verifier, &commit.bytes).unwrap_err();
    assert!(matches!(error, VerifyError::LogWindow { .. }), "{error:?}");
    assert_eq!(error.code(), Code::TrustWindow);
}

// LOG-05, LOG-10.
#[test]
fn v11_refuses_a_tree_signed_by_another_key_of_that_name() {
    let (world, commit) = signed();
    let leaf = merkle::leaf_hash(&parts(&commit).body());
    let entry = entry_in(ORIGIN, &Ed25519Key::generate().unwrap(), &[leaf], 0);
    let honest = world.forges(&commit).parts();
    let forged = Parts { entry: entry.encode().unwrap(), ..honest };
    assert!(matches!(refusal(&world, &forged.object()), VerifyError::Log(_)));
    let unhinted = LogEntry { log_id: forged.proof().log_id, ..entry };
    let honest_id = world.office.logs(b"").log_id;
    let forged = Parts { entry: LogEntry { log_id: honest_id, ..unhinted }.encode().unwrap(), ..forged };
    assert_eq!(code(&world, &forged.object()), Code::LogCheckpointSignature);
}

#[test]
fn v11_refuses_a_decision_about_another_entry() {
    let (world, commit) = signed();
    let forged = parts(&commit).decided(&world.office, world.now(), |record| record.leaf = Digest::of(b"another"));
    assert_refused!(world, forged.object(), VerifyError::OtherLeaf, Code::LogLeafMismatch);
}

// LOG-23, LOG-29.
#[test]
fn v11_refuses_a_true_proof_at_another_place() {
    let (world, commit) = signed();
    let leaf = merkle::leaf_hash(&parts(&commit).body());
    let (key, other) = (&world.office.log, Digest::of(b"another"));
    for entry in [entry_in(ORIGIN, key, &[leaf, other], 0), entry_in(ORIGIN, key, &[other, leaf], 1)] {
        let forged = Parts { entry: entry.encode().unwrap(), ..parts(&commit) };
        assert_refused!(world, forged.object(), VerifyError::OtherPosition { .. }, Code::LogIndexMismatch);
    }
}

#[test]
fn v12_refuses_a_decision_that_contradicts_the_certificate() {
    let (world, commit) = signed();
    let forge = |alter: fn(&mut DecisionRecord)| parts(&commit).decided(&world.office, world.now(), alter).object();
    for (named, object) in [
        ("certificate", forge(|record| record.certificate = Digest::of(b"another"))),
        ("subject", forge(|record| record.subject = "eve@example.org".parse().unwrap())),
        ("session", forge(|record| record.session.push('0'))),
        ("custody", forge(|record| record.custody = Custody::Token)),
        ("grants", forge(|record| record.grants.clear())),
        ("grants", forge(|record| record.grants.push(Digest::of(b"another")))),
    ] {
        let error = refusal(&world, &object);
        assert!(matches!(error, VerifyError::Contradiction { field } if field == named), "{error:?}");
        assert_eq!(code(&world, &object), Code::DecisionContradiction);
    }
}
