//! SRV-24: a machine without randomness starts no engine.

use std::cell::Cell;

use super::*;

/// What is made of a source that fills each drawing with the next of these bytes.
fn of(bytes: [u8; 2]) -> Result<(), EntropyError> {
    let turn = Cell::new(0);
    sound(|drawn| {
        drawn.fill(bytes[turn.replace(1)]);
        Ok(DRAWN)
    })
}

#[test]
fn takes_what_differs() {
    of([1, 2]).unwrap();
    check().unwrap();
}

#[test]
fn refuses_what_repeats_itself_or_is_empty() {
    for bytes in [[7, 7], [0, 0], [0, 1], [1, 0]] {
        assert!(matches!(of(bytes), Err(EntropyError::Constant)), "{bytes:?}");
    }
    assert!(matches!(sound(|_| Ok(DRAWN)), Err(EntropyError::Constant)), "nothing was written");
}

#[test]
fn refuses_a_source_that_fails_or_gives_less() {
    assert!(matches!(sound(|_| Err(Errno::IO)), Err(EntropyError::Refused { source: Errno::IO })));
    assert!(matches!(sound(|_| Ok(DRAWN - 1)), Err(EntropyError::Short)));
    assert_eq!(EntropyError::Short.code(), Code::InternalEntropy);
}
