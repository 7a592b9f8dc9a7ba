//! One question to the authorities, one after the other, until one gives a token that counts.

use std::thread;
use std::time::Duration;

use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::foreign_time::{ForeignAuthorities, ForeignAuthority, ForeignToken};
use signer_core::time::Window;
use signer_core::time_stamp::{Asked, MAX_REPLY};
use signer_core::trust_root::TrustRoot;
use signer_outbound::{Call, Outbound};

use super::error::AskError;

/// How far behind the engine's clock an authority's may be, in seconds, to be waited for: a certificate's first signature is
/// often made in the certificate's first second.
const BEHIND: u64 = 2;

/// A signature that is to be stamped.
pub(super) struct Question {
    pub(super) signature: Vec<u8>,
    /// When what signed is valid.
    pub(super) window: Window,
}

impl Question {
    /// What tokens of this signature are kept under.
    pub(super) fn imprint(&self) -> Digest {
        Digest::of(&self.signature)
    }

    /// The first token that counts, in its embedded form. Fails as the last authority does.
    pub(super) fn ask(
        &self,
        authorities: &ForeignAuthorities,
        outbound: &Outbound,
        trust: &TrustRoot,
    ) -> Result<Vec<u8>, AskError> {
        let mut refused = AskError::Nobody;
        for authority in authorities.list() {
            let mut asked = self.ask_one(authority, authorities, outbound, trust);
            if let Err(AskError::Conflict { time, .. }) = &asked
                && *time < self.window.start
                && self.window.start <= time.plus(BEHIND)
            {
                thread::sleep(Duration::from_secs(self.window.start.unix().saturating_sub(time.unix())));
                asked = self.ask_one(authority, authorities, outbound, trust);
            }
            match asked {
                Ok(token) => return Ok(token),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    fn ask_one(
        &self,
        authority: &ForeignAuthority,
        authorities: &ForeignAuthorities,
        outbound: &Outbound,
        trust: &TrustRoot,
    ) -> Result<Vec<u8>, AskError> {
        let url = || authority.url().to_owned();
        let asked = Asked::new(self.imprint(), crypto::random()?);
        let request = asked.to_der();
        let call = Call {
            url: authority.url(),
            accept: "application/timestamp-reply",
            bearer: None,
            body: Some(("application/timestamp-query", &request)),
            most: u64::try_from(MAX_REPLY).unwrap_or(u64::MAX),
        };
        let answer = outbound.ask(&call).map_err(|source| AskError::Unanswered { url: url(), source })?;
        // RFC 3161 3.4 names no status; Sigstore's authority answers 201.
        if !matches!(answer.status, 200 | 201) {
            return Err(AskError::Status { url: url(), status: answer.status });
        }
        let token = asked.check(&answer.body).map_err(|source| AskError::Reply { url: url(), source })?;
        let refused = |source| AskError::Token { url: url(), source };
        let token = ForeignToken::read(token).and_then(|token| token.to_der()).map_err(refused)?;
        // As it is embedded, and by whomever of them: so will every verifier judge it.
        let read = ForeignToken::parse(&token).map_err(refused)?;
        let (stamp, counts) = authorities.judge(&read, &self.signature, trust).map_err(refused)?;
        if !counts || !self.window.contains(stamp.time) {
            return Err(AskError::Conflict { url: url(), time: stamp.time });
        }
        Ok(token)
    }
}
