//! Each step of docs/formats.md V violated alone: every part is true and signed by the real authorities but the one that
//! the step looks at. Every variant of `VerifyError` is provoked here.

use std::rc::Rc;

use chancery_tests::actor::Credential;
use chancery_tests::office::{ORIGIN, entry_in, life};
use chancery_tests::verdicts::codes;
use chancery_tests::{Office, Parts, Signed, World, der};
use signer_core::certificate::CertificateError;
use signer_core::change::ChangeList;
use signer_core::crypto::{Ed25519Key, P256Key, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::identity::{Custody, Purpose};
use signer_core::log_entry::LogEntry;
use signer_core::provenance::Provenance;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Window;
use signer_core::token::TokenError;
use signer_core::trust_root::{TrustRoot, ValidFor};
use signer_core::verify::{Tagged, Verifier, VerifyError};
use signer_core::{dsse, merkle, oid};
use signer_git::ObjectFormat;

/// A world with one honest commit of an agent.
fn signed() -> (World, Signed) {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    (world, commit)
}

fn parts(commit: &Signed) -> Parts {
    Parts::of(&commit.bytes, ObjectFormat::Sha1)
}

/// What the steps say of a forged object.
fn refusal(world: &World, object: &[u8]) -> VerifyError {
    world.check(object).expect_err("the forgery was to be refused")
}

/// The code of the forged object, from the steps alone and from a whole run; they must agree.
fn code(world: &World, object: &[u8]) -> Code {
    let code = refusal(world, object).code();
    let id = world.checkout.store("commit", object);
    world.checkout.point("refs/heads/main", &id);
    assert_eq!(codes(&world.verify_commit(&id)), [code], "the run and the steps disagree");
    code
}

macro_rules! assert_refused {
    ($world:expr, $object:expr, $variant:pat, $code:expr) => {
        let object = $object;
        let error = refusal(&$world, &object);
        assert!(matches!(error, $variant), "{error:?}");
        assert_eq!(code(&$world, &object), $code);
    };
}

#[test]
fn a_forgery_that_changes_nothing_is_the_truth() {
    let (world, commit) = signed();
    assert_eq!(parts(&commit).object(), commit.bytes);
    assert!(world.check(&commit.bytes).is_ok());
    assert!(world.check(&world.forges(&commit).object()).is_ok(), "the real authorities signed everything");
}

#[test]
fn v0_refuses_an_object_git_would_not_write() {
    let (world, commit) = signed();
    let text = String::from_utf8(commit.bytes.clone()).unwrap();
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    let (tree, author) = (line("tree "), line("author "));
    for (forged, expected) in [
        (text.replacen(&author, &format!("{author}\n{author}"), 1), Code::GitMalformedDuplicateHeader),
        (text.replacen(" +0000\ncommitter", "\ncommitter", 1), Code::GitMalformedDate),
        (text.replacen("\n\n", "\n\n\0", 1), Code::GitMalformedNulInMessage),
        (text.replacen("\ncommitter ", "\nx-note a\ncommitter ", 1), Code::GitMalformedHeaderOrder),
        (text.replacen("author ada <", "author ada ", 1), Code::GitMalformedIdent),
    ] {
        let id = world.checkout.store("commit", forged.as_bytes());
        assert_eq!(codes(&world.verify_commit(&id)), [expected]);
    }
    let twice = text.replacen(&tree, &format!("{tree}\n{tree}"), 1);
    let id = world.checkout.store("commit", twice.as_bytes());
    // git-core, too, finds no parent behind a second tree.
    assert_eq!(codes(&world.verify_commit(&id)), [Code::HistNotDescendant]);
    let error = signer_git::Commit::parse(twice.as_bytes(), ObjectFormat::Sha1).unwrap_err();
    assert_eq!(error.code(), Code::GitMalformedDuplicateHeader);
}

#[test]
fn v0_refuses_two_signatures_and_none() {
    let (world, commit) = signed();
    let payload = parts(&commit).payload;
    let text = String::from_utf8(commit.bytes.clone()).unwrap();
    let start = text.find("gpgsig ").unwrap();
    let end = text.find("\n\n").unwrap() + 1;
    let twice = [&text[..end], &text[start..end], &text[end..]].concat();
    let other = text.replacen("gpgsig ", "gpgsig-sha256 ", 1);
    for (object, expected) in [
        (payload, Code::GitSigMissing),
        (twice.into_bytes(), Code::GitSigDuplicateHeader),
        (other.into_bytes(), Code::GitSigWrongHashHeader),
    ] {
        let id = world.checkout.store("commit", &object);
        assert_eq!(codes(&world.verify_commit(&id)), [expected]);
    }
}

#[test]
fn v1_refuses_armour_in_another_form() {
    let (world, commit) = signed();
    let text = String::from_utf8(commit.bytes.clone()).unwrap();
    let at = text.find("BEGIN SIGNED MESSAGE-----\n ").unwrap() + 27;
    for (forged, expected) in [
        (format!("{}\n {}", &text[..at + 10], &text[at + 10..]), Code::GitSigArmorNoncanonical),
        (format!("{}  {}", &text[..at - 1], &text[at..]), Code::GitSigArmorNoncanonical),
        (text.replace("SIGNED MESSAGE", "PGP SIGNATURE"), Code::GitSigUnsupportedFormat),
        (text.replace("SIGNED MESSAGE", "SSH SIGNATURE"), Code::GitSigUnsupportedFormat),
    ] {
        assert_refused!(world, forged.into_bytes(), VerifyError::Armor(_), expected);
    }
}

#[test]
fn v2_refuses_a_signature_without_one_of_its_three_witnesses() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    for (missing, expected) in [
        (oid::TIME_STAMP_TOKEN, Code::TimeNone),
        (oid::LOG_ENTRY, Code::LogEntryMissing),
        (oid::DECISION, Code::CmsAttrMissing),
    ] {
        use ::der::Encode as _;
        let kind = missing.to_der().unwrap();
        let kept: Vec<_> = parts.evidence().into_iter().filter(|a| !a.windows(kind.len()).any(|w| w == kind)).collect();
        assert_eq!(kept.len(), 2);
        assert_refused!(world, parts.object_with(&parts.der_with(&kept)), VerifyError::Cms(_), expected);
    }
}

#[test]
fn v2_refuses_what_is_not_signed_data() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    for (bytes, expected) in [
        (parts.token.clone(), Code::CmsVersionMismatch),
        (parts.certificate.clone(), Code::CmsNotDer),
        ([parts.der(), vec![0]].concat(), Code::CmsTrailingData),
        (b"{}".to_vec(), Code::CmsNotDer),
    ] {
        let error = refusal(&world, &parts.object_with(&bytes));
        assert!(matches!(error, VerifyError::Cms(_)), "{error:?}");
        assert_eq!(error.code(), expected, "{error:?}");
    }
}

#[test]
fn v3_refuses_a_certificate_of_another_authority() {
    let (world, commit) = signed();
    let stranger = World::new();
    let theirs = stranger.agent("builder").certified(Purpose::Commit);
    let forged = world.forges(&commit).signed_by(&theirs).object();
    assert_refused!(world, forged, VerifyError::Certificate(CertificateError::Untrusted), Code::X509Untrusted);
}

#[test]
fn v3_refuses_a_certificate_that_one_bit_was_changed_in() {
    let (world, commit) = signed();
    let mut certificate = commit.by.certificate.clone();
    let last = certificate.len() - 1;
    certificate[last] ^= 1;
    let by = Credential { key: Rc::clone(&commit.by.key), certificate };
    let forged = world.forges(&commit).signed_by(&by).object();
    assert_refused!(world, forged, VerifyError::Certificate(_), Code::X509Signature);
}

#[test]
fn v3_refuses_a_promise_of_another_transparency_key() {
    let (world, commit) = signed();
    let mut office = Office::new(world.now());
    office.issuing.key = chancery_tests::office::copy(&world.office.issuing.key);
    office.issuing.certificate = world.office.issuing.certificate.clone();
    let leaf = signer_core::certificate::Leaf::parse(&commit.by.certificate).unwrap();
    let certificate = office.leaf(leaf.subject(), leaf.identity(), &commit.by.key, leaf.window());
    let by = Credential { key: Rc::clone(&commit.by.key), certificate };
    let forged = world.forges(&commit).signed_by(&by).object();
    assert_refused!(world, forged, VerifyError::Certificate(CertificateError::Sct(_)), Code::LogSctInvalid);
}

#[test]
fn v4_refuses_certificates_of_every_other_purpose() {
    let (world, commit) = signed();
    for purpose in [Purpose::Prompt, Purpose::Artifact, Purpose::Attestation, Purpose::Open] {
        let by = world.certifies(&commit.by, |identity, _| identity.purpose = purpose);
        let forged = world.forges(&commit).signed_by(&by).object();
        assert_refused!(world, forged, VerifyError::OtherPurpose { wanted: Purpose::Commit, .. }, Code::X509Purpose);
    }
}

#[test]
fn v5_refuses_a_signature_over_other_bytes() {
    let (world, commit) = signed();
    let mut draft = world.forges(&commit);
    draft.digest = Digest::of(b"something else");
    assert_refused!(world, draft.object(), VerifyError::OtherPayload, Code::CmsDigest);
}

#[test]
fn v5_refuses_a_true_signature_on_another_commit() {
    let (world, commit) = signed();
    let text = String::from_utf8(parts(&commit).payload).unwrap();
    for payload in
        [text.replace("Write", "Wrote"), text.replace("ada <", "eve <"), text.replace("1795000000", "1795000001")]
    {
        let forged = Parts { payload: payload.into_bytes(), ..parts(&commit) }.object();
        assert_refused!(world, forged, VerifyError::OtherPayload, Code::CmsDigest);
    }
}

#[test]
fn v6_refuses_a_signature_that_names_another_certificate() {
    let (world, commit) = signed();
    let mut draft = world.forges(&commit);
    draft.named = Digest::of(&world.agent("builder").certified(Purpose::Commit).certificate);
    assert_eq!(code(&world, &draft.object()), Code::CmsEss);
}

#[test]
fn v7_refuses_a_signature_of_another_key() {
    let (world, commit) = signed();
    let by = Credential { key: Rc::new(P256Key::generate().unwrap()), certificate: commit.by.certificate.clone() };
    let forged = world.forges(&commit).signed_by(&by).object();
    assert_refused!(world, forged, VerifyError::Signature { .. }, Code::CmsSignatureInvalid);
}

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
    let forge = |alter: fn(&mut signer_core::decision::DecisionRecord)| {
        parts(&commit).decided(&world.office, world.now(), alter).object()
    };
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

#[test]
fn v13_refuses_provenance_in_another_form() {
    let (world, commit) = signed();
    for text in [&b"{}"[..], b"", b"{\"kind\":\"commit\"}", b"null"] {
        let mut draft = world.forges(&commit);
        draft.provenance = text.to_vec();
        assert_refused!(world, draft.object(), VerifyError::Provenance { .. }, Code::CmsProvenance);
    }
    let mut draft = world.forges(&commit);
    draft.provenance.insert(1, b' ');
    assert_refused!(world, draft.object(), VerifyError::Provenance { .. }, Code::CmsProvenance);
}

#[test]
fn v13_refuses_a_tags_provenance_in_a_commit() {
    let (world, commit) = signed();
    let mut draft = world.forges(&commit);
    draft.provenance = tag_provenance(&world).encode().unwrap();
    assert_refused!(world, draft.object(), VerifyError::OtherKind, Code::ScopeKind);
}

#[test]
fn v13_refuses_a_commit_of_another_repository() {
    let (world, commit) = signed();
    let forged = world.forges(&commit).saying(|commit| commit.repository = "repo-00".to_owned()).object();
    assert_refused!(world, forged, VerifyError::OtherRepository { .. }, Code::ScopeRepository);
}

#[test]
fn v13_refuses_a_lie_about_the_change() {
    let (world, commit) = signed();
    let draft = || world.forges(&commit);
    for forged in [
        draft().saying(|commit| commit.change = ChangeList::default().digest()),
        draft().saying(|commit| commit.counts.added += 1),
        draft().saying(|commit| commit.counts.bytes = 0),
    ] {
        assert_refused!(world, forged.object(), VerifyError::OtherChange, Code::ScopeClaimMismatch);
    }
}

#[test]
fn v13_refuses_a_decision_that_contradicts_the_provenance() {
    let (world, commit) = signed();
    let forge = |alter: fn(&mut signer_core::decision::DecisionRecord)| {
        parts(&commit).decided(&world.office, world.now(), alter).object()
    };
    for (named, object) in [
        ("repository", forge(|record| record.repository = None)),
        ("repository", forge(|record| record.repository = Some("repo-00".to_owned()))),
        ("target", forge(|record| record.target = Some("refs/heads/other".to_owned()))),
        ("change", forge(|record| record.change = Some(Digest::of(b"another")))),
        ("prompt", forge(|record| record.prompt = Some(Digest::of(b"another")))),
        ("grant", world.forges(&commit).saying(|commit| commit.grant = None).object()),
    ] {
        let error = refusal(&world, &object);
        assert!(matches!(error, VerifyError::Contradiction { field } if field == named), "{error:?}");
        assert_eq!(code(&world, &object), Code::DecisionContradiction);
    }
}

#[test]
fn v14_refuses_a_change_outside_the_certificates_scope() {
    let (world, commit) = signed();
    let by = world.certifies(&commit.by, |identity, _| identity.scope.paths = vec!["src/main.rs".to_owned()]);
    let forged = world.forges(&commit).signed_by(&by).object();
    assert_refused!(world, forged, VerifyError::Rights(_), Code::ScopePath);
}

#[test]
fn v15_refuses_what_the_policy_of_the_base_does_not_permit() {
    let world = World::new();
    world.checkout.write(".github/workflows/build.yml", "on: push\n");
    let payload =
        world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], "builder@example.org", "Build");
    let mut scope = world.scope();
    scope.paths = vec!["/".to_owned()];
    let agent = world.agent_within("builder", scope);
    assert_eq!(agent.signs(&payload).err(), Some(Code::PolicyDenied), "the engine refuses, too");
    let honest = agent.commits_tree(&world.checkout.id("HEAD^{tree}"), &[world.checkout.id("HEAD")], "Nothing");
    let changes = world.changes(&payload);
    let forged = world.forges(&honest).over(payload).saying(|commit| {
        commit.change = changes.digest();
        commit.counts = signer_core::provenance::Counts::of(&changes);
    });
    let object = forged.object();
    assert!(world.check(&object).is_ok(), "everything it says is true");
    let id = world.checkout.store("commit", &object);
    assert_eq!(codes(&world.verify_commit(&id)), [Code::PolicyDenied]);
}

#[test]
fn a_tag_is_held_to_the_same_steps() {
    let world = World::new();
    let tag = world.person().tags("v1");
    let signed = signer_git::tag::split_signature(&tag.bytes, ObjectFormat::Sha1).unwrap();
    let head = world.checkout.id("HEAD");
    let honest = Tagged { name: "v1", object: &head, kind: "commit" };
    let check = |payload: &[u8], repository: &str, tagged: &Tagged<'_>| {
        world.verifier().tag(payload, &signed.armor, repository, tagged).map(drop)
    };
    let repository = world.repository.to_string();
    assert!(check(&signed.payload, &repository, &honest).is_ok());
    let other = check(b"object x", &repository, &honest).unwrap_err();
    assert!(matches!(other, VerifyError::OtherPayload), "{other:?}");
    let foreign = check(&signed.payload, "repo-00", &honest).unwrap_err();
    assert!(matches!(foreign, VerifyError::OtherRepository { .. }), "{foreign:?}");
    for tagged in
        [Tagged { name: "v2", ..honest }, Tagged { object: "0000", ..honest }, Tagged { kind: "tree", ..honest }]
    {
        let error = check(&signed.payload, &repository, &tagged).unwrap_err();
        assert!(matches!(error, VerifyError::OtherTag), "{error:?}");
        assert_eq!(error.code(), Code::ScopeTagMismatch);
    }
    let kind = world.verifier().commit(&signed.payload, &signed.armor, &repository, &ChangeList::default());
    assert!(matches!(kind.unwrap_err(), VerifyError::OtherKind));
}

#[test]
fn a_statement_is_held_to_the_same_steps() {
    let world = World::new();
    let person = world.person();
    let by = person.certified(Purpose::Prompt);
    let honest = world.forges_paper(&by, b"{}", world.now());
    assert!(world.reads(&honest, Purpose::Prompt).is_ok());
    let typed = world.forges_paper_deciding(&by, "text/plain", b"{}", world.now(), |_| ());
    let purpose = world.reads(&honest, Purpose::Artifact).unwrap_err();
    assert!(matches!(purpose, VerifyError::OtherPurpose { .. }), "{purpose:?}");
    let typed = world.reads(&typed, Purpose::Prompt).unwrap_err();
    assert!(matches!(typed, VerifyError::PayloadType { .. }), "{typed:?}");
    assert_eq!(typed.code(), Code::DssePayloadType);
    let mut unsigned = honest.clone();
    unsigned.bundle.signature = P256Key::generate().unwrap().sign_p256(b"x").unwrap();
    let unsigned = world.reads(&unsigned, Purpose::Prompt).unwrap_err();
    assert!(matches!(unsigned, VerifyError::EnvelopeSignature { .. }), "{unsigned:?}");
    assert_eq!(unsigned.code(), Code::DsseSignatureInvalid);
    let no_prompt = world.reads_prompt(b"text", &honest).unwrap_err();
    assert!(matches!(no_prompt, VerifyError::Prompt(_)), "{no_prompt:?}");
}

#[test]
fn a_statement_needs_its_own_token_entry_and_decision() {
    let world = World::new();
    let by = world.person().certified(Purpose::Artifact);
    let (one, other) = (world.forges_paper(&by, b"1", world.now()), world.forges_paper(&by, b"2", world.now()));
    let code = |alter: &dyn Fn(&mut chancery_tests::Paper)| {
        let mut forged = one.clone();
        alter(&mut forged);
        world.reads(&forged, Purpose::Artifact).unwrap_err().code()
    };
    assert_eq!(code(&|paper| paper.bundle.token = other.bundle.token.clone()), Code::TimeImprintMismatch);
    assert_eq!(code(&|paper| paper.bundle.entry = other.bundle.entry.clone()), Code::LogInclusionProof);
    assert_eq!(code(&|paper| paper.decision = other.decision.clone()), Code::TimeDecision);
    assert_eq!(code(&|paper| paper.bundle.payload = other.bundle.payload.clone()), Code::DsseSignatureInvalid);
    let plain = world.office.stamp(&one.bundle.signature, world.now());
    assert_eq!(code(&|paper| paper.bundle.token = plain.clone()), Code::TimePolicy);
}

#[test]
fn the_pre_authentication_encoding_is_not_signed_attributes_nor_the_reverse() {
    let (world, commit) = signed();
    let by = world.certifies(&commit.by, |_, _| ());
    let pae = dsse::pae(dsse::PAYLOAD_TYPE, &parts(&commit).payload);
    let mut forged = world.forges(&commit).signed_by(&by).parts();
    forged.signature = by.key.sign_p256(&pae).unwrap();
    let forged = forged.stamped(&world.office, world.now());
    assert_eq!(code(&world, &forged.object()), Code::CmsSignatureInvalid);
    assert_eq!(der::element(der::SET, &[])[0], parts(&commit).attributes[0]);
}

fn tag_provenance(world: &World) -> Provenance {
    Provenance::Tag(signer_core::provenance::TagProvenance {
        repository: world.repository.to_string(),
        name: "v1".to_owned(),
        object: "00".to_owned(),
        object_type: "commit".to_owned(),
        grant: None,
        salt: chancery_tests::actor::salt(),
    })
}

#[test]
fn a_leaf_never_outlives_what_its_hops_allow() {
    let (world, commit) = signed();
    let hops = |alter: fn(&mut signer_core::leaf::LeafIdentity, &mut Window)| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.certifies(&commit.by, alter))).is_err()
    };
    assert!(hops(|identity, _| identity.scope.paths = vec!["/".to_owned()]), "wider than the grant");
    assert!(hops(|identity, _| identity.hops.clear()), "an agent without a grant");
    assert!(hops(|_, window| window.end = window.end.plus(3600)), "longer than a leaf lives");
}
