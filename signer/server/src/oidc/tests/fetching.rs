//! Where keys come from, how old they may be, and how often anybody is asked (IDP-06, 07, 10, 30).

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use signer_core::reason::Code;
use signer_outbound::Roots;

use super::provider::{claims, discovery};
use super::*;
use crate::oidc::HttpFetch;

const DISCOVERY: &str = "https://idp.example.org/.well-known/openid-configuration";
const KEYS: &str = "https://idp.example.org/jwks";

fn with_documents(change: impl FnOnce(&Documents)) -> Result<OpenIdentity, Code> {
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    change(&documents);
    verify(&issuers(config(&[entry(&json!({}))]), &documents), &KEY.token(&claims()), NOW)
}

#[test]
fn discovery_is_the_issuers_own_and_keys_lie_on_its_origin() {
    // IDP-07.
    let uris = [
        "https://evil.example/jwks",
        "http://idp.example.org/jwks",
        "https://idp.example.org:8443/jwks",
        "https://user@idp.example.org/jwks",
        "https://idp.example.org@evil.example/jwks",
        "https://idp.example.org/jwks?to=evil",
        "file:///etc/passwd",
        "/jwks",
        "",
    ];
    for uri in uris {
        let document = json!({ "issuer": ISSUER, "jwks_uri": uri });
        assert_eq!(with_documents(|documents| documents.put(DISCOVERY, &document)), Err(Code::OidcDiscovery), "{uri}");
    }
    let mut other = discovery();
    other["issuer"] = json!("https://idp.example.org/");
    assert_eq!(with_documents(|documents| documents.put(DISCOVERY, &other)), Err(Code::OidcDiscovery));
    assert_eq!(with_documents(|documents| documents.put(DISCOVERY, &json!([]))), Err(Code::OidcDiscovery));
}

#[test]
fn a_configured_key_address_may_lie_elsewhere_and_no_discovery_is_read() {
    let documents = Arc::new(Documents::default());
    let elsewhere = "https://keys.example.net/v3/certs";
    documents.put(elsewhere, &json!({ "keys": [KEY.published] }));
    let issuers = issuers(config(&[entry(&json!({ "jwks_uri": elsewhere }))]), &documents);
    assert!(verify(&issuers, &KEY.token(&claims()), NOW).is_ok());
    assert_eq!(documents.asked(), 1);
}

#[test]
fn keys_of_other_uses_are_passed_over_and_doubtful_sets_refused() {
    let published = |keys: Vec<Value>| with_documents(|documents| documents.put(KEYS, &json!({ "keys": keys })));
    let changed = |member: &str, value: &str| {
        let mut key = KEY.published.clone();
        key[member] = json!(value);
        key
    };
    assert_eq!(published(vec![]), Err(Code::OidcKey));
    assert_eq!(published(vec![changed("use", "enc")]), Err(Code::OidcKey));
    assert_eq!(published(vec![changed("alg", "ES384")]), Err(Code::OidcKey));
    assert_eq!(published(vec![json!({ "kty": "oct", "k": "AAAA", "kid": "key-1" })]), Err(Code::OidcKey));
    assert_eq!(
        published(vec![changed("x", "AAAA")]),
        Err(Code::OidcSignature),
        "a key that is no point verifies nothing"
    );
    // Two keys of one name: an issuer that is attacked, or one that cannot count.
    assert_eq!(published(vec![KEY.published.clone(), IssuerKey::ec("key-1").published]), Err(Code::OidcKeySet));
    assert_eq!(published(vec![KEY.published.clone(); 65]), Err(Code::OidcKeySet));
    assert_eq!(with_documents(|documents| documents.put(KEYS, &json!({}))), Err(Code::OidcKeySet));
    assert!(published(vec![json!({ "kty": "new" }), KEY.published.clone()]).is_ok());
}

#[test]
fn keys_are_asked_for_once_and_again_when_they_are_old() {
    // IDP-30.
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    let token = KEY.token(&claims());
    for second in 0..20 {
        assert!(verify(&issuers, &token, NOW + second).is_ok());
    }
    assert_eq!(documents.asked(), 2, "discovery and keys, once");
    assert!(verify(&issuers, &token, NOW + 599).is_ok());
    assert_eq!(documents.asked(), 2);
    assert!(verify(&issuers, &token, NOW + 600).is_ok());
    assert_eq!(documents.asked(), 4);
}

#[test]
fn a_new_key_is_found_and_a_removed_one_forgotten() {
    // IDP-30.
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    assert!(verify(&issuers, &KEY.token(&claims()), NOW).is_ok());
    let fresh = IssuerKey::ec("key-2");
    documents.publish(&[&fresh]);
    assert!(verify(&issuers, &fresh.token(&claims()), NOW + 30).is_ok());
    assert_eq!(verify(&issuers, &KEY.token(&claims()), NOW + 60), Err(Code::OidcKey));
}

#[test]
fn unknown_key_names_do_not_make_the_engine_ask_and_ask() {
    // IDP-30: a thousand of them.
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    assert!(verify(&issuers, &KEY.token(&claims()), NOW).is_ok());
    for number in 0..1000 {
        let header = json!({ "alg": "ES256", "kid": format!("unknown-{number}") });
        let token = KEY.sign(&header.to_string(), &claims().to_string());
        assert_eq!(verify(&issuers, &token, NOW + 40), Err(Code::OidcKey));
    }
    assert_eq!(documents.asked(), 4);
}

#[test]
fn old_keys_do_not_serve_because_new_ones_cannot_be_had() {
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    let token = KEY.token(&claims());
    assert!(verify(&issuers, &token, NOW).is_ok());
    documents.fall_silent();
    assert!(verify(&issuers, &token, NOW + 599).is_ok());
    assert_eq!(verify(&issuers, &token, NOW + 600), Err(Code::OidcUnreachable));
    assert_eq!(verify(&issuers, &token, NOW + 601), Err(Code::OidcUnreachable), "without asking again");
    assert_eq!(documents.asked(), 3);
}

/// Answers one connection with these bytes, and closes it.
fn served(answer: Vec<u8>) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        // The client may hang up as soon as it has seen enough.
        let _gone = stream.write_all(&answer);
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    (url, asked)
}

fn fetched(answer: &str) -> Result<Vec<u8>, Code> {
    let (url, asked) = served(answer.as_bytes().to_vec());
    let fetched = HttpFetch::new(Roots::system()).get(&url).map_err(|error| error.code());
    let request = asked.join().unwrap().to_ascii_lowercase();
    assert!(!request.contains("authorization") && !request.contains("cookie"), "IDP-09: {request}");
    fetched
}

#[test]
fn http_gives_the_body_of_a_success_and_nothing_else() {
    assert_eq!(fetched("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), Ok(b"{}".to_vec()));
    for status in ["404 Not Found", "500 Internal Server Error", "204 No Content", "401 Unauthorized"] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(fetched(&answer), Err(Code::OidcUnreachable), "{status}");
    }
    assert_eq!(fetched("SSH-2.0-OpenSSH\r\n"), Err(Code::OidcUnreachable));
    assert_eq!(
        HttpFetch::new(Roots::system()).get("http://127.0.0.1:1/").map_err(|error| error.code()),
        Err(Code::OidcUnreachable)
    );
}

#[test]
fn redirections_are_not_followed() {
    // IDP-06.
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!("HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(fetched(&answer), Err(Code::OidcRedirect), "{status}");
    }
}

#[test]
fn documents_over_the_limit_are_not_read_to_their_end() {
    // IDP-10: with a length, and without an end.
    let large = "x".repeat(300 * 1024);
    let declared = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{large}", large.len());
    assert_eq!(fetched(&declared), Err(Code::LimitOidcBody));
    assert_eq!(fetched(&format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{large}")), Err(Code::LimitOidcBody));
}

#[test]
fn an_issuer_that_says_nothing_is_left() {
    // IDP-10: the system accepts the connection, nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let fetch = HttpFetch::within(Roots::system(), std::time::Duration::from_millis(100));
    assert_eq!(fetch.get(&url).map_err(|error| error.code()), Err(Code::OidcUnreachable));
}
