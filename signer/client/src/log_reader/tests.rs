//! A hostile log's answers: bounded, never followed elsewhere, and never given a credential that is not for it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use signer_core::reason::{Code, Coded};

use super::*;

/// A log that gives one answer to every request; what it was asked arrives in order.
fn log(answer: String) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
            let _gone = sender.send(head.to_lowercase());
            let _gone = stream.write_all(answer.as_bytes());
        }
    });
    (url, receiver)
}

fn says(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn credential() -> Credential {
    Credential::new("own_secret".to_owned()).unwrap()
}

#[test]
fn reads_what_is_there_and_tells_what_is_not() {
    let (url, asked) = log(says("200 OK", "tile"));
    let reader = LogReader::new(&format!("{url}/prefix/"), None).unwrap();
    assert_eq!(reader.get("tile/0/000", 4).unwrap().as_deref(), Some(b"tile".as_slice()));
    let head = asked.recv().unwrap();
    assert!(head.starts_with("get /prefix/tile/0/000 http/1.1"), "{head}");
    assert!(!head.contains("authorization"), "{head}");
    let (url, _asked) = log(says("404 Not Found", ""));
    assert_eq!(LogReader::new(&url, None).unwrap().get("checkpoint", 4).unwrap(), None);
}

#[test]
fn shows_a_credential_to_this_machine_alone() {
    let (url, asked) = log(says("200 OK", ""));
    LogReader::new(&url, Some(credential())).unwrap().get("checkpoint", 4).unwrap();
    assert!(asked.recv().unwrap().contains("authorization: bearer own_secret"));
    assert!(LogReader::new("http://127.0.0.1:1/log/closed.example", Some(credential())).is_ok());
    for elsewhere in [
        "http://192.0.2.1:80",
        "http://log.example",
        "https://127.0.0.1:1",
        "http://127.0.0.1:1@log.example/closed",
        "http://log.example/127.0.0.1:1",
    ] {
        let refused = LogReader::new(elsewhere, Some(credential())).map(drop);
        assert_eq!(refused.map_err(|error| error.code()), Err(Code::EngineAddress), "{elsewhere}");
    }
    for wrong in ["", "log.example", "ftp://log.example", "https://log.example", "http://", "http://log.example/?x=1"] {
        let refused = LogReader::new(wrong, None).map(drop);
        assert_eq!(refused.map_err(|error| error.code()), Err(Code::EngineAddress), "{wrong}");
    }
}

/// SRV-23: a redirection is no answer, wherever it leads.
#[test]
fn follows_nobody_elsewhere() {
    let (elsewhere, asked) = log(says("200 OK", "lie"));
    let (url, _asked) = log(format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\n\r\n"));
    assert!(LogReader::new(&url, Some(credential())).unwrap().get("checkpoint", 99).is_err());
    assert!(asked.try_recv().is_err());
}

/// SRV-25: neither a long body, nor one that says it is short, nor one without end.
#[test]
fn reads_no_more_than_its_limit() {
    let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(1 << 20));
    for answer in [says("200 OK", &"x".repeat(4097)), endless] {
        let (url, _asked) = log(answer);
        let refused = LogReader::new(&url, None).unwrap().get("checkpoint", 4096).map_err(|error| error.code());
        assert_eq!(refused, Err(Code::EngineUnreachable));
    }
}

#[test]
fn a_refusal_keeps_its_reasons_and_prose_is_none() {
    let problem = r#"{"type":"x","status":401,"title":"no","reasons":[{"code":"issue.unauthorized","message":"no"}]}"#;
    for (status, body, expected) in [
        ("401 Unauthorized", problem, Code::IssueUnauthorized),
        ("500 Internal Server Error", "<html>", Code::EngineAnswer),
        ("204 No Content", "", Code::EngineAnswer),
    ] {
        let (url, _asked) = log(says(status, body));
        let refused = LogReader::new(&url, None).unwrap().get("checkpoint", 4096).map_err(|error| error.code());
        assert_eq!(refused, Err(expected), "{status}");
    }
}
