//! What was signed, by whom, when, and whether that is true.
//!
//! Synchronous and pure: no clock, environment, network or global state; `manifest/walk.rs` is the only file that reads
//! a disk. Formats are numbered in `docs/formats.md`; the comments here cite those numbers.

pub mod accept;
pub mod anchor;
pub mod armor;
mod attribute_set;
pub mod attributes;
pub mod bounded;
pub mod bundle;
pub mod canonical;
pub mod certificate;
pub mod change;
pub mod checkpoint;
pub mod cms;
pub mod command_line;
pub mod crypto;
pub mod csr;
pub mod decision;
pub mod digest;
pub mod dsse;
pub mod feed;
pub mod folding;
pub mod foreign_time;
#[cfg(test)]
mod forge;
pub mod git_name;
pub mod grant;
pub mod identity;
pub mod issue;
pub mod leaf;
pub mod log_entry;
pub mod manifest;
pub mod merkle;
pub mod nonce;
pub mod oid;
pub mod oracle;
pub mod pem;
pub mod profile;
pub mod prompt;
pub mod protocol;
pub mod provenance;
pub mod reason;
pub mod repository_config;
pub mod revocation;
pub mod rights;
pub mod scope;
pub mod sct;
mod signed_data;
pub mod signing_config;
pub mod statement;
pub mod terminal_text;
pub mod time;
pub mod time_stamp;
mod tlv;
pub mod token;
pub mod trust_root;
pub mod verdict;
pub mod verify;
pub mod witness;
pub mod witness_policy;
