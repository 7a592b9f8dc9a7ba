//! Signatures of commits and tags: detached CMS `SignedData` with one signer, five signed and three unsigned attributes
//! (docs/formats.md F3, RFC 5652).
//!
//! A signature is a function of six parts: signed attributes, signature value, certificate, token, log entry, decision.
//! `parse` finds the parts, writes the structure again from them and compares, so no byte outside them can vary.
//! Whether certificate, token and log entry are true is the business of their own modules.

mod error;
mod parse;

use crate::attribute_set::{attribute, octets};
use crate::attributes::SignedAttributes;
use crate::digest::Digest;
use crate::oid;
use crate::signed_data::{self, Parts};
use crate::tlv::{self, CONTEXT_1};

pub use error::CmsError;

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
}

/// Puts a signature together. Fails where [`CommitSignature::parse`] would refuse the result.
pub fn assemble(
    signed_attributes: &[u8],
    signature: &[u8],
    certificate_der: &[u8],
    evidence: &Evidence,
) -> Result<Vec<u8>, CmsError> {
    let der =
        write(signed_attributes, signature, certificate_der, &evidence.token, &evidence.entry, &evidence.decision)?;
    CommitSignature::parse(&der)?;
    Ok(der)
}

/// The one encoding of the six parts.
fn write(
    signed_attributes: &[u8],
    signature: &[u8],
    certificate: &[u8],
    token: &[u8],
    entry: &[u8],
    decision: &[u8],
) -> Result<Vec<u8>, CmsError> {
    let unsigned_attributes = tlv::write_set_of(
        CONTEXT_1,
        vec![attribute(oid::TIME_STAMP_TOKEN, token), octets(oid::LOG_ENTRY, entry), octets(oid::DECISION, decision)],
    );
    let sid =
        signed_data::issuer_and_serial(certificate).map_err(|source| CmsError::CertificateMalformed { source })?;
    let parts = Parts {
        version: 1,
        content_type: oid::DATA,
        content: None,
        certificate: Some(certificate),
        sid: &sid,
        signed_attributes,
        signature,
        unsigned_attributes: &unsigned_attributes,
    };
    Ok(parts.write()?)
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
        let written = write(
            signed_attributes.der(),
            found.signature,
            found.certificate,
            found.token,
            found.entry,
            found.decision,
        )?;
        if written != der {
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
