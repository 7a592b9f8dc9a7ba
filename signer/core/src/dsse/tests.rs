use proptest::prelude::*;

use super::*;

#[test]
fn pae_is_the_specification_example() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
}

#[test]
fn pae_counts_bytes_and_never_collides_at_its_seams() {
    assert_eq!(pae("é", b"x"), "DSSEv1 2 é 1 x".as_bytes());
    // BND-03: without lengths, these would be one text.
    assert_ne!(pae("a 1 b", b"c"), pae("a", b"b 1 c"));
    assert_ne!(pae("a", b"b c"), pae("a b", b"c"));
}

fn envelope() -> Envelope {
    let mut envelope = Envelope::unsigned(b"{}".to_vec());
    envelope.add(vec![2, 1]);
    envelope.add(vec![1, 9]);
    envelope
}

#[test]
fn an_envelope_survives_its_own_bytes() {
    let bytes = envelope().encode().unwrap();
    assert_eq!(Envelope::decode(&bytes, 1000).unwrap(), envelope());
}

#[test]
fn adding_a_signature_twice_changes_nothing() {
    let mut twice = envelope();
    twice.add(vec![1, 9]);
    assert_eq!(twice, envelope());
}

#[test]
fn rejects_another_payload_type() {
    let mut other = envelope();
    other.payload_type = "text/plain".to_owned();
    let refused = Envelope::decode(&other.encode().unwrap(), 1000);
    assert!(matches!(refused, Err(DsseError::PayloadType { .. })));
}

#[test]
fn rejects_no_signature_and_too_many() {
    let mut none = envelope();
    none.signatures.clear();
    assert!(matches!(Envelope::decode(&none.encode().unwrap(), 1000), Err(DsseError::SignatureCount { found: 0 })));
    let mut many = envelope();
    for byte in 0..=32 {
        many.add(vec![byte, 7]);
    }
    assert!(matches!(Envelope::decode(&many.encode().unwrap(), 10_000), Err(DsseError::SignatureCount { .. })));
}

#[test]
fn rejects_repeated_and_unsorted_signatures() {
    let mut repeated = envelope();
    let first = repeated.signatures[0].clone();
    repeated.signatures.insert(0, first);
    assert!(matches!(Envelope::decode(&repeated.encode().unwrap(), 1000), Err(DsseError::SignatureOrder)));
    let mut unsorted = envelope();
    unsorted.signatures.reverse();
    assert!(matches!(Envelope::decode(&unsorted.encode().unwrap(), 1000), Err(DsseError::SignatureOrder)));
}

#[test]
fn rejects_every_other_spelling_of_the_same_envelope() {
    let text = String::from_utf8(envelope().encode().unwrap()).unwrap();
    let cases = [
        ("unknown field", text.replacen('{', r#"{"keyid":"x","#, 1)),
        ("keyid", text.replacen(r#"{"sig""#, r#"{"keyid":"x","sig""#, 1)),
        ("duplicate key", text.replacen('{', r#"{"payload":"e30=","#, 1)),
        ("unpadded base64", text.replacen("e30=", "e30", 1)),
        ("trailing bits in base64", text.replacen("e30=", "e31=", 1)),
        ("space", text.replacen(':', ": ", 1)),
        ("trailing data", format!("{text} ")),
        ("byte order mark", format!("\u{feff}{text}")),
        ("null signatures", text.replace(r#""signatures":["#, r#""signatures":null,"x":["#)),
    ];
    for (what, bytes) in cases {
        assert!(matches!(Envelope::decode(bytes.as_bytes(), 1000), Err(DsseError::Malformed { .. })), "{what}");
    }
    assert!(matches!(Envelope::decode(text.as_bytes(), 10), Err(DsseError::Malformed { .. })));
}

proptest! {
    #[test]
    fn pae_separates_type_and_payload(a in ".{0,12}", b in proptest::collection::vec(any::<u8>(), 0..24),
                                      c in ".{0,12}", d in proptest::collection::vec(any::<u8>(), 0..24)) {
        prop_assert_eq!(pae(&a, &b) == pae(&c, &d), a == c && b == d);
    }

    #[test]
    fn every_envelope_survives_its_own_bytes(payload in proptest::collection::vec(any::<u8>(), 0..64),
                                             signatures in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 1..32)) {
        let mut envelope = Envelope::unsigned(payload);
        for signature in signatures {
            envelope.add(signature);
        }
        prop_assert_eq!(Envelope::decode(&envelope.encode().unwrap(), 100_000).unwrap(), envelope);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Envelope::decode(&bytes, 1000).is_err());
    }
}
