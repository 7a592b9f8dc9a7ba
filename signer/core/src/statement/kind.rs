//! Predicate types, and which purpose signs which (docs/formats.md F1, F4).

use crate::identity::Purpose;

/// A prompt.
pub const PROMPT: &str = "urn:chancery:prompt:v1";
/// A file or directory.
pub const ARTIFACT: &str = "urn:chancery:artifact:v1";
/// An instruction set.
pub const INSTRUCTIONS: &str = "urn:chancery:instructions:v1";
/// Line attribution.
pub const ATTRIBUTION: &str = "urn:chancery:attribution:v1";
/// A second person's review.
pub const REVIEW: &str = "urn:chancery:review:v1";
/// A grant.
pub const GRANT: &str = "urn:chancery:grant:v1";
/// A rewrite of signed changes.
pub const REWRITE: &str = "urn:chancery:rewrite:v1";
/// A revocation.
pub const REVOCATION: &str = "urn:chancery:revocation:v1";
/// An anchor: signed by keyholders, never by a leaf.
pub const ANCHOR: &str = "urn:chancery:anchor:v1";

const OF_PURPOSES: &[(&str, Purpose)] = &[
    (PROMPT, Purpose::Prompt),
    (ARTIFACT, Purpose::Artifact),
    ("https://slsa.dev/provenance/v1", Purpose::Artifact),
    ("https://slsa.dev/verification_summary/v1", Purpose::Artifact),
    ("https://in-toto.io/attestation/test-result/v0.1", Purpose::Artifact),
    ("https://in-toto.io/attestation/vulns/v0.1", Purpose::Artifact),
    ("https://in-toto.io/attestation/vulns/v0.2", Purpose::Artifact),
    ("https://cyclonedx.org/bom", Purpose::Artifact),
    ("https://spdx.dev/Document", Purpose::Artifact),
    ("https://model_signing/signature/v1.0", Purpose::Artifact),
    (INSTRUCTIONS, Purpose::Attestation),
    (ATTRIBUTION, Purpose::Attestation),
    (REVIEW, Purpose::Attestation),
    (GRANT, Purpose::Attestation),
    (REWRITE, Purpose::Attestation),
    (REVOCATION, Purpose::Attestation),
];

/// The purpose a leaf must have to sign a statement of this type; none for types no leaf signs, anchors among them.
pub fn purpose_of(predicate_type: &str) -> Option<Purpose> {
    OF_PURPOSES.iter().find(|(known, _)| *known == predicate_type).map(|(_, purpose)| *purpose)
}
