//! The log's read wire: who may read, what is named how, what is absent (LOG-30, SRV-12).

use serde_json::{Value, json};
use signer_core::reason::Code;
use signer_log::tile::{Tile, decode_entries};

use super::server::Server;

/// A server whose log has two entries.
fn grown(server: Server) -> (Server, String) {
    let session = server.alice();
    (server, session)
}

#[test]
fn a_private_log_is_read_by_the_owner_and_open_sessions_alone() {
    let (server, session) = grown(Server::start());
    for path in [
        "/v1/log/entries?start=0&count=1",
        "/checkpoint",
        "/tile/0/000.p/2",
        "/tile/entries/000.p/2",
        "/api/v2/checkpoint",
        "/api/v2/tile/0/000.p/1",
    ] {
        let line = format!("GET {path}");
        assert_eq!(server.send(&line, &[], "").refusal(), (401, Code::IssueUnauthorized), "{path}");
        assert_eq!(server.by("nobody", &line, &Value::Null).refusal(), (401, Code::AgentSessionUnknown), "{path}");
        for credential in [&session, &server.owner] {
            assert_eq!(server.read(&line, &[("Authorization", &format!("Bearer {credential}"))]).0, 200, "{path}");
        }
    }
    assert_eq!(server.by(&session, "DELETE /v1/sessions/self", &Value::Null).status, 200);
    assert_eq!(server.by(&session, "GET /checkpoint", &Value::Null).refusal(), (401, Code::AgentSessionUnknown));
}

#[test]
fn a_public_log_is_read_by_everybody() {
    let (server, _) = grown(Server::public());
    let checkpoint = server.send("GET /checkpoint", &[], "");
    assert_eq!(checkpoint.status, 200);
    assert_eq!(checkpoint.body, server.send("GET /v1/log/checkpoint", &[], "").body);
    assert!(checkpoint.head.contains("content-type: text/plain; charset=utf-8"));
    assert!(checkpoint.head.contains("cache-control: no-store"));
    // What is read by everybody is still changed by the owner alone.
    assert_eq!(server.send("POST /v1/log/freeze", &[], "{}").refusal(), (401, Code::IssueUnauthorized));
}

#[test]
fn tiles_are_the_entries_that_were_logged() {
    let (server, _) = grown(Server::public());
    let (status, head, bundle) = server.read("GET /tile/entries/000.p/2", &[]);
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/octet-stream"));
    // A partial tile grows; only a full one is for ever.
    assert!(head.contains("cache-control: no-store"));
    let tile: Tile = "tile/entries/000.p/2".parse().unwrap();
    let bodies = decode_entries(&bundle, &tile).unwrap();
    let page = server.send("GET /v1/log/entries?start=0&count=2", &[], "");
    let listed: Vec<signer_core::protocol::Base64> = serde_json::from_value(page.body["entries"].clone()).unwrap();
    assert_eq!(bodies, listed.iter().map(|body| body.0.as_slice()).collect::<Vec<_>>());
    assert_eq!(server.read("GET /tile/0/000.p/2", &[]).2.len(), 64);
    assert_eq!(server.read("GET /api/v2/tile/0/000.p/2", &[]).2, server.read("GET /tile/0/000.p/2", &[]).2);
    assert_eq!(server.read("HEAD /tile/0/000.p/2", &[]).0, 200);
}

#[test]
fn a_full_tile_may_be_kept_for_ever() {
    for (server, scope) in [(Server::public(), "public"), (Server::start(), "private")] {
        for number in 0..256 {
            let person = json!({ "person": format!("p{number}@example.org") });
            assert_eq!(server.by_owner("POST /v1/persons", &person).status, 200);
        }
        for path in ["/tile/0/000", "/tile/entries/000"] {
            let (status, head, _) =
                server.read(&format!("GET {path}"), &[("Authorization", &format!("Bearer {}", server.owner))]);
            assert_eq!(status, 200, "{head}");
            assert!(head.contains(&format!("cache-control: {scope}, max-age=31536000, immutable")), "{head}");
        }
    }
}

#[test]
fn what_the_log_does_not_have_is_absent() {
    let (server, _) = grown(Server::public());
    for path in ["/tile/0/000", "/tile/0/000.p/3", "/tile/1/000.p/1", "/tile/entries/000", "/tile/63/x123/456.p/255"] {
        assert_eq!(server.send(&format!("GET {path}"), &[], "").refusal(), (404, Code::LogTileAbsent), "{path}");
    }
    let empty = Server::public();
    assert_eq!(empty.send("GET /checkpoint", &[], "").refusal(), (404, Code::LogEmpty));
    assert_eq!(empty.send("GET /tile/0/000.p/1", &[], "").refusal(), (404, Code::LogTileAbsent));
}

// SRV-12: paths are read as they came.
#[test]
fn paths_in_another_spelling_name_nothing() {
    let (server, _) = grown(Server::public());
    for path in [
        "/tile/0/0",
        "/tile/0/000.p/02",
        "/tile/0/000.p/256",
        "/tile/00/000.p/2",
        "/tile/64/000",
        "/tile/0/x000/000.p/2",
        "/tile/0/000.p/2/",
        "/tile//0/000.p/2",
        "/tile/%30/000.p/2",
        "/tile/0/000%2ep/2",
        "/tile/0/..%2f0/000.p/2",
        "/tile/0/%2e%2e/0/000.p/2",
        "/tile/0/../0/000.p/2",
        "/tile/data/000.p/2",
        "/tile/tile/0/000.p/2",
        "/api/v2/tile/0/0",
        "/tile/0/000%00",
    ] {
        assert_eq!(server.send(&format!("GET {path}"), &[], "").refusal(), (400, Code::LogTile), "{path}");
    }
    for path in ["/tile", "/tile/", "/Tile/0/000", "/api/v2/api/v2/tile/0/000", "/checkpoint/", "//checkpoint"] {
        assert_eq!(server.send(&format!("GET {path}"), &[], "").refusal().0, 404, "{path}");
    }
    assert_eq!(server.send("POST /tile/0/000", &[], "").refusal(), (405, Code::RequestMethod));
}

#[test]
fn a_frozen_log_is_served_and_takes_nothing() {
    let (server, session) = grown(Server::public());
    let route = "POST /v1/log/freeze";
    assert_eq!(server.by(&session, route, &json!({})).refusal(), (401, Code::IssueUnauthorized));
    assert_eq!(server.by_owner(route, &json!({ "thaw": true })).refusal(), (400, Code::RequestMalformed));
    let frozen = server.by_owner(route, &json!({}));
    assert_eq!((frozen.status, &frozen.body["frozen"]), (200, &json!("2026-11-18T11:06:40Z")));
    assert_eq!(server.by_owner("POST /v1/log/freeze", &json!({})).body, frozen.body);
    let late = server.by_owner("POST /v1/persons", &json!({ "person": "bob@example.org" }));
    assert_eq!(late.refusal(), (409, Code::LogFrozen));
    assert_eq!(server.send("GET /checkpoint", &[], "").status, 200);
    assert_eq!(server.read("GET /tile/0/000.p/3", &[]).0, 200);
}
