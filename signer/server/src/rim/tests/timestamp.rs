//! The time authority over a real socket: RFC 3161's answers, and no answer under a clock that jumped (§9).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_core::token::{self, Token};

use super::server::{Server, certificate_request, now};
use crate::clock::{Clock, Reading};

const ROUTE: &str = "/api/v1/timestamp";
const QUERY: &str = "application/timestamp-query";

/// SHA-256 of `message`, version 1, and whatever follows.
fn query(message: &[u8], rest: &[u8]) -> Vec<u8> {
    let algorithm = [0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    let imprint = [&algorithm, &[0x04, 0x20][..], Digest::of(message).as_bytes()].concat();
    let fields = [&[0x02, 0x01, 0x01, 0x30, u8::try_from(imprint.len()).unwrap()], imprint.as_slice(), rest].concat();
    [&[0x30, u8::try_from(fields.len()).unwrap()], fields.as_slice()].concat()
}

fn stamped(server: &Server, kind: &str, body: &[u8]) -> Vec<u8> {
    let (status, head, reply) = server.post(ROUTE, kind, body);
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/timestamp-reply"), "{head}");
    reply
}

/// Status and code of a rejection, which must be a `TimeStampResp` without a token.
fn rejected(server: &Server, kind: &str, body: &[u8]) -> (u16, Code) {
    let (status, head, reply) = server.post(ROUTE, kind, body);
    assert!(head.contains("content-type: application/timestamp-reply"), "{head}");
    assert!(reply.starts_with(&[0x30]) && token::granted(&reply).is_err());
    let code = head.lines().find_map(|line| line.strip_prefix("chancery-code: ")).expect("a code");
    (status, Code::from_code(code).unwrap())
}

#[test]
fn a_token_is_the_plain_authoritys_and_verifies_under_the_published_trust_root() {
    let server = Server::start();
    let trust = server.send("GET /v1/trust", &[], "").body.to_string();
    let trust = signer_core::trust_root::TrustRoot::from_json(trust.as_bytes()).unwrap();
    let reply = stamped(&server, QUERY, &query(b"signature", &[0x02, 0x02, 0x12, 0x34]));
    let token = Token::parse(token::granted(&reply).unwrap()).unwrap();
    let stamp = token.verify(trust.time_authorities(), b"signature").unwrap();
    assert_eq!((stamp.time, stamp.policy), (now(), signer_core::oid::TIME_POLICY));
    assert_eq!(stamp.decision, None, "it says nothing of any decision");
    assert_eq!(token.nonce(), Some([0x12, 0x34].as_slice()));
}

#[test]
fn json_gets_the_same_answer() {
    let server = Server::start();
    let hash = STANDARD.encode(Digest::of(b"signature").as_bytes());
    let asked = json!({ "artifactHash": hash, "hashAlgorithm": "sha256" }).to_string();
    for kind in ["application/json", "application/json; charset=utf-8"] {
        let reply = stamped(&server, kind, asked.as_bytes());
        assert!(Token::parse(token::granted(&reply).unwrap()).is_ok());
    }
}

#[test]
fn the_chain_is_published_and_stands_in_the_token_where_it_was_asked_for() {
    let server = Server::start();
    let chain = server.send("GET /api/v1/timestamp/certchain", &[], "");
    let text = chain.body.as_str().unwrap();
    assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2);
    let first: String = text.split("-----END").next().unwrap().lines().skip(1).collect();
    let certificate = STANDARD.decode(first).unwrap();
    let holds = |rest: &[u8]| {
        let reply = stamped(&server, QUERY, &query(b"x", rest));
        reply.windows(certificate.len()).any(|window| window == certificate)
    };
    assert!(holds(&[0x01, 0x01, 0xff]) && !holds(&[]));
}

#[test]
fn refuses_in_the_rfcs_own_words() {
    let server = Server::start();
    // TIME-10: the countersigning policy 2.25.246148246.5.1 is not for the asking.
    let policy = signer_core::oid::COUNTERSIGN_POLICY;
    let policy = [&[0x06, u8::try_from(policy.as_bytes().len()).unwrap()], policy.as_bytes()].concat();
    let mut sha1 = query(b"x", &[]);
    sha1[17] = 0x1a;
    let mut version = query(b"x", &[]);
    version[4] = 2;
    let extension = query(b"x", &[0xa0, 0x00]);
    assert_eq!(rejected(&server, QUERY, &query(b"x", &policy)), (400, Code::TimePolicy));
    assert_eq!(rejected(&server, QUERY, &sha1), (400, Code::TimeAlgorithm));
    assert_eq!(rejected(&server, QUERY, &version), (400, Code::RequestMalformed));
    assert_eq!(rejected(&server, QUERY, &extension), (400, Code::RequestMalformed));
    for (kind, body) in [(QUERY, &b""[..]), (QUERY, b"{}"), ("application/json", b"{}"), ("text/plain", b"x")] {
        assert_eq!(rejected(&server, kind, body), (400, Code::RequestMalformed), "{kind}");
    }
    assert_eq!(rejected(&server, QUERY, &vec![0x30; 60_000]), (400, Code::RequestMalformed));
    assert_eq!(server.send("GET /api/v1/timestamp", &[], "").refusal(), (405, Code::RequestMethod));
}

#[test]
fn nothing_is_stamped_issued_or_countersigned_once_the_clock_has_jumped() {
    // TIME-19, SRV-24.
    for jump in [3_600_u64, 0] {
        let wall = Arc::new(AtomicU64::new(now().unix() + 1_800));
        let hands = Arc::clone(&wall);
        let clock = Clock::over(move || Reading {
            wall: Duration::from_secs(hands.load(Ordering::SeqCst)),
            steady: Duration::from_secs(7),
        });
        let server = Server::under(clock);
        let session = server.alice();
        let ask = || server.by(&session, "POST /v1/certificates", &certificate_request(&json!("terminal")));
        stamped(&server, QUERY, &query(b"x", &[]));
        assert_eq!(ask().status, 200);
        // An hour ahead, and half an hour back.
        wall.store(now().unix() + jump, Ordering::SeqCst);
        assert_eq!(rejected(&server, QUERY, &query(b"x", &[])), (503, Code::TimeClockJump));
        assert_eq!(ask().refusal(), (503, Code::TimeClockJump));
        assert_eq!(server.by_owner("POST /v1/persons", &json!({ "person": "b@c.d" })).refusal().1, Code::TimeClockJump);
        // Set right again: what was stamped in between nobody knows.
        wall.store(now().unix() + 1_800, Ordering::SeqCst);
        assert_eq!(rejected(&server, QUERY, &query(b"x", &[])), (503, Code::TimeClockJump));
        let status = server.send("GET /v1/status", &[], "");
        assert_eq!(status.status, 200, "what was recorded can be read");
        assert_eq!(status.body["stopped"], "time.clock_jump", "and who asks how it is hears that nothing is recorded");
        let page = server.by_owner("GET /v1/log/entries?start=0&count=10", &Value::Null);
        assert_eq!(page.status, 200);
    }
}
