//! What stock clients are told: where the services are, under the address they asked.

use serde_json::{Value, json};
use signer_core::reason::Code;

use super::server::Server;

#[test]
fn the_signing_config_names_the_address_that_was_asked() {
    let server = Server::start();
    let config = server.send("GET /v1/trust/signing_config", &[], "");
    let base = format!("http://{}", server.address);
    assert_eq!(config.body["caUrls"][0]["url"], json!(base));
    assert_eq!(config.body["rekorTlogUrls"][0]["url"], json!(base));
    assert_eq!(config.body["tsaUrls"][0]["url"], json!(format!("{base}/api/v1/timestamp")));
    assert!(config.head.contains("content-type: application/json"));
}

#[test]
fn both_documents_stand_in_the_client_trust_config() {
    let server = Server::start();
    let get = |path: &str| server.send(&format!("GET {path}"), &[], "").body;
    let both = get("/v1/trust/client_trust_config");
    assert_eq!(both["trustedRoot"], get("/v1/trust"));
    assert_eq!(both["signingConfig"], get("/v1/trust/signing_config"));
}

#[test]
fn no_other_host_can_be_put_into_the_documents() {
    let server = Server::start();
    for path in ["/v1/trust/signing_config", "/v1/trust/client_trust_config"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        assert_eq!(server.raw(request.as_bytes()).refusal(), (421, Code::RequestHost));
    }
}

#[test]
fn the_documents_hold_no_member_that_clients_do_not_know() {
    let config = Server::start().send("GET /v1/trust/signing_config", &[], "").body;
    let names: Vec<&String> = config.as_object().map(|object| object.keys().collect()).unwrap();
    let known = ["caUrls", "mediaType", "oidcUrls", "rekorTlogConfig", "rekorTlogUrls", "tsaConfig", "tsaUrls"];
    assert_eq!(names, known);
    assert_eq!(config["oidcUrls"], Value::Array(Vec::new()));
}
