//! Who finds what there is to revoke.

use serde_json::{Value, json};
use signer_core::reason::Code;

use super::server::Server;

const LISTS: [&str; 2] = ["POST /v1/sessions/list", "POST /v1/grants/list"];

fn listing(count: u64) -> Value {
    json!({ "count": count })
}

/// Another person's session.
fn bob(server: &Server) -> String {
    assert_eq!(server.by_owner("POST /v1/persons", &json!({ "person": "bob@example.org" })).status, 200);
    let asked = json!({ "person": "bob@example.org", "custody": "broker" });
    server.by_owner("POST /v1/sessions/person", &asked).body["credential"].as_str().unwrap().to_owned()
}

#[test]
fn the_owner_finds_every_session_page_by_page_newest_first() {
    let server = Server::start();
    server.alice();
    bob(&server);
    let first = server.by_owner(LISTS[0], &listing(1));
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.body["rows"][0]["sponsor"], json!("bob@example.org"));
    assert_eq!(first.body["rows"].as_array().unwrap().len(), 1);
    let second = server.by_owner(LISTS[0], &json!({ "count": 1, "before": first.body["next"] }));
    let row = &second.body["rows"][0];
    assert_eq!((&row["sponsor"], &row["live"]), (&json!("alice@example.org"), &json!(true)));
    assert_eq!(row["selector"], json!(format!("session:{}", row["session"].as_str().unwrap())));
    let last = server.by_owner(LISTS[0], &json!({ "count": 1, "before": second.body["next"] }));
    assert_eq!(last.body, json!({ "rows": [] }));
    // More than a page may hold, and less than one row, are a page.
    assert_eq!(server.by_owner(LISTS[0], &listing(u64::MAX)).body["rows"].as_array().unwrap().len(), 2);
    assert_eq!(server.by_owner(LISTS[0], &listing(0)).body["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn a_person_finds_what_it_answers_for_and_nobody_elses() {
    let server = Server::start();
    let (alice, bob) = (server.alice(), bob(&server));
    let own = server.by(&alice, LISTS[0], &listing(10)).body;
    assert_eq!((own["rows"].as_array().unwrap().len(), &own["rows"][0]["sponsor"]), (1, &json!("alice@example.org")));
    let foreign = json!({ "count": 10, "sponsor": "bob@example.org" });
    for list in LISTS {
        assert_eq!(server.by(&alice, list, &foreign).refusal(), (401, Code::IssueUnauthorized));
        assert_eq!(server.by(&bob, list, &foreign).status, 200);
    }
    let named = json!({ "session": own["rows"][0]["session"] });
    assert_eq!(server.by(&alice, "POST /v1/sessions/named", &named).body["session"], own["rows"][0]);
    let hidden = server.by(&bob, "POST /v1/sessions/named", &named).refusal();
    let absent = server.by(&bob, "POST /v1/sessions/named", &json!({ "session": "0".repeat(32) })).refusal();
    assert_eq!((hidden, absent), ((401, Code::AgentSessionUnknown), (401, Code::AgentSessionUnknown)));
}

#[test]
fn what_nobody_bears_is_unknown_and_strangers_learn_nothing() {
    let server = Server::start();
    let alice = server.alice();
    let digest = format!("sha256:{}", "0".repeat(64));
    for (route, asked, expected) in [
        ("POST /v1/agents/named", json!({ "agent": "nobody" }), (403, Code::AgentUnknown)),
        ("POST /v1/grants/named", json!({ "grant": digest }), (403, Code::IssueGrantUnknown)),
        ("POST /v1/sessions/named", json!({ "session": "x" }), (401, Code::AgentSessionUnknown)),
    ] {
        assert_eq!(server.by_owner(route, &asked).refusal(), expected, "{route}");
        assert_eq!(server.by(&alice, route, &asked).refusal(), expected, "{route}");
        assert_eq!(server.by(&alice, route, &json!({})).refusal(), (400, Code::RequestMalformed), "{route}");
        assert_eq!(server.send(route, &[], &asked.to_string()).refusal(), (401, Code::IssueUnauthorized), "{route}");
        assert_eq!(server.by("nobody", route, &asked).refusal(), (401, Code::AgentSessionUnknown), "{route}");
    }
    for list in LISTS {
        assert_eq!(server.by_owner(list, &json!({})).refusal(), (400, Code::RequestMalformed), "{list}");
        assert_eq!(server.by_owner(list, &json!({ "count": 1, "all": true })).refusal(), (400, Code::RequestMalformed));
        assert_eq!(server.by_owner(list, &json!({ "count": -1 })).refusal(), (400, Code::RequestMalformed));
        assert_eq!(server.send(list, &[], "{}").refusal(), (401, Code::IssueUnauthorized), "{list}");
    }
}
