//! Each step of docs/formats.md V violated alone: every part is true and signed by the real authorities but the one that
//! the step looks at. Every variant of `VerifyError` is provoked here.

use std::rc::Rc;

use ::der::Encode as _;
use chancery_tests::actor::Credential;
use chancery_tests::verdicts::codes;
use chancery_tests::{Office, Parts, Signed, World};
use signer_core::certificate::CertificateError;
use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::oid;
use signer_core::reason::{Code, Coded as _};
use signer_core::verify::VerifyError;
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

mod claims;
mod windows;
mod witnesses;

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
