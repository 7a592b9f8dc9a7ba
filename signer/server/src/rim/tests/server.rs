//! A server on a real loopback socket, and the smallest HTTP client there is: bytes out, bytes in.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use signer_core::crypto::P256Key;
use signer_core::protocol::Base64;
use signer_core::time::Timestamp;
use signer_core::{csr, reason::Code};
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::store::memory::MemoryStore;
use signer_policy::PolicySet;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::clock::Clock;
use crate::credential::Credential;
use crate::founding;
use crate::owner::{self, OwnerDigest};
use crate::rim::{LogReaders, Rim, connection, router};
use crate::writer::Writer;

/// Read once: a policy set is checked when it is read, which takes its time.
static POLICY: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::baseline().unwrap());

pub(super) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

/// A ledger on its own thread.
fn running(ledger: Ledger, clock: Clock) -> (Writer, Box<dyn Send + Sync>) {
    let (writer, writing) = Writer::start(ledger, clock).unwrap();
    (writer, Box::new(Mutex::new(writing)))
}

fn unchanged(rim: Rim) -> Rim {
    rim
}

/// A running server. It stops when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) owner: String,
    runtime: Option<Runtime>,
    _kept: Box<dyn Send + Sync>,
}

impl Server {
    /// A server over an empty store in memory.
    pub(super) fn start() -> Self {
        Self::over(running, Clock::from(now), unchanged, |_, _| ()).0
    }

    /// A server whose log everybody may read.
    pub(super) fn public() -> Self {
        Self::adapted(|rim| rim.with_log_readers(LogReaders::Everybody))
    }

    /// A server whose rim is not as it is made.
    pub(super) fn adapted(adapt: impl FnOnce(Rim) -> Rim) -> Self {
        Self::over(running, Clock::from(now), adapt, |_, _| ()).0
    }

    /// A server with clocks of the test's own.
    pub(super) fn under(clock: Clock) -> Self {
        Self::over(running, clock, unchanged, |_, _| ()).0
    }

    /// A server over an engine that `prepare` has worked with.
    pub(super) fn with<T>(prepare: impl FnOnce(&Engine, &mut Ledger) -> T) -> (Self, T) {
        Self::over(running, Clock::from(now), unchanged, prepare)
    }

    /// A server whose queue is full.
    pub(super) fn overloaded() -> Self {
        Self::overloaded_with(|_, _| ()).0
    }

    /// The same over an engine that `prepare` has worked with.
    pub(super) fn overloaded_with<T>(prepare: impl FnOnce(&Engine, &mut Ledger) -> T) -> (Self, T) {
        let full = |_, _| -> (Writer, Box<dyn Send + Sync>) {
            let (writer, kept) = Writer::full();
            (writer, Box::new(Mutex::new(kept)))
        };
        Self::over(full, Clock::from(now), unchanged, prepare)
    }

    /// A server with routes of the test's own, and at most so many connections.
    pub(super) fn of(router: Router, connections: usize) -> Self {
        Self::listening(router, connections, String::new(), Box::new(()))
    }

    fn over<T>(
        start: impl FnOnce(Ledger, Clock) -> (Writer, Box<dyn Send + Sync>),
        clock: Clock,
        adapt: impl FnOnce(Rim) -> Rim,
        prepare: impl FnOnce(&Engine, &mut Ledger) -> T,
    ) -> (Self, T) {
        let founding = founding::found("Test", None, now()).unwrap();
        let keys = founding.keyring.into_keys(&founding.certificates);
        let store = MemoryStore::default();
        let (engine, mut ledger) =
            Engine::open(keys, founding.deployment, POLICY.clone(), Arc::new(store.clone()), Box::new(store)).unwrap();
        let owner = owner::generate().unwrap().to_string();
        let credential = Credential::new(zeroize::Zeroizing::new(owner.clone().into_bytes())).unwrap();
        let prepared = prepare(&engine, &mut ledger);
        let (writer, kept) = start(ledger, clock.clone());
        let rim = Rim::new(engine, writer, OwnerDigest::of(&credential), founding.trust_root.to_json(), clock);
        (Self::listening(router(Arc::new(adapt(rim))), connection::MAX_CONNECTIONS, owner, kept), prepared)
    }

    fn listening(router: Router, connections: usize, owner: String, kept: Box<dyn Send + Sync>) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(connection::serve_at_most(connections, listener, router, std::future::pending::<()>()));
        Self { address, owner, runtime: Some(runtime), _kept: kept }
    }

    /// Sends bytes and reads until the server closes.
    pub(super) fn raw(&self, request: &[u8]) -> Answer {
        Answer::read(&String::from_utf8(self.bytes(request)).unwrap())
    }

    /// A request without a body, and whatever bytes it is answered with: status, head, body.
    pub(super) fn read(&self, line: &str, headers: &[(&str, &str)]) -> (u16, String, Vec<u8>) {
        self.exchange(self.request(line, headers, "").as_bytes())
    }

    /// Bytes of some kind to a route, and whatever bytes they are answered with: status, head, body.
    pub(super) fn post(&self, path: &str, kind: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.exchange(&[head.as_bytes(), body].concat())
    }

    fn exchange(&self, request: &[u8]) -> (u16, String, Vec<u8>) {
        let answer = self.bytes(request);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an HTTP answer");
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), answer[end + 4..].to_vec())
    }

    /// Sends a request and closes without waiting for the answer.
    pub(super) fn send_and_leave(&self, line: &str, body: &str) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(self.request(line, &[], body).as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Both).unwrap();
    }

    fn bytes(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    /// A request with further headers and a body.
    pub(super) fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.raw(self.request(line, headers, body).as_bytes())
    }

    fn request(&self, line: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n", body]);
        request
    }

    /// A request under a bearer credential.
    pub(super) fn by(&self, credential: &str, line: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {credential}");
        self.send(line, &[("Authorization", &bearer)], &body.to_string())
    }

    /// A request of the owner.
    pub(super) fn by_owner(&self, line: &str, body: &Value) -> Answer {
        self.by(&self.owner, line, body)
    }

    /// Alice, registered and logged in: her session's credential.
    pub(super) fn alice(&self) -> String {
        assert_eq!(self.by_owner("POST /v1/persons", &json!({ "person": "alice@example.org" })).status, 200);
        let asked = json!({ "person": "alice@example.org", "custody": "broker" });
        let opened = self.by_owner("POST /v1/sessions/person", &asked);
        opened.body["credential"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// An answer, read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    /// JSON, or a text where it is none.
    pub(super) body: Value,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("an HTTP answer");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
        Self { status, head: head.to_ascii_lowercase(), body }
    }

    /// Status and code of a refusal, which must be a whole problem document.
    pub(super) fn refusal(&self) -> (u16, Code) {
        assert!(self.head.contains("content-type: application/problem+json"), "{self:?}");
        let code = self.body["reasons"][0]["code"].as_str().expect("a reason");
        assert_eq!(self.body["type"], json!(format!("urn:chancery:problem:{code}")));
        assert_eq!(self.body["status"], json!(self.status));
        assert_eq!(self.body.as_object().unwrap().len(), 4, "nothing beyond reasons");
        (self.status, Code::from_code(code).expect("a code of the table"))
    }
}

/// A certificate request for a fresh key.
pub(super) fn certificate_request(presence: &Value) -> Value {
    let csr = csr::make(&P256Key::generate().unwrap()).unwrap();
    json!({ "purpose": "commit", "csr": Base64(csr), "presence": presence })
}
