//! The rim over a real loopback socket: who is let in, what is refused and how, and that nothing more is said.

mod bounds;
mod fulcio;
mod isolation;
mod published;
mod registered;
mod rekor;
mod robustness;
mod server;
mod tiles;
mod timestamp;

use serde_json::{Value, json};
use signer_core::reason::Code;

use server::{Server, certificate_request};

#[test]
fn a_person_is_registered_logs_in_and_gets_a_certificate() {
    let server = Server::start();
    let session = server.alice();
    let issued = server.by(&session, "POST /v1/certificates", &certificate_request(&json!("terminal")));
    assert_eq!(issued.status, 200, "{issued:?}");
    assert_eq!(issued.body["chain"].as_array().unwrap().len(), 2);
    let checkpoint = server.send("GET /v1/log/checkpoint", &[], "");
    let status = server.send("GET /v1/status", &[], "");
    assert_eq!(status.body["checkpoint"], checkpoint.body);
}

#[test]
fn agents_are_registered_by_the_owner_and_listed_to_sessions() {
    let server = Server::start();
    let session = server.alice();
    let agent = json!({ "name": "builder", "class": "coder", "sponsor": "alice@example.org" });
    assert_eq!(server.by_owner("POST /v1/agents", &agent).status, 200);
    for credential in [&session, &server.owner] {
        let listed = server.by(credential, "GET /v1/agents", &Value::Null);
        assert_eq!(listed.body[0]["name"], json!("builder"));
    }
    assert_eq!(server.send("GET /v1/agents", &[], "").refusal(), (401, Code::IssueUnauthorized));
    assert_eq!(server.by("nobody", "GET /v1/agents", &Value::Null).refusal(), (401, Code::AgentSessionUnknown));
}

#[test]
fn persons_are_listed_to_the_owner_alone() {
    let server = Server::start();
    let session = server.alice();
    let listed = server.by_owner("GET /v1/persons", &Value::Null);
    assert_eq!(listed.body[0]["person"], json!("alice@example.org"));
    assert_eq!(server.by(&session, "GET /v1/persons", &Value::Null).refusal(), (401, Code::IssueUnauthorized));
    assert_eq!(server.send("GET /v1/persons", &[], "").refusal(), (401, Code::IssueUnauthorized));
}

#[test]
fn the_trust_root_is_open_and_reads() {
    let trust = Server::start().send("GET /v1/trust", &[], "");
    assert!(signer_core::trust_root::TrustRoot::from_json(trust.body.to_string().as_bytes()).is_ok());
}

// SRV-16: empty, a prefix, and one character more than the secret.
#[test]
fn owner_routes_refuse_everybody_else() {
    let server = Server::start();
    let session = server.alice();
    let mut shorter = server.owner.clone();
    shorter.pop();
    for route in ["POST /v1/persons", "POST /v1/agents", "POST /v1/sessions/person"] {
        let person = json!({ "person": "mallory@example.org" });
        assert_eq!(server.send(route, &[], &person.to_string()).refusal(), (401, Code::IssueUnauthorized));
        for credential in [session.as_str(), "own_", &shorter, &format!("{}=", server.owner)] {
            assert_eq!(server.by(credential, route, &person).refusal(), (401, Code::IssueUnauthorized), "{route}");
        }
    }
}

#[test]
fn session_routes_refuse_the_owner_and_strangers() {
    let server = Server::start();
    for route in [
        "POST /v1/certificates",
        "POST /v1/countersign",
        "POST /v1/statements",
        "POST /v1/grants",
        "POST /v1/prompts/accept",
    ] {
        assert_eq!(server.send(route, &[], "{}").refusal(), (401, Code::IssueUnauthorized), "{route}");
        assert_eq!(server.by_owner(route, &json!({})).refusal(), (401, Code::AgentSessionUnknown), "{route}");
        assert_eq!(server.by("ff", route, &json!({})).refusal(), (401, Code::AgentSessionUnknown), "{route}");
    }
    assert_eq!(server.send("DELETE /v1/sessions/self", &[], "").refusal(), (401, Code::IssueUnauthorized));
}

#[test]
fn an_ended_session_is_a_stranger() {
    let server = Server::start();
    let session = server.alice();
    assert_eq!(server.by(&session, "DELETE /v1/sessions/self", &Value::Null).status, 200);
    let refused = server.by(&session, "POST /v1/certificates", &certificate_request(&json!("terminal")));
    assert_eq!(refused.refusal(), (401, Code::AgentSessionUnknown));
}

#[test]
fn the_bearer_header_stands_once_and_in_its_form() {
    let server = Server::start();
    let right = format!("Bearer {}", server.owner);
    let person = json!({ "person": "alice@example.org" }).to_string();
    let wrong = [server.owner.clone(), format!("Basic {}", server.owner), "Bearer ".to_owned(), "Bearer".to_owned()];
    for header in &wrong {
        let refused = server.send("POST /v1/persons", &[("Authorization", header)], &person);
        assert_eq!(refused.refusal(), (401, Code::IssueUnauthorized), "{header}");
    }
    let twice = [("Authorization", right.as_str()), ("Authorization", "Bearer other")];
    assert_eq!(server.send("POST /v1/persons", &twice, &person).refusal(), (401, Code::IssueUnauthorized));
    let lower = [("authorization", right.replace("Bearer", "bearer"))];
    let lower: Vec<_> = lower.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(server.send("POST /v1/persons", &lower, &person).status, 200);
}

#[test]
fn presence_by_the_owner_credential_needs_the_credential() {
    let server = Server::start();
    let bearer = format!("Bearer {}", server.alice());
    let claimed = certificate_request(&json!("owner-credential")).to_string();
    let ask = |headers: &[(&str, &str)], body: &str| server.send("POST /v1/certificates", headers, body);
    let session = ("Authorization", bearer.as_str());
    assert_eq!(ask(&[session], &claimed).refusal(), (401, Code::IssueUnauthorized));
    assert_eq!(ask(&[session, ("Chancery-Owner", "own_wrong")], &claimed).refusal(), (401, Code::IssueUnauthorized));
    assert_eq!(ask(&[session, ("Chancery-Owner", &server.owner)], &claimed).status, 200);
    // A wrong credential is never passed over, whatever presence the request says.
    let terminal = certificate_request(&json!("terminal")).to_string();
    assert_eq!(ask(&[session, ("Chancery-Owner", "own_wrong")], &terminal).refusal(), (401, Code::IssueUnauthorized));
}

#[test]
fn a_person_without_presence_gets_no_certificate() {
    let server = Server::start();
    let session = server.alice();
    let refused = server.by(&session, "POST /v1/certificates", &certificate_request(&Value::Null));
    assert_eq!(refused.refusal(), (403, Code::AgentPresence));
}

#[test]
fn a_code_that_redeems_nothing_is_refused() {
    let server = Server::start();
    let digest = format!("sha256:{}", "0".repeat(64));
    let asked = json!({ "grant": digest, "redemption": "00", "custody": "broker", "claims": [] });
    let refused = server.send("POST /v1/sessions/agent", &[], &asked.to_string());
    assert_eq!(refused.refusal(), (403, Code::IssueGrantUnknown));
}

#[test]
fn an_empty_log_has_no_checkpoint_and_no_entries() {
    let server = Server::start();
    assert_eq!(server.send("GET /v1/log/checkpoint", &[], "").refusal(), (404, Code::LogEmpty));
    let page = server.by_owner("GET /v1/log/entries?start=0&count=10", &Value::Null);
    assert_eq!(page.body, json!({ "start": 0, "entries": [] }));
}

#[test]
fn what_was_done_is_in_the_log() {
    let server = Server::start();
    server.alice();
    let page = server.by_owner("GET /v1/log/entries?start=0&count=18446744073709551615", &Value::Null);
    assert_eq!(page.refusal(), (400, Code::RequestMalformed));
    let page = server.by_owner("GET /v1/log/entries?start=0&count=1000000", &Value::Null);
    assert_eq!(page.body["entries"].as_array().unwrap().len(), 2);
}
