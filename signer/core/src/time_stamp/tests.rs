//! Requests that are granted, and those that the RFC has a failure for (attack TIME-10).

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::{Query, Rejection, grant, reject};
use crate::crypto::{P256Key, P256Public, SignP256 as _};
use crate::digest::Digest;
use crate::issue::{self, Authority};
use crate::oid;
use crate::profile::{ROOT, TIME_AUTHORITY};
use crate::protocol::Base64;
use crate::time::{Timestamp, Window};
use crate::tlv::{self, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, write};
use crate::token::{self, TimeAuthority, Token};

const BOOLEAN: u8 = 0x01;

struct Tsa {
    key: P256Key,
    certificate: Vec<u8>,
}

static TSA: LazyLock<Tsa> = LazyLock::new(|| {
    let (root_key, key) = (P256Key::generate().unwrap(), P256Key::generate().unwrap());
    let life = |seconds| Window { start: now(), end: now().plus(seconds) };
    let root = issue::root("Test", &root_key, life(ROOT.longest), [1; 20]).unwrap();
    let authority = Authority { key: &root_key, certificate_der: &root };
    let certificate = issue::time_authority(&key.public(), life(TIME_AUTHORITY.longest), [2; 20], &authority).unwrap();
    Tsa { key, certificate }
});

fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

fn authority(public_key: P256Public) -> TimeAuthority {
    TimeAuthority {
        certificate: TSA.certificate.clone(),
        public_key,
        policy: oid::TIME_POLICY,
        window: Window { start: now(), end: now().plus(60) },
    }
}

fn stamped(query: &Query) -> Vec<u8> {
    grant(&TSA.key, &TSA.certificate, query, now(), &[7; 16]).unwrap()
}

fn imprint(algorithm: &[&[u8]], hash: &[u8]) -> Vec<u8> {
    write(SEQUENCE, &[&write(SEQUENCE, algorithm), &write(OCTET_STRING, &[hash])])
}

fn sha256_imprint(message: &[u8]) -> Vec<u8> {
    imprint(&[&write(OBJECT_IDENTIFIER, &[oid::SHA256.as_bytes()])], Digest::of(message).as_bytes())
}

fn request(fields: &[&[u8]]) -> Vec<u8> {
    write(SEQUENCE, &[&write(INTEGER, &[&[1]]), &sha256_imprint(b"signature"), &fields.concat()])
}

#[test]
fn a_token_without_certificate_is_one_that_our_verifier_reads() {
    let nonce = tlv::write_unsigned(&[0x80, 1, 2, 3]);
    let query = Query::from_der(&request(&[&nonce])).unwrap();
    let reply = stamped(&query);
    let token = Token::parse(token::granted(&reply).unwrap()).unwrap();
    let stamp = token.verify(&[authority(TSA.key.public())], b"signature").unwrap();
    assert_eq!((stamp.time, stamp.policy, stamp.decision), (now(), oid::TIME_POLICY, None));
    assert_eq!(token.nonce(), Some([0x80, 1, 2, 3].as_slice()), "TIME-08: the nonce comes back");
}

#[test]
fn the_certificate_is_inside_where_it_was_asked_for() {
    let holds = |reply: &[u8]| reply.windows(TSA.certificate.len()).any(|window| window == TSA.certificate);
    assert!(holds(&stamped(&Query::from_der(&request(&[&write(BOOLEAN, &[&[0xff]])])).unwrap())));
    assert!(!holds(&stamped(&Query::from_der(&request(&[&write(BOOLEAN, &[&[0]])])).unwrap())));
    assert!(!holds(&stamped(&Query::from_der(&request(&[])).unwrap())));
}

#[test]
fn the_imprint_comes_back_as_it_was_sent() {
    let null: &[u8] = &[5, 0];
    for (kind, length) in [(oid::SHA256, 32), (oid::SHA384, 48), (oid::SHA512, 64)] {
        for parameters in [null, &[]] {
            let imprint = imprint(&[&write(OBJECT_IDENTIFIER, &[kind.as_bytes()]), parameters], &vec![9; length]);
            let der = write(SEQUENCE, &[&write(INTEGER, &[&[1]]), &imprint]);
            let reply = stamped(&Query::from_der(&der).unwrap());
            assert!(reply.windows(imprint.len()).any(|window| window == imprint));
        }
    }
}

#[test]
fn refuses_digests_that_are_weak_or_unknown() {
    // TIME-10: SHA-1, MD5, SHA-224.
    for text in ["1.3.14.3.2.26", "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.4"] {
        let kind: const_oid::ObjectIdentifier = text.parse().unwrap();
        let imprint = imprint(&[&write(OBJECT_IDENTIFIER, &[kind.as_bytes()])], &[0; 20]);
        let der = write(SEQUENCE, &[&write(INTEGER, &[&[1]]), &imprint]);
        assert_eq!(Query::from_der(&der), Err(Rejection::Algorithm), "{text}");
    }
}

#[test]
fn refuses_a_digest_of_another_length_than_its_algorithms() {
    for length in [0, 20, 31, 33, 64] {
        let imprint = imprint(&[&write(OBJECT_IDENTIFIER, &[oid::SHA256.as_bytes()])], &vec![0; length]);
        let der = write(SEQUENCE, &[&write(INTEGER, &[&[1]]), &imprint]);
        assert_eq!(Query::from_der(&der), Err(Rejection::DataFormat), "{length}");
    }
}

#[test]
fn stamps_under_the_plain_policy_alone() {
    let policy = |oid: const_oid::ObjectIdentifier| request(&[&write(OBJECT_IDENTIFIER, &[oid.as_bytes()])]);
    assert_eq!(Query::from_der(&policy(oid::COUNTERSIGN_POLICY)), Err(Rejection::Policy));
    assert_eq!(Query::from_der(&policy(oid::TIME_STAMPING)), Err(Rejection::Policy));
    assert!(Query::from_der(&policy(oid::TIME_POLICY)).is_ok());
}

#[test]
fn refuses_versions_extensions_and_rubbish() {
    let version = |number: u8| write(SEQUENCE, &[&write(INTEGER, &[&[number]]), &sha256_imprint(b"x")]);
    assert_eq!(Query::from_der(&version(2)), Err(Rejection::Request));
    assert_eq!(Query::from_der(&version(0)), Err(Rejection::Request));
    assert_eq!(Query::from_der(&request(&[&write(CONTEXT_0, &[])])), Err(Rejection::Extension));
    for der in [&b""[..], b"0", &[0x30, 0x80], &request(&[])[1..], &[request(&[]), vec![0]].concat()] {
        assert_eq!(Query::from_der(der), Err(Rejection::DataFormat));
    }
    let long = vec![1; 5000];
    assert_eq!(Query::from_der(&request(&[&write(INTEGER, &[&long])])), Err(Rejection::DataFormat));
}

#[test]
fn refuses_nonces_with_a_second_form_or_a_sign() {
    for nonce in [&[][..], &[0, 1], &[0x80], &[0xff, 0xff], &[1; 33]] {
        assert_eq!(Query::from_der(&request(&[&write(INTEGER, &[nonce])])), Err(Rejection::DataFormat), "{nonce:?}");
    }
    for nonce in [&[0][..], &[0, 0x80], &[1; 32]] {
        assert!(Query::from_der(&request(&[&write(INTEGER, &[nonce])])).is_ok(), "{nonce:?}");
    }
}

#[test]
fn refuses_a_truth_value_that_is_neither() {
    for content in [&[][..], &[1], &[0, 0]] {
        assert_eq!(Query::from_der(&request(&[&write(BOOLEAN, &[content])])), Err(Rejection::DataFormat));
    }
}

#[test]
fn json_asks_for_the_same() {
    let hash = Base64(Digest::of(b"signature").as_bytes().to_vec());
    let sent = json!({ "artifactHash": hash, "hashAlgorithm": "sha256", "nonce": 128, "certificates": true });
    let query = Query::from_json(sent.to_string().as_bytes()).unwrap();
    let der = request(&[&tlv::write_unsigned(&[128]), &write(BOOLEAN, &[&[0xff]])]);
    assert_eq!(query, Query::from_der(&der).unwrap());
}

#[test]
fn json_is_refused_for_the_same_reasons() {
    let hash = |length| Base64(vec![0; length]);
    let cases = [
        (json!({ "artifactHash": hash(20), "hashAlgorithm": "sha1" }), Rejection::Algorithm),
        (json!({ "artifactHash": hash(31), "hashAlgorithm": "sha256" }), Rejection::DataFormat),
        (json!({ "artifactHash": "?", "hashAlgorithm": "sha256" }), Rejection::DataFormat),
        (json!({ "hashAlgorithm": "sha256" }), Rejection::DataFormat),
        (json!({ "artifactHash": hash(32), "hashAlgorithm": "sha256", "more": 1 }), Rejection::DataFormat),
        (json!({ "artifactHash": hash(32), "hashAlgorithm": "sha256", "nonce": -1 }), Rejection::DataFormat),
        (json!({ "artifactHash": hash(32), "hashAlgorithm": "sha256", "tsaPolicyOID": "1.2.3" }), Rejection::Policy),
    ];
    for (sent, expected) in cases {
        assert_eq!(Query::from_json(sent.to_string().as_bytes()), Err(expected), "{sent}");
    }
    assert_eq!(Query::from_json(&vec![b' '; 5000]), Err(Rejection::DataFormat));
}

#[test]
fn a_rejection_holds_its_failure_bit_and_no_token() {
    // RFC 3161 2.4.2; bit 14 stands in the second byte, bit 25 in the fourth.
    let cases: [(Rejection, &[u8]); 4] = [
        (Rejection::Algorithm, &[3, 2, 7, 0x80]),
        (Rejection::DataFormat, &[3, 2, 2, 0x04]),
        (Rejection::Time, &[3, 3, 1, 0, 0x02]),
        (Rejection::System, &[3, 5, 6, 0, 0, 0, 0x40]),
    ];
    for (rejection, bits) in cases {
        let reply = reject(rejection);
        assert!(reply.ends_with(bits), "{rejection:?}: {reply:02x?}");
        assert!(token::granted(&reply).is_err());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _refused = Query::from_der(&bytes);
        let _refused = Query::from_json(&bytes);
    }
}
