//! Tokens that vouch for somebody, and the many that do not (group IDP, §10).

mod claims;
mod configurations;
mod fetching;
mod headers;
pub(crate) mod provider;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_engine::open_identity::OpenIdentity;
use zeroize::Zeroizing;

use super::{Config, Fetch, Issuers};
use provider::{Documents, ISSUER, IssuerKey, NOW};

/// Made once: a test that wants another key makes it.
static KEY: LazyLock<IssuerKey> = LazyLock::new(|| IssuerKey::ec("key-1"));

/// The entry of an honest issuer of mail addresses, with some members replaced.
pub(crate) fn entry(changes: &Value) -> Value {
    let mut entry = json!({ "url": ISSUER, "audiences": [provider::AUDIENCE], "identity": { "kind": "email" } });
    for (name, value) in changes.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

pub(crate) fn config(entries: &[Value]) -> Config {
    let text = json!({ "issuers": entries }).to_string();
    Config::read(text.as_bytes(), "https://own.chancery.internal").unwrap()
}

pub(crate) fn issuers(config: Config, documents: &Arc<Documents>) -> Issuers {
    let fetch: Arc<dyn Fetch> = Arc::<Documents>::clone(documents);
    Issuers::new(config, &fetch)
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn verify(issuers: &Issuers, token: &Zeroizing<String>, now: u64) -> Result<OpenIdentity, Code> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(issuers.verify(token, at(now))).map_err(|error| error.code())
}

/// What becomes of a token at an issuer of mail addresses that publishes [`KEY`].
fn judged(token: &Zeroizing<String>) -> Result<OpenIdentity, Code> {
    judged_under(&json!({}), token)
}

fn judged_under(changes: &Value, token: &Zeroizing<String>) -> Result<OpenIdentity, Code> {
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    verify(&issuers(config(&[entry(changes)]), &documents), token, NOW)
}
