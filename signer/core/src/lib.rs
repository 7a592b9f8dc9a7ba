//! What was signed, by whom, when, and whether that is true.
//!
//! Synchronous and pure: no clock, environment, network or global state; `manifest/walk.rs` is the only file that reads
//! a disk. Formats are numbered in `docs/formats.md`; the comments here cite those numbers.

pub mod canonical;
pub mod change;
pub mod checkpoint;
pub mod crypto;
pub mod decision;
pub mod digest;
pub mod identity;
pub mod leaf;
pub mod log_entry;
pub mod merkle;
pub mod oid;
pub mod protocol;
pub mod provenance;
pub mod reason;
pub mod rights;
pub mod scope;
pub mod time;
pub mod token;
pub mod verdict;
