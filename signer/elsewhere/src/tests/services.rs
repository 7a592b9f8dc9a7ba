//! A certificate authority, a time-stamp authority and logs of both kinds on one port of this machine. What they are asked
//! and what they answer can be twisted on the way.
//!
//! The Rekor v1 here is a stand-in made from that service's documented shapes and stored bundles; no such log has been
//! asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use signer_core::checkpoint::{self, Checkpoint};
use signer_core::crypto::{self, SignP256 as _};
use signer_core::log_entry::{self, LogEntry};
use signer_core::protocol::Base64;
use signer_core::time_stamp::{self, Query};
use signer_core::{canonical, csr, merkle, pem};

use super::world::{ORIGIN, ORIGIN_1, World};
use super::*;

/// An answer on its way out.
pub(super) struct Reply {
    pub(super) status: u16,
    /// More lines of the head, each with its end.
    pub(super) head: &'static str,
    pub(super) body: Vec<u8>,
}

type Twist<T> = Box<dyn Fn(Kind, &mut T) + Send + Sync>;

/// A deployment that runs until it is dropped.
pub(super) struct Deployment {
    pub(super) world: Arc<World>,
    pub(super) logs: Vec<u32>,
    pub(super) has_clock: bool,
    asked: Arc<Mutex<Vec<String>>>,
    port: u16,
    over: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

struct Office {
    world: Arc<World>,
    before: Twist<Vec<u8>>,
    after: Twist<Reply>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Deployment {
    pub(super) fn honest() -> Self {
        Self::of(World::new())
    }

    pub(super) fn of(world: World) -> Self {
        Self::twisted(world, |_, _| (), |_, _| ())
    }

    /// One service is asked something else than it was sent.
    pub(super) fn asked(kind: Kind, twist: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Self {
        Self::twisted(
            World::new(),
            move |of, body| {
                if of == kind {
                    twist(body);
                }
            },
            |_, _| (),
        )
    }

    /// One service answers something else than it should.
    pub(super) fn answering(kind: Kind, twist: impl Fn(&mut Reply) + Send + Sync + 'static) -> Self {
        Self::twisted(
            World::new(),
            |_, _| (),
            move |of, reply| {
                if of == kind {
                    twist(reply);
                }
            },
        )
    }

    /// The same for an answer in JSON.
    pub(super) fn saying(kind: Kind, twist: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::answering(kind, move |reply| reply.alter(&twist))
    }

    fn twisted(
        world: World,
        before: impl Fn(Kind, &mut Vec<u8>) + Send + Sync + 'static,
        after: impl Fn(Kind, &mut Reply) + Send + Sync + 'static,
    ) -> Self {
        let (world, asked, over) = (Arc::new(world), Arc::default(), Arc::new(AtomicBool::new(false)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (before, after): (Twist<_>, Twist<_>) = (Box::new(before), Box::new(after));
        let office = Office { world: Arc::clone(&world), before, after, asked: Arc::clone(&asked) };
        let ends = Arc::clone(&over);
        let serving = thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                office.serve(&mut stream.unwrap());
            }
        });
        Self { world, logs: vec![2], has_clock: true, asked, port, over, serving: Some(serving) }
    }

    pub(super) fn with_logs(mut self, logs: &[u32]) -> Self {
        self.logs = logs.to_vec();
        self
    }

    pub(super) fn without_clock(mut self) -> Self {
        self.has_clock = false;
        self
    }

    pub(super) fn services(&self) -> Services {
        let at =
            |kind, path: &str, version| Service { kind, url: format!("http://127.0.0.1:{}{path}", self.port), version };
        Services {
            authority: at(Kind::Authority, "", 1),
            clocks: if self.has_clock { vec![at(Kind::Clock, "/time", 1)] } else { vec![] },
            logs: self.logs.iter().map(|version| at(Kind::Log, "", *version)).collect(),
        }
    }

    /// The heads of the requests so far.
    pub(super) fn heads(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            self.over.store(true, Ordering::SeqCst);
            let _wakes = TcpStream::connect(("127.0.0.1", self.port));
            serving.join().unwrap();
        }
    }
}

impl Reply {
    pub(super) fn alter(&mut self, twist: impl Fn(&mut Value)) {
        let mut value = serde_json::from_slice(&self.body).unwrap();
        twist(&mut value);
        self.body = serde_json::to_vec(&value).unwrap();
    }
}

impl Office {
    fn serve(&self, stream: &mut TcpStream) {
        let (head, mut body) = receive(stream);
        if head.is_empty() {
            return;
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(head);
        let kind = match path.as_str() {
            "/api/v2/signingCert" => Kind::Authority,
            "/time" => Kind::Clock,
            _ => Kind::Log,
        };
        (self.before)(kind, &mut body);
        let (status, body) = match path.as_str() {
            "/api/v2/signingCert" => (200, bytes(&self.certificate(&body))),
            "/time" => (200, self.stamp(&body)),
            "/api/v2/log/entries" => (201, bytes(&self.log_2(&body))),
            "/api/v1/log/entries" => (201, bytes(&self.log_1(&body))),
            _ => (404, Vec::new()),
        };
        let mut reply = Reply { status, head: "", body };
        (self.after)(kind, &mut reply);
        let head = format!("HTTP/1.1 {} x\r\nContent-Length: {}\r\n{}", reply.status, reply.body.len(), reply.head);
        // A client may hang up as soon as it has seen enough.
        let _gone = stream.write_all(&[head.as_bytes(), b"Connection: close\r\n\r\n", &reply.body].concat());
    }

    fn certificate(&self, body: &[u8]) -> Value {
        let asked: Value = serde_json::from_slice(body).unwrap();
        let Base64(text) = serde_json::from_value(asked["certificateSigningRequest"].clone()).unwrap();
        let key = csr::parse(&pem::read_certificate_request(&text).unwrap()).unwrap();
        let World { issuing, root, .. } = self.world.as_ref();
        let chain =
            [&self.world.leaf(&key), &issuing.certificate, &root.certificate].map(|der| pem::certificate(der).unwrap());
        json!({ "signedCertificateEmbeddedSct": { "chain": { "certificates": chain } } })
    }

    fn stamp(&self, body: &[u8]) -> Vec<u8> {
        let clock = &self.world.clock;
        let query = Query::from_der(body).unwrap();
        time_stamp::grant(&clock.key, &clock.certificate, &query, self.world.stamped_at, &[7; 16]).unwrap()
    }

    fn log_2(&self, body: &[u8]) -> Value {
        let asked: Value = serde_json::from_slice(body).unwrap();
        let part = |at: &str| -> Vec<u8> {
            let Base64(bytes) = serde_json::from_value(asked.pointer(at).unwrap().clone()).unwrap();
            bytes
        };
        let digest = Digest::try_from(part("/hashedRekordRequestV002/digest").as_slice()).unwrap();
        let signature = part("/hashedRekordRequestV002/signature/content");
        let leaf = part("/hashedRekordRequestV002/signature/verifier/x509Certificate/rawBytes");
        let body = log_entry::body(&digest, &signature, &leaf).unwrap();
        let (first, root) = tree(&body);
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 2, root };
        let log_id = checkpoint::log_id(ORIGIN, &self.world.log.public());
        let checkpoint = checkpoint.sign(&self.world.log);
        let entry = LogEntry { index: 1, log_id, size: 2, root, hashes: vec![first], checkpoint };
        entry.to_bundle_json(&body).unwrap()
    }

    fn log_1(&self, body: &[u8]) -> Value {
        let body = canonical::to_vec(&entry_1(&serde_json::from_slice(body).unwrap())).unwrap();
        let (first, root) = tree(&body);
        let id = self.world.log_1_id();
        let time = self.world.logged_at.unix();
        let promised =
            json!({ "body": Base64(body.clone()), "integratedTime": time, "logID": id.to_hex(), "logIndex": 1001 });
        let promise = self.world.log_1.sign_p256(&canonical::to_vec(&promised).unwrap()).unwrap();
        let note = format!("{ORIGIN_1}\n2\n{}\n", text(root.as_bytes()));
        let signature = self.world.log_1.sign_p256(note.as_bytes()).unwrap();
        let line = text(&[&id.as_bytes()[..4], &signature].concat());
        let proof = json!({
            "checkpoint": format!("{note}\n\u{2014} rekor.example.org {line}\n"), "hashes": [first.to_hex()],
            "logIndex": 1, "rootHash": root.to_hex(), "treeSize": 2,
        });
        let mut entry = promised;
        entry["verification"] = json!({ "signedEntryTimestamp": Base64(promise), "inclusionProof": proof });
        json!({ "108e9186e8c5677a": entry })
    }
}

/// What Rekor v1 writes of a proposal.
fn entry_1(asked: &Value) -> Value {
    let spec = &asked["spec"];
    if asked["kind"] == "hashedrekord" {
        return json!({ "apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec });
    }
    let envelope = spec["proposedContent"]["envelope"].as_str().unwrap();
    let parsed: Value = serde_json::from_str(envelope).unwrap();
    let Base64(payload) = serde_json::from_value(parsed["payload"].clone()).unwrap();
    let hash = |bytes: &[u8]| json!({ "algorithm": "sha256", "value": Digest::of(bytes).to_hex() });
    let signature = json!({
        "signature": parsed["signatures"][0]["sig"], "verifier": spec["proposedContent"]["verifiers"][0],
    });
    let spec =
        json!({ "envelopeHash": hash(envelope.as_bytes()), "payloadHash": hash(&payload), "signatures": [signature] });
    json!({ "apiVersion": "0.0.1", "kind": "dsse", "spec": spec })
}

/// The second entry of a log of two: the first one's hash, and the root.
fn tree(body: &[u8]) -> (Digest, Digest) {
    let first = merkle::leaf_hash(b"first");
    (first, merkle::node_hash(&first, &merkle::leaf_hash(body)))
}

fn text(bytes: &[u8]) -> String {
    serde_json::to_value(Base64(bytes.to_vec())).unwrap().as_str().unwrap().to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// Head and body of a request; nothing of one that is none.
fn receive(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let head = request.windows(4).position(|end| end == b"\r\n\r\n");
        if let Some(end) = head {
            let head = String::from_utf8_lossy(&request[..end]).into_owned();
            let length =
                head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if request.len() >= end + 4 + length.unwrap_or(0) {
                return (head, request[end + 4..].to_vec());
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return (String::new(), Vec::new()),
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
}

/// A fresh key's request, in the form it is sent.
pub(super) fn another_request() -> Vec<u8> {
    let request = csr::make(&crypto::P256Key::generate().unwrap()).unwrap();
    bytes(&json!({ "certificateSigningRequest": Base64(pem::certificate_request(&request).unwrap().into_bytes()) }))
}
