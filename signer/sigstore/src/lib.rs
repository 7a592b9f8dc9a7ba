//! The judgement of a stock Sigstore client about our bundles, as a second opinion beside `signer_core::verify`.
//!
//! It stands on `sigstore-verify` and knows nothing of purposes, decisions or policy; nothing here makes a bundle
//! verified or accepted. Unlike our own verification, that crate reads the system clock: a trust root's entry whose
//! window has not begun yet does not count.

mod error;
pub mod foreign;
pub mod trusted_root;

use signer_core::digest::Digest;
use signer_core::identity::Subject;
use signer_core::time::Timestamp;
use signer_core::{bundle, trust_root};
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Bundle, Sha256Hash};
use sigstore_verify::{IdentityMatcher, VerificationPolicy, VerificationResult, Verifier};

pub use error::SigstoreError;

/// What the stock client established. Its existence says that the bundle passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    times: Vec<Timestamp>,
}

impl Judgement {
    /// The authenticated times; never empty.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }
}

/// A stock client under one trust root.
pub struct StockVerifier(Verifier);

impl StockVerifier {
    /// Prepares the client. Fails where it cannot use the trust root.
    pub fn new(trusted_root_json: &[u8]) -> Result<Self, SigstoreError> {
        let text = text("trust root", trusted_root_json, trust_root::MAX_BYTES)?;
        let root = TrustedRoot::from_json(text).map_err(|source| SigstoreError::TrustRoot { source })?;
        let verifier = Verifier::new(&root).map_err(|source| SigstoreError::Unusable { source: Box::new(source) })?;
        Ok(Self(verifier))
    }

    /// Judges a bundle about what hashes to `artifact`, signed by exactly this subject of this issuer.
    ///
    /// Fails where the client refuses the bundle, or did not take one of the steps it may leave out.
    pub fn judge(
        &self,
        bundle_json: &[u8],
        artifact: &Digest,
        subject: &Subject,
        issuer: &str,
    ) -> Result<Judgement, SigstoreError> {
        let text = text("bundle", bundle_json, bundle::MAX_BYTES)?;
        let bundle = Bundle::from_json(text).map_err(|source| SigstoreError::Bundle { source })?;
        let identity = match subject {
            Subject::Mail(mail) => IdentityMatcher::Email(mail.clone()),
            Subject::Uri(uri) => IdentityMatcher::Uri(uri.clone()),
        };
        let policy = VerificationPolicy::new(identity, issuer);
        let digest = Sha256Hash::new(*artifact.as_bytes());
        let result = self.0.verify(digest, &bundle, &policy);
        demand_every_step(&result.map_err(|source| SigstoreError::Refused { source: Box::new(source) })?)
    }
}

/// Judges one bundle under one trust root; [`StockVerifier`] judges several.
pub fn verify_bundle(
    bundle_json: &[u8],
    trusted_root_json: &[u8],
    artifact: &Digest,
    subject: &Subject,
    issuer: &str,
) -> Result<Judgement, SigstoreError> {
    StockVerifier::new(trusted_root_json)?.judge(bundle_json, artifact, subject, issuer)
}

/// An absent step is not a passed one.
fn demand_every_step(result: &VerificationResult) -> Result<Judgement, SigstoreError> {
    let steps = [
        ("certificate", result.certificate_verified()),
        ("certificate transparency", result.sct_verified()),
        ("log", result.tlog_verified()),
        ("identity", result.identity_policy_checked()),
        ("time", !result.verified_timestamps().is_empty()),
    ];
    if let Some((step, _)) = steps.into_iter().find(|(_, taken)| !taken) {
        return Err(SigstoreError::StepMissing { step });
    }
    let seconds = result.verified_timestamps().iter().map(|time| u64::try_from(time.as_second()).unwrap_or(u64::MAX));
    let times = seconds.map(Timestamp::from_unix).collect::<Result<_, _>>();
    Ok(Judgement { times: times.map_err(|source| SigstoreError::Time { source })? })
}

fn text<'a>(what: &'static str, bytes: &'a [u8], limit: usize) -> Result<&'a str, SigstoreError> {
    if bytes.len() > limit {
        return Err(SigstoreError::TooLarge { what, limit, actual: bytes.len() });
    }
    std::str::from_utf8(bytes).map_err(|_| SigstoreError::NotText { what })
}

#[cfg(test)]
mod tests;
