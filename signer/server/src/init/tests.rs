//! `init` makes a whole, private engine once, and lets no secret out but the owner credential.

mod leaks;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::Parser as _;
use signer_core::reason::{Code, Coded as _};
use signer_core::trust_root::TrustRoot;
use zeroize::Zeroizing;

use super::{Founded, InitError, SealedUnder, Shown, init};
use crate::args::{Arguments, Command};
use crate::credential::Credential;
use crate::serve;
use crate::state::{self, StateDirectory};

fn credential(text: &str) -> Credential {
    Credential::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap()
}

fn found(state: &Path, more: &[&str], given: Option<&str>) -> Result<Founded, InitError> {
    let line = ["chancery-server", "init", "--state", state.to_str().unwrap()];
    let Command::Init(arguments) = Arguments::parse_from(line.iter().chain(more)).command else { unreachable!() };
    init(&arguments, given.map(credential).as_ref())
}

fn refusal(outcome: Result<Founded, InitError>) -> Code {
    outcome.err().expect("a refusal").code()
}

fn unsealed(state: &Path, text: &str) -> Result<(), Code> {
    let state = StateDirectory::open(state).map_err(|error| error.code())?;
    serve::unseal(&state, &credential(text)).map(drop).map_err(|error| error.code())
}

#[test]
fn makes_an_engine_that_its_owner_can_open() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("engine");
    let founded = found(&path, &[], None).unwrap();
    assert_eq!(founded.sealed_under, SealedUnder::Owner);
    let Some(Shown(owner)) = &founded.owner_credential else { panic!("the credential is shown") };
    assert_eq!(unsealed(&path, owner), Ok(()));
    let trust_root = TrustRoot::from_json(&fs::read(path.join(state::TRUST_ROOT)).unwrap()).unwrap();
    assert_eq!(trust_root.logs()[0].origin, founded.origin);
    assert_eq!(trust_root.time_authorities().len(), 2);
}

#[test]
fn seals_under_a_given_credential_and_not_under_the_owners() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("engine");
    let founded = found(&path, &[], Some("correct horse")).unwrap();
    assert_eq!(founded.sealed_under, SealedUnder::Credential);
    let Some(Shown(owner)) = &founded.owner_credential else { panic!("the credential is shown") };
    assert_eq!(unsealed(&path, "correct horse"), Ok(()));
    assert_eq!(unsealed(&path, owner), Err(Code::EngineSealed));
}

#[test]
fn refuses_to_overwrite_an_engine() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("engine");
    found(&path, &[], Some("first")).unwrap();
    assert_eq!(refusal(found(&path, &[], Some("second"))), Code::EngineExists);
    assert_eq!(unsealed(&path, "first"), Ok(()));
}

#[test]
fn closes_every_file_to_others() {
    let parent = tempfile::tempdir().unwrap();
    found(parent.path(), &[], None).unwrap();
    for entry in fs::read_dir(parent.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o7777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn writes_the_owner_credential_into_a_new_file_instead_of_showing_it() {
    let parent = tempfile::tempdir().unwrap();
    let (path, out) = (parent.path().join("engine"), parent.path().join("owner"));
    let founded = found(&path, &["--owner-out", out.to_str().unwrap()], None).unwrap();
    assert!(founded.owner_credential.is_none());
    let owner = fs::read_to_string(&out).unwrap();
    assert!(!serde_json::to_string(&founded).unwrap().contains(owner.trim_end()));
    assert!(!founded.text().contains(owner.trim_end()));
    assert_eq!(unsealed(&path, &owner), Ok(()));
}

#[test]
fn refuses_an_owner_file_that_exists_and_makes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let (path, out) = (parent.path().join("engine"), parent.path().join("owner"));
    fs::write(&out, b"precious").unwrap();
    assert_eq!(refusal(found(&path, &["--owner-out", out.to_str().unwrap()], None)), Code::EngineExists);
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
}

#[test]
fn keeps_the_names_it_is_given() {
    let parent = tempfile::tempdir().unwrap();
    let founded =
        found(parent.path(), &["--trust-domain", "id.example.org", "--organization", "Example"], None).unwrap();
    assert_eq!(founded.trust_domain, "id.example.org");
    assert!(founded.origin.starts_with("log-") && founded.origin.ends_with(".id.example.org"));
}

#[test]
fn refuses_names_that_certificates_or_logs_cannot_carry() {
    for (option, value) in [
        ("--trust-domain", "ID.example.org"),
        ("--trust-domain", "example.org/path"),
        ("--trust-domain", "example.org:443"),
        ("--trust-domain", "exa mple"),
        ("--trust-domain", ""),
        ("--organization", ""),
        ("--organization", "a\u{7}b"),
        ("--organization", &"o".repeat(65)),
    ] {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("engine");
        assert_eq!(refusal(found(&path, &[option, value], None)), Code::IssueBadIdentity, "{option} {value}");
        assert!(!path.exists());
    }
}

#[test]
fn keys_open_beside_their_own_public_files_only() {
    for name in [state::ENGINE, state::TRUST_ROOT, state::OWNER] {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        found(ours.path(), &[], Some("right")).unwrap();
        found(theirs.path(), &[], Some("right")).unwrap();
        fs::copy(theirs.path().join(name), ours.path().join(name)).unwrap();
        assert_eq!(unsealed(ours.path(), "right"), Err(Code::EngineSealed), "{name}");
    }
}

#[test]
fn the_roots_key_does_not_pass_for_the_engines() {
    let parent = tempfile::tempdir().unwrap();
    found(parent.path(), &[], Some("right")).unwrap();
    fs::copy(parent.path().join(state::ROOT_KEY), parent.path().join(state::KEYS)).unwrap();
    assert_eq!(unsealed(parent.path(), "right"), Err(Code::EngineSealed));
}

#[test]
fn a_half_made_engine_does_not_open() {
    let parent = tempfile::tempdir().unwrap();
    found(parent.path(), &[], Some("right")).unwrap();
    fs::remove_file(parent.path().join(state::ENGINE)).unwrap();
    assert_eq!(unsealed(parent.path(), "right"), Err(Code::EngineState));
}
