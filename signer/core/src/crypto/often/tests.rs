//! A table says no more than the library does, of signatures that are made to divide implementations too.

use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

use super::*;
use crate::crypto::{Ed25519Key, Ed25519Public};

/// The order of the group, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
const MESSAGE: &[u8] = b"a checkpoint";

/// What the library says: the key is fresh.
fn library(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    Ed25519Public::from_bytes(*key).verify(message, signature).is_ok()
}

fn challenge(r: &[u8; 32], key: &[u8; 32]) -> Scalar {
    let mut hash = Context::new(&SHA512);
    hash.update(&[r.as_slice(), key, MESSAGE].concat());
    Scalar::from_bytes_mod_order_wide(hash.finish().as_ref().try_into().unwrap())
}

/// A key and a signature by whoever holds it, with these points added to the key and to R.
fn crafted(on_key: EdwardsPoint, on_r: EdwardsPoint) -> ([u8; 32], Vec<u8>) {
    let (a, nonce) = (Scalar::from_bytes_mod_order([7; 32]), Scalar::from_bytes_mod_order([9; 32]));
    let key = (ED25519_BASEPOINT_POINT * a + on_key).compress().to_bytes();
    let r = (ED25519_BASEPOINT_POINT * nonce + on_r).compress().to_bytes();
    let s = nonce + challenge(&r, &key) * a;
    (key, [r, s.to_bytes()].concat())
}

fn signed() -> ([u8; 32], Vec<u8>) {
    let key = Ed25519Key::generate().unwrap();
    (*key.public().as_bytes(), key.sign(MESSAGE))
}

#[test]
fn a_key_that_is_used_often_says_what_a_fresh_one_says() {
    let (bytes, signature) = signed();
    let key = Ed25519Public::from_bytes(bytes);
    for _ in 0..OFTEN + 2 {
        assert_eq!(key.verify(MESSAGE, &signature), Ok(()));
    }
    assert!(key.often.accepts(&bytes, MESSAGE, &signature), "the table is in use");
    assert_eq!(key.clone(), key);
    let (other, foreign) = signed();
    assert_ne!(Ed25519Public::from_bytes(other), key);
    for (message, signature) in [
        (MESSAGE, foreign.as_slice()),
        (b"another".as_slice(), &signature),
        (MESSAGE, &signature[..63]),
        (MESSAGE, &signature[..32]),
        (MESSAGE, &[]),
        (MESSAGE, &[signature.as_slice(), &[0]].concat()),
    ] {
        assert!(key.verify(message, signature).is_err());
        assert!(!key.often.accepts(&bytes, message, signature));
    }
}

#[test]
fn no_bit_of_a_signature_can_be_changed() {
    let (key, signature) = signed();
    let table = Table::new(&key).unwrap();
    assert!(table.accepts(&key, MESSAGE, &signature));
    for bit in 0..signature.len() * 8 {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!table.accepts(&key, MESSAGE, &flipped), "{bit}");
    }
}

#[test]
fn s_has_one_spelling() {
    let (key, mut signature) = signed();
    let mut carry = 0;
    for (digit, more) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*digit) + u16::from(more) + carry;
        *digit = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(!Table::new(&key).unwrap().accepts(&key, MESSAGE, &signature));
    assert!(!library(&key, MESSAGE, &signature));
}

#[test]
fn a_small_part_in_r_is_refused_even_of_the_key_s_holder() {
    for (small, on_r) in EIGHT_TORSION.into_iter().enumerate() {
        let (key, signature) = crafted(EIGHT_TORSION[0], on_r);
        let accepted = Table::new(&key).unwrap().accepts(&key, MESSAGE, &signature);
        assert_eq!((accepted, library(&key, MESSAGE, &signature)), (small == 0, small == 0), "{small}");
    }
}

#[test]
fn there_is_no_table_of_a_key_with_a_small_part_of_a_small_one_or_of_none() {
    for on_key in &EIGHT_TORSION[1..] {
        let (key, _) = crafted(*on_key, EIGHT_TORSION[0]);
        assert!(Table::new(&key).is_none());
        assert!(Table::new(on_key.compress().as_bytes()).is_none());
    }
    let identity = EIGHT_TORSION[0].compress().to_bytes();
    // y + p for the identity's y, the sign of an x that is zero, and no point at all.
    let (mut second, mut signed, mut none) = ([0xff; 32], identity, [0; 32]);
    (second[0], second[31], signed[31], none[0]) = (0xee, 0x7f, 0x80, 2);
    for key in [identity, second, signed, none] {
        assert!(Table::new(&key).is_none(), "{key:?}");
    }
}

#[test]
fn a_key_without_a_table_is_the_library_s_to_judge() {
    let (key, signature) = crafted(EIGHT_TORSION[1], EIGHT_TORSION[0]);
    let often = Ed25519Public::from_bytes(key);
    for _ in 0..OFTEN + 2 {
        assert_eq!(often.verify(MESSAGE, &signature).is_ok(), library(&key, MESSAGE, &signature));
    }
    assert!(!often.often.accepts(&key, MESSAGE, &signature));
}
