//! A key that was read once says what a key says that is read each time.

use der::Encode;

use super::*;
use crate::crypto::{P256Key, SignP256};

#[test]
fn a_key_read_once_refuses_what_a_key_read_each_time_refuses() {
    let (key, other) = (P256Key::generate().unwrap(), P256Key::generate().unwrap());
    let verifier = P256Verifier::new(key.public()).unwrap();
    let signature = key.sign_p256(b"message").unwrap();
    let mut cases = vec![(b"message".to_vec(), signature.clone()), (b"massage".to_vec(), signature.clone())];
    cases.push((b"message".to_vec(), other.sign_p256(b"message").unwrap()));
    cases.extend((0..signature.len()).map(|at| {
        let mut flipped = signature.clone();
        flipped[at] ^= 1;
        (b"message".to_vec(), flipped)
    }));
    for (message, signature) in &cases {
        assert_eq!(verifier.verify(message, signature), key.public().verify(message, signature));
        let either = key.public().verify_either_s(message, signature);
        assert_eq!(verifier.verify_either_s(message, signature), either);
    }
    assert_eq!(verifier.verify(b"message", &signature), Ok(()));
    assert_eq!(verifier.public(), &key.public());
}

#[test]
fn reads_the_keys_that_a_request_may_name_and_no_others() {
    let key = P256Key::generate().unwrap().public();
    let good = key.to_spki().unwrap();
    assert_eq!(P256Verifier::from_spki(&good).unwrap().public(), &key);
    let mut off_curve = *key.point();
    off_curve[64] ^= 1;
    let compressed = [[2].as_slice(), &key.point()[1..33]].concat();
    for point in [off_curve.as_slice(), &compressed, &key.point()[..64], &[]] {
        let mut spki = good.clone();
        spki.subject_public_key = der::asn1::BitString::from_bytes(point).unwrap();
        assert_eq!(P256Verifier::from_spki(&spki).unwrap_err(), CryptoError::BadKey);
        assert_eq!(P256Public::from_spki(&spki).unwrap_err(), CryptoError::BadKey);
    }
    let mut algorithm = good.clone();
    algorithm.algorithm.oid = crate::oid::ED25519;
    assert_eq!(P256Verifier::from_spki(&algorithm).unwrap_err(), CryptoError::BadKey);
}

#[test]
fn the_der_of_a_key_is_that_of_its_structure() {
    let key = P256Key::generate().unwrap().public();
    assert_eq!(key.to_spki_der().unwrap(), key.to_spki().unwrap().to_der().unwrap());
}
