//! Leaf certificates: strictly read, held against their profile, and, once a trust root has certified them, trusted for
//! the times at which their whole chain was valid (docs/formats.md F2).
//!
//! A [`Leaf`] says what a certificate claims; a [`Certified`] says that the engine's authority stands behind it. No
//! certificate in a message ever becomes an issuer: issuers come from the trust root alone.

mod error;
pub(crate) mod name;
mod narrowing;
pub(crate) mod parsed;

use const_oid::AssociatedOid as _;
use der::asn1::Utf8StringRef;
use der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;

use crate::crypto::P256Public;
use crate::digest::Digest;
use crate::identity::Subject;
use crate::leaf::LeafIdentity;
use crate::oid;
use crate::profile;
use crate::time::{Timestamp, Window};

pub use error::CertificateError;
pub use narrowing::check_narrowing;
use parsed::Parsed;

/// Most bytes of a certificate: the Chancery extension's 4 KiB, and as much again for everything else.
pub const MAX_BYTES: usize = 8192;

/// A leaf that fits its profile. Nothing says yet who issued it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    parsed: Parsed,
    digest: Digest,
    issuer_der: Vec<u8>,
    subject: Subject,
    identity: LeafIdentity,
    issuer_name: String,
}

impl Leaf {
    /// Reads a leaf. Fails on the first rule of the profile that it breaks, and where its parts contradict each other.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = Parsed::parse(der, &profile::LEAF)?;
        let subject = name::read_alternative(parsed.extension(SubjectAltName::OID)?)?;
        let identity = LeafIdentity::from_der(parsed.extension(oid::IDENTITY)?)?;
        name::check_agreement(&subject, &identity)?;
        if *parsed.subject() != name::leaf(&subject)? {
            return Err(CertificateError::CommonName);
        }
        check_narrowing(&identity, &parsed.window())?;
        let issuer_name = issuer_name(&parsed)?;
        let issuer_der = parsed.issuer().to_der()?;
        Ok(Self { digest: Digest::of(der), parsed, issuer_der, subject, identity, issuer_name })
    }

    /// The certificate's bytes.
    pub fn der(&self) -> &[u8] {
        self.parsed.der()
    }

    /// SHA-256 of the certificate's bytes.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Whom the certificate names.
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Who that is, for what, under whose authority.
    pub const fn identity(&self) -> &LeafIdentity {
        &self.identity
    }

    /// The certified key.
    pub const fn public_key(&self) -> &P256Public {
        self.parsed.key()
    }

    /// The certificate's life; `notAfter` is the first second outside, since `openssl` counts it so.
    pub const fn window(&self) -> Window {
        self.parsed.window()
    }

    /// The issuer's distinguished name, DER.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_der
    }

    /// The 20 bytes of the serial number.
    pub fn serial(&self) -> &[u8] {
        self.parsed.serial()
    }

    /// The identity issuer: the URL in both issuer extensions.
    pub fn issuer_name(&self) -> &str {
        &self.issuer_name
    }

    pub(crate) const fn parsed(&self) -> &Parsed {
        &self.parsed
    }
}

/// The deprecated extension holds the URL itself, the newer one its DER; stock clients read one or the other.
fn issuer_name(parsed: &Parsed) -> Result<String, CertificateError> {
    let unreadable = |oid| CertificateError::Unreadable { oid };
    let name = Utf8StringRef::from_der(parsed.extension(oid::FULCIO_ISSUER_V2)?)
        .map_err(|_| unreadable(oid::FULCIO_ISSUER_V2))?
        .as_str();
    if name.is_empty() || name.len() > 255 || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unreadable(oid::FULCIO_ISSUER_V2));
    }
    if parsed.extension(oid::FULCIO_ISSUER)? == name.as_bytes() {
        Ok(name.to_owned())
    } else {
        Err(CertificateError::IssuerConflict)
    }
}

/// A leaf whose chain, signature and promise of logging hold under a trust root. Made by `TrustRoot::certify` only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    leaf: Leaf,
    issuing: Parsed,
    root: Parsed,
    trusted: Window,
}

impl Certified {
    /// INVARIANT: the caller has checked signature, chain and promise.
    pub(crate) const fn new(leaf: Leaf, issuing: Parsed, root: Parsed, trusted: Window) -> Self {
        Self { leaf, issuing, root, trusted }
    }

    /// The leaf.
    pub const fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// SHA-256 of the issuing authority's certificate.
    pub fn issuing_digest(&self) -> Digest {
        Digest::of(self.issuing.der())
    }

    /// Checks that leaf, issuing authority and root were alive at `time`, and the authority trusted.
    pub fn valid_at(&self, time: Timestamp) -> Result<(), CertificateError> {
        if !self.leaf.window().contains(time) {
            return Err(CertificateError::Expired { window: self.leaf.window(), time });
        }
        self.issuing.check_alive(time)?;
        self.root.check_alive(time)?;
        if self.trusted.contains(time) {
            Ok(())
        } else {
            Err(CertificateError::OutsideTrust { window: self.trusted, time })
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
