//! Reading a tlog-tiles log and believing none of it: whose it is, where it is, and how what it shows is verified.

mod error;
mod gossip;
mod replay;
mod source;
#[cfg(test)]
pub(crate) mod tests;
mod trust;

pub use error::TlogError;
pub use gossip::{Embedded, embedded};
pub use replay::{Bundle, Replay, prove_growth};
pub use source::{LogSource, Tiles};
pub use trust::{LogTrust, Shown};
