//! Leaves that must and must not be read. Chains are tested with the trust root.

pub(crate) mod world;

mod extensions;
mod form;
mod subjects;

use super::*;
use crate::reason::{Code, Coded};
use world::*;

pub(crate) fn code(der: &[u8]) -> Code {
    Leaf::parse(der).unwrap_err().code()
}

#[test]
fn reads_back_everything_an_agents_leaf_says() {
    let world = World::new();
    let der = world.leaf();
    let leaf = Leaf::parse(&der).unwrap();
    assert_eq!(leaf.der(), der);
    assert_eq!(leaf.digest(), Digest::of(&der));
    assert_eq!(*leaf.subject(), agent_subject());
    assert_eq!(*leaf.identity(), agent());
    assert_eq!(*leaf.public_key(), {
        use crate::crypto::SignP256 as _;
        world.holder.public()
    });
    assert_eq!(leaf.window(), life());
    assert_eq!(leaf.issuer_name(), ISSUER);
    assert_eq!(leaf.serial().len(), 20);
    assert_eq!(leaf.issuer_der(), parsed(&world.issuing.certificate, &profile::ISSUING).subject().to_der().unwrap());
}

#[test]
fn reads_persons_and_workloads() {
    let world = World::new();
    for (subject, identity) in [
        ("alice@example.com", person()),
        ("https://id.example.com/u/7", person()),
        ("spiffe://example.com/ci/build", workload()),
    ] {
        let subject: Subject = subject.parse().unwrap();
        let leaf = Leaf::parse(&world.issue(&subject, &identity).unwrap()).unwrap();
        assert_eq!(*leaf.subject(), subject);
    }
}

#[test]
fn a_forge_that_alters_nothing_is_read() {
    let world = World::new();
    Leaf::parse(&world.forge(|_| ())).unwrap();
}

#[test]
fn rejects_certificates_of_other_purposes() {
    // X509-07: same root, other profile.
    let world = World::new();
    for other in [&world.time, &world.countersigning, &world.issuing, &world.root] {
        assert_eq!(code(&other.certificate), Code::X509Purpose);
    }
}

#[test]
fn never_panics_on_a_truncated_or_flipped_certificate() {
    let der = World::new().leaf();
    for length in 0..der.len() {
        assert!(Leaf::parse(&der[..length]).is_err());
    }
    for index in 0..der.len() {
        let mut flipped = der.clone();
        flipped[index] ^= 0x20;
        if let Ok(leaf) = Leaf::parse(&flipped) {
            assert_eq!(leaf.der(), flipped);
        }
    }
}
