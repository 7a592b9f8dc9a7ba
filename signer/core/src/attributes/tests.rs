//! The five attributes and no other form of them; single wrong fields are forged in the tests of `cms`.

use super::*;
use crate::reason::{Code, Coded};

const PROVENANCE: &[u8] = b"{}";

fn at(time: u64) -> Vec<u8> {
    let time = Timestamp::from_unix(time).unwrap();
    encode(&Digest::of(b"object"), time, &Digest::of(b"leaf"), PROVENANCE).unwrap()
}

#[test]
fn reads_the_five_attributes_back() {
    let read = SignedAttributes::parse(&at(1_795_000_000)).unwrap();
    assert_eq!(*read.message_digest(), Digest::of(b"object"));
    assert_eq!(*read.certificate_digest(), Digest::of(b"leaf"));
    assert_eq!(read.signing_time().unix(), 1_795_000_000);
    assert_eq!(read.provenance_bytes(), PROVENANCE);
    assert_eq!(read.der(), at(1_795_000_000));
}

#[test]
fn starts_with_the_tag_of_a_set() {
    assert_eq!(at(0)[0], SET);
}

#[test]
fn writes_utc_time_through_2049_and_generalized_time_from_2050() {
    // RFC 5652 11.3.
    for (time, tag) in [(0, UTC_TIME), (2_524_607_999, UTC_TIME), (2_524_608_000, GENERALIZED_TIME)] {
        let der = at(time);
        let kind = oid::SIGNING_TIME;
        let position = der.windows(9).position(|window| window == kind.as_bytes()).unwrap();
        // The type is followed by the header of the SET of values.
        assert_eq!(der[position + 11], tag, "{time}");
        assert_eq!(SignedAttributes::parse(&der).unwrap().signing_time().unix(), time);
    }
}

fn with_time(tag: u8, text: &[u8]) -> Vec<u8> {
    let attributes = vec![
        attribute_set::content_type(oid::DATA),
        octets(oid::MESSAGE_DIGEST, &[1; 32]),
        attribute(oid::SIGNING_TIME, &tlv::write(tag, &[text])),
        attribute_set::signing_certificate(&[2; 32]),
        octets(oid::PROVENANCE, PROVENANCE),
    ];
    tlv::write_set_of(SET, attributes)
}

#[test]
fn refuses_other_forms_of_the_signing_time() {
    assert!(SignedAttributes::parse(&with_time(UTC_TIME, b"261118110640Z")).is_ok());
    let cases: [(u8, &[u8]); 9] = [
        (UTC_TIME, b"2611181106Z"),
        (UTC_TIME, b"261118110640+0000"),
        (UTC_TIME, b"261118110660Z"),
        (UTC_TIME, b"261318110640Z"),
        (UTC_TIME, b""),
        (GENERALIZED_TIME, b"20261118110640Z"),
        (GENERALIZED_TIME, b"20501118110640.5Z"),
        (GENERALIZED_TIME, b"00001118110640Z"),
        (GENERALIZED_TIME, b"20501118110640"),
    ];
    for (tag, text) in cases {
        let refusal = SignedAttributes::parse(&with_time(tag, text)).unwrap_err();
        assert_eq!(refusal.code(), Code::CmsNotDer, "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn refuses_the_tag_that_the_attributes_travel_with() {
    let mut der = at(1);
    der[0] = tlv::CONTEXT_0;
    assert_eq!(SignedAttributes::parse(&der).unwrap_err().code(), Code::CmsNotDer);
}

#[test]
fn refuses_to_write_a_provenance_over_its_limit() {
    let time = Timestamp::from_unix(1).unwrap();
    let write = |size: usize| encode(&Digest::of(b""), time, &Digest::of(b""), &vec![b' '; size]);
    assert!(write(4096).is_ok());
    assert_eq!(write(4097).unwrap_err().code(), Code::CmsProvenance);
}
