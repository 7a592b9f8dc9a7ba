//! Signs through a Sigstore that somebody else runs, public or private: Fulcio, a time-stamp authority, Rekor v1 or v2,
//! named by a signing config (docs/formats.md F14).
//!
//! The flow is a stock client's: a fresh key that never leaves memory, a certificate for the holder of an identity token,
//! a time-stamp and a log entry over the signature. What the services answer is hostile until all of it has been verified
//! under a trust root that the caller brings; a [`Proven`] bundle exists only then. It carries nobody's decision: our
//! policy was not asked.

mod authority;
mod bundle;
mod clock;
mod error;
mod log;
mod object;
mod service;
mod sign;
mod signing_config;
mod token;

pub use error::ElsewhereError;
pub use object::ProvenObject;
pub use service::{Kind, Service};
pub use sign::{Content, Elsewhere, Expected, Proven};
pub use signing_config::{MAX_CONFIG_BYTES, Services, SigningConfig};
pub use token::{IdentityToken, MAX_TOKEN_BYTES};

#[cfg(test)]
mod tests;
