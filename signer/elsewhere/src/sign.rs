//! The flow: key, certificate, signature, time, log, and the judgement of all of it.

use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::time::Timestamp;
use signer_outbound::Outbound;
use signer_sigstore::foreign::{Artifact, ForeignJudgement, ForeignVerifier, Signer};

use crate::bundle::Parts;
use crate::clock::Stamp;
use crate::error::ElsewhereError;
use crate::log::{Entry, Logged};
use crate::service::Service;
use crate::signing_config::Services;
use crate::token::IdentityToken;
use crate::{authority, clock, log};

/// How many seconds a service's clock may be ahead of ours.
pub(crate) const SKEW: u64 = 10;

/// A Sigstore that somebody else runs.
pub struct Elsewhere<'a> {
    pub(crate) services: &'a Services,
    outbound: &'a Outbound,
    pub(crate) verifier: ForeignVerifier,
}

/// What the services answered about one signature, unjudged.
pub(crate) struct Evidence {
    /// DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) stamps: Vec<Stamp>,
    pub(crate) entries: Vec<Entry>,
}

/// What is signed.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// Content itself, by its SHA-256.
    Bytes {
        /// Of all of it.
        digest: Digest,
    },
    /// A statement about it, in a DSSE envelope of the in-toto type.
    Statement {
        /// The statement.
        payload: &'a [u8],
    },
}

/// Whom the certificate must name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Its one subject: mail address or URI.
    pub identity: String,
    /// The issuer of the subject's token.
    pub issuer: String,
}

/// A bundle of which every step was verified under the trust root. Made here alone.
pub struct Proven {
    bundle: Vec<u8>,
    judgement: ForeignJudgement,
}

impl Proven {
    /// The Sigstore bundle v0.3, JSON.
    pub fn bundle(&self) -> &[u8] {
        &self.bundle
    }

    /// What was established.
    pub const fn judgement(&self) -> &ForeignJudgement {
        &self.judgement
    }
}

impl Expected {
    /// Whom the token's claims name, or the subject that the caller knows better.
    pub fn of(token: &IdentityToken, identity: Option<&str>) -> Result<Self, ElsewhereError> {
        let identity = identity.map(str::to_owned).or_else(|| token.identity()).ok_or(ElsewhereError::Identity)?;
        Ok(Self { identity, issuer: token.issuer().to_owned() })
    }
}

impl<'a> Elsewhere<'a> {
    /// Services, the way to them, and the trust root that what they answer is verified under.
    pub fn new(services: &'a Services, outbound: &'a Outbound, trusted_root: &[u8]) -> Result<Self, ElsewhereError> {
        let verifier = ForeignVerifier::new(trusted_root);
        let verifier = verifier.map_err(|source| ElsewhereError::TrustRoot { source: Box::new(source) })?;
        Ok(Self { services, outbound, verifier })
    }

    /// Signs. `artifact` is what the bundle must be found to be about, looked at anew; `now` tells the time when it is.
    pub fn sign(
        &self,
        token: &IdentityToken,
        expected: &Expected,
        content: &Content<'_>,
        artifact: Artifact<'_>,
        now: impl FnOnce() -> Timestamp,
    ) -> Result<Proven, ElsewhereError> {
        let evidence = self.gather(token, |_| match content {
            Content::Bytes { digest } => Ok((*digest, None)),
            Content::Statement { payload } => Ok((Digest::of(&dsse::pae(dsse::PAYLOAD_TYPE, payload)), Some(*payload))),
        })?;
        let bundle = Parts { content, evidence }.write()?;
        let signer = Signer::Identity { identity: &expected.identity, issuer: &expected.issuer };
        let judgement = self.verifier.judge(&bundle, artifact, &signer, now().plus(SKEW));
        let judgement = judgement.map_err(|source| ElsewhereError::judged(&self.asked(), source))?;
        Ok(Proven { bundle, judgement })
    }

    /// Everything that the services answer, unjudged. `signed` gives the digest to sign and the statement it is of, if any,
    /// and is shown the certificate.
    pub(crate) fn gather<'p>(
        &self,
        token: &IdentityToken,
        signed: impl FnOnce(&[u8]) -> Result<(Digest, Option<&'p [u8]>), ElsewhereError>,
    ) -> Result<Evidence, ElsewhereError> {
        let key = P256Key::generate()?;
        let certificate = authority::certify(&self.services.authority, self.outbound, token, &key)?;
        let (digest, payload) = signed(&certificate)?;
        let signature = key.sign_digest(&digest)?;
        drop(key);
        // Time first, as most clients do: an entry that no time can be shown for is of no use to anybody.
        let stamps = self.services.clocks.iter().map(|service| clock::stamp(service, self.outbound, &signature));
        let stamps = stamps.collect::<Result<_, _>>()?;
        let logged = Logged { digest, signature: &signature, certificate: &certificate, payload };
        let entries = self.services.logs.iter().map(|service| log::log(service, self.outbound, &logged));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        log::check_distinct(&entries)?;
        Ok(Evidence { certificate, signature, stamps, entries })
    }

    pub(crate) fn asked(&self) -> Vec<&Service> {
        let Services { authority, clocks, logs } = self.services;
        std::iter::once(authority).chain(clocks).chain(logs).collect()
    }
}
