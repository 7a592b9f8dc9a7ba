//! PEM of other kinds, with rubbish, or too long is refused.

use super::{MAX_BYTES, PemError, certificate, public_key, read_certificate_request, read_public_key};
use crate::crypto::{P256Key, SignP256 as _};
use crate::csr;

#[test]
fn what_is_written_is_read() {
    let spki = P256Key::generate().unwrap().public().to_spki_der().unwrap();
    assert_eq!(read_public_key(public_key(&spki).unwrap().as_bytes()), Ok(spki));
}

#[test]
fn refuses_another_label() {
    let text = certificate(b"der").unwrap();
    assert!(matches!(read_public_key(text.as_bytes()), Err(PemError::Label { .. })));
    assert!(matches!(read_certificate_request(text.as_bytes()), Err(PemError::Label { .. })));
}

#[test]
fn refuses_what_is_no_pem() {
    let request = csr::make(&P256Key::generate().unwrap()).unwrap();
    let text = certificate(&request).unwrap().replace("CERTIFICATE", "CERTIFICATE REQUEST");
    assert_eq!(read_certificate_request(text.as_bytes()), Ok(request.clone()));
    for wrong in [
        text.get(1..).unwrap(),
        text.get(..text.len() / 2).unwrap(),
        &text.replace('A', "?"),
        &format!("{text}{text}"),
        "",
    ] {
        assert!(matches!(read_certificate_request(wrong.as_bytes()), Err(PemError::Form(_))), "{wrong}");
    }
}

#[test]
fn reads_no_more_than_its_limit() {
    let long = vec![b'A'; MAX_BYTES + 1];
    assert_eq!(read_public_key(&long), Err(PemError::TooLarge { actual: MAX_BYTES + 1 }));
}
