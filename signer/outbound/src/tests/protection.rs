//! A protected connection needs a chain to a known authority, the right name and the right time.

use super::service::{Authority, Shown, expired, plain, protected, right};
use super::*;
use crate::MAX_ROOTS_BYTES;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn trusting(authority: &Authority) -> Outbound {
    outbound(Roots::from_pem(authority.pem().as_bytes()).unwrap())
}

fn asked(outbound: &Outbound, name: &str, shown: Shown) -> (Result<Answer, Code>, String) {
    let (port, served) = protected(shown, OK);
    let answer = ask(outbound, &format!("https://{name}:{port}/"));
    (answer, served.join().unwrap())
}

#[test]
fn a_name_that_a_known_authority_vouches_for_is_asked() {
    let authority = Authority::new();
    for name in ["localhost", "127.0.0.1"] {
        let (answer, request) = asked(&trusting(&authority), name, authority.certify(&right(name)));
        assert_eq!(answer, Ok(Answer { status: 200, body: b"ok".to_vec() }), "{name}");
        assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
    }
}

#[test]
fn nobody_else_is_asked_anything() {
    // SRV-22.
    let (authority, stranger) = (Authority::new(), Authority::new());
    let mut client = right("localhost");
    client.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let cases = [
        (authority.certify(&right("example.org")), Code::TlsName),
        (authority.certify(&right("127.0.0.1")), Code::TlsName),
        (authority.certify(&right("localhost.example.org")), Code::TlsName),
        (authority.certify(&right("*.localhost")), Code::TlsName),
        (stranger.certify(&right("localhost")), Code::TlsAuthority),
        (authority.certify(&expired("localhost")), Code::TlsExpired),
        (authority.certify(&client), Code::TlsCertificate),
    ];
    for (shown, code) in cases {
        let (answer, request) = asked(&trusting(&authority), "localhost", shown);
        assert_eq!(answer, Err(code));
        assert_eq!(request, "", "the question and its token stay here");
    }
}

#[test]
fn an_authority_of_a_file_counts_instead_of_the_systems() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (answer, _) = asked(&trusting(&other), "localhost", authority.certify(&right("localhost")));
    assert_eq!(answer, Err(Code::TlsAuthority));
    let both = outbound(Roots::from_pem((other.pem() + &authority.pem()).as_bytes()).unwrap());
    assert!(asked(&both, "localhost", authority.certify(&right("localhost"))).0.is_ok());
    // Nobody's system trusts an authority of this test, and some systems trust nobody.
    let (answer, _) = asked(&outbound(Roots::system()), "localhost", authority.certify(&right("localhost")));
    assert!(matches!(answer, Err(Code::TlsAuthority | Code::TlsRoots)), "{answer:?}");
}

#[test]
fn a_service_that_speaks_in_the_open_is_no_protected_one() {
    let (port, served) = plain(OK);
    let answer = ask(&trusting(&Authority::new()), &format!("https://localhost:{port}/"));
    assert_eq!(answer, Err(Code::TlsHandshake));
    assert!(!served.join().unwrap().contains("HTTP"));
}

#[test]
fn a_file_of_authorities_holds_authorities() {
    let refused = |text: &str| Roots::from_pem(text.as_bytes()).map(drop).map_err(|error| error.code());
    let pem = Authority::new().pem();
    assert_eq!(refused(&pem), Ok(()));
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
    let torn = pem.replace("-----END", "----");
    for text in ["", "no PEM", garbage, key, &torn, &(pem.clone() + garbage), &"x".repeat(MAX_ROOTS_BYTES + 1)] {
        assert_eq!(refused(text), Err(Code::TlsRoots), "{text:.40}");
    }
}
