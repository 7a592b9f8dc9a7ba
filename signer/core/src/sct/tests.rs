//! Promises of logging, and every field of them altered.

use super::*;
use crate::crypto::P256Key;

struct World {
    log: P256Public,
    issuer: P256Public,
    promise: Promise,
}

const PROMISED: &[u8] = b"the certificate without this extension";

fn world() -> World {
    let (log, issuer) = (P256Key::generate().unwrap(), P256Key::generate().unwrap().public());
    let promise = Promise::make(&log, 1_795_000_000_123, &issuer, PROMISED).unwrap();
    World { log: log.public(), issuer, promise }
}

#[test]
fn a_promise_survives_its_extension_and_verifies() {
    let world = world();
    let read = Promise::from_extension(&world.promise.to_extension().unwrap()).unwrap();
    assert_eq!(read, world.promise);
    read.verify(&world.log, &world.issuer, PROMISED).unwrap();
}

#[test]
fn rejects_another_certificate_issuer_time_or_log() {
    let World { log, issuer, promise } = world();
    let signature = |result: Result<(), SctError>| matches!(result, Err(SctError::Signature { .. }));
    assert!(signature(promise.verify(&log, &issuer, b"another certificate")));
    assert!(signature(promise.verify(&log, &log, PROMISED)));
    let later = Promise { timestamp: promise.timestamp + 1, ..promise.clone() };
    assert!(signature(later.verify(&log, &issuer, PROMISED)));
    assert_eq!(promise.verify(&issuer, &issuer, PROMISED), Err(SctError::UnknownLog { log_id: log_id(&log).unwrap() }));
}

#[test]
fn rejects_a_list_with_none_or_two_promises() {
    let one = world().promise.to_extension().unwrap();
    let list = OctetStringRef::from_der(&one).unwrap().as_bytes().to_vec();
    let entry = &list[2..];
    for entries in [vec![], [entry, entry].concat()] {
        let length = u16::try_from(entries.len()).unwrap().to_be_bytes();
        let value = OctetStringRef::new(&[length.as_slice(), &entries].concat()).unwrap().to_der().unwrap();
        assert_eq!(Promise::from_extension(&value), Err(SctError::Malformed));
    }
}

#[test]
fn rejects_every_other_value_of_the_fixed_fields() {
    let good = world().promise.to_extension().unwrap();
    let header = good.len() - OctetStringRef::from_der(&good).unwrap().as_bytes().len();
    // Two lengths and the version; extensions, algorithm and the signature's length.
    for offset in (0..5).chain(45..51) {
        let mut bytes = good.clone();
        bytes[header + offset] ^= 1;
        assert_eq!(Promise::from_extension(&bytes), Err(SctError::Malformed), "byte {offset}");
    }
}

#[test]
fn rejects_truncated_and_trailing_bytes() {
    let good = world().promise.to_extension().unwrap();
    for length in 0..good.len() {
        assert!(Promise::from_extension(&good[..length]).is_err());
    }
    assert!(Promise::from_extension(&[good.as_slice(), &[0]].concat()).is_err());
}
