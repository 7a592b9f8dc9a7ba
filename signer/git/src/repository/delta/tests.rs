use proptest::prelude::*;

use super::{DeltaError, apply};

const BASE: &[u8] = b"0123456789";
const MALFORMED: Result<Vec<u8>, DeltaError> = Err(DeltaError::Malformed);

/// A delta of [`BASE`] that says it makes `size` bytes, below 128.
fn delta(size: u8, instructions: &[u8]) -> Vec<u8> {
    [&[10, size], instructions].concat()
}

#[test]
fn copies_and_inserts_in_order() {
    // Three bytes from the seventh, two new ones, all from the start but the last.
    let made = apply(BASE, &delta(14, b"\x91\x06\x03\x02ab\x90\x09"), 14);
    assert_eq!(made.as_deref(), Ok(b"678ab012345678".as_slice()));
    assert_eq!(apply(BASE, &delta(0, b""), 0), Ok(Vec::new()));
}

#[test]
fn a_copy_without_length_is_long_and_every_byte_of_a_field_counts() {
    let base: Vec<u8> = (0..0x0002_0304_u32).map(|at| at.to_le_bytes()[1]).collect();
    let sizes = |size: &[u8]| [b"\x84\x86\x08", size].concat();
    let long = apply(&base, &[&sizes(b"\x80\x80\x04")[..], b"\x80"].concat(), 0x10000);
    assert_eq!(long.as_deref(), Ok(&base[..0x10000]));
    let far = apply(&base, &[&sizes(b"\x03")[..], b"\x97\x01\x03\x02\x03"].concat(), 3);
    assert_eq!(far.as_deref(), Ok(&base[0x0002_0301..]));
}

#[test]
fn refuses_what_is_no_delta_of_this_base() {
    for other in [&b""[..], b"\x0a", b"\x80", b"\x09\x01\x90\x01", b"\x0b\x01\x90\x01"] {
        assert_eq!(apply(BASE, other, 100), MALFORMED, "{other:?}");
    }
    assert_eq!(apply(BASE, &[b"\xff".repeat(10), vec![1]].concat(), 100), MALFORMED, "a number without end");
}

#[test]
fn refuses_instructions_that_are_cut_short_reach_too_far_or_mean_nothing() {
    for wrong in [&b"\x00"[..], b"\x01", b"\x02a", b"\x91", b"\x91\x00", b"\x90\x0b", b"\x91\x0a\x01", b"\x98\xff\x01"]
    {
        assert_eq!(apply(BASE, &delta(1, wrong), 100), MALFORMED, "{wrong:?}");
    }
}

#[test]
fn refuses_more_or_fewer_bytes_than_it_says() {
    for size in [0, 1, 3] {
        assert_eq!(apply(BASE, &delta(size, b"\x90\x02"), 100), MALFORMED, "{size}");
    }
}

#[test]
fn refuses_more_than_is_wanted_by_what_it_says() {
    let size = usize::MAX >> 1;
    let said = [&[10][..], b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f"].concat();
    assert_eq!(apply(BASE, &said, 100), Err(DeltaError::TooLarge { size }));
    assert_eq!(apply(BASE, &delta(3, b"\x90\x03"), 2), Err(DeltaError::TooLarge { size: 3 }));
}

proptest! {
    #[test]
    fn never_panics_and_never_makes_more_than_is_wanted(base in any::<[u8; 10]>(), size in 0_u8..40, rest: Vec<u8>) {
        for delta in [&delta(size, &rest), &rest] {
            if let Ok(made) = apply(&base, delta, 30) {
                prop_assert!(made.len() <= 30);
            }
        }
    }
}
