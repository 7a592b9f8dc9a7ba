//! The two documents, member by member, as cosign and sigstore-python read them.

use serde_json::{Value, json};

use super::{Services, client_trust_config, signing_config};
use crate::time::{Timestamp, Window};
use crate::trust_root::{Parts, TrustRoot};

fn config(issuers: &[&str]) -> Vec<u8> {
    let start = Timestamp::from_unix(1_795_000_000).unwrap();
    let services = Services { base: "http://127.0.0.1:7443", issuers, operator: "acme.test", start, closed_logs: &[] };
    signing_config(&services).unwrap()
}

#[test]
fn names_every_service_with_the_version_that_clients_look_for() {
    let start = json!({ "start": "2026-11-18T11:06:40Z" });
    let service = |url: &str, version: u32| json!([{ "url": url, "majorApiVersion": version, "validFor": start, "operator": "acme.test" }]);
    let expected = json!({
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": service("http://127.0.0.1:7443", 1),
        "oidcUrls": service("https://idp.example.org", 1),
        "rekorTlogUrls": service("http://127.0.0.1:7443", 2),
        "rekorTlogConfig": { "selector": "ANY" },
        "tsaUrls": service("http://127.0.0.1:7443/api/v1/timestamp", 1),
        "tsaConfig": { "selector": "ANY" },
    });
    let written: Value = serde_json::from_slice(&config(&["https://idp.example.org"])).unwrap();
    assert_eq!(written, expected);
}

#[test]
fn a_closed_log_comes_after_the_one_that_is_written_and_its_window_has_ended() {
    let start = Timestamp::from_unix(1_795_000_000).unwrap();
    let closed =
        [("http://127.0.0.1:7443/log/log-1.acme.test".to_owned(), Window { start: start.minus(60), end: start })];
    let base = "http://127.0.0.1:7443";
    let services = Services { base, issuers: &[], operator: "acme.test", start, closed_logs: &closed };
    let written: Value = serde_json::from_slice(&signing_config(&services).unwrap()).unwrap();
    let logs = written["rekorTlogUrls"].as_array().unwrap();
    assert_eq!(logs.len(), 2);
    assert_eq!((&logs[0]["url"], &logs[0]["validFor"]["end"]), (&json!(base), &Value::Null));
    assert_eq!((&logs[1]["url"], &logs[1]["validFor"]["end"]), (&json!(closed[0].0), &json!("2026-11-18T11:06:40Z")));
}

#[test]
fn names_no_issuer_where_none_is_configured() {
    let written: Value = serde_json::from_slice(&config(&[])).unwrap();
    assert_eq!(written["oidcUrls"], json!([]));
}

#[test]
fn the_client_trust_config_holds_both_documents_unchanged() {
    let root = TrustRoot::new(Parts::default()).unwrap();
    let config = config(&[]);
    let both: Value = serde_json::from_slice(&client_trust_config(&root, &config).unwrap()).unwrap();
    assert_eq!(both["mediaType"], json!("application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"));
    assert_eq!(both["trustedRoot"], serde_json::from_slice::<Value>(&root.to_json()).unwrap());
    assert_eq!(both["signingConfig"], serde_json::from_slice::<Value>(&config).unwrap());
    assert_eq!(both.as_object().unwrap().len(), 3, "clients refuse members they do not know");
}

#[test]
fn refuses_parts_that_are_no_json() {
    let root = TrustRoot::new(Parts::default()).unwrap();
    assert!(client_trust_config(&root, b"{").is_err());
}
