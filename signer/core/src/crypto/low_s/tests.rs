use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use der::{Decode as _, Encode as _};

use super::{HALF_ORDER, ORDER, Signature, has_low_s, negated, with_low_s};

fn with(s: &[u8]) -> Vec<u8> {
    let (r, s) = (der::asn1::UintRef::new(&[7]).unwrap(), der::asn1::UintRef::new(s).unwrap());
    Signature { r, s }.to_der().unwrap()
}

#[test]
fn a_lowered_signature_is_the_same_key_s_over_the_same_message() {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.public_key().as_ref());
    let mut high = 0;
    for _ in 0..64 {
        let signature = key.sign(&SystemRandom::new(), b"message").unwrap();
        let lowered = with_low_s(signature.as_ref()).unwrap();
        assert!(has_low_s(&lowered));
        public.verify(b"message", &lowered).unwrap();
        public.verify(b"another message", &lowered).unwrap_err();
        if has_low_s(signature.as_ref()) {
            assert_eq!(lowered, signature.as_ref());
        } else {
            high += 1;
            assert_ne!(lowered, signature.as_ref());
        }
    }
    assert!(high > 0, "half of all signatures have a high s");
}

#[test]
fn half_the_order_is_the_largest_low_s() {
    assert!(has_low_s(&with(&HALF_ORDER)));
    let mut above = HALF_ORDER;
    above[31] += 1;
    assert!(!has_low_s(&with(&above)));
    assert_eq!(negated(ORDER, &above), Some(HALF_ORDER));
    assert_eq!(with_low_s(&with(&above)).unwrap(), with(&HALF_ORDER));
}

#[test]
fn no_number_from_the_order_on_is_lowered() {
    assert_eq!(negated(ORDER, &ORDER), Some([0; 32]));
    let mut above = ORDER;
    above[31] += 1;
    assert_eq!(negated(ORDER, &above), None);
    assert_eq!(negated(ORDER, &[0xff; 32]), None);
    assert_eq!(negated(ORDER, &[1; 33]), None);
    assert!(with_low_s(&with(&[0xff; 32])).is_none());
    assert!(with_low_s(&with(&[1; 33])).is_none());
}

#[test]
fn what_is_no_signature_is_not_lowered() {
    let short = with(&[1]);
    assert!(with_low_s(&short).is_some());
    assert!(with_low_s(&short[..short.len() - 1]).is_none());
    assert!(with_low_s(&[&short[..], &[0]].concat()).is_none());
    assert!(with_low_s(b"").is_none());
    let negative = [0x30, 0x06, 0x02, 0x01, 0x07, 0x02, 0x01, 0x80];
    assert!(Signature::from_der(&negative).is_err() && with_low_s(&negative).is_none());
}
