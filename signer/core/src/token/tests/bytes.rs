//! The same token in other bytes: none is taken for it.

use super::*;
use crate::forge::mutants;
use crate::tlv::write;

fn is_accepted(token: &[u8]) -> bool {
    verify(token, &WORLD.authorities(), MESSAGE).is_ok()
}

#[test]
fn no_bit_can_be_flipped() {
    for position in 0..TOKEN.len() {
        for bit in 0..8 {
            let mut token = TOKEN.clone();
            token[position] ^= 1 << bit;
            assert!(!is_accepted(&token), "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn no_byte_can_be_dropped_doubled_or_cut_off() {
    for position in 0..TOKEN.len() {
        let (before, after) = TOKEN.split_at(position);
        assert!(!is_accepted(before));
        assert!(!is_accepted(&[before, &after[1..]].concat()), "without byte {position}");
        assert!(!is_accepted(&[before, &after[..1], after].concat()), "byte {position} doubled");
    }
}

#[test]
fn no_element_can_be_written_otherwise() {
    let mutants = mutants::of(&TOKEN);
    assert!(mutants.len() > 200, "{}", mutants.len());
    for mutant in mutants {
        assert!(!is_accepted(&mutant), "{}", hex::encode(&mutant));
    }
}

#[test]
fn refuses_trailing_bytes() {
    assert_eq!(code(&[&TOKEN[..], &[5, 0]].concat()), Code::TimeMalformed);
}

#[test]
fn survives_deep_nesting_and_claimed_lengths() {
    let nested = (0..200).fold(Vec::new(), |inside: Vec<u8>, _| write(0x30, &[&inside]));
    assert_eq!(code(&nested), Code::TimeMalformed);
    assert_eq!(code(&[0x30, 0x84, 0x80, 0, 0, 0]), Code::LimitAsn1);
    assert_eq!(code(&vec![0x30; MAX_BYTES + 1]), Code::LimitSignatureSize);
    assert_eq!(code(&[]), Code::TimeMalformed);
}

#[test]
fn every_serial_number_has_a_minimal_encoding() {
    let Party { key, certificate } = &WORLD.clock;
    for serial in [[0; 16], [0xff; 16], std::array::from_fn(|index| u8::from(index == 15)), [0x80; 16]] {
        let token = mint(key, certificate, oid::TIME_POLICY, MESSAGE, now(), &serial, None).unwrap();
        assert!(is_accepted(&token), "{serial:?}");
    }
}
