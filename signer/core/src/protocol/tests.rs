use super::{Base64, CertificateIssued, Countersignature};

#[test]
fn a_countersignature_is_written_as_its_schema_says() {
    for length in 0..70_u8 {
        let part = |first: u8| Base64((first..first.saturating_add(length)).collect());
        for foreign in [None, Some(part(50))] {
            let given = Countersignature { token: part(0), entry: part(99), decision: part(200), foreign };
            assert_eq!(given.to_json(), serde_json::to_vec(&given).unwrap());
        }
    }
}

#[test]
fn a_certificate_is_written_as_its_schema_says() {
    let bytes = |count: u8| Base64((0..count).collect());
    for authorities in 0..4 {
        let issued = CertificateIssued { certificate: bytes(7), chain: (0..authorities).map(bytes).collect() };
        assert_eq!(issued.to_json(), serde_json::to_vec(&issued).unwrap());
    }
}

#[test]
fn bytes_travel_as_base64_and_as_nothing_else() {
    assert_eq!(serde_json::from_str::<Base64>("\"AAEC\"").unwrap(), Base64(vec![0, 1, 2]));
    // The same, with an escape.
    assert_eq!(serde_json::from_str::<Base64>("\"AA\\u0045C\"").unwrap(), Base64(vec![0, 1, 2]));
    for refused in ["\"AAE\"", "\"AA E\"", "\"-_-_\"", "\"AB==\"", "[0,1,2]", "7", "null", "{}"] {
        assert!(serde_json::from_str::<Base64>(refused).is_err(), "{refused}");
    }
}
