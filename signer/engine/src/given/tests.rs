use signer_core::digest::Digest;

use super::{FIRST, Given};

fn name(number: u64) -> Digest {
    Digest::of(&number.to_be_bytes())
}

#[test]
fn excludes_nothing_before_everything_was_read() {
    let given = Given::default();
    assert!(!given.excludes(&name(0)));
    given.add(&name(1));
    assert!(!given.excludes(&name(0)));
    given.complete();
    assert!(given.excludes(&name(0)));
    assert!(!given.excludes(&name(1)));
}

#[test]
fn never_excludes_what_was_given_and_seldom_holds_anything_else() {
    let given = Given::default();
    given.complete();
    // Three layers.
    let count = FIRST * 3 + 10;
    (0..count).for_each(|number| given.add(&name(number)));
    assert!((0..count).all(|number| !given.excludes(&name(number))));
    let mistakes = (count..count + 20_000).filter(|number| !given.excludes(&name(*number))).count();
    assert!(mistakes < 400, "{mistakes} of 20000");
    assert_eq!(given.layers.read().unwrap().len(), 3);
}
