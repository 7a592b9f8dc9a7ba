//! Callers that drip, vanish, compress, smuggle and repeat (attacks SRV): they are refused or ignored, and nobody else
//! waits for them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use signer_core::reason::Code;

use super::server::Server;

// SRV-02: heads that never end and bodies that never come.
#[test]
fn slow_clients_keep_nobody_waiting() {
    let server = Server::start();
    let begun = |text: String| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let bearer = &server.owner;
    let body = format!(
        "POST /v1/persons HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\nContent-Length: 50\r\n\r\n{{"
    );
    let _dripping: Vec<_> = (0..200)
        .map(|at| begun(if at % 2 == 0 { "POST /v1/persons HTTP/1.1\r\nHost: 127.".to_owned() } else { body.clone() }))
        .collect();
    assert_eq!(server.by_owner("POST /v1/persons", &json!({ "person": "alice@example.org" })).status, 200);
}

// SRV-02: clients that ask and are gone before the answer; what they asked happened once, and is told again.
#[test]
fn clients_that_vanish_cost_nothing_and_find_their_answer_again() {
    let server = Server::start();
    let body = json!({ "person": "alice@example.org" });
    let text = body.to_string();
    let request = format!(
        "POST /v1/persons HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{text}",
        server.owner,
        text.len()
    );
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Both).unwrap();
    }
    let first = server.by_owner("POST /v1/persons", &body);
    let again = server.by_owner("POST /v1/persons", &body);
    assert_eq!((first.status, &first.body), (200, &again.body));
}

// SRV-05: HTTP/2 is not spoken, neither at once nor after a courteous question, and so none of its floods is.
#[test]
fn nobody_is_answered_in_another_version_of_the_protocol() {
    let server = Server::start();
    let settings = [0_u8, 0, 0, 4, 0, 0, 0, 0, 0];
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        // It may be closed before all of them are written.
        let _closed = stream.write_all(&settings.repeat(1000));
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400 "), "{}", answer.escape_ascii());
    }
    let upgrade =
        [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__")];
    assert_eq!(server.send("GET /v1/status", &upgrade, "").status, 200, "as if it had not asked");
    assert_eq!(server.by_owner("POST /v1/persons", &json!({ "person": "alice@example.org" })).status, 200);
}

// SRV-03: nothing is ever decompressed.
#[test]
fn a_compressed_body_is_read_as_it_came() {
    let server = Server::start();
    let bearer = format!("Bearer {}", server.owner);
    for encoding in ["gzip", "zstd", "br", "deflate"] {
        let headers = [("Authorization", bearer.as_str()), ("Content-Encoding", encoding)];
        let refused = server.send("POST /v1/persons", &headers, "\u{1f}not json");
        assert_eq!(refused.refusal(), (400, Code::RequestMalformed), "{encoding}");
    }
}

// SRV-04: wide documents, huge numbers, ten thousand members.
#[test]
fn wide_documents_and_huge_numbers_are_refused() {
    let server = Server::start();
    let bearer = format!("Bearer {}", server.owner);
    let members: Vec<String> = (0..4000).map(|at| format!("\"k{at}\":1")).collect();
    for body in [
        format!("{{{}}}", members.join(",")),
        format!("{{\"person\":{}}}", "9".repeat(20_000)),
        "{\"person\":1e999999999}".to_owned(),
        format!("[{}]", vec!["0"; 20_000].join(",")),
    ] {
        let refused = server.send("POST /v1/persons", &[("Authorization", &bearer)], &body);
        assert_eq!(refused.refusal(), (400, Code::RequestMalformed));
    }
}

// SRV-13: two lengths, a length and chunks, and an overridden method.
#[test]
fn requests_that_two_readers_would_read_differently_are_refused() {
    let server = Server::start();
    let body = "{\"person\":\"alice@example.org\"}";
    let with = |framing: &str| {
        let request = format!(
            "POST /v1/persons HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {}\r\n{framing}\
             \r\n\r\n{body}",
            server.owner
        );
        server.raw(request.as_bytes()).status
    };
    assert_eq!(with("Content-Length: 30\r\nContent-Length: 5"), 400);
    assert_eq!(with("Content-Length: 5, 30"), 400);
    assert_eq!(with("Content-Length: +30"), 400);
    assert_eq!(with("Transfer-Encoding: gzip"), 400);
    let bearer = format!("Bearer {}", server.owner);
    let overridden = [("Authorization", bearer.as_str()), ("X-HTTP-Method-Override", "POST")];
    assert_eq!(server.send("GET /v1/persons", &overridden, body).body, json!([]));
    let listed = server.by_owner("GET /v1/persons", &json!(null));
    assert_eq!((listed.status, listed.body), (200, json!([])), "nobody was registered");
}

// SRV-26: no page of a browser is told that it may read.
#[test]
fn no_other_origin_is_let_in() {
    let server = Server::start();
    let bearer = format!("Bearer {}", server.owner);
    let headers = [("Authorization", bearer.as_str()), ("Origin", "https://example.org")];
    let answer = server.send("GET /v1/agents", &headers, "");
    assert!(!answer.head.contains("access-control-"), "{}", answer.head);
    let asked = [("Origin", "https://example.org"), ("Access-Control-Request-Method", "POST")];
    let preflight = server.send("OPTIONS /v1/persons", &asked, "");
    assert_ne!(preflight.status, 200);
    assert!(!preflight.head.contains("access-control-"), "{}", preflight.head);
}

// SRV-17: limits and identity never come from what a header says of the caller.
#[test]
fn headers_that_name_another_caller_change_nothing() {
    let server = Server::start();
    for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Remote-User"] {
        let refused = server.send("GET /v1/agents", &[(header, "127.0.0.1")], "");
        assert_eq!(refused.refusal().0, 401, "{header}");
    }
}

// SRV-08: what failed inside is in the engine's log, not in the answer.
#[test]
fn a_failure_says_nothing_of_the_inside() {
    let server = Server::overloaded();
    let answer = server.by_owner("POST /v1/persons", &json!({ "person": "alice@example.org" }));
    let text = answer.body.to_string();
    for inside in ["/tmp", "/home", "sqlite", "SELECT", "panicked", ".rs:", server.owner.as_str()] {
        assert!(!text.contains(inside), "{text}");
    }
}
