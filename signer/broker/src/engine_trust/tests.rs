//! Which keys an anchor must name.

use super::*;
use signer_core::time::Window;

fn key(role: Role, is_in_force: bool, start: u64) -> Standing {
    let at = |seconds| Timestamp::from_unix(seconds).unwrap();
    let window = Window { start: at(start), end: at(1_000) };
    Standing { role, name: "x".to_owned(), key: Digest::of(b"x"), window, is_in_force }
}

#[test]
fn an_anchor_must_name_what_signs_now_and_nothing_else() {
    let now = Timestamp::from_unix(500).unwrap();
    for role in [Role::Issuing, Role::Countersigning, Role::Log, Role::Ct] {
        assert!(signs_for_git(&key(role, true, 1), now), "{role}");
        assert!(!signs_for_git(&key(role, false, 1), now), "{role}, rotated");
        assert!(!signs_for_git(&key(role, true, 501), now), "{role}, not yet");
    }
    assert!(!signs_for_git(&key(Role::Time, true, 1), now));
}
