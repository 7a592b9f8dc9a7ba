//! Who is named in entries of other logs, and what is nobody.

use super::*;
use crate::certificate::tests::world::{World, agent};

fn staging() -> Vec<u8> {
    let value: Value = serde_json::from_str(include_str!("rekor-staging.json")).unwrap();
    LogEntry::from_bundle_json(&value).unwrap().1
}

fn certificate_of(body: &[u8]) -> Vec<u8> {
    let parsed: Value = serde_json::from_slice(body).unwrap();
    let raw = &parsed["spec"]["hashedRekordV002"]["signature"]["verifier"]["x509Certificate"]["rawBytes"];
    STANDARD.decode(raw.as_str().unwrap()).unwrap()
}

#[test]
fn a_certificate_of_sigstores_staging_log_names_its_subject() {
    let body = staging();
    let [observed] = observe(&body).try_into().expect("one certificate");
    assert_eq!(observed.certificate, Digest::of(&certificate_of(&body)));
    assert_eq!(observed.subjects.len(), 1);
    assert_eq!((observed.class, observed.agent), (None, None));
    assert!(observed.issuer.contains("sigstore"), "{}", observed.issuer);
}

#[test]
fn the_pem_of_older_logs_names_the_same() {
    let der = certificate_of(&staging());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", wrapped(&STANDARD.encode(der)));
    let body = serde_json::json!({ "spec": { "signature": { "publicKey": { "content": STANDARD.encode(pem) } } } });
    assert_eq!(observe(body.to_string().as_bytes()), observe(&staging()));
}

fn wrapped(text: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

#[test]
fn what_holds_no_certificate_names_nobody() {
    let nested = "[".repeat(100_000);
    for body in ["", "{}", "null", "\"text\"", r#"{"rawBytes":"AAAA"}"#, r#"{"rawBytes":""}"#, &nested] {
        assert_eq!(observe(body.as_bytes()), []);
    }
    assert_eq!(observe(&vec![b' '; MAX_BODY + 1]), []);
}

#[test]
fn a_bomb_of_certificates_is_cut_off() {
    let one = STANDARD.encode(certificate_of(&staging()));
    let body = serde_json::json!(vec![one; 40]);
    assert_eq!(observe(body.to_string().as_bytes()).len(), 16);
}

#[test]
fn an_agents_leaf_names_its_agent() {
    let world = World::new();
    let leaf = world.leaf();
    let body = serde_json::json!({ "certificate": STANDARD.encode(&leaf) });
    let [observed] = observe(body.to_string().as_bytes()).try_into().expect("one certificate");
    assert_eq!(observed.class, Some(crate::identity::ActorClass::Agent));
    assert_eq!(
        observed.agent.map(|name| name.to_string()).as_deref(),
        agent().agent.map(|agent| agent.name.to_string()).as_deref()
    );
}
