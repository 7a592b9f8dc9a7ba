//! What must hold of every table.

use super::*;

#[test]
fn no_profile_lists_an_extension_twice() {
    for profile in ALL {
        for rule in profile.extensions {
            assert_eq!(profile.extensions.iter().filter(|other| other.oid == rule.oid).count(), 1, "{}", rule.oid);
        }
    }
}

#[test]
fn every_fixed_value_can_be_written() {
    for rule in ALL.iter().flat_map(|profile| profile.extensions) {
        assert_eq!(rule.value.to_der().unwrap().is_none(), rule.value == Value::Varies);
    }
}

#[test]
fn the_promise_of_logging_is_the_leafs_last_extension() {
    assert_eq!(LEAF.extensions.last().unwrap().oid, oid::SCT_LIST);
}

#[test]
fn only_the_two_stamping_profiles_name_a_policy_and_they_differ() {
    assert_eq!(TIME_AUTHORITY.policy(), Some(oid::TIME_POLICY));
    assert_eq!(COUNTERSIGNING_AUTHORITY.policy(), Some(oid::COUNTERSIGN_POLICY));
    for profile in [&ROOT, &ISSUING, &LEAF] {
        assert_eq!(profile.policy(), None);
    }
}
