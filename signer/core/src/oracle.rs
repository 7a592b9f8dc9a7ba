//! Refuses to sign bytes that mean something under another key (docs/formats.md F1).
//!
//! A command that signs a file must not be talked into signing a commit's attributes, a certificate, a checkpoint or a
//! DSSE envelope's pre-authentication encoding: the same signature would then say what nobody decided. Forms are
//! recognised by their first fields, headers read as loosely as any reader would, so that no sloppy reader takes for
//! such a form what this module lets pass.

mod asn1;
mod text;

use std::fmt;

use crate::reason::{Code, Coded};

/// Fails where `bytes` are of a form that a key of another purpose signs.
pub fn refuse_foreign_form(bytes: &[u8]) -> Result<(), OracleError> {
    match text::form(bytes).or_else(|| asn1::form(bytes)) {
        Some(form) => Err(OracleError::ForeignForm { form }),
        None => Ok(()),
    }
}

/// What some key signs, and no file may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// PKCS#10 `CertificationRequestInfo`: a leaf's key, once.
    CertificateRequest,
    /// `TBSCertificate`: an issuing authority.
    Certificate,
    /// RFC 6962 SCT input: the certificate log's key.
    CertificatePromise,
    /// Checkpoint or any signed note: the log.
    Checkpoint,
    /// `cosignature/v1`: a witness.
    Cosignature,
    /// DSSE pre-authentication encoding: statements.
    DssePae,
    /// `TBSCertList`: an issuing authority.
    RevocationList,
    /// DER `SET OF Attribute`: commits, tags, time-stamp tokens.
    SignedAttributes,
    /// `TSTInfo`: a time authority.
    TimeStamp,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CertificateRequest => "a certificate request",
            Self::Certificate => "a certificate to be signed",
            Self::CertificatePromise => "a promise to log a certificate",
            Self::Checkpoint => "a log's checkpoint or another signed note",
            Self::Cosignature => "a witness's cosignature",
            Self::DssePae => "a DSSE pre-authentication encoding",
            Self::RevocationList => "a revocation list to be signed",
            Self::SignedAttributes => "the signed attributes of a commit, tag or time-stamp",
            Self::TimeStamp => "a time-stamp to be signed",
        })
    }
}

/// Why bytes are not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OracleError {
    /// Another key signs this form.
    #[error("these bytes are {form}, which this command never signs")]
    ForeignForm {
        /// The form.
        form: Form,
    },
}

impl Coded for OracleError {
    fn code(&self) -> Code {
        match self {
            Self::ForeignForm { .. } => Code::SignOracle,
        }
    }
}

#[cfg(test)]
mod tests;
