//! One caller's failure, request or session is not another's (attacks SRV).

use std::io::Write as _;
use std::net::TcpStream;
use std::panic;
use std::sync::Arc;

use axum::routing::get;
use axum::{Router, middleware};
use serde_json::{Value, json};
use signer_core::reason::Code;
use tokio::runtime::Builder;
use tokio::sync::Notify;

use super::server::{Server, certificate_request};
use crate::rim::gate;

/// What only a panic's own words would hold.
const INSIDE: &str = "/var/lib/chancery/keys.sealed";

async fn panics() -> &'static str {
    panic::panic_any(INSIDE)
}

async fn panics_later() -> &'static str {
    tokio::task::yield_now().await;
    panic::panic_any(INSIDE)
}

// SRV-07: 503 without a word of the inside, on a connection that goes on, and the next request is answered.
#[test]
fn a_request_that_panics_takes_nobody_with_it() {
    let routes = Router::new().route("/now", get(panics)).route("/later", get(panics_later));
    let routes = routes.route("/well", get(async || "well")).layer(middleware::from_fn(gate::pass));
    let server = Server::of(routes, 16);
    for line in ["GET /now", "GET /later"] {
        let failed = server.send(line, &[], "");
        assert_eq!(failed.refusal(), (503, Code::Internal), "{line}");
        assert!(!failed.body.to_string().contains(INSIDE) && !failed.head.contains(INSIDE), "{failed:?}");
    }
    let kept = "GET /now HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n\
                GET /well HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let answer = server.raw(kept.as_bytes());
    assert_eq!(answer.status, 503);
    assert!(answer.body.as_str().is_some_and(|rest| rest.ends_with("\r\n\r\nwell")), "{answer:?}");
}

// SRV-02: ten times as many as there may be, silent, with half a head, or after a request; none of them keeps a place that
// somebody else needs.
#[test]
fn clients_that_ask_for_nothing_make_room() {
    let server = Server::of(Router::new().route("/well", get(async || "well")), 8);
    let begun = |text: &str| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let texts = ["", "GET /well HTTP/1.1\r\nHost: 127.", "GET /well HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"];
    let _staying: Vec<_> = texts.iter().cycle().take(80).map(|text| begun(text)).collect();
    for _ in 0..20 {
        assert_eq!(server.send("GET /well", &[], "").status, 200);
    }
}

// SRV-02: whoever is being answered keeps its place.
#[test]
fn a_client_that_waits_for_its_answer_does_not_make_room() {
    let gate = Arc::new(Notify::new());
    let (opened, arrived) = (Arc::clone(&gate), Arc::new(Notify::new()));
    let told = Arc::clone(&arrived);
    let slow = async move || {
        told.notify_one();
        opened.notified().await;
        "late"
    };
    let routes = Router::new().route("/slow", get(slow)).route("/well", get(async || "well"));
    let server = Server::of(routes, 2);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| server.send("GET /slow", &[], ""));
        Builder::new_current_thread().build().unwrap().block_on(arrived.notified());
        for _ in 0..10 {
            let _staying = TcpStream::connect(server.address).unwrap();
            assert_eq!(server.send("GET /well", &[], "").status, 200);
        }
        gate.notify_one();
        assert_eq!(waiting.join().unwrap().body, json!("late"));
    });
}

/// A person with a session of their own.
fn logged_in(server: &Server, person: &str) -> String {
    assert_eq!(server.by_owner("POST /v1/persons", &json!({ "person": person })).status, 200);
    let opened = server.by_owner("POST /v1/sessions/person", &json!({ "person": person, "custody": "broker" }));
    opened.body["credential"].as_str().unwrap().to_owned()
}

// SRV-14: whose session it is, the credential says and nothing else in the request.
#[test]
fn no_session_acts_on_another() {
    let server = Server::start();
    let (alice, bob) = (logged_in(&server, "alice@example.org"), logged_in(&server, "bob@example.org"));
    let certified = server.by(&alice, "POST /v1/certificates", &certificate_request(&json!("terminal")));
    let theirs = certified.body["certificate"].clone();
    assert_eq!(certified.status, 200);
    let commit = json!({ "signed_attributes": "MQA=", "signature": "MAYCAQECAQE=", "certificate": theirs });
    assert_eq!(server.by(&bob, "POST /v1/countersign", &commit).refusal(), (403, Code::SignNotSession));
    // The end of one is not the end of the other, and names in routes, queries and bodies end nobody.
    for line in ["DELETE /v1/sessions/alice@example.org", "DELETE /v1/sessions"] {
        assert_eq!(server.by(&bob, line, &Value::Null).refusal(), (404, Code::RequestRoute), "{line}");
    }
    let named = json!({ "person": "alice@example.org", "session": "alice@example.org" });
    assert_eq!(server.by(&bob, "DELETE /v1/sessions/self?session=alice@example.org", &named).status, 200);
    assert_eq!(server.by(&bob, "GET /v1/agents", &Value::Null).refusal(), (401, Code::AgentSessionUnknown));
    assert_eq!(server.by(&alice, "GET /v1/agents", &Value::Null).status, 200);
}
