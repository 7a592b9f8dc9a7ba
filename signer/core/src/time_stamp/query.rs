//! `TimeStampReq` (RFC 3161 2.4.1), in DER or in the JSON of Sigstore's time-stamp authority.

use const_oid::ObjectIdentifier;
use serde::Deserialize;

use crate::oid;
use crate::protocol::Base64;
use crate::reason::{Code, Coded};
use crate::tlv::{self, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, TlvError};

/// Most bytes of a request.
const MAX_BYTES: usize = 4096;
/// Most bytes of a nonce's number; clients send 8 to 20.
const MAX_NONCE: usize = 32;
/// BOOLEAN.
const BOOLEAN: u8 = 0x01;
/// NULL.
const NULL: u8 = 0x05;

/// Digests whose imprint is stamped, with their lengths. Weaker ones are not (RFC 3161 2.4.1, attack TIME-10).
const DIGESTS: [(ObjectIdentifier, &str, usize); 3] =
    [(oid::SHA256, "sha256", 32), (oid::SHA384, "sha384", 48), (oid::SHA512, "sha512", 64)];

/// A request that may be granted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// `MessageImprint` as it was sent: the answer repeats it byte for byte.
    pub(super) imprint: Vec<u8>,
    /// The INTEGER as it was sent.
    pub(super) nonce: Option<Vec<u8>>,
    /// Whether the authority's certificate is wanted inside.
    pub(super) certificate: bool,
}

impl Query {
    /// Reads at most 4 KiB of DER. Fails on anything but a version 1 request that this authority can grant.
    pub fn from_der(der: &[u8]) -> Result<Self, Rejection> {
        if der.len() > MAX_BYTES {
            return Err(Rejection::DataFormat);
        }
        let mut fields = tlv::only(der, SEQUENCE)?.open();
        if fields.expect(INTEGER)?.content != [1] {
            return Err(Rejection::Request);
        }
        let imprint = fields.expect(SEQUENCE)?;
        check_imprint(imprint.open())?;
        let policy = fields.optional(OBJECT_IDENTIFIER)?;
        let nonce = fields.optional(INTEGER)?;
        let certificate = fields.optional(BOOLEAN)?.map(|element| truth(&element)).transpose()?.unwrap_or_default();
        // RFC 3161 2.4.1: `[0] Extensions`, which the authority must understand all of.
        if !fields.is_empty() {
            fields.expect(tlv::CONTEXT_0)?;
            fields.finish()?;
            return Err(Rejection::Extension);
        }
        if policy.is_some_and(|policy| policy.content != oid::TIME_POLICY.as_bytes()) {
            return Err(Rejection::Policy);
        }
        let nonce = nonce.map(|nonce| checked_nonce(&nonce)).transpose()?;
        Ok(Self { imprint: imprint.whole.to_vec(), nonce, certificate })
    }

    /// Reads the JSON form: `artifactHash`, `hashAlgorithm`, and perhaps `nonce`, `certificates`, `tsaPolicyOID`.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Rejection> {
        if bytes.len() > MAX_BYTES {
            return Err(Rejection::DataFormat);
        }
        let sent: Document = serde_json::from_slice(bytes).map_err(|_| Rejection::DataFormat)?;
        let known = DIGESTS.iter().find(|(_, name, _)| sent.hash_algorithm.eq_ignore_ascii_case(name));
        let (kind, _, length) = known.ok_or(Rejection::Algorithm)?;
        if sent.artifact_hash.0.len() != *length {
            return Err(Rejection::DataFormat);
        }
        if sent.policy.is_some_and(|policy| policy != oid::TIME_POLICY.to_string()) {
            return Err(Rejection::Policy);
        }
        let algorithm = tlv::write(SEQUENCE, &[&tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()])]);
        Ok(Self {
            imprint: tlv::write(SEQUENCE, &[&algorithm, &tlv::write(OCTET_STRING, &[&sent.artifact_hash.0])]),
            nonce: sent.nonce.map(|nonce| tlv::write_unsigned(&nonce.to_be_bytes())),
            certificate: sent.certificates,
        })
    }
}

/// `JSONRequest` of Sigstore's time-stamp authority.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    artifact_hash: Base64,
    hash_algorithm: String,
    nonce: Option<u64>,
    #[serde(default)]
    certificates: bool,
    #[serde(rename = "tsaPolicyOID")]
    policy: Option<String>,
}

/// RFC 5754 2: parameters are absent or NULL.
fn check_imprint(mut fields: Reader<'_>) -> Result<(), Rejection> {
    let mut algorithm = fields.expect(SEQUENCE)?.open();
    let kind = algorithm.expect(OBJECT_IDENTIFIER)?.content;
    let parameters = algorithm.optional(NULL)?;
    let hash = fields.expect(OCTET_STRING)?.content;
    fields.finish()?;
    let known = DIGESTS.iter().find(|(digest, _, _)| digest.as_bytes() == kind);
    let (_, _, length) = known.ok_or(Rejection::Algorithm)?;
    algorithm.finish()?;
    if parameters.is_some_and(|null| !null.content.is_empty()) || hash.len() != *length {
        return Err(Rejection::DataFormat);
    }
    Ok(())
}

/// X.690 11.1; encoders that write the default FALSE out are let through, since some clients do.
fn truth(element: &Element<'_>) -> Result<bool, Rejection> {
    match element.content {
        [0x00] => Ok(false),
        [0xff] => Ok(true),
        _ => Err(Rejection::DataFormat),
    }
}

/// A minimal INTEGER of a bearable length, not negative.
fn checked_nonce(element: &Element<'_>) -> Result<Vec<u8>, Rejection> {
    let fits = (1..=MAX_NONCE).contains(&element.content.len());
    if fits && element.content.first() < Some(&0x80) && tlv::write_unsigned(element.content) == element.whole {
        Ok(element.whole.to_vec())
    } else {
        Err(Rejection::DataFormat)
    }
}

/// Why no token is made: `PKIFailureInfo` of RFC 3161 2.4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// `badAlg`.
    #[error("the digest algorithm is none of SHA-256, SHA-384 and SHA-512")]
    Algorithm,
    /// `badRequest`.
    #[error("the request has another version than 1")]
    Request,
    /// `badDataFormat`.
    #[error("the request is malformed")]
    DataFormat,
    /// `timeNotAvailable`.
    #[error("the authority's clock cannot be relied on")]
    Time,
    /// `unacceptedPolicy`.
    #[error("the authority stamps under its plain time policy alone")]
    Policy,
    /// `unacceptedExtension`.
    #[error("the request has extensions, and the authority knows none")]
    Extension,
    /// `systemFailure`.
    #[error("the authority failed")]
    System,
}

impl Rejection {
    /// The bit of `PKIFailureInfo`.
    pub(super) const fn bit(self) -> u8 {
        match self {
            Self::Algorithm => 0,
            Self::Request => 2,
            Self::DataFormat => 5,
            Self::Time => 14,
            Self::Policy => 15,
            Self::Extension => 16,
            Self::System => 25,
        }
    }
}

impl From<TlvError> for Rejection {
    fn from(_: TlvError) -> Self {
        Self::DataFormat
    }
}

impl Coded for Rejection {
    fn code(&self) -> Code {
        match self {
            Self::Algorithm => Code::TimeAlgorithm,
            Self::Request | Self::DataFormat | Self::Extension => Code::RequestMalformed,
            Self::Time => Code::TimeClockJump,
            Self::Policy => Code::TimePolicy,
            Self::System => Code::Internal,
        }
    }
}
