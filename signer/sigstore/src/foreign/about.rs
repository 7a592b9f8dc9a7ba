//! What a bundle and its log entries say of the artifact they must be about: the steps that the stock client leaves out,
//! and the causes that it does not tell apart.

use signer_core::digest::Digest;
use signer_core::dsse;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{ArtifactDigest, HashAlgorithm};
use sigstore_verify::{CertificateError, Error as Stock, TimestampError, TransparencyLogError};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;

use super::Signer;
use super::bundle::{Content, ForeignBundle, Hint, Material};
use super::entry::{Signed, Verifier};
use super::error::ForeignError;
use super::statement::Subjects;
use super::times;

/// What a bundle says beside what it must be about.
pub(super) struct About<'a> {
    pub(super) bundle: &'a ForeignBundle,
    pub(super) subjects: Option<&'a Subjects>,
    pub(super) digests: &'a [ArtifactDigest],
}

impl About<'_> {
    /// The steps that the stock client leaves out. Gives the artifact's digest.
    pub(super) fn check(&self, signer: &Signer<'_>) -> Result<Digest, ForeignError> {
        let artifact = self.artifact()?;
        if let Some(subjects) = self.subjects {
            subjects.check(self.digests)?;
        }
        if let Material::Certificate(der) = &self.bundle.material {
            check_name(der)?;
        }
        self.check_bodies(artifact, signer)?;
        Ok(artifact)
    }

    fn check_bodies(&self, artifact: Digest, signer: &Signer<'_>) -> Result<(), ForeignError> {
        let key;
        let verifier = match (&self.bundle.material, signer) {
            (Material::Certificate(der), _) => Verifier::Certificate(der),
            (Material::Key, Signer::Key { pem }) => {
                key = super::key(pem)?;
                Verifier::Key(key.as_bytes())
            }
            (Material::Key, Signer::Identity { .. }) => return Err(ForeignError::KeyMissing),
        };
        let (digest, payload) = match &self.bundle.content {
            Content::Message { .. } => (artifact, None),
            Content::Envelope { payload_type, payload } => {
                (Digest::of(&dsse::pae(payload_type, payload)), Some((payload_type.as_str(), payload.as_slice())))
            }
        };
        let logged = Signed { digest, payload, signature: &self.bundle.signature, verifier };
        self.bundle.entries.iter().try_for_each(|entry| entry.check_body(&logged))
    }

    /// The client has one error for several causes; ours are told apart.
    pub(super) fn explain(&self, source: Stock, signer: &Signer<'_>, root: &TrustedRoot) -> ForeignError {
        use TransparencyLogError::{EntryMismatch, MalformedEntry};
        let found = match &source {
            Stock::ArtifactMismatch(_) | Stock::TransparencyLog(EntryMismatch(_) | MalformedEntry(_)) => {
                self.mismatch(signer)
            }
            Stock::Certificate(CertificateError::ChainInvalid(_)) => times::check_leaf(self.bundle, root).err(),
            Stock::Timestamp(TimestampError::Invalid(_)) => times::stamped(self.bundle, root).err(),
            _ => None,
        };
        let is_envelope = matches!(self.bundle.content, Content::Envelope { .. });
        found.unwrap_or_else(|| ForeignError::Stock { source: Box::new(source), is_envelope })
    }

    fn mismatch(&self, signer: &Signer<'_>) -> Option<ForeignError> {
        let artifact = self.artifact().ok()?;
        let bodies = self.check_bodies(artifact, signer).err();
        match (&self.bundle.content, self.subjects) {
            (Content::Message { hint: Some(hint) }, _) if !hint.is_of(self.digests) => {
                Some(if bodies.is_none() { ForeignError::Hint } else { ForeignError::Differs })
            }
            (Content::Envelope { .. }, Some(subjects)) => subjects.check(self.digests).err().or(bodies),
            _ => bodies,
        }
    }

    fn artifact(&self) -> Result<Digest, ForeignError> {
        let sha256 = self.digests.iter().find(|digest| digest.algorithm() == HashAlgorithm::Sha2256);
        let digest = sha256.and_then(|digest| Digest::try_from(digest.as_bytes()).ok());
        digest.ok_or(ForeignError::StepMissing { step: "artifact" })
    }
}

impl Hint {
    fn is_of(&self, digests: &[ArtifactDigest]) -> bool {
        let name = |algorithm| match algorithm {
            HashAlgorithm::Sha2384 => "SHA2_384",
            HashAlgorithm::Sha2512 => "SHA2_512",
            _ => "SHA2_256",
        };
        digests.iter().any(|digest| name(digest.algorithm()) == self.algorithm && digest.as_bytes() == self.digest)
    }
}

/// One name: clients differ on which of several counts.
fn check_name(der: &[u8]) -> Result<(), ForeignError> {
    let certificate = Certificate::from_der(der).ok();
    let names = certificate.and_then(|certificate| certificate.tbs_certificate.get::<SubjectAltName>().ok().flatten());
    match names.map_or(0, |(_, SubjectAltName(names))| names.len()) {
        1 => Ok(()),
        found => Err(ForeignError::Names { found }),
    }
}
