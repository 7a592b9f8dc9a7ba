//! Signatures of commits and tags: detached CMS `SignedData` with one signer, five signed and three unsigned attributes
//! (docs/formats.md F3, RFC 5652).
//!
//! A signature is a function of its parts: signed attributes, signature value, certificate, token, log entry, decision, and
//! perhaps a foreign authority's token.
//! `parse` finds the parts, writes the structure again from them and compares, so no byte outside them can vary.
//! Whether certificate, token and log entry are true is the business of their own modules.

mod error;
mod foreign;
mod parse;

use crate::attribute_set::{attribute, attribute_of, octets};
use crate::attributes::SignedAttributes;
use crate::digest::Digest;
use crate::oid;
use crate::signed_data::{self, Parts};
use crate::tlv::{self, CONTEXT_1};

pub use error::CmsError;
pub use foreign::ForeignSignature;

/// Most bytes of a signature's DER.
pub const MAX_BYTES: usize = 16 * 1024;

/// What the engine gave back for a signature: the three unsigned attributes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// Time-stamp token: DER of a `ContentInfo`.
    pub token: Vec<u8>,
    /// Log entry: protobuf `TransparencyLogEntry`.
    pub entry: Vec<u8>,
    /// Decision record: canonical JSON.
    pub decision: Vec<u8>,
    /// Token of a foreign time authority, in its embedded form.
    pub foreign: Option<Vec<u8>>,
}

/// Puts a signature together. Fails where [`CommitSignature::parse`] would refuse the result.
pub fn assemble(
    signed_attributes: &[u8],
    signature: &[u8],
    certificate_der: &[u8],
    evidence: &Evidence,
) -> Result<Vec<u8>, CmsError> {
    let parts = Written {
        signed_attributes,
        signature,
        certificate: certificate_der,
        token: &evidence.token,
        foreign: evidence.foreign.as_deref(),
        entry: &evidence.entry,
        decision: &evidence.decision,
    };
    let der = parts.write()?;
    CommitSignature::parse(&der)?;
    Ok(der)
}

/// What a signature is a function of.
struct Written<'a> {
    signed_attributes: &'a [u8],
    signature: &'a [u8],
    certificate: &'a [u8],
    token: &'a [u8],
    foreign: Option<&'a [u8]>,
    entry: &'a [u8],
    decision: &'a [u8],
}

impl Written<'_> {
    /// The one encoding.
    fn write(&self) -> Result<Vec<u8>, CmsError> {
        let tokens = match self.foreign {
            None => attribute(oid::TIME_STAMP_TOKEN, self.token),
            Some(foreign) => attribute_of(oid::TIME_STAMP_TOKEN, vec![self.token.to_vec(), foreign.to_vec()]),
        };
        let unsigned_attributes = tlv::write_set_of(
            CONTEXT_1,
            vec![tokens, octets(oid::LOG_ENTRY, self.entry), octets(oid::DECISION, self.decision)],
        );
        let sid = signed_data::issuer_and_serial(self.certificate)
            .map_err(|source| CmsError::CertificateMalformed { source })?;
        let parts = Parts {
            version: 1,
            content_type: oid::DATA,
            content: None,
            certificate: Some(self.certificate),
            sid: &sid,
            signed_attributes: self.signed_attributes,
            signature: self.signature,
            unsigned_attributes: &unsigned_attributes,
        };
        Ok(parts.write()?)
    }
}

/// A signature in its one form. Says nothing about truth: no signature in it has been checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommitSignature {
    signed_attributes: SignedAttributes,
    signature: Vec<u8>,
    certificate: Vec<u8>,
    evidence: Evidence,
}

impl CommitSignature {
    /// Reads at most 16 KiB of DER in the one form that [`assemble`] writes.
    ///
    /// Fails where any byte would be written differently, where the signer is not the holder of the one enclosed
    /// certificate, and where the ESS attribute does not name that certificate.
    pub fn parse(der: &[u8]) -> Result<Self, CmsError> {
        let found = parse::find(der)?;
        let signed_attributes = SignedAttributes::parse(&found.signed_attributes)?;
        if *signed_attributes.certificate_digest() != Digest::of(found.certificate) {
            return Err(CmsError::CertificateNotNamed);
        }
        let written = Written {
            signed_attributes: signed_attributes.der(),
            signature: found.signature,
            certificate: found.certificate,
            token: found.token,
            foreign: found.foreign,
            entry: found.entry,
            decision: found.decision,
        };
        if written.write()? != der {
            return Err(CmsError::NotCanonical);
        }
        Ok(Self {
            signed_attributes,
            signature: found.signature.to_vec(),
            certificate: found.certificate.to_vec(),
            evidence: Evidence {
                token: found.token.to_vec(),
                entry: found.entry.to_vec(),
                decision: found.decision.to_vec(),
                foreign: found.foreign.map(<[u8]>::to_vec),
            },
        })
    }

    /// The five signed attributes.
    pub const fn signed_attributes(&self) -> &SignedAttributes {
        &self.signed_attributes
    }

    /// The signature value, over the DER of the signed attributes.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The leaf, unchecked.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// The time-stamp token, unchecked.
    pub fn token(&self) -> &[u8] {
        &self.evidence.token
    }

    /// The foreign authority's token, unchecked.
    pub fn foreign(&self) -> Option<&[u8]> {
        self.evidence.foreign.as_deref()
    }

    /// The log entry, unchecked.
    pub fn entry(&self) -> &[u8] {
        &self.evidence.entry
    }

    /// The decision, unchecked.
    pub fn decision(&self) -> &[u8] {
        &self.evidence.decision
    }
}

#[cfg(test)]
mod tests;
