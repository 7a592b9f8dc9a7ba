//! Time that somebody else vouches for: tokens of foreign RFC 3161 authorities, and which authorities count
//! (docs/formats.md F3, F6).
//!
//! Others write tokens in many forms. What is embedded has one: no certificates, revocation lists or unsigned attributes,
//! every algorithm named in one way, a low s. Whatever is left is signed by the authority, so nobody else can write the
//! same token differently. Whose word counts is said by the anchor, with the whole chain: no system store is asked
//! (attack TIME-03), and nothing that travels with a token is believed.

mod algorithm;
mod authorities;
mod authority;
mod error;
mod published;
mod signed_attributes;
mod token;

use const_oid::ObjectIdentifier;

use crate::time::Timestamp;

pub use authorities::{ForeignAuthorities, MAX_AUTHORITIES, MAX_FILE};
pub use authority::{ForeignAuthority, MAX_CHAIN};
pub use error::{ForeignAuthorityError, ForeignTokenError};
pub use token::ForeignToken;

/// Most bytes of a token in its embedded form; RSA of 4096 bits needs half of it.
pub const MAX_BYTES: usize = 4096;
/// Largest accuracy that a token may state, in seconds: its time counts as a point (attack TIME-20).
pub const MAX_ACCURACY: u64 = 10;

/// What a foreign authority vouches for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForeignStamp {
    /// When the message existed; a fraction of a second is cut off.
    pub time: Timestamp,
    /// The authority's own policy.
    pub policy: ObjectIdentifier,
}

#[cfg(test)]
mod tests;
