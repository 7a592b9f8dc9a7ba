//! The requester's half of RFC 3161: what a foreign authority is asked, and whether its answer is to that question.
//!
//! The authority's signature and chain are not looked at here: whoever relies on the token verifies it under a trust root.

use crate::digest::Digest;
use crate::oid;
use crate::reason::{Code, Coded};
use crate::signed_data::{ContentInfo, SignedData};
use crate::tlv::{self, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, TlvError};

use super::fields::TstFields;

/// Most bytes of an answer; a token that encloses a chain has some thousand.
pub const MAX_REPLY: usize = 64 * 1024;
/// BOOLEAN.
const BOOLEAN: u8 = 0x01;
/// `PKIStatus` granted, and granted with modifications.
const GRANTED: [&[u8]; 2] = [&[0], &[1]];

/// A question: a stamp over this digest, for whoever chose this nonce, with the authority's certificate inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    digest: Digest,
    /// INTEGER, DER.
    nonce: Vec<u8>,
}

impl Asked {
    /// A question over SHA-256 of what is to be stamped. The nonce shall be random.
    pub fn new(digest: Digest, nonce: [u8; 8]) -> Self {
        Self { digest, nonce: tlv::write_unsigned(&nonce) }
    }

    /// The `TimeStampReq`, DER.
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = tlv::write(SEQUENCE, &[&tlv::write(OBJECT_IDENTIFIER, &[oid::SHA256.as_bytes()])]);
        let imprint = tlv::write(SEQUENCE, &[&algorithm, &tlv::write(OCTET_STRING, &[self.digest.as_bytes()])]);
        let certificate = tlv::write(BOOLEAN, &[&[0xff]]);
        tlv::write(SEQUENCE, &[&tlv::write(INTEGER, &[&[1]]), &imprint, &self.nonce, &certificate])
    }

    /// The token inside a `TimeStampResp`. Fails unless it is granted, over this digest and with this nonce (RFC 3161 2.4.2).
    pub fn check<'a>(&self, reply: &'a [u8]) -> Result<&'a [u8], ReplyError> {
        if reply.len() > MAX_REPLY {
            return Err(ReplyError::TooLarge { actual: reply.len() });
        }
        let mut fields = tlv::only(reply, SEQUENCE)?.open();
        let status = fields.expect(SEQUENCE)?.open().expect(INTEGER)?.content;
        if !GRANTED.contains(&status) {
            return Err(ReplyError::Status { status: status.last().copied().unwrap_or_default() });
        }
        let der = fields.expect(SEQUENCE)?.whole;
        fields.finish()?;
        let token = ContentInfo::read(der)?;
        let signed = SignedData::read(token.content)?;
        let is_token = token.kind == oid::SIGNED_DATA.as_bytes() && signed.content_type == oid::TST_INFO.as_bytes();
        let info = signed.content.filter(|_| is_token).ok_or(ReplyError::Malformed)?;
        let info = TstFields::read(tlv::only(info, OCTET_STRING)?.content)?;
        if info.algorithm != oid::SHA256.as_bytes() || info.imprint != self.digest.as_bytes() {
            return Err(ReplyError::Imprint);
        }
        match info.nonce {
            Some(nonce) if nonce.whole == self.nonce => Ok(der),
            Some(_) | None => Err(ReplyError::Nonce),
        }
    }
}

/// Why an answer is not to this question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// A stamp over something else.
    #[error("the token stamps another digest than it was asked to")]
    Imprint,
    /// No `TimeStampResp` with a token.
    #[error("the answer is no time-stamp response")]
    Malformed,
    /// An answer to another question, perhaps an old one.
    #[error("the token does not repeat the nonce of the request")]
    Nonce,
    /// Refused.
    #[error("the authority did not grant the request: status {status}")]
    Status {
        /// `PKIStatus`.
        status: u8,
    },
    /// Too many bytes.
    #[error("the answer has {actual} bytes, at most {MAX_REPLY} are read")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
}

impl From<TlvError> for ReplyError {
    fn from(_: TlvError) -> Self {
        Self::Malformed
    }
}

impl Coded for ReplyError {
    fn code(&self) -> Code {
        match self {
            Self::Imprint => Code::TimeImprintMismatch,
            Self::Malformed | Self::TooLarge { .. } => Code::TimeMalformed,
            Self::Nonce => Code::TimeNonce,
            Self::Status { .. } => Code::TimeStatus,
        }
    }
}

#[cfg(test)]
mod tests;
