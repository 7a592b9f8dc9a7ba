//! Whom the program asks, and whom its environment would have it ask (attack SRV-22).

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use signer_core::crypto::P256Key;
use signer_core::{csr, pem};

use crate::world::World;

/// A token of this moment that names its issuer, under a key that nobody has.
fn token(issuer: &str, now: u64) -> String {
    let text = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = text(json!({ "alg": "ES256", "kid": "k" }));
    let claims = json!({
        "iss": issuer, "aud": "sigstore", "sub": "ada", "email": "ada@example.org", "email_verified": true,
        "iat": now, "exp": now + 600,
    });
    format!("{header}.{}.{}", text(claims), URL_SAFE_NO_PAD.encode([1; 64]))
}

// SRV-22: the issuer itself is asked, whatever proxy the environment names.
#[test]
fn no_proxy_of_the_environment_is_asked() {
    let world = World::new();
    let (issuer, canary) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("http://{}", issuer.local_addr().unwrap());
    let entry = json!({ "url": url, "audiences": ["sigstore"], "identity": { "kind": "email" } });
    let file = world.state().join("oidc.json");
    fs::write(&file, json!({ "issuers": [entry] }).to_string()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    let now = written.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let proxy = format!("http://{}", canary.local_addr().unwrap());
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let server = world.serve_under(&names.map(|name| (name, proxy.as_str())));
    let asked = thread::spawn(move || {
        let (mut stream, _): (TcpStream, _) = issuer.accept().unwrap();
        let mut line = [0; 64];
        let count = stream.read(&mut line).unwrap();
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        String::from_utf8_lossy(&line[..count]).into_owned()
    });
    let request = pem::certificate_request(&csr::make(&P256Key::generate().unwrap()).unwrap()).unwrap();
    let body = json!({ "certificateSigningRequest": STANDARD.encode(request) }).to_string();
    assert_eq!(server.post("/api/v2/signingCert", &token(&url, now), &body), 503);
    assert!(asked.join().unwrap().starts_with("GET /.well-known/openid-configuration "));
    canary.set_nonblocking(true).unwrap();
    assert_eq!(canary.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
