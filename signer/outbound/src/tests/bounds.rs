//! What is sent, what is read, and where nobody goes.

use std::net::TcpListener;

use super::service::plain;
use super::*;

fn answered(answer: &str) -> (Result<Answer, Code>, String) {
    let (port, served) = plain(answer);
    (ask(&outbound(Roots::system()), &format!("http://127.0.0.1:{port}/x")), served.join().unwrap())
}

#[test]
fn a_question_carries_what_it_is_given_and_nothing_else() {
    let (port, served) = plain("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
    let url = format!("http://localhost:{port}/path");
    let call = Call {
        url: &url,
        accept: "application/json",
        bearer: Some("token"),
        body: Some(("text/plain", b"body")),
        most: MOST,
    };
    let answer = outbound(Roots::system()).ask(&call).unwrap();
    assert_eq!(answer, Answer { status: 201, body: b"{}".to_vec() });
    let request = served.join().unwrap().to_ascii_lowercase();
    assert!(request.starts_with("post /path http/1.1\r\n") && request.ends_with("\r\n\r\nbody"), "{request}");
    for line in ["authorization: bearer token", "content-type: text/plain", "accept: application/json"] {
        assert!(request.contains(line), "{line}: {request}");
    }
    let (_, request) = answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let request = request.to_ascii_lowercase();
    assert!(request.starts_with("get /x ") && !request.contains("authorization") && !request.contains("cookie"));
}

#[test]
fn every_status_but_a_redirection_is_an_answer() {
    for status in [200, 204, 404, 500] {
        let (answer, _) = answered(&format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(answer.unwrap().status, status);
    }
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!("HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(answered(&answer).0, Err(Code::ElsewhereRedirect), "{status}");
    }
}

#[test]
fn a_document_is_what_comes_with_200() {
    for (status, expected) in [("200 OK", Ok(b"ok".to_vec())), ("404 Not Found", Err(Code::ElsewhereRefused))] {
        let (port, _served) = plain(&format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok"));
        let document = outbound(Roots::system()).document(&format!("http://127.0.0.1:{port}/"), "text/plain", MOST);
        assert_eq!(document.map_err(|error| error.code()), expected);
    }
}

#[test]
fn no_more_is_read_than_was_asked_for() {
    let with = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
    assert_eq!(answered(&with(64)).0.unwrap().body.len(), 64);
    assert_eq!(answered(&with(66)).0, Err(Code::ElsewhereLimit));
    let endless = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(100_000));
    assert_eq!(answered(&endless).0, Err(Code::ElsewhereLimit));
}

#[test]
fn nobody_is_asked_in_the_open_across_a_network() {
    let urls = [
        "http://example.org/",
        "http://127.0.0.2/",
        "http://localhost.example.org/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "https://user@example.org/",
        "https://example.org/?query",
        "https://example.org/#fragment",
        "https://example.org:0/",
        "https://example.org:65536/",
        "//example.org/",
        "",
    ];
    for url in urls {
        assert_eq!(ask(&outbound(Roots::system()), url), Err(Code::ElsewhereAddress), "{url}");
    }
    let long = format!("https://example.org/{}", "x".repeat(255));
    assert_eq!(ask(&outbound(Roots::system()), &long), Err(Code::ElsewhereAddress));
}

#[test]
fn whoever_says_nothing_or_nonsense_is_left() {
    assert_eq!(ask(&outbound(Roots::system()), "http://127.0.0.1:1/"), Err(Code::ElsewhereUnreachable));
    assert_eq!(answered("SSH-2.0-OpenSSH\r\n").0, Err(Code::ElsewhereUnreachable));
    // The system accepts the connection, nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let hasty = Outbound::new(Roots::system(), Duration::from_millis(100));
    for scheme in ["http", "https"] {
        let answer = ask(&hasty, &format!("{scheme}://127.0.0.1:{port}/"));
        assert!(matches!(answer, Err(Code::ElsewhereUnreachable | Code::TlsRoots)), "{scheme} {answer:?}");
    }
}

#[test]
fn what_cannot_stand_in_a_header_is_not_sent() {
    let call = Call {
        url: "http://127.0.0.1:1/",
        accept: "text/plain",
        bearer: Some("a\r\nX-Evil: 1"),
        body: None,
        most: MOST,
    };
    assert!(outbound(Roots::system()).ask(&call).is_err());
}
