use signer_core::csr;

use super::*;

#[test]
fn signatures_verify_under_the_other_library_and_have_a_low_s() {
    let key = SessionKey::generate().unwrap();
    for number in 0..64_u8 {
        // Half of all signatures have a high s before it is brought down; the core refuses those.
        let signature = key.sign_p256(&[number]).unwrap();
        key.public().verify(&[number], &signature).unwrap();
    }
}

#[test]
fn no_two_keys_are_equal() {
    let (one, other) = (SessionKey::generate().unwrap(), SessionKey::generate().unwrap());
    assert_ne!(one.public(), other.public());
    assert!(other.public().verify(b"m", &one.sign_p256(b"m").unwrap()).is_err());
}

#[test]
fn a_request_proves_possession() {
    let key = SessionKey::generate().unwrap();
    assert_eq!(csr::parse(&csr::make(&key).unwrap()).unwrap(), key.public());
}
