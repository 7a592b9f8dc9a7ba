//! What keyholders agree on: the predicate of an anchor.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AnchorError, RepositoryId};
use crate::crypto::{CryptoError, P256Public};
use crate::digest::Digest;
use crate::dsse::Envelope;
use crate::foreign_time::ForeignAuthorities;
use crate::git_name::{CommitId, RefName};
use crate::protocol::Base64;
use crate::statement::{self, Predicate, Resource, Statement};
use crate::witness_policy::WitnessPolicy;

/// Most keyholders of one anchor.
pub const MAX_KEYHOLDERS: usize = 16;
/// Most bytes of the embedded trust root.
pub const MAX_TRUST_ROOT: usize = 256 * 1024;
/// Most protected refs.
const MAX_PROTECTED: usize = 16;

/// The predicate of an anchor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorTerms {
    /// 1 for the first anchor, one more for each that follows.
    pub version: u32,
    /// Digest of the anchor file before; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
    /// The repository.
    pub repository: RepositoryId,
    /// How its objects are named.
    pub object_format: ObjectFormat,
    /// Refs whose history is judged.
    pub protected: Vec<RefName>,
    /// Where judged history starts; absent for a repository that was empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption: Option<Adoption>,
    /// `trusted_root.json`, as text.
    pub trust_root: String,
    /// Whose cosignatures count: a C2SP tlog-policy, as text. Absent where no witness has a say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnesses: Option<String>,
    /// Whose time counts beside the engine's: a file of foreign time authorities (docs/formats.md F15), as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_authorities: Option<String>,
    /// Digest of the policy set in force.
    pub policy: Digest,
    /// Who may sign anchors.
    pub keyholders: Vec<Keyholder>,
    /// How many of them must.
    pub threshold: u8,
}

/// How git names the repository's objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectFormat {
    /// 40 hexadecimal digits.
    Sha1,
    /// 64 hexadecimal digits.
    Sha256,
}

/// The commit up to which history is `pre-adoption`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// Its id.
    pub commit: CommitId,
    /// SHA-256 of the commit object's bytes.
    pub sha256: Digest,
    /// Digest of the manifest of its tree: an id over SHA-1 alone does not bind content.
    pub manifest: Digest,
}

/// Somebody who may sign anchors.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyholder {
    /// A name for people to recognise: printable ASCII without spaces, at most 255 bytes.
    pub name: String,
    /// The public key.
    pub key: KeyholderKey,
}

/// A keyholder's P-256 key, written as base64 of its one DER `SubjectPublicKeyInfo`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyholderKey(pub P256Public);

impl Serialize for KeyholderKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Base64(self.0.to_spki_der().map_err(serde::ser::Error::custom)?).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KeyholderKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Base64(der) = Base64::deserialize(deserializer)?;
        let key = P256Public::from_spki_der(&der).map_err(serde::de::Error::custom)?;
        if key.to_spki_der().is_ok_and(|canonical| canonical == der) {
            Ok(Self(key))
        } else {
            Err(serde::de::Error::custom(CryptoError::BadKey))
        }
    }
}

impl AnchorTerms {
    pub(super) fn into_statement(self) -> Result<Statement<Self>, AnchorError> {
        let name = self.repository.to_string();
        Statement::about_itself(&name, self)
    }

    /// How many of the keyholders have signed: a keyholder counts once, a stranger's signature never.
    pub(super) fn count_signatures(&self, envelope: &Envelope) -> usize {
        let signed = envelope.pae();
        let has_signed = |keyholder: &&Keyholder| {
            envelope.signatures.iter().any(|signature| keyholder.key.0.verify(&signed, &signature.sig.0).is_ok())
        };
        self.keyholders.iter().filter(has_signed).count()
    }

    /// Whether what no later anchor may change is equal.
    pub(super) fn is_about_same(&self, other: &Self) -> bool {
        self.repository == other.repository
            && self.object_format == other.object_format
            && self.adoption == other.adoption
    }

    fn check_keyholders(&self) -> Result<(), AnchorError> {
        let names: BTreeSet<_> = self.keyholders.iter().map(|keyholder| &keyholder.name).collect();
        // One key under two names would meet a threshold of two alone.
        let keys: BTreeSet<_> = self.keyholders.iter().map(|keyholder| keyholder.key.0.point()).collect();
        let count = self.keyholders.len();
        let readable = |name: &str| matches!(name.len(), 1..=255) && name.bytes().all(|b| b.is_ascii_graphic());
        if count == 0 || count > MAX_KEYHOLDERS || names.len() != count || keys.len() != count {
            return Err(AnchorError::Terms { member: "keyholders" });
        }
        if !names.iter().all(|name| readable(name)) {
            return Err(AnchorError::Terms { member: "keyholders" });
        }
        if self.threshold == 0 || usize::from(self.threshold) > count {
            return Err(AnchorError::Terms { member: "threshold" });
        }
        Ok(())
    }
}

impl Predicate for AnchorTerms {
    type Error = AnchorError;
    const TYPE: &'static str = statement::ANCHOR;
    const MAX_BYTES: usize = super::MAX_BYTES;

    fn check(&self, subjects: &[Resource]) -> Result<(), AnchorError> {
        if self.version == 0 {
            return Err(AnchorError::Terms { member: "version" });
        }
        if self.previous.is_some() != (self.version > 1) {
            return Err(AnchorError::Terms { member: "previous" });
        }
        let refs: BTreeSet<_> = self.protected.iter().collect();
        if refs.is_empty() || refs.len() > MAX_PROTECTED || refs.len() != self.protected.len() {
            return Err(AnchorError::Terms { member: "protected" });
        }
        let digits = match self.object_format {
            ObjectFormat::Sha1 => 40,
            ObjectFormat::Sha256 => 64,
        };
        if self.adoption.as_ref().is_some_and(|adoption| adoption.commit.as_str().len() != digits) {
            return Err(AnchorError::Terms { member: "adoption" });
        }
        if self.trust_root.is_empty() || self.trust_root.len() > MAX_TRUST_ROOT {
            return Err(AnchorError::Terms { member: "trust_root" });
        }
        if self.witnesses.as_deref().is_some_and(|text| WitnessPolicy::parse(text).is_err()) {
            return Err(AnchorError::Terms { member: "witnesses" });
        }
        if self.time_authorities.as_deref().is_some_and(|text| ForeignAuthorities::parse(text).is_err()) {
            return Err(AnchorError::Terms { member: "time_authorities" });
        }
        self.check_keyholders()?;
        if statement::sole_subject(subjects)?.name != self.repository.to_string() {
            return Err(AnchorError::Terms { member: "subject" });
        }
        Ok(statement::check_about_itself(self, subjects)?)
    }
}
