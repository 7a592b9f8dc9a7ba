//! The same signature in other bytes: none is taken for it.

use super::*;
use crate::forge::mutants;
use crate::token::Token;

/// Everything that the core checks about a signature but the truth of certificate and log entry.
fn accepts(der: &[u8]) -> Option<CommitSignature> {
    let read = CommitSignature::parse(der).ok()?;
    let stamp = Token::parse(read.token()).ok()?.verify(&WORLD.authorities(), read.signature()).ok()?;
    let key = crate::crypto::SignP256::public(&WORLD.leaf.key);
    key.verify(read.signed_attributes().der(), read.signature()).ok()?;
    let same_object = *read.signed_attributes().message_digest() == Digest::of(OBJECT);
    (same_object && stamp.decision == Some(Digest::of(read.decision()))).then_some(read)
}

/// Asserts that `der` is refused, or differs in the log entry alone, which its own module checks.
fn assert_refused(der: &[u8], what: &str) {
    let Some(read) = accepts(der) else { return };
    let original = CommitSignature::parse(&SIGNED.der).unwrap();
    assert_ne!(read.entry(), original.entry(), "{what} was accepted");
    let entry = original.entry().to_vec();
    let restored = CommitSignature { evidence: Evidence { entry, ..read.evidence }, ..read };
    assert_eq!(restored, original, "{what} was accepted");
}

#[test]
fn accepts_the_signature_itself() {
    assert!(accepts(&SIGNED.der).is_some());
}

#[test]
fn no_bit_can_be_flipped() {
    for position in 0..SIGNED.der.len() {
        for bit in 0..8 {
            let mut der = SIGNED.der.clone();
            der[position] ^= 1 << bit;
            assert_refused(&der, &format!("bit {bit} of byte {position}"));
        }
    }
}

#[test]
fn no_flip_leaves_all_six_parts_alone() {
    let original = CommitSignature::parse(&SIGNED.der).unwrap();
    for position in 0..SIGNED.der.len() {
        for bit in 0..8 {
            let mut der = SIGNED.der.clone();
            der[position] ^= 1 << bit;
            assert_ne!(CommitSignature::parse(&der).ok().as_ref(), Some(&original), "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn no_byte_can_be_dropped_doubled_or_cut_off() {
    for position in 0..SIGNED.der.len() {
        let (before, after) = SIGNED.der.split_at(position);
        assert_refused(before, &format!("the first {position} bytes"));
        assert_refused(&[before, &after[1..]].concat(), &format!("without byte {position}"));
        assert_refused(&[before, &after[..1], after].concat(), &format!("byte {position} doubled"));
    }
}

#[test]
fn no_element_can_be_written_otherwise() {
    // CMS-19: indefinite and wasteful lengths, segmented strings; and elements dropped, doubled, swapped, emptied.
    let mutants = mutants::of(&SIGNED.der);
    assert!(mutants.len() > 500, "{}", mutants.len());
    for mutant in mutants {
        assert_refused(&mutant, &hex::encode(&mutant));
    }
}

#[test]
fn refuses_trailing_bytes() {
    // CMS-18.
    for trailing in [&[5, 0][..], b"text", &[0], &SIGNED.der] {
        assert_eq!(code(&[&SIGNED.der, trailing].concat()), Code::CmsTrailingData);
    }
}

#[test]
fn refuses_ber() {
    // CMS-19, at the door.
    let content = &SIGNED.der[4..];
    assert_eq!(code(&[&[0x30, 0x80], content, &[0, 0]].concat()), Code::CmsNotDer);
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    assert_eq!(code(&[&[0x30, 0x83, 0], &length[..], content].concat()), Code::CmsNotDer);
    assert_eq!(code(&[]), Code::CmsNotDer);
    assert_eq!(code(b"text"), Code::CmsNotDer);
}

#[test]
fn survives_deep_nesting_and_claimed_lengths() {
    // CMS-23.
    let nested = (0..200).fold(Vec::new(), |inside: Vec<u8>, _| tlv::write(0x30, &[&inside]));
    assert_eq!(code(&nested), Code::CmsNotDer);
    let deep = (0..10_000).fold(Vec::new(), |inside: Vec<u8>, _| tlv::write(0x30, &[&inside]));
    assert_eq!(code(&deep), Code::LimitSignatureSize);
    for inner in [vec![0x30, 0x84, 0x80, 0, 0, 0], vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]] {
        assert_eq!(code(&inner), Code::LimitAsn1);
        assert_eq!(code(&tlv::write(0x30, &[&inner])), Code::LimitAsn1);
    }
    assert_eq!(code(&[0x30, 0x84, 0x01, 0, 0, 0]), Code::CmsNotDer);
}

#[test]
fn refuses_another_signature_value_for_the_same_message() {
    // CMS-25: (r, n - s) verifies elsewhere; the key's check refuses it, and the token is over the original value.
    let mut forge = forge();
    forge.signer().signature = with_high_s(&SIGNED.signature);
    let der = forge.der();
    assert!(CommitSignature::parse(&der).is_ok());
    assert_refused(&der, "a high s");
}

/// The twin of a signature under the other root of the curve's symmetry.
fn with_high_s(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut fields = tlv::only(signature, tlv::SEQUENCE).unwrap().open();
    let (r, s) = (fields.element().unwrap(), fields.element().unwrap());
    let digits: Vec<u8> = s.content.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut twin = ORDER;
    let mut borrow = 0;
    for (index, byte) in twin.iter_mut().rev().enumerate() {
        let subtract = i16::from(digits.iter().rev().nth(index).copied().unwrap_or(0)) + borrow;
        let difference = i16::from(*byte) - subtract;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    tlv::write(tlv::SEQUENCE, &[r.whole, &tlv::write_unsigned(&twin)])
}
