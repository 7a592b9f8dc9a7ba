//! What is issued, what is refused, and what openssl says of it.

mod openssl;

use der::{Decode, Encode};
use x509_cert::certificate::Certificate;
use x509_cert::time::Time;

use super::*;
use crate::certificate::tests::world::*;
use crate::crypto::P256Key;
use crate::trust_root::TrustRoot;

fn public() -> P256Public {
    P256Key::generate().unwrap().public()
}

#[test]
fn serial_numbers_always_have_20_positive_bytes() {
    let world = World::new();
    for random in [[0; 20], [0xff; 20], serial()] {
        let der = issuing(&public(), days(1, 1), random, &world.root.authority()).unwrap();
        let made = tbs_of(&der).serial_number;
        assert_eq!(made.as_bytes().len(), 20);
        assert_eq!(made.as_bytes()[0] & 0xc0, 0x40);
        assert_eq!(made.as_bytes()[1..], random[1..]);
    }
}

#[test]
fn refuses_lives_over_the_profiles() {
    let world = World::new();
    let root_key = P256Key::generate().unwrap();
    let authority = world.root.authority();
    let code = |result: Result<Vec<u8>, IssueError>| result.unwrap_err().code();
    assert_eq!(code(root("Example", &root_key, days(0, 3_654), serial())), Code::X509Lifetime);
    for make in [issuing, time_authority, countersigning_authority] {
        assert_eq!(code(make(&public(), days(1, 366), serial(), &authority)), Code::X509Lifetime);
        assert_eq!(code(make(&public(), days(101, 1), serial(), &authority)), Code::X509ExpiredChain);
    }
    let hour = Window { start: now(), end: now().plus(3_601) };
    assert_eq!(code(world.issue_for(&agent_subject(), &agent(), hour)), Code::X509Lifetime);
    let backwards = Window { start: now(), end: now() };
    assert_eq!(code(world.issue_for(&agent_subject(), &agent(), backwards)), Code::X509BadTime);
}

#[test]
fn refuses_a_leaf_outside_its_issuers_life() {
    let world = World::new();
    let before = Window { start: now().minus(11 * DAY), end: now().minus(11 * DAY).plus(600) };
    let refused = world.issue_for(&"alice@example.com".parse().unwrap(), &person(), before);
    assert_eq!(refused.unwrap_err().code(), Code::X509ExpiredChain);
}

#[test]
fn refuses_what_a_verifier_would_refuse() {
    let world = World::new();
    let unsent = LeafIdentity { hops: Vec::new(), ..agent() };
    assert_eq!(world.issue(&agent_subject(), &unsent).unwrap_err().code(), Code::AgentHops);
    let wider = LeafIdentity { scope: scope(&["/"]), ..agent() };
    assert_eq!(world.issue(&agent_subject(), &wider).unwrap_err().code(), Code::ScopeNotNarrower);
    let crowded = LeafIdentity { hops: vec![agent().hops[0].clone(); 5], ..agent() };
    assert_eq!(world.issue(&agent_subject(), &crowded).unwrap_err().code(), Code::AgentHops);
    let mut verbose = agent();
    verbose.claims[0].value = "x".repeat(5_000);
    assert_eq!(world.issue(&agent_subject(), &verbose).unwrap_err().code(), Code::X509ExtensionUnparsable);
}

#[test]
fn refuses_issuer_urls_that_cannot_be_shown() {
    let world = World::new();
    let (subject, identity, public_key) = (agent_subject(), agent(), public());
    for issuer_url in ["", "https://a b", "https://é"] {
        let request = LeafRequest {
            subject: &subject,
            identity: &identity,
            public_key: &public_key,
            window: life(),
            serial: serial(),
            issuer_url,
        };
        let refused = leaf(&request, &world.issuing.authority(), &world.ct, 0).unwrap_err();
        assert_eq!(refused.code(), Code::X509ExtensionUnparsable, "{issuer_url}");
    }
}

#[test]
fn refuses_an_authority_whose_certificate_is_not_its_keys() {
    let world = World::new();
    let mixed = Authority { key: &world.holder, certificate_der: &world.root.certificate };
    assert_eq!(issuing(&public(), days(1, 1), serial(), &mixed).unwrap_err(), IssueError::OtherKey);
}

#[test]
fn refuses_to_issue_under_anything_but_the_right_authority() {
    let world = World::new();
    assert_eq!(
        issuing(&public(), days(1, 1), serial(), &world.issuing.authority()).unwrap_err().code(),
        Code::X509PathConstraint
    );
    assert_eq!(issuing(&public(), days(1, 1), serial(), &world.time.authority()).unwrap_err().code(), Code::X509NotCa);
}

#[test]
fn refuses_organisations_that_cannot_be_shown() {
    let key = P256Key::generate().unwrap();
    for organization in ["", "a\nb", "\u{7f}", &"x".repeat(65)] {
        let refused = root(organization, &key, days(0, 10), serial()).unwrap_err();
        assert_eq!(refused.code(), Code::IssueBadIdentity, "{organization:?}");
    }
}

#[test]
fn the_promise_stays_true_after_2049() {
    // GeneralizedTime in root and issuing authority.
    let start = Timestamp::from_unix(2_530_000_000).unwrap();
    let window = Window { start, end: start.plus(300 * DAY) };
    let root = Keyed::root(window);
    let made = Keyed::under(&root, window, issuing);
    assert!(matches!(tbs_of(&made.certificate).validity.not_after, Time::GeneralTime(_)));
}

#[test]
fn issued_leaves_are_certified_by_the_trust_root_of_their_keys() {
    let world = World::new();
    let trust: TrustRoot = world.trust_root();
    for (subject, identity) in [(agent_subject(), agent()), ("alice@example.com".parse().unwrap(), person())] {
        let der = world.issue(&subject, &identity).unwrap();
        assert_eq!(Certificate::from_der(&der).unwrap().to_der().unwrap(), der);
        trust.certify(Leaf::parse(&der).unwrap()).unwrap().valid_at(now()).unwrap();
    }
}
