//! `chancery-server`: the engine behind HTTP on this machine, with its keys sealed at rest and its state on disk.
//!
//! The rim translates and does not decide: extract, authenticate, ask the engine, record, map. It speaks on the loopback
//! interface only; other machines need a protected transport in front.

pub mod args;
pub mod backup;
mod beside;
pub mod clock;
mod command;
pub mod credential;
mod engine_file;
mod entropy;
mod failure;
pub mod fork;
mod founding;
pub mod fsck;
pub mod head;
pub mod init;
mod keyring;
pub mod named_file;
pub mod oidc;
mod output;
pub mod owner;
mod process;
pub mod rim;
pub mod rotation;
pub mod seal;
pub mod serve;
pub mod state;
pub mod store;
pub mod time_authority;
mod unsealed;
mod witness;
pub mod witnessing;
pub mod writer;

pub use command::main;
