//! The judgement of a stranger's bundle: any Sigstore bundle 0.1 to 0.3, keyless or under a managed key, of public
//! Sigstore or a private one, against the trust root its verifier names.
//!
//! It stands on `sigstore-verify` and adds the steps that crate leaves out: strict reading, every digest of a subject,
//! one subject name, the log entry's body made again and compared, the log that an entry names as the one that signed,
//! and log windows at every authenticated time. A judgement says that all of it held and nothing about purposes or
//! policy: those are ours, and a stranger's bundle has none.

mod about;
mod bundle;
mod entry;
mod error;
mod hashing;
mod json;
mod members;
mod object;
mod statement;
mod times;

use std::io::Read;

use about::About;
use bundle::{Content, ForeignBundle, Material};
use hashing::Hashing;
use signer_core::digest::Digest;
use signer_core::time::Timestamp;
use signer_core::verdict::{Assurance, Kind, LogPlace, Outcome, SigstoreSigner, SubjectVerdict, TimeAssurance};
use signer_core::{merkle, trust_root};
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{ArtifactDigest, Bundle, DerPublicKey, HashAlgorithm, Sha256Hash};
use sigstore_verify::{Error as Stock, PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult, Verifier};
use statement::Subjects;

pub use error::{BodyPart, ForeignError};
pub use object::Holder;

/// Who must have signed.
#[derive(Clone, Copy, Debug)]
pub enum Signer<'a> {
    /// The holder of a certificate for exactly this subject of this issuer.
    Identity {
        /// Mail address or URI.
        identity: &'a str,
        /// The issuer of the subject's token.
        issuer: &'a str,
    },
    /// The holder of this key, PEM.
    Key {
        /// `PUBLIC KEY`.
        pem: &'a str,
    },
}

/// What the bundle must be about.
pub enum Artifact<'a> {
    /// Content, read once to its end.
    Content(&'a mut dyn Read),
    /// What hashes to this.
    Digest(Digest),
}

/// What was established. Its existence says that every step held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignJudgement {
    /// SHA-256 of the artifact.
    pub artifact: Digest,
    /// The certificate's subject; absent under a managed key.
    pub identity: Option<String>,
    /// The certificate's issuer; absent under a managed key.
    pub issuer: Option<String>,
    /// The authenticated times; empty under a managed key without any.
    pub times: Vec<Timestamp>,
    /// Where the signature stands in its logs; never empty.
    pub log: Vec<LogPlace>,
}

impl ForeignJudgement {
    /// The verdict about a subject of this kind and name: accepted, by the word of whoever named signer and trust root.
    pub fn verdict(self, kind: Kind, id: String) -> SubjectVerdict {
        let signer = self.identity.zip(self.issuer);
        SubjectVerdict {
            kind,
            id,
            verdict: Outcome::Accepted,
            assurance: Assurance::Sigstore,
            signer: None,
            sigstore_signer: signer.map(|(identity, issuer)| SigstoreSigner { identity, issuer }),
            // Every time held; the earliest proves most.
            signed_at: self.times.iter().min().copied(),
            time_assurance: (!self.times.is_empty()).then_some(TimeAssurance::Foreign),
            log: self.log.into_iter().next(),
            decision: None,
            prompt: None,
            reasons: Vec::new(),
        }
    }
}

/// A verifier of strangers' bundles under one trust root.
pub struct ForeignVerifier {
    stock: Verifier,
    root: TrustedRoot,
}

impl ForeignVerifier {
    /// Prepares the verifier. Fails where the trust root cannot be used.
    pub fn new(trusted_root_json: &[u8]) -> Result<Self, ForeignError> {
        let text = text("trust root", trusted_root_json, trust_root::MAX_BYTES)?;
        let root = TrustedRoot::from_json(text).map_err(|source| ForeignError::TrustRoot { source })?;
        let stock = Verifier::new(&root).map_err(|source| ForeignError::TrustUnusable { source: Box::new(source) })?;
        Ok(Self { stock, root })
    }

    /// Judges a bundle about an artifact, signed by `signer`, at `now`.
    pub fn judge(
        &self,
        bundle_json: &[u8],
        artifact: Artifact<'_>,
        signer: &Signer<'_>,
        now: Timestamp,
    ) -> Result<ForeignJudgement, ForeignError> {
        let text = text("bundle", bundle_json, signer_core::bundle::MAX_BYTES)?;
        let bundle = ForeignBundle::read(text.as_bytes())?;
        bundle.check_signer(signer)?;
        let subjects = bundle.subjects()?;
        self.check_logs(&bundle)?;
        let stock = Bundle::from_json(text).map_err(|source| ForeignError::StockBundle { source })?;
        let hashes = subjects.as_ref().map(Subjects::hashes).unwrap_or_default();
        let (result, digests) = self.stock(&stock, artifact, &hashes, signer)?;
        let about = About { bundle: &bundle, subjects: subjects.as_ref(), digests: &digests };
        let result = result.map_err(|source| about.explain(source, signer, &self.root))?;
        let artifact = about.check(signer)?;
        check_steps(&result, signer)?;
        times::check_enclosed(&bundle, &self.root)?;
        self.check_times(&bundle, &result, now)?;
        Ok(ForeignJudgement {
            artifact,
            identity: result.identity().map(|name| name.as_str().to_owned()),
            issuer: result.issuer().map(str::to_owned),
            times: times(&result)?,
            log: bundle.entries.iter().map(place).collect(),
        })
    }

    /// The stock client's own verdict, and the digests of what it was given.
    fn stock(
        &self,
        bundle: &Bundle,
        artifact: Artifact<'_>,
        hashes: &[HashAlgorithm],
        signer: &Signer<'_>,
    ) -> Result<(Result<VerificationResult, Stock>, Vec<ArtifactDigest>), ForeignError> {
        let policy: Box<dyn sigstore_verify::Policy> = match signer {
            Signer::Identity { identity, issuer } => Box::new(VerificationPolicy::new(*identity, *issuer)),
            Signer::Key { pem } => Box::new(PublicKeyVerificationPolicy::new(key(pem)?)),
        };
        match artifact {
            Artifact::Digest(digest) => {
                let digest = Sha256Hash::new(*digest.as_bytes());
                let result = self.stock.verify(digest, bundle, policy.as_ref());
                Ok((result, vec![ArtifactDigest::sha256(digest)]))
            }
            Artifact::Content(content) => {
                let mut content = Hashing::new(content, hashes)?;
                let result = self.stock.verify_reader(&mut content, bundle, policy.as_ref());
                // A refusal may come before the content was read, and the reasons for it need the digests.
                Ok((result, content.finish()?))
            }
        }
    }

    /// Every entry is of a log that the trust root names, and that log signed its checkpoint.
    fn check_logs(&self, bundle: &ForeignBundle) -> Result<(), ForeignError> {
        if bundle.entries.is_empty() {
            return Err(ForeignError::EntryMissing);
        }
        for entry in &bundle.entries {
            if !self.root.tlogs.iter().any(|log| log.log_id.key_id.as_bytes() == entry.log_id) {
                return Err(ForeignError::LogUnknown);
            }
            if !entry.has_line_of_its_log() {
                return Err(ForeignError::LogLine);
            }
        }
        Ok(())
    }

    /// No time lies in the future, and each lies in the window of every log.
    fn check_times(
        &self,
        bundle: &ForeignBundle,
        result: &VerificationResult,
        now: Timestamp,
    ) -> Result<(), ForeignError> {
        if times(result)?.into_iter().any(|time| time > now) {
            return Err(ForeignError::TimeFuture);
        }
        for log in &self.root.tlogs {
            let is_named = bundle.entries.iter().any(|entry| log.log_id.key_id.as_bytes() == entry.log_id);
            let Some(window) = log.public_key.valid_for.filter(|_| is_named) else { continue };
            if !result.verified_timestamps().iter().all(|time| window.contains(*time)) {
                return Err(ForeignError::Window);
            }
        }
        Ok(())
    }
}

impl ForeignBundle {
    /// A key verifies bundles under a key, an identity those under a certificate.
    fn check_signer(&self, signer: &Signer<'_>) -> Result<(), ForeignError> {
        match (&self.material, signer) {
            (Material::Key, Signer::Identity { .. }) => Err(ForeignError::KeyMissing),
            (Material::Certificate(_), Signer::Key { .. }) => Err(ForeignError::MaterialCount),
            _ => Ok(()),
        }
    }

    fn subjects(&self) -> Result<Option<Subjects>, ForeignError> {
        match &self.content {
            Content::Message { .. } => Ok(None),
            Content::Envelope { payload_type, payload } => Subjects::read(payload_type, payload).map(Some),
        }
    }
}

/// An absent step is not a passed one.
fn check_steps(result: &VerificationResult, signer: &Signer<'_>) -> Result<(), ForeignError> {
    let is_keyless = matches!(signer, Signer::Identity { .. });
    let steps = [
        ("log", result.tlog_verified()),
        ("certificate", result.certificate_verified() || !is_keyless),
        ("certificate transparency", result.sct_verified() || !is_keyless),
        ("identity", result.identity_policy_checked() || !is_keyless),
        ("time", !result.verified_timestamps().is_empty() || !is_keyless),
    ];
    match steps.into_iter().find(|(_, is_taken)| !is_taken) {
        Some((step, _)) => Err(ForeignError::StepMissing { step }),
        None => Ok(()),
    }
}

fn times(result: &VerificationResult) -> Result<Vec<Timestamp>, ForeignError> {
    let seconds = result.verified_timestamps().iter().map(|time| u64::try_from(time.as_second()).unwrap_or(u64::MAX));
    let times = seconds.map(Timestamp::from_unix).collect::<Result<_, _>>();
    times.map_err(|source| ForeignError::Time { source })
}

fn place(entry: &entry::Entry) -> LogPlace {
    LogPlace {
        origin: entry.origin().to_owned(),
        index: entry.index,
        tree_size: entry.size,
        leaf: merkle::leaf_hash(&entry.body),
    }
}

fn key(pem: &str) -> Result<DerPublicKey, ForeignError> {
    DerPublicKey::from_pem(pem).map_err(|source| ForeignError::KeyMalformed { source })
}

fn text<'a>(what: &'static str, bytes: &'a [u8], limit: usize) -> Result<&'a str, ForeignError> {
    if bytes.len() > limit {
        return Err(ForeignError::TooLarge { what, limit, actual: bytes.len() });
    }
    std::str::from_utf8(bytes).map_err(|_| ForeignError::NotText { what })
}

#[cfg(test)]
mod tests;
