//! `oidc.json`: what it may say, and that nothing in it opens a way by accident (IDP-08).

use signer_core::reason::Code;

use super::provider::ISSUER;
use super::*;

fn read(document: &Value) -> Result<Config, Code> {
    Config::read(document.to_string().as_bytes(), "https://own.chancery.internal").map_err(|error| error.code())
}

fn with(changes: &Value) -> Result<Config, Code> {
    read(&json!({ "issuers": [entry(changes)] }))
}

#[test]
fn every_form_of_identity_is_read() {
    let identities = [
        json!({ "kind": "email" }),
        json!({ "kind": "email", "domains": ["example.org"] }),
        json!({ "kind": "uri", "claim": "job_workflow_ref", "prefix": "https://ci.example.org/" }),
        json!({ "kind": "name", "claim": "login", "prefix": "https://idp.example.org/u/", "class": "workload" }),
    ];
    for identity in identities {
        assert!(with(&json!({ "identity": identity })).is_ok(), "{identity}");
    }
    assert!(with(&json!({ "challenge": "sub", "danger_reusable_tokens": true })).is_ok());
}

#[test]
fn addresses_are_protected_or_of_this_machine() {
    let refused = [
        "http://idp.example.org",
        "http://127.0.0.2",
        "http://0.0.0.0",
        "http://2130706433",
        "http://017700000001",
        "http://[::ffff:127.0.0.1]",
        "http://localhost.evil.example",
        "http://169.254.169.254",
        "https://user:secret@idp.example.org",
        "https://idp.example.org?x",
        "https://idp.example.org#x",
        "https://idp.example.org\\@evil.example",
        "https://idp.example.org:0",
        "https://idp.example.org:99999",
        "https://",
        "ftp://idp.example.org",
        "file:///etc/passwd",
        "idp.example.org",
        "",
    ];
    for url in refused {
        assert_eq!(with(&json!({ "url": url })), Err(Code::OidcConfig), "{url}");
        assert_eq!(with(&json!({ "jwks_uri": url })), Err(Code::OidcConfig), "{url}");
    }
    for url in
        ["http://127.0.0.1:8080", "http://[::1]:8080/realm", "http://localhost", "https://idp.example.org:8443/r"]
    {
        assert!(with(&json!({ "url": url })).is_ok(), "{url}");
    }
}

#[test]
fn a_prefix_names_a_whole_host() {
    for prefix in ["", "https://", "https:///", "https://ci", "https://ci.example.org", "ci/", "://x/", "a@b/"] {
        let identity = json!({ "kind": "uri", "claim": "job", "prefix": prefix });
        assert_eq!(with(&json!({ "identity": identity })), Err(Code::OidcConfig), "{prefix}");
    }
}

#[test]
fn no_issuer_makes_agents_or_speaks_for_this_engine() {
    let agent = json!({ "kind": "name", "claim": "login", "prefix": "https://a.b/", "class": "agent" });
    assert_eq!(with(&json!({ "identity": agent })), Err(Code::OidcConfig));
    assert_eq!(with(&json!({ "url": "https://own.chancery.internal" })), Err(Code::OidcConfig));
}

#[test]
fn refuses_what_is_missing_unknown_or_twice() {
    let twice = json!({ "issuers": [entry(&json!({})), entry(&json!({}))] });
    let cases = [
        json!({}),
        json!({ "issuers": [] }),
        json!({ "issuers": [{ "url": ISSUER }] }),
        json!({ "issuers": vec![entry(&json!({})); 17] }),
        json!({ "issuers": [entry(&json!({}))], "more": 1 }),
        twice,
    ];
    for document in cases {
        assert_eq!(read(&document), Err(Code::OidcConfig), "{document}");
    }
    for changes in [
        json!({ "audiences": [] }),
        json!({ "audiences": [""] }),
        json!({ "audiences": vec!["a"; 9] }),
        json!({ "audience": "a" }),
        json!({ "identity": { "kind": "anything" } }),
        json!({ "identity": { "kind": "email", "claim": "sub" } }),
        json!({ "challenge": "nonce" }),
    ] {
        assert_eq!(with(&changes), Err(Code::OidcConfig), "{changes}");
    }
    assert_eq!(Config::read(&vec![b' '; 70_000], "own").map_err(|error| error.code()), Err(Code::OidcConfig));
}
