use signer_core::reason::{Code, Coded as _};

use super::*;
use crate::foreign::ForeignVerifier;

#[test]
fn public_sigstores_is_meant_by_its_name_alone() {
    let named = read(Path::new(PUBLIC)).unwrap();
    assert!(ForeignVerifier::new(&named).is_ok());
    assert_eq!(read(Path::new("/nowhere/public")).unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_file_that_never_ends_is_not_read_to_its_end_and_refused() {
    let bytes = read(Path::new("/dev/zero")).unwrap();
    assert_eq!(bytes.len(), MAX_BYTES + 1);
    assert_eq!(ForeignVerifier::new(&bytes).err().map(|error| error.code()), Some(Code::TrustMalformed));
}
