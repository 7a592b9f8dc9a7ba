//! Asks services that somebody else runs: HTTPS anywhere, plain HTTP on this machine alone.
//!
//! Bounded in time and size, no redirection, no proxy of the environment, and no TLS without a chain and a name that
//! verify. The one place that knows TLS: identity issuers are asked through it, and a Sigstore elsewhere. Our own programs
//! speak to each other on this machine without it (docs/decisions/0012-tls-on-two-edges.md).

mod error;
mod origin;
mod outbound;
mod roots;

pub use error::{Distrust, OutboundError};
pub use origin::Origin;
pub use outbound::{Answer, Call, Outbound};
pub use roots::{MAX_ROOTS_BYTES, Roots};

#[cfg(test)]
mod tests;
