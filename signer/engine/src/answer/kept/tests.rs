//! What is kept of an answer has one form and reads back as it was.

use signer_core::digest::Digest;
use signer_core::protocol::{Base64, CertificateIssued, Countersignature};

use super::Kept;

fn bytes(text: &str) -> Base64 {
    Base64(text.as_bytes().to_vec())
}

fn samples() -> [Kept; 4] {
    let given = Countersignature { token: bytes("token"), entry: bytes("entry"), decision: bytes(""), foreign: None };
    [
        Kept::Certificate(CertificateIssued {
            certificate: bytes("leaf"),
            chain: vec![bytes("issuing"), bytes("root")],
        }),
        Kept::Certificate(CertificateIssued { certificate: bytes("leaf"), chain: Vec::new() }),
        Kept::Countersigned(given.clone()),
        Kept::Grant { grant: Digest::of(b"grant"), countersignature: given },
    ]
}

#[test]
fn what_is_kept_reads_back() {
    for kept in samples() {
        assert_eq!(Kept::decode(&kept.encode()).unwrap(), kept);
    }
}

#[test]
fn every_byte_counts() {
    for kept in samples() {
        let document = kept.encode();
        for place in 0..document.len() {
            let mut altered = document.clone();
            altered[place] ^= 1;
            assert_ne!(Kept::decode(&altered).ok(), Some(kept.clone()), "byte {place}");
            assert_ne!(Kept::decode(&document[..place]).ok(), Some(kept.clone()), "first {place}");
        }
        assert_ne!(Kept::decode(&[document.as_slice(), &[0]].concat()).ok(), Some(kept));
    }
}

#[test]
fn refuses_what_was_not_written() {
    let nothing = [0, 0, 0, 0];
    for parts in [0, 1, 2, 4, 5] {
        assert!(Kept::decode(&[&[2], nothing.repeat(parts).as_slice()].concat()).is_err(), "{parts} parts");
    }
    // A grant of another length, no parts, no kind, an unknown kind, a length beyond the end.
    assert!(Kept::decode(&[&[3], nothing.repeat(4).as_slice()].concat()).is_err());
    for document in [&[][..], &[1], &[0], &[4, 0, 0, 0, 0], &[1, 0xff, 0xff, 0xff, 0xff], br#"{"certificate":{}}"#] {
        assert!(Kept::decode(document).is_err(), "{document:?}");
    }
}
