//! Walk history, verify, decide, report: from an anchor and git objects alone, offline.
//!
//! No network, no `git` process, no clock but the one handed in. The binary `chancery-ci` is a rim around
//! [`run::verify`].

pub mod args;
mod check;
mod collision;
pub mod error;
mod feed;
pub mod governance;
pub mod gpg;
pub mod report;
pub mod run;
mod selection;
mod shared;
pub mod sigstore;
mod tagged;
