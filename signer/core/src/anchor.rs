//! Anchors: where trust starts (docs/formats.md F7).
//!
//! A file: a DSSE envelope over a statement, signed by a threshold of keyholders. The first one is trusted because it
//! was given out of band, as a file or by its digest; a later one because the keyholders of the one before signed it.
//! Trust roots, keyholders and policy change this way and no other.

mod repository_id;
mod terms;

use crate::crypto::{CryptoError, SignP256};
use crate::digest::Digest;
use crate::dsse::{DsseError, Envelope};
use crate::reason::{Code, Coded};
use crate::statement::{Statement, StatementError};
use crate::verdict::Trust;

pub use repository_id::{RepositoryId, RepositoryIdError};
pub use terms::{Adoption, AnchorTerms, Keyholder, KeyholderKey, MAX_KEYHOLDERS, MAX_TRUST_ROOT, ObjectFormat};

/// Most bytes of an anchor file.
pub const MAX_BYTES: usize = 1024 * 1024;

/// An anchor that is in force.
#[derive(Clone, Debug)]
pub struct Anchor {
    statement: Statement<AnchorTerms>,
    digest: Digest,
}

/// A well-formed anchor file that nobody has vouched for. It shows its digest and nothing else.
#[derive(Debug)]
pub struct UntrustedAnchor {
    envelope: Envelope,
    statement: Statement<AnchorTerms>,
    digest: Digest,
}

impl Anchor {
    /// Reads an anchor file. Fails on any form but the canonical one; checks no signature yet.
    pub fn parse(bytes: &[u8]) -> Result<UntrustedAnchor, AnchorError> {
        let envelope = Envelope::decode(bytes, MAX_BYTES)?;
        let statement = Statement::decode(&envelope.payload.0)?;
        Ok(UntrustedAnchor { envelope, statement, digest: Digest::of(bytes) })
    }

    /// The anchor that follows this one.
    ///
    /// Fails unless it is of this repository, exactly one version later, names this file's digest, and both this
    /// anchor's keyholders and its own have signed it to their thresholds.
    pub fn follow(&self, next: UntrustedAnchor) -> Result<Self, AnchorError> {
        let (current, wanted) = (self.terms(), next.statement.predicate());
        if wanted.version <= current.version {
            return Err(AnchorError::Rollback { current: current.version, found: wanted.version });
        }
        if wanted.version != current.version.saturating_add(1) {
            return Err(AnchorError::Gap { current: current.version, found: wanted.version });
        }
        if wanted.previous != Some(self.digest) {
            return Err(AnchorError::OtherPrevious);
        }
        if !wanted.is_about_same(current) {
            return Err(AnchorError::OtherRepository);
        }
        let found = current.count_signatures(&next.envelope);
        if found < usize::from(current.threshold) {
            return Err(AnchorError::PreviousThreshold { needed: current.threshold, found });
        }
        next.trust()
    }

    /// What the keyholders agreed on.
    pub const fn terms(&self) -> &AnchorTerms {
        self.statement.predicate()
    }

    /// The digest of the anchor file.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// How many keyholders stand behind it.
    pub const fn trust(&self) -> Trust {
        if self.terms().threshold >= 2 { Trust::Threshold } else { Trust::Development }
    }
}

impl UntrustedAnchor {
    /// The digest of the anchor file.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Trusts the file as given out of band. Fails unless its own keyholders signed it to its threshold.
    pub fn trust(self) -> Result<Anchor, AnchorError> {
        let terms = self.statement.predicate();
        let found = terms.count_signatures(&self.envelope);
        if found < usize::from(terms.threshold) {
            return Err(AnchorError::Threshold { needed: terms.threshold, found });
        }
        Ok(Anchor { statement: self.statement, digest: self.digest })
    }

    /// Trusts the file because `digest`, given out of band, names it. Fails as [`Self::trust`] does, too.
    pub fn trust_by_digest(self, digest: &Digest) -> Result<Anchor, AnchorError> {
        if self.digest == *digest {
            self.trust()
        } else {
            Err(AnchorError::OtherDigest { wanted: *digest, found: self.digest })
        }
    }
}

/// An anchor file with a signature of each key. Fails on terms that no verifier would accept; counts no threshold, since
/// other keyholders may still add theirs.
pub fn sign(terms: AnchorTerms, keys: &[&dyn SignP256]) -> Result<Vec<u8>, AnchorError> {
    let statement = terms.into_statement()?;
    let mut envelope = Envelope::unsigned(statement.encode()?);
    add_signatures(&mut envelope, keys)?;
    Ok(envelope.encode()?)
}

/// The anchor file with one more keyholder's signature.
pub fn cosign(file: &[u8], key: &dyn SignP256) -> Result<Vec<u8>, AnchorError> {
    let mut anchor = Anchor::parse(file)?;
    add_signatures(&mut anchor.envelope, &[key])?;
    Ok(anchor.envelope.encode()?)
}

fn add_signatures(envelope: &mut Envelope, keys: &[&dyn SignP256]) -> Result<(), AnchorError> {
    let signed = envelope.pae();
    for key in keys {
        envelope.add(key.sign_p256(&signed).map_err(|source| AnchorError::Signing { source })?);
    }
    Ok(())
}

/// Why an anchor is refused.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not an envelope of ours.
    #[error(transparent)]
    Envelope(#[from] DsseError),
    /// A version that skips one.
    #[error("the anchor has version {found}, after {current} only {next} follows", next = .current.saturating_add(1))]
    Gap {
        /// Version in force.
        current: u32,
        /// Version found.
        found: u32,
    },
    /// Another file than the one the digest names.
    #[error("the anchor file is {found}, not {wanted}")]
    OtherDigest {
        /// Digest given.
        wanted: Digest,
        /// Digest of the file.
        found: Digest,
    },
    /// It names another predecessor.
    #[error("the anchor does not name the file before it")]
    OtherPrevious,
    /// Another repository, object format or adoption commit.
    #[error("the anchor is about another repository, object format or adoption commit")]
    OtherRepository,
    /// The keyholders before did not sign it.
    #[error("{found} keyholders of the anchor before signed it, {needed} are needed")]
    PreviousThreshold {
        /// Signatures needed.
        needed: u8,
        /// Signatures found.
        found: usize,
    },
    /// A version already left behind.
    #[error("the anchor has version {found}, {current} is in force")]
    Rollback {
        /// Version in force.
        current: u32,
        /// Version found.
        found: u32,
    },
    /// The key refused.
    #[error("a keyholder's key could not sign")]
    Signing {
        /// What failed.
        #[source]
        source: CryptoError,
    },
    /// Not a statement of an anchor.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Terms that contradict themselves or exceed a limit.
    #[error("the anchor's {member} cannot be")]
    Terms {
        /// The member.
        member: &'static str,
    },
    /// Its own keyholders did not sign it.
    #[error("{found} of the anchor's keyholders signed it, {needed} are needed")]
    Threshold {
        /// Signatures needed.
        needed: u8,
        /// Signatures found.
        found: usize,
    },
}

impl Coded for AnchorError {
    fn code(&self) -> Code {
        match self {
            Self::Envelope(_) | Self::Statement(_) | Self::Terms { .. } => Code::AnchorMalformed,
            Self::Gap { .. } | Self::OtherPrevious | Self::OtherRepository | Self::PreviousThreshold { .. } => {
                Code::AnchorChain
            }
            Self::OtherDigest { .. } => Code::AnchorDigest,
            Self::Rollback { .. } => Code::AnchorRollback,
            Self::Signing { .. } => Code::Internal,
            Self::Threshold { .. } => Code::AnchorSignature,
        }
    }
}

#[cfg(test)]
mod tests;
