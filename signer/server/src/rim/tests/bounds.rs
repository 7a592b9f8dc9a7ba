//! What the rim refuses before anybody decides: forms, sizes, routes, names, load.

use serde_json::json;
use signer_core::reason::Code;

use super::server::Server;
use crate::rim::body::SMALL;
use crate::rim::connection::{MAX_HEADER_BYTES, MAX_HEADERS};

#[test]
fn refuses_bodies_that_are_not_of_the_routes_schema() {
    let server = Server::start();
    let bearer = format!("Bearer {}", server.owner);
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{\"person\":1}",
        "{\"person\":\"not a person\"}",
        "{\"person\":\"alice@example.org\"",
        "{\"person\":\"alice@example.org\"}{}",
        "{\"person\":\"alice@example.org\",\"admin\":true}",
        "{\"person\":\"alice@example.org\",\"person\":\"mallory@example.org\"}",
        "{\"person\":\"\\ud800\"}",
    ] {
        let refused = server.send("POST /v1/persons", &[("Authorization", &bearer)], body);
        assert_eq!(refused.refusal(), (400, Code::RequestMalformed), "{body}");
    }
}

// SRV-04.
#[test]
fn refuses_deep_nesting_without_falling() {
    let server = Server::start();
    let deep = format!("{{\"person\":{}", "[".repeat(60_000));
    let bearer = format!("Bearer {}", server.owner);
    let refused = server.send("POST /v1/persons", &[("Authorization", &bearer)], &deep);
    assert_eq!(refused.refusal(), (400, Code::RequestMalformed));
}

// SRV-01.
#[test]
fn refuses_a_body_by_its_declared_size_before_it_comes() {
    let server = Server::start();
    let declared = |length: usize| {
        let request = format!(
            "POST /v1/persons HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {length}\r\n\r\n",
            server.owner
        );
        server.raw(request.as_bytes()).refusal()
    };
    assert_eq!(declared(SMALL + 1), (413, Code::RequestTooLarge));
    assert_eq!(declared(usize::MAX / 2), (413, Code::RequestTooLarge));
}

// SRV-01.
#[test]
fn refuses_a_chunked_body_at_the_limit() {
    let server = Server::start();
    let chunk = "a".repeat(SMALL + 1);
    let request = format!(
        "POST /v1/persons HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{chunk}\r\n0\r\n\r\n",
        server.owner,
        chunk.len()
    );
    assert_eq!(server.raw(request.as_bytes()).refusal(), (413, Code::RequestTooLarge));
}

#[test]
fn takes_a_body_at_the_limit() {
    let server = Server::start();
    let bearer = format!("Bearer {}", server.owner);
    let person = json!({ "person": "alice@example.org" }).to_string();
    let body = format!("{person}{}", " ".repeat(SMALL - person.len()));
    assert_eq!(server.send("POST /v1/persons", &[("Authorization", &bearer)], &body).status, 200);
}

// SRV-12.
#[test]
fn refuses_routes_and_methods_that_do_not_exist() {
    let server = Server::start();
    for line in ["GET /", "GET /v1", "GET /v1/status/", "GET /V1/status", "GET /v1/../v1/status", "POST /v1/nothing"] {
        assert_eq!(server.by_owner(line, &json!({})).refusal(), (404, Code::RequestRoute), "{line}");
    }
    for line in ["PUT /v1/persons", "DELETE /v1/persons", "POST /v1/status", "DELETE /v1/agents", "PATCH /v1/grants"] {
        assert_eq!(server.by_owner(line, &json!({})).refusal(), (405, Code::RequestMethod), "{line}");
    }
}

// SRV-26.
#[test]
fn refuses_requests_that_name_another_host() {
    let server = Server::start();
    for host in [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "0.0.0.0",
        "",
    ] {
        let request = format!("GET /v1/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(server.raw(request.as_bytes()).refusal(), (421, Code::RequestHost), "{host}");
    }
    for heads in ["", "Host: 127.0.0.1\r\nHost: evil.example\r\n"] {
        let request = format!("GET /v1/status HTTP/1.1\r\n{heads}Connection: close\r\n\r\n");
        assert_eq!(server.raw(request.as_bytes()).refusal(), (421, Code::RequestHost));
    }
    let absolute = "GET http://evil.example/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    assert_eq!(server.raw(absolute.as_bytes()).refusal(), (421, Code::RequestHost));
}

#[test]
fn answers_to_every_name_of_this_machine() {
    let server = Server::start();
    for host in ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]", "[::1]:80"] {
        let request = format!("GET /v1/status HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(server.raw(request.as_bytes()).status, 200, "{host}");
    }
}

#[test]
fn refuses_pages_that_are_not_two_numbers() {
    let server = Server::start();
    for query in
        ["", "?", "?start=0", "?count=1&start=0", "?start=0&count=-1", "?start=0&count=1&x=1", "?start=a&count=1"]
    {
        let refused = server.by_owner(&format!("GET /v1/log/entries{query}"), &json!({}));
        assert_eq!(refused.refusal(), (400, Code::RequestMalformed), "{query}");
    }
}

#[test]
fn refuses_too_many_and_too_long_headers() {
    let server = Server::start();
    let many = "x: 1\r\n".repeat(MAX_HEADERS);
    // The limit is on the buffer, which one read may exceed.
    let long = format!("x: {}\r\n", "a".repeat(4 * MAX_HEADER_BYTES));
    for headers in [many, long] {
        let request = format!("GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n");
        assert_eq!(server.raw(request.as_bytes()).status, 431);
    }
}

// SRV-20: nothing is lost, and the caller knows when to ask again.
#[test]
fn tells_callers_to_come_again_when_the_queue_is_full() {
    let server = Server::overloaded();
    let refused = server.by_owner("POST /v1/persons", &json!({ "person": "alice@example.org" }));
    assert_eq!(refused.refusal(), (429, Code::EngineBusy));
    assert!(refused.head.contains("retry-after: 1"));
    // Reading needs no queue.
    assert_eq!(server.send("GET /v1/status", &[], "").status, 200);
}

#[test]
fn answers_are_not_for_caches() {
    let server = Server::start();
    for answer in [server.send("GET /v1/status", &[], ""), server.send("GET /nothing", &[], "")] {
        assert!(answer.head.contains("cache-control: no-store"));
    }
}

// SRV-11.
#[test]
fn a_refusal_repeats_no_credential() {
    let server = Server::start();
    let secret = "own_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let refused = server.by(secret, "POST /v1/persons", &json!({ "person": "alice@example.org" }));
    assert!(!refused.body.to_string().contains(secret) && !refused.head.contains(&secret.to_lowercase()));
}

#[test]
fn many_requests_at_once_are_all_answered() {
    let server = Server::start();
    std::thread::scope(|scope| {
        let ask = |number: usize| {
            server.by_owner("POST /v1/persons", &json!({ "person": format!("p{number}@example.org") })).status
        };
        let asked: Vec<_> = (0..48).map(|number| scope.spawn(move || ask(number))).collect();
        assert!(asked.into_iter().all(|asked| asked.join().unwrap() == 200));
    });
}
