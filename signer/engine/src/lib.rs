//! The engine: authenticate, decide, issue or countersign, record.
//!
//! Synchronous: no runtime, no HTTP, no SQL, no clock. [`engine::Engine`] prepares requests on as many threads as its
//! caller has; [`ledger::Ledger`] commits batches of them on one. Whatever leaves does so as [`ledger::Recorded`].

pub mod acceptance;
pub mod answer;
pub mod countersign;
pub mod delegation;
pub mod deployment;
pub mod engine;
pub mod event;
mod feed;
pub mod freeze;
mod given;
pub mod issuing;
pub mod keys;
pub mod ledger;
mod memory;
pub mod open_entry;
pub mod open_identity;
pub mod past_log;
pub mod prepared;
mod published;
mod question;
pub mod rebuild;
pub mod refusal;
pub mod registered;
pub mod registry;
pub mod revoking;
pub mod session;
mod signature;
mod standing;
pub mod statements;
pub mod store;
pub mod tiles;
pub mod time_stamping;

#[cfg(test)]
mod world;
