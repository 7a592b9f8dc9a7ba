//! Time-stamp tokens of RFC 3161: what the engine's authorities mint, and the one form of it that a verifier accepts
//! (docs/formats.md F3).
//!
//! A token is `SignedData` over a `TSTInfo`, without certificates: the verifier has the authority's certificate from its
//! trust root, and the signing-certificate attribute names it. A countersigning authority's token also carries the
//! digest of the decision that allowed it. Tokens of foreign authorities have other forms and are not read here.

mod check;
mod error;
mod mint;
mod tst_info;

use const_oid::ObjectIdentifier;

use crate::crypto::P256Public;
use crate::digest::Digest;
use crate::time::{Timestamp, Window};

pub use check::Token;
pub use error::TokenError;
pub use mint::{Request, Stamper, granted, mint, mint_request, response};

/// Most bytes of a token.
pub const MAX_BYTES: usize = 4096;

/// An authority whose tokens count: its certificate, and the one policy that certificate may stamp under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimeAuthority {
    /// DER of the authority's certificate; tokens name it by issuer, serial number and digest.
    pub certificate: Vec<u8>,
    /// The key in that certificate.
    pub public_key: P256Public,
    /// The policy that its `certificatePolicies` extension names.
    pub policy: ObjectIdentifier,
    /// When its tokens count.
    pub window: Window,
}

/// What a verified token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// SHA-256 of the authority's certificate.
    pub authority: Digest,
    /// When the message existed.
    pub time: Timestamp,
    /// Digest of the decision that allowed the countersignature, under that policy only.
    pub decision: Option<Digest>,
    /// The policy, which is the authority's.
    pub policy: ObjectIdentifier,
}

#[cfg(test)]
mod tests;
