//! RFC 3161: a time-stamp over a signature.

use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::time_stamp::Asked;
use signer_outbound::Outbound;

use crate::error::ElsewhereError;
use crate::service::{Question, Service};

/// A time-stamp.
pub(crate) struct Stamp {
    /// The `TimeStampResp`, DER.
    pub(crate) reply: Vec<u8>,
    /// The token in it, DER.
    pub(crate) token: Vec<u8>,
}

/// Asks for a stamp. Fails unless the answer is to this question; who signed it is judged with all else.
pub(crate) fn stamp(service: &Service, outbound: &Outbound, signature: &[u8]) -> Result<Stamp, ElsewhereError> {
    let asked = Asked::new(Digest::of(signature), crypto::random()?);
    let media = ["application/timestamp-query", "application/timestamp-reply"];
    // The whole address stands in the signing config, where those of the others are prefixes.
    let question = Question { path: "", bearer: None, media, body: &asked.to_der() };
    let reply = service.ask(outbound, &question)?;
    let token =
        asked.check(&reply).map_err(|source| ElsewhereError::Stamp { service: service.clone(), source })?.to_vec();
    Ok(Stamp { reply, token })
}
