//! The plain time authority: tokens that say when, and nothing about any decision (docs/formats.md F12).

use signer_core::crypto;
use signer_core::protocol::Base64;
use signer_core::time::Timestamp;
use signer_core::time_stamp::{self, Query};

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::session::internal;

impl Engine {
    /// A `TimeStampResp` with a token at `now`, by the plain authority's key under its policy alone.
    pub fn stamp(&self, query: &Query, now: Timestamp) -> Result<Vec<u8>, Refusal> {
        let authority = &self.authorities.time;
        let serial = crypto::random().map_err(internal)?;
        Ok(time_stamp::grant(&authority.key, &authority.certificate, query, now, &serial)?)
    }

    /// The plain authority's certificate, then the root's, DER.
    pub fn time_chain(&self) -> Vec<Base64> {
        vec![Base64(self.authorities.time.certificate.clone()), Base64(self.authorities.root.clone())]
    }
}
