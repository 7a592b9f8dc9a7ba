mod near;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use signer_core::digest::Digest;
use signer_core::protocol::{Base64, Presence};
use signer_core::reason::{Code, Coded};

use super::*;

/// What arrived: number of the connection, request line, headers in lower case, body.
struct Arrived {
    connection: usize,
    head: String,
    body: Vec<u8>,
}

/// An engine that answers with `answers`, one after the other.
fn engine(answers: &'static [Scripted]) -> (Engine, Receiver<Arrived>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut answers = answers.iter();
        for connection in 0.. {
            let mut stream = listener.accept().unwrap().0;
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while let Some((head, body)) = request(&mut reader) {
                sender.send(Arrived { connection, head, body }).unwrap();
                match answers.next() {
                    Some((status, body)) if !status.is_empty() => {
                        let length = body.len();
                        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
                    }
                    _ => break,
                }
            }
        }
    });
    (Engine::new(&url).unwrap(), receiver)
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// Status line with further headers, and body; an answer without a status closes the connection.
type Scripted = (&'static str, &'static str);

const BREAK: Scripted = ("", "");
const ISSUED: Scripted = ("200 OK", r#"{"certificate":"AQ==","chain":[]}"#);
const SIGNED: Scripted = ("200 OK", r#"{"token":"AQ==","entry":"Ag==","decision":"Aw=="}"#);
const EMPTY: Scripted = ("200 OK", "");
const DENIED: Scripted = (
    "403 Forbidden",
    r#"{"type":"urn:chancery:problem:scope.path","status":403,"title":"no","reasons":[{"code":"scope.path","message":"`etc/` is outside"}]}"#,
);
const SILENT: Scripted = ("403 Forbidden", r#"{"type":"x","status":403,"title":"no","reasons":[]}"#);
const REDIRECT: Scripted = ("307 Temporary Redirect\r\nlocation: http://203.0.113.1/", "");
const PROSE: Scripted = ("200 OK", "hello");

fn credential(text: &str) -> Credential {
    Credential::new(text.to_owned()).unwrap()
}

fn certificate_request() -> CertificateRequest {
    CertificateRequest {
        purpose: signer_core::identity::Purpose::Commit,
        csr: Base64(vec![1]),
        presence: Some(Presence::OwnerCredential),
    }
}

fn countersign_request() -> CountersignRequest {
    CountersignRequest {
        signed_attributes: Base64(vec![1]),
        signature: Base64(vec![2]),
        certificate: Base64(vec![3]),
        change_list: None,
        newest_checkpoint: None,
    }
}

#[test]
fn credentials_travel_in_headers_and_never_in_a_body() {
    let (engine, arrived) = engine(&[ISSUED]);
    engine.issue(&credential("session"), Some(&credential("owner")), &certificate_request()).unwrap();
    let request = arrived.recv().unwrap();
    assert!(request.head.starts_with("post /v1/certificates http/1.1\r\n"));
    assert!(request.head.contains("authorization: bearer session\r\n"));
    assert!(request.head.contains("chancery-owner: owner\r\n"));
    let body = String::from_utf8(request.body).unwrap();
    assert!(!body.contains("session") && !body.contains("\"owner\""));
}

#[test]
fn no_credential_no_header() {
    let (engine, arrived) = engine(&[SIGNED]);
    engine.countersign(&credential("session"), None, &countersign_request()).unwrap();
    assert!(!arrived.recv().unwrap().head.contains("chancery-owner"));
}

#[test]
fn calls_share_one_warm_connection() {
    let (engine, arrived) = engine(&[SIGNED, EMPTY, ISSUED]);
    let session = credential("session");
    engine.countersign(&session, None, &countersign_request()).unwrap();
    engine.accept_prompt(&session, &AcceptPrompt { prompt: Digest::of(b"") }).unwrap();
    engine.issue(&session, None, &certificate_request()).unwrap();
    let connections: Vec<usize> = arrived.iter().take(3).map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0, 0]);
}

#[test]
fn a_problem_document_becomes_the_engines_own_reasons() {
    let (engine, _arrived) = engine(&[DENIED]);
    let error = engine.countersign(&credential("session"), None, &countersign_request()).unwrap_err();
    assert_eq!(error.code(), Code::ScopePath);
    assert_eq!(error.reasons().len(), 1);
    assert!(matches!(error, ClientError::Refused { status: 403, .. }));
}

#[test]
fn a_refusal_without_reasons_is_no_answer() {
    let (engine, _arrived) = engine(&[SILENT]);
    assert_eq!(engine.status().unwrap_err().code(), Code::EngineAnswer);
}

#[test]
fn a_redirect_is_not_followed() {
    let (engine, _arrived) = engine(&[REDIRECT]);
    assert!(engine.status().is_err());
}

#[test]
fn a_body_of_another_form_is_no_answer() {
    let (engine, _arrived) = engine(&[PROSE]);
    let error = engine.countersign(&credential("session"), None, &countersign_request()).unwrap_err();
    assert_eq!(error.code(), Code::EngineAnswer);
}

#[test]
fn nobody_listening_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let engine = Engine::new(&format!("http://127.0.0.1:{port}")).unwrap();
    assert_eq!(engine.status().unwrap_err().code(), Code::EngineUnreachable);
}

#[test]
fn a_broken_connection_is_tried_again_where_a_repeat_has_no_second_effect() {
    let (engine, arrived) = engine(&[BREAK, SIGNED]);
    engine.countersign(&credential("session"), None, &countersign_request()).unwrap();
    assert_eq!(arrived.iter().take(2).count(), 2);
}

#[test]
fn a_certificate_is_never_asked_for_twice() {
    let (engine, arrived) = engine(&[BREAK, ISSUED]);
    let error = engine.issue(&credential("session"), None, &certificate_request()).unwrap_err();
    assert_eq!(error.code(), Code::EngineUnreachable);
    assert!(arrived.recv().is_ok());
    assert!(arrived.try_recv().is_err());
}

#[test]
fn credentials_go_to_this_machine_alone() {
    for url in [
        "https://127.0.0.1:1",
        "http://192.0.2.1:80",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:+80",
        "http://127.0.0.1:80/path",
        "http://user@127.0.0.1:80",
        "http://127.0.0.1.example.org:80",
        "http://localhost:80@192.0.2.1:80",
        "",
    ] {
        assert_eq!(Engine::new(url).err().map(|error| error.code()), Some(Code::EngineAddress), "{url}");
    }
    for url in ["http://127.0.0.1:80", "http://[::1]:80/", "http://localhost:80"] {
        assert!(Engine::new(url).is_ok(), "{url}");
    }
}

#[test]
fn refuses_credentials_that_would_split_a_header() {
    for text in ["", "a b", "a\r\nx: y", "ä"] {
        assert_eq!(Credential::new(text.to_owned()).err().map(|error| error.code()), Some(Code::IssueUnauthorized));
    }
}

#[test]
fn refuses_to_send_more_than_the_limit() {
    let (engine, _arrived) = engine(&[]);
    let request = CountersignRequest {
        change_list: Some(Base64(vec![0; signer_core::protocol::MAX_BODY])),
        ..countersign_request()
    };
    let error = engine.countersign(&credential("session"), None, &request).unwrap_err();
    assert_eq!(error.code(), Code::RequestTooLarge);
}
