//! What the program refuses, and how it says so.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::world::{World, code};

#[test]
fn refuses_a_second_server_on_the_same_state() {
    let world = World::new();
    let _server = world.serve(&[]);
    let second = world.run(&["serve", "--credential-file", world.owner().to_str().unwrap()]);
    assert_eq!(code(&second), (Some(1), "engine.in_use".to_owned()));
    assert!(second.stdout.is_empty());
}

#[test]
fn refuses_a_wrong_credential() {
    let world = World::new();
    fs::write(world.owner(), "own_wrong\n").unwrap();
    let refused = world.run(&["serve", "--credential-file", world.owner().to_str().unwrap()]);
    assert_eq!(code(&refused), (Some(1), "engine.sealed".to_owned()));
}

#[test]
fn refuses_addresses_that_others_reach() {
    let world = World::new();
    let owner = world.owner();
    let refused = world.run(&["serve", "--listen", "0.0.0.0:0", "--credential-file", owner.to_str().unwrap()]);
    assert_eq!(code(&refused), (Some(1), "engine.address".to_owned()));
}

#[test]
fn refuses_authorities_that_vouch_for_nobody() {
    let world = World::new();
    let owner = world.owner();
    let (issuers, authorities) = (owner.with_file_name("oidc.json"), owner.with_file_name("ca.pem"));
    let issuer = serde_json::json!({
        "url": "https://idp.example.org", "audiences": ["sigstore"], "identity": { "kind": "email" },
    });
    fs::write(&issuers, serde_json::json!({ "issuers": [issuer] }).to_string()).unwrap();
    let [owner, issuers] = [owner.to_str().unwrap(), issuers.to_str().unwrap()];
    let serve = |ca: &str| code(&world.run(&["serve", "--credential-file", owner, "--oidc", issuers, "--ca", ca]));
    for text in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        fs::write(&authorities, text).unwrap();
        assert_eq!(serve(authorities.to_str().unwrap()), (Some(1), "tls.roots".to_owned()), "{text}");
    }
    assert_eq!(serve("/nowhere/ca.pem").1, "internal.io");
}

#[test]
fn refuses_a_state_that_others_may_read() {
    let world = World::new();
    fs::set_permissions(world.state().join("keys.sealed"), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = world.run(&["serve", "--credential-file", world.owner().to_str().unwrap()]);
    assert_eq!(code(&refused), (Some(1), "engine.permissions".to_owned()));
}

#[test]
fn refuses_to_found_over_anything_and_shows_no_second_credential() {
    let world = World::new();
    let refused = world.run(&["init", "--json"]);
    assert_eq!(code(&refused), (Some(1), "engine.exists".to_owned()));
    let document: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(document["reasons"][0]["code"], "engine.exists");
}

#[test]
fn a_command_line_that_makes_no_sense_is_usage() {
    let world = World::new();
    for arguments in [
        vec!["init", "--nonsense"],
        vec!["serve", "--credential-fd", "3", "--credential-file", "x"],
        vec!["serve", "--listen", "nowhere"],
        vec!["fsck", "more"],
    ] {
        assert_eq!(world.run(&arguments).status.code(), Some(2), "{arguments:?}");
    }
}
