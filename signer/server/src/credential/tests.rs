//! Credentials come from private places and have a size.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use signer_core::reason::{Code, Coded as _};
use zeroize::Zeroizing;

use super::{Credential, MAX_CREDENTIAL, Source};
use crate::args::CredentialSource;

fn read(bytes: &[u8], mode: u32) -> Result<Vec<u8>, Code> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("credential");
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    let named = CredentialSource { credential_fd: None, credential_file: Some(path) };
    let source = Source::named(&named).map_err(|error| error.code())?.expect("a file was named");
    source.read().map(|credential| credential.expose().to_vec()).map_err(|error| error.code())
}

#[test]
fn reads_a_private_file_without_its_line_end() {
    assert_eq!(read(b"correct horse\n", 0o600).unwrap(), b"correct horse");
    assert_eq!(read(b"correct horse", 0o400).unwrap(), b"correct horse");
}

#[test]
fn keeps_every_other_byte() {
    assert_eq!(read(b" a\n\n", 0o600).unwrap(), b" a\n");
}

#[test]
fn refuses_a_file_that_others_may_read() {
    for mode in [0o640, 0o604, 0o622, 0o644] {
        assert_eq!(read(b"correct horse\n", mode), Err(Code::EnginePermissions), "{mode:o}");
    }
}

#[test]
fn refuses_an_empty_credential() {
    assert_eq!(read(b"", 0o600), Err(Code::EngineSealed));
    assert_eq!(read(b"\n", 0o600), Err(Code::EngineSealed));
}

#[test]
fn refuses_an_endless_credential() {
    assert_eq!(read(&vec![b'a'; MAX_CREDENTIAL], 0o600).unwrap().len(), MAX_CREDENTIAL);
    assert_eq!(read(&vec![b'a'; MAX_CREDENTIAL + 1], 0o600), Err(Code::EngineSealed));
    let endless = CredentialSource { credential_fd: None, credential_file: Some("/dev/zero".into()) };
    let source = Source::named(&endless).map(Option::unwrap).unwrap();
    assert_eq!(source.read().err().map(|error| error.code()), Some(Code::EngineSealed));
}

#[test]
fn refuses_a_file_or_descriptor_that_is_not_there() {
    let file = CredentialSource { credential_fd: None, credential_file: Some("/nonexistent/credential".into()) };
    let descriptor = CredentialSource { credential_fd: Some(999_999), credential_file: None };
    for source in [file, descriptor] {
        assert_eq!(Source::named(&source).err().map(|error| error.code()), Some(Code::InternalIo));
    }
}

#[test]
fn names_no_source_where_none_was_given() {
    let none = CredentialSource { credential_fd: None, credential_file: None };
    assert!(Source::named(&none).unwrap().is_none());
}

#[test]
fn takes_one_line_end_off() {
    let credential = Credential::new(Zeroizing::new(b"x\n".to_vec())).unwrap();
    assert_eq!(credential.expose(), b"x");
}
