//! Which services a signing config gives: windows, versions, operators, selectors.

use super::*;
use crate::SigningConfig;

fn service(url: &str, version: u32, start: &str, operator: &str) -> Value {
    json!({ "url": url, "majorApiVersion": version, "validFor": { "start": start }, "operator": operator })
}

const LONG_AGO: &str = "2020-01-01T00:00:00Z";
const LATER: &str = "2022-01-01T00:00:00.5Z";

fn config() -> Value {
    json!({
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [service("https://ca.example.org/", 1, LONG_AGO, "a")],
        "oidcUrls": [],
        "rekorTlogUrls": [service("https://log.example.org", 2, LONG_AGO, "a")],
        "rekorTlogConfig": { "selector": "ANY" },
        "tsaUrls": [service("https://time.example.org/api/v1/timestamp", 1, LONG_AGO, "a")],
        "tsaConfig": { "selector": "ANY" },
    })
}

fn chosen(change: impl FnOnce(&mut Value)) -> Result<Services, Code> {
    let mut document = config();
    change(&mut document);
    let parsed = SigningConfig::from_json(document.to_string().as_bytes());
    parsed.and_then(|config| config.choose(now())).map_err(|error| error.code())
}

fn logs(services: &[Value], configuration: Value) -> Result<Vec<String>, Code> {
    let chosen = chosen(|document| {
        document["rekorTlogUrls"] = json!(services);
        document["rekorTlogConfig"] = configuration;
    })?;
    Ok(chosen.logs.into_iter().map(|log| format!("{} {}", log.url, log.version)).collect())
}

#[test]
fn each_kind_of_service_is_found() {
    let services = chosen(|_| ()).unwrap();
    assert_eq!(services.authority.url, "https://ca.example.org");
    assert_eq!(services.logs[0].url, "https://log.example.org");
    assert_eq!(services.clocks[0].url, "https://time.example.org/api/v1/timestamp");
    let public = SigningConfig::public().unwrap().choose(Timestamp::from_unix(1_795_000_000).unwrap()).unwrap();
    assert_eq!(public.authority.url, "https://fulcio.sigstore.dev");
}

#[test]
fn of_one_operator_the_highest_version_counts_and_of_that_the_newest() {
    let any = json!({ "selector": "ANY" });
    let one = service("https://one", 1, LATER, "a");
    let two = service("https://two", 2, LONG_AGO, "a");
    let newer = service("https://newer", 2, LATER, "a");
    assert_eq!(logs(&[one.clone(), two.clone()], any.clone()).unwrap(), ["https://two 2"]);
    assert_eq!(logs(&[two.clone(), newer.clone(), one.clone()], any.clone()).unwrap(), ["https://newer 2"]);
    let unknown = service("https://three", 3, LATER, "a");
    assert_eq!(logs(&[unknown.clone(), one.clone()], any.clone()).unwrap(), ["https://one 1"]);
    assert_eq!(logs(&[unknown], any), Err(Code::ElsewhereService));
}

#[test]
fn selectors_count_operators() {
    let (a, b) = (service("https://a", 2, LONG_AGO, "a"), service("https://b", 1, LATER, "b"));
    let again = service("https://again", 1, LATER, "a");
    let both = [again, a, b];
    assert_eq!(logs(&both, json!({ "selector": "ANY" })).unwrap(), ["https://a 2"]);
    assert_eq!(logs(&both, json!({ "selector": "ALL" })).unwrap(), ["https://a 2", "https://b 1"]);
    assert_eq!(logs(&both, json!({ "selector": "EXACT", "count": 2 })).unwrap(), ["https://a 2", "https://b 1"]);
    assert_eq!(logs(&both, json!({ "selector": "EXACT", "count": 1 })).unwrap(), ["https://a 2"]);
    assert_eq!(logs(&both, json!({ "selector": "EXACT", "count": 3 })), Err(Code::ElsewhereService));
    for configuration in [
        json!({ "selector": "EXACT" }),
        json!({ "selector": "EXACT", "count": 0 }),
        json!({ "selector": "SERVICE_SELECTOR_UNDEFINED" }),
        json!({ "selector": "SOME" }),
    ] {
        assert_eq!(logs(&both, configuration.clone()), Err(Code::ElsewhereConfig), "{configuration}");
    }
    let many: Vec<_> = (0..9).map(|number| service("https://x", 2, LONG_AGO, &number.to_string())).collect();
    assert_eq!(logs(&many, json!({ "selector": "ALL" })), Err(Code::ElsewhereConfig));
    assert_eq!(logs(&[], json!({ "selector": "ALL" })), Err(Code::ElsewhereService));
}

#[test]
fn a_service_counts_within_its_window_ends_included() {
    let window = |start: Timestamp, end: Timestamp| {
        let mut log = service("https://log", 2, LONG_AGO, "a");
        log["validFor"] = json!({ "start": start, "end": end });
        logs(&[log], json!({ "selector": "ANY" }))
    };
    assert!(window(now(), now()).is_ok());
    assert_eq!(window(now().plus(1), now().plus(2)), Err(Code::ElsewhereService));
    assert_eq!(window(now().minus(2), now().minus(1)), Err(Code::ElsewhereService));
    let gone = json!({ "start": LONG_AGO, "end": LATER });
    assert_eq!(chosen(|document| document["caUrls"][0]["validFor"] = gone.clone()), Err(Code::ElsewhereService));
    assert_eq!(chosen(|document| document["tsaUrls"][0]["validFor"] = gone), Err(Code::ElsewhereService));
}

#[test]
fn a_log_without_time_needs_somebody_who_has() {
    assert_eq!(chosen(|document| document["tsaUrls"] = json!([])), Err(Code::ElsewhereTime));
    let older = |document: &mut Value| {
        document["tsaUrls"] = json!([]);
        document["rekorTlogUrls"][0]["majorApiVersion"] = json!(1);
    };
    assert!(chosen(older).unwrap().clocks.is_empty());
}

#[test]
fn other_documents_are_no_signing_configs() {
    let refused = |bytes: &[u8]| SigningConfig::from_json(bytes).map(drop).map_err(|error| error.code());
    let mut other = config();
    other["mediaType"] = json!("application/vnd.dev.sigstore.signingconfig.v0.3+json");
    let large = vec![b' '; crate::MAX_CONFIG_BYTES + 1];
    for bytes in [b"{}".as_slice(), b"", b"[]", b"\xff", &large, other.to_string().as_bytes()] {
        assert_eq!(refused(bytes), Err(Code::ElsewhereConfig));
    }
}

#[test]
fn a_client_trust_config_holds_both_documents() {
    let media = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
    let read = |document: Value| {
        SigningConfig::with_trust_root(document.to_string().as_bytes())
            .map(|(_, root)| root)
            .map_err(|error| error.code())
    };
    let document = json!({ "mediaType": media, "trustedRoot": { "a": 1 }, "signingConfig": config() });
    assert_eq!(read(document.clone()).unwrap(), b"{\"a\":1}");
    let mut other = document.clone();
    other["mediaType"] = json!("application/json");
    let mut half = document.clone();
    half.as_object_mut().unwrap().remove("trustedRoot");
    for document in [other, half, config(), json!(null)] {
        assert_eq!(read(document), Err(Code::ElsewhereConfig));
    }
}
