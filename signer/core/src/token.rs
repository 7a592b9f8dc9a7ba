//! Time-stamp tokens of RFC 3161: what the engine's authorities mint, and the one form of it that a verifier accepts
//! (docs/formats.md F3).

use const_oid::ObjectIdentifier;

use crate::crypto::P256Public;
use crate::time::Window;

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
