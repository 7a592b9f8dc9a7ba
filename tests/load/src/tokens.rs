//! `tokens`: RFC 3161 time-stamps from N clients, each over another digest.

use anyhow::{Context, Result};
use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::token::{self, Token};
use signer_core::trust_root::TrustRoot;

use crate::arguments::Load;
use crate::errand::{self, Errand};
use crate::wire::Wire;

/// `TimeStampReq` with a SHA-256 imprint, its algorithm without parameters, up to the imprint's 32 bytes, which are the last
/// (RFC 3161 2.4.1, RFC 5754 2).
const BEFORE: [u8; 22] = [
    0x30, 0x34, 0x02, 0x01, 0x01, 0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0x04, 0x20,
];

/// A time-stamp.
struct TimeStamp;

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let url = &arguments.target.engine;
    let wire = || Wire::new(url, "/api/v1/timestamp", None, "application/timestamp-query");
    let errands = (0..arguments.clients).map(|_| Ok((TimeStamp, wire()?)));
    errand::run("tokens", arguments, errands.collect::<Result<_>>()?)
}

impl Errand for TimeStamp {
    /// What was stamped.
    type Asked = [u8; 32];

    fn request(&self) -> Result<([u8; 32], Vec<u8>)> {
        let message = crypto::random()?;
        Ok((message, [&BEFORE, Digest::of(&message).as_bytes().as_slice()].concat()))
    }

    fn verify(&self, message: &[u8; 32], answer: &[u8], trust: &TrustRoot) -> Result<()> {
        let der = token::granted(answer)?;
        Token::parse(der).context("no token")?.verify(trust.time_authorities(), message)?;
        Ok(())
    }
}
