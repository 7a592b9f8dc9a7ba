//! A key with its certificate: one key, one certificate, one purpose.

use std::time::Duration;

use anyhow::{Context, Result};
use signer_client::{ClientError, Credential, Engine};
use signer_core::crypto::{P256Key, SignP256};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CertificateRequest, Presence};
use signer_core::time::Timestamp;

use crate::client::Patience;
use crate::clock;

/// Certificates live ten minutes; a new one is fetched well before.
const RENEW_AFTER: u64 = 480;

/// A key with its certificate.
pub(crate) struct Hand {
    key: P256Key,
    pub(crate) certificate: Vec<u8>,
    pub(crate) digest: Digest,
    made: Timestamp,
}

impl Hand {
    /// A fresh key, certified. `owner` proves a person's presence.
    pub(crate) fn new(
        engine: &Engine,
        session: &Credential,
        owner: Option<&Credential>,
        purpose: Purpose,
        patience: &Patience,
    ) -> Result<Self> {
        let key = P256Key::generate()?;
        let request = CertificateRequest {
            purpose,
            csr: Base64(csr::make(&key)?),
            presence: owner.map(|_| Presence::OwnerCredential),
        };
        let issued = patience.until_answered(|| engine.issue(session, owner, &request)).map_err(anyhow_of);
        let certificate = issued.context("no certificate")?.certificate.0;
        Ok(Self { digest: Digest::of(&certificate), certificate, key, made: clock::now() })
    }

    /// A signature over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(self.key.sign_p256(message)?)
    }

    /// The key, for requests that are wrong on purpose.
    pub(crate) const fn key(&self) -> &P256Key {
        &self.key
    }

    /// Whether it is time for another one.
    pub(crate) fn is_old(&self) -> bool {
        clock::now() >= self.made.plus(RENEW_AFTER)
    }
}

/// The client's error with its codes in front.
pub(crate) fn anyhow_of(error: ClientError) -> anyhow::Error {
    let codes = error.reasons().iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>().join(", ");
    anyhow::Error::new(error).context(codes)
}

/// How long to wait between two tries.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);
