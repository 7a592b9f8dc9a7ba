//! Steps V1 to V14 for commits and tags.

use super::countersigned::{Countersigned, Evidence};
use super::{Signed, Verified, Verifier, VerifyError};
use crate::armor;
use crate::certificate::Certified;
use crate::change::ChangeList;
use crate::cms::CommitSignature;
use crate::digest::Digest;
use crate::identity::Purpose;
use crate::log_entry::LogEntry;
use crate::provenance::{CommitProvenance, Counts, Provenance, TagProvenance};
use crate::rights;
use std::sync::Arc;

/// A signed commit: who, when, under which decision, and what it says of itself.
#[derive(Debug, Clone)]
pub struct SignedCommit {
    /// Signer, time, decision and log place.
    pub countersigned: Countersigned,
    /// What the signer bound the change to.
    pub provenance: CommitProvenance,
}

/// A signed tag.
#[derive(Debug, Clone)]
pub struct SignedTag {
    /// Signer, time, decision and log place.
    pub countersigned: Countersigned,
    /// What the signer bound the tag to.
    pub provenance: TagProvenance,
}

impl Signed for SignedCommit {
    fn countersigned(&self) -> &Countersigned {
        &self.countersigned
    }

    fn prompt(&self) -> Option<Digest> {
        self.provenance.prompt
    }
}

impl Signed for SignedTag {
    fn countersigned(&self) -> &Countersigned {
        &self.countersigned
    }

    fn prompt(&self) -> Option<Digest> {
        None
    }
}

impl Verifier {
    /// Verifies a commit: its bytes without the signature header, the armour, the repository id of the anchor and the
    /// change list recomputed from git.
    pub fn commit(
        &self,
        payload: &[u8],
        armored: &[u8],
        repository: &str,
        changes: &ChangeList,
    ) -> Result<Verified<SignedCommit>, VerifyError> {
        let (provenance, countersigned) = self.git_object(payload, armored)?;
        let Provenance::Commit(provenance) = provenance else { return Err(VerifyError::OtherKind) };
        // V13: the provenance is about this repository and this change, and the decision repeats it.
        if provenance.repository != repository {
            return Err(VerifyError::OtherRepository { found: provenance.repository });
        }
        if provenance.change != changes.digest() || provenance.counts != Counts::of(changes) {
            return Err(VerifyError::OtherChange);
        }
        repeated_by_decision(&provenance, &countersigned)?;
        // V14: the change stays inside the leaf's scope.
        rights::check_commit(countersigned.leaf.leaf().identity(), &provenance, changes)?;
        Ok(Verified(SignedCommit { countersigned, provenance }))
    }

    /// Verifies a tag: its bytes without the signature, the armour, the repository id of the anchor, and what the
    /// object itself says: name, id and type of the tagged object.
    pub fn tag(
        &self,
        payload: &[u8],
        armored: &[u8],
        repository: &str,
        tagged: &Tagged<'_>,
    ) -> Result<Verified<SignedTag>, VerifyError> {
        let (provenance, countersigned) = self.git_object(payload, armored)?;
        let Provenance::Tag(provenance) = provenance else { return Err(VerifyError::OtherKind) };
        if provenance.repository != repository {
            return Err(VerifyError::OtherRepository { found: provenance.repository });
        }
        let said = Tagged { name: &provenance.name, object: &provenance.object, kind: &provenance.object_type };
        if said != *tagged {
            return Err(VerifyError::OtherTag);
        }
        if countersigned.decision.repository.as_deref() != Some(repository) {
            return Err(VerifyError::Contradiction { field: "repository" });
        }
        rights::check_tag(countersigned.leaf.leaf().identity(), &provenance)?;
        Ok(Verified(SignedTag { countersigned, provenance }))
    }

    /// V1 to V12 for either kind of object.
    fn git_object(&self, payload: &[u8], armored: &[u8]) -> Result<(Provenance, Countersigned), VerifyError> {
        // V1, V2, V6: one armoured block, one canonical SignedData, whose attributes name the certificate in it.
        let cms = CommitSignature::parse(&armor::decode(armored)?)?;
        let attributes = cms.signed_attributes();
        // V3, V4: a certificate of the trust root whose purpose is commit.
        let leaf = self.certify(cms.certificate_der())?;
        demand_purpose(&leaf, Purpose::Commit)?;
        // V5: these bytes.
        if *attributes.message_digest() != Digest::of(payload) {
            return Err(VerifyError::OtherPayload);
        }
        // V7: this signature.
        leaf.leaf()
            .public_key()
            .verify(attributes.der(), cms.signature())
            .map_err(|source| VerifyError::Signature { source })?;
        let entry = LogEntry::decode(cms.entry())?;
        let signed = Digest::of(attributes.der());
        let evidence = Evidence {
            signed,
            signature: cms.signature(),
            token: cms.token(),
            foreign: cms.foreign(),
            entry: &entry,
            decision: cms.decision(),
        };
        let countersigned = self.countersigned(leaf, &evidence)?;
        let provenance =
            Provenance::decode(attributes.provenance_bytes()).map_err(|source| VerifyError::Provenance { source })?;
        Ok((provenance, countersigned))
    }
}

/// What a tag object says of the object it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagged<'a> {
    /// The tag's name.
    pub name: &'a str,
    /// Hexadecimal id of the object.
    pub object: &'a str,
    /// Kind of the object.
    pub kind: &'a str,
}

pub(super) fn demand_purpose(leaf: &Arc<Certified>, wanted: Purpose) -> Result<(), VerifyError> {
    let found = leaf.leaf().identity().purpose;
    if found == wanted { Ok(()) } else { Err(VerifyError::OtherPurpose { wanted, found }) }
}

fn repeated_by_decision(provenance: &CommitProvenance, countersigned: &Countersigned) -> Result<(), VerifyError> {
    let decision = &countersigned.decision;
    let field = if decision.repository.as_deref() != Some(provenance.repository.as_str()) {
        "repository"
    } else if decision.target.as_deref() != Some(provenance.target.as_str()) {
        "target"
    } else if decision.change != Some(provenance.change) {
        "change"
    } else if decision.prompt != provenance.prompt {
        "prompt"
    } else if decision.grants.last() != provenance.grant.as_ref() {
        "grant"
    } else {
        return Ok(());
    };
    Err(VerifyError::Contradiction { field })
}
