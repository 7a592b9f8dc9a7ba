//! JSON and TOML documents: statements, envelopes, bundles, decisions, anchors, configuration.

use signer_core::anchor::Anchor;
use signer_core::bundle::Bundle;
use signer_core::change::ChangeList;
use signer_core::crypto::Ed25519Public;
use signer_core::decision::DecisionRecord;
use signer_core::dsse::Envelope;
use signer_core::feed::{FeedFile, FeedHead};
use signer_core::grant::Grant;
use signer_core::log_entry::LogEntry;
use signer_core::prompt::{PromptTerms, UntrustedPrompt};
use signer_core::provenance::Provenance;
use signer_core::repository_config::RepositoryConfig;
use signer_core::revocation::Revocation;
use signer_core::statement::{Header, Predicate, Statement};
use signer_core::trust_root::TrustRoot;
use signer_core::witness_policy::WitnessPolicy;

use crate::{Parser, as_text, same_again};

/// Most bytes of an envelope here.
const ENVELOPE: usize = 1024 * 1024;

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "anchor", takes: |bytes| Anchor::parse(bytes).is_ok() },
    Parser { name: "bundle", takes: |bytes| Bundle::from_json(bytes).is_ok_and(|bundle| bundle.to_json().is_ok()) },
    Parser { name: "change-list", takes: |bytes| same_again(bytes, ChangeList::decode(bytes), ChangeList::encode) },
    Parser {
        name: "decision",
        takes: |bytes| same_again(bytes, DecisionRecord::decode(bytes), |it| it.encode().unwrap_or_default()),
    },
    Parser {
        name: "envelope",
        takes: |bytes| same_again(bytes, Envelope::decode(bytes, ENVELOPE), |it| it.encode().unwrap_or_default()),
    },
    Parser {
        name: "feed",
        takes: |bytes| same_again(bytes, FeedFile::decode(bytes), |it| it.clone().encode().unwrap_or_default()),
    },
    Parser { name: "feed-head", takes: feed_head },
    Parser {
        name: "log-entry",
        takes: |bytes| same_again(bytes, LogEntry::decode(bytes), |it| it.encode().unwrap_or_default()),
    },
    Parser {
        name: "prompt",
        takes: |bytes| UntrustedPrompt::new(bytes.to_vec()).is_ok_and(|it| it.findings().is_empty()),
    },
    Parser {
        name: "provenance",
        takes: |bytes| same_again(bytes, Provenance::decode(bytes), |it| it.encode().unwrap_or_default()),
    },
    Parser { name: "repository-config", takes: repository_config },
    Parser { name: "statement-header", takes: |bytes| Header::read(bytes).is_ok() },
    Parser { name: "statement-grant", takes: statement::<Grant> },
    Parser { name: "statement-revocation", takes: statement::<Revocation> },
    Parser { name: "statement-prompt", takes: statement::<PromptTerms> },
    Parser { name: "trust-root", takes: |bytes| TrustRoot::from_json(bytes).is_ok_and(|it| !it.to_json().is_empty()) },
    Parser { name: "witness-policy", takes: |bytes| as_text(bytes, |text| WitnessPolicy::parse(text).is_ok()) },
];

fn statement<P: Predicate>(bytes: &[u8]) -> bool {
    same_again(bytes, Statement::<P>::decode(bytes), |it| it.encode().unwrap_or_default())
}

/// The public key of RFC 8032 §7.1, test 1.
const KNOWN_KEY: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
    0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// Under a key that everybody knows.
fn feed_head(bytes: &[u8]) -> bool {
    as_text(bytes, |text| {
        let origin = FeedHead::claimed_origin(text).unwrap_or("log.example");
        FeedHead::verify(text, origin, &Ed25519Public::from_bytes(KNOWN_KEY)).is_ok()
    })
}

fn repository_config(bytes: &[u8]) -> bool {
    let Ok(config) = RepositoryConfig::parse(bytes) else { return false };
    assert!(RepositoryConfig::parse(config.to_toml().as_bytes()).is_ok(), "its own text is refused");
    true
}
