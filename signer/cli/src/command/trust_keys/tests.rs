//! A key is named with the command that replaces it thirty days before its end, and not a second earlier.

use signer_core::time::Window;
use signer_core::trust_root::Role;

use super::*;

fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn key(role: Role, seconds: u64) -> Standing {
    let window = Window { start: Timestamp::EPOCH, end: now().plus(seconds) };
    Standing { role, name: "some".to_owned(), key: signer_core::digest::Digest::of(b"key"), window, is_in_force: true }
}

fn code(keys: &[Standing]) -> Option<Code> {
    first_to_end(keys, now()).err().map(|failure| failure.reasons[0].code)
}

#[test]
fn a_key_that_ends_soon_is_a_finding() {
    assert_eq!(code(&[key(Role::Issuing, SOON + 1)]), None);
    assert_eq!(code(&[key(Role::Issuing, SOON)]), Some(Code::TrustEndsSoon));
    assert_eq!(code(&[key(Role::Issuing, 0)]), Some(Code::TrustEndsSoon));
}

#[test]
fn the_first_to_end_is_named_with_what_replaces_it() {
    let keys = [key(Role::Issuing, SOON + 9), key(Role::Time, SOON + 5), key(Role::Log, SOON + 7)];
    assert!(first_to_end(&keys, now()).unwrap().contains("time"));
    assert!(line(&key(Role::Countersigning, 5), now()).ends_with("`chancery trust rotate time`"));
    assert!(!line(&Standing { is_in_force: false, ..key(Role::Time, 5) }, now()).contains("chancery trust rotate"));
}

#[test]
fn nothing_ends_where_no_key_has_a_certificate() {
    assert_eq!(first_to_end(&[], now()).unwrap(), "none ends");
}
