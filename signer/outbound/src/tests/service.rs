//! A service on this machine that answers one question with given bytes, in the open or under a certificate.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The first byte of a TLS connection: who answers in the open will not understand the rest.
const HANDSHAKE: u8 = 22;

/// An authority of the tests' own.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a service shows.
pub(super) struct Shown(Arc<ServerConfig>);

/// A certificate that is right.
pub(super) fn right(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// The same, of a year long past.
pub(super) fn expired(name: &str) -> CertificateParams {
    let mut params = right(name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    params
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn certify(&self, params: &CertificateParams) -> Shown {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], secret).unwrap();
        Shown(Arc::new(config))
    }
}

/// Answers one connection in the open. Gives its port, and what it was asked.
pub(super) fn plain(answer: &str) -> (u16, JoinHandle<String>) {
    let (listener, port, answer) = listen(answer);
    (port, thread::spawn(move || exchange(&mut listener.accept().unwrap().0, &answer)))
}

/// Answers one connection under a certificate.
pub(super) fn protected(shown: Shown, answer: &str) -> (u16, JoinHandle<String>) {
    let (listener, port, answer) = listen(answer);
    let serve = move || {
        let connection = ServerConnection::new(shown.0).unwrap();
        exchange(&mut StreamOwned::new(connection, listener.accept().unwrap().0), &answer)
    };
    (port, thread::spawn(serve))
}

fn listen(answer: &str) -> (TcpListener, u16, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port, answer.to_owned())
}

/// Reads one request, up to its end by `Content-Length`; a client that hangs up has said enough.
fn exchange(stream: &mut (impl Read + Write), answer: &str) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
    while !is_whole(&request) {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
    let _gone = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
    String::from_utf8_lossy(&request).into_owned()
}

fn is_whole(request: &[u8]) -> bool {
    if request.first() == Some(&HANDSHAKE) {
        return true;
    }
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
