//! Minimal encodings written, everything else refused.

use proptest::prelude::*;

use super::*;

#[test]
fn writes_lengths_in_the_fewest_octets() {
    assert_eq!(write(4, &[&[7; 0x7f]])[..2], [4, 0x7f]);
    assert_eq!(write(4, &[&[7; 0x80]])[..3], [4, 0x81, 0x80]);
    assert_eq!(write(4, &[&[7; 0x100]])[..4], [4, 0x82, 1, 0]);
    assert_eq!(write(4, &[&vec![7; 0x1_0000]])[..5], [4, 0x83, 1, 0, 0]);
}

#[test]
fn writes_numbers_without_a_sign() {
    assert_eq!(write_unsigned(&[0, 0]), [2, 1, 0]);
    assert_eq!(write_unsigned(&[0, 0x7f]), [2, 1, 0x7f]);
    assert_eq!(write_unsigned(&[0x80]), [2, 2, 0, 0x80]);
}

#[test]
fn sorts_a_set_by_its_encodings() {
    assert_eq!(write_set_of(SET, vec![vec![4, 1, 9], vec![2, 1, 9], vec![4, 0]]), [0x31, 8, 2, 1, 9, 4, 0, 4, 1, 9]);
}

#[test]
fn reads_back_what_it_writes() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
        let content = vec![5; length];
        assert_eq!(only(&write(OCTET_STRING, &[&content]), OCTET_STRING).unwrap().content, content);
    }
}

#[test]
fn names_a_length_over_the_limit() {
    // CMS-23: refused by its header, whatever follows.
    assert_eq!(only(&[0x30, 0x84, 0x80, 0, 0, 0], SEQUENCE), Err(TlvError::Length));
}

#[test]
fn refuses_what_is_not_der() {
    let cases: [&[u8]; 8] = [
        &[],
        &[0x30],
        &[0x30, 0x80, 0, 0],
        &[0x30, 0x81, 1, 5],
        &[0x30, 0x82, 0, 1, 5],
        &[0x30, 0x85, 0, 0, 0, 0, 0],
        &[0x30, 2, 5],
        &[0x24, 2, 4, 0],
    ];
    for bytes in cases {
        assert_eq!(only(bytes, SEQUENCE), Err(TlvError::NotDer), "{bytes:?}");
    }
}

#[test]
fn refuses_another_tag_and_what_follows() {
    assert_eq!(only(&[5, 0], SEQUENCE), Err(TlvError::Tag { expected: SEQUENCE, found: 5 }));
    assert_eq!(only(&[0x30, 0, 5, 0], SEQUENCE), Err(TlvError::Trailing { bytes: 2 }));
}

proptest! {
    #[test]
    fn a_short_element_is_read_as_any_other(
        tag: u8, length in prop_oneof![Just(0x7f_u8), Just(0x80), Just(0x81), Just(0x82), Just(0x83), any::<u8>()],
        rest in proptest::collection::vec(any::<u8>(), 0..3), content in 0_usize..70_000,
    ) {
        let bytes = [&[tag, length], rest.as_slice(), &vec![7; content]].concat();
        if let Some(read) = short(&bytes) {
            prop_assert_eq!(split(&bytes), Ok(read));
        }
        prop_assert_eq!(short(&bytes[..2]).is_some(), split(&bytes[..2]).is_ok());
    }
}
