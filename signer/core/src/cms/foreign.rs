//! Signatures of commits and tags that were made without an engine, as gitsign makes them in its offline mode: a log entry,
//! perhaps a time-stamp, and nobody's decision (docs/formats.md F17).
//!
//! Read as strictly as ours: the parts are found, the structure is written again from them and compared. Whether they are
//! true is judged as a Sigstore bundle's parts are.

use super::parse::{self, Skeleton};
use super::{CmsError, CommitSignature};
use crate::attribute_set::{attribute, octets, only_value, values};
use crate::attributes::ForeignAttributes;
use crate::digest::Digest;
use crate::log_entry::ForeignEntry;
use crate::oid;
use crate::signed_data::{self, Parts};
use crate::tlv::{self, CONTEXT_1, SEQUENCE};

/// A signature in its one form. Says nothing about truth: nothing in it has been checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignSignature {
    /// What was signed.
    pub attributes: ForeignAttributes,
    /// ECDSA over the DER of the attributes, itself DER.
    pub signature: Vec<u8>,
    /// The leaf, DER.
    pub certificate: Vec<u8>,
    /// RFC 3161 token over the signature: DER of a `ContentInfo`, as its authority wrote it.
    pub token: Option<Vec<u8>>,
    /// Where it is logged.
    pub entry: ForeignEntry,
}

impl ForeignSignature {
    /// Reads at most 16 KiB of DER in the one form that [`Self::write`] writes.
    ///
    /// Fails for an engine's signatures, which an anchor judges, and for such as carry no evidence of their own.
    pub fn parse(der: &[u8]) -> Result<Self, CmsError> {
        let found = Self::read(der);
        let is_unknown = |error: &CmsError| {
            matches!(error, CmsError::UnknownSignedAttribute { .. } | CmsError::UnknownUnsignedAttribute { .. })
        };
        match found {
            Err(error) if is_unknown(&error) && CommitSignature::parse(der).is_ok() => Err(CmsError::Countersigned),
            found => found,
        }
    }

    fn read(der: &[u8]) -> Result<Self, CmsError> {
        let Skeleton { signed_attributes, signature, certificate, unsigned } = parse::skeleton(der)?;
        let attributes = ForeignAttributes::parse(&signed_attributes)?;
        if attributes.certificate_digest().is_some_and(|named| *named != Digest::of(certificate)) {
            return Err(CmsError::CertificateNotNamed);
        }
        let kinds = [oid::TIME_STAMP_TOKEN, oid::LOG_ENTRY];
        let [token, entry] = values(unsigned.unwrap_or_default(), kinds).map_err(CmsError::unsigned)?;
        let token = token.map(|values| only_value(values, oid::TIME_STAMP_TOKEN)).transpose();
        let token = token.map_err(CmsError::unsigned)?;
        if token.is_some_and(|token| token.tag != SEQUENCE) {
            return Err(CmsError::AttributeType { attribute: oid::TIME_STAMP_TOKEN });
        }
        let entry = parse::octet_content(entry.ok_or(CmsError::Online)?, oid::LOG_ENTRY)?;
        let found = Self {
            attributes,
            signature: signature.to_vec(),
            certificate: certificate.to_vec(),
            token: token.map(|token| token.whole.to_vec()),
            entry: ForeignEntry::decode(entry).map_err(|source| CmsError::Entry { source })?,
        };
        if found.write()? == der { Ok(found) } else { Err(CmsError::NotCanonical) }
    }

    /// The one encoding. Fails where [`Self::parse`] would find no certificate or entry.
    pub fn write(&self) -> Result<Vec<u8>, CmsError> {
        let entry = self.entry.encode().map_err(|source| CmsError::Entry { source })?;
        let token = self.token.as_ref().map(|token| attribute(oid::TIME_STAMP_TOKEN, token));
        let unsigned = token.into_iter().chain([octets(oid::LOG_ENTRY, &entry)]).collect();
        let sid = signed_data::issuer_and_serial(&self.certificate)
            .map_err(|source| CmsError::CertificateMalformed { source })?;
        let parts = Parts {
            version: 1,
            content_type: oid::DATA,
            content: None,
            certificate: Some(&self.certificate),
            sid: &sid,
            signed_attributes: self.attributes.der(),
            signature: &self.signature,
            unsigned_attributes: &tlv::write_set_of(CONTEXT_1, unsigned),
        };
        Ok(parts.write()?)
    }
}

#[cfg(test)]
mod tests;
