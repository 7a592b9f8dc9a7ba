//! The judgement of a commit or tag that was signed through a Sigstore and without an engine (docs/formats.md F17): its
//! signature is read strictly, and what it is made of is judged as the bundle that it amounts to.

use serde_json::{Value, json};
use signer_core::armor;
use signer_core::cms::ForeignSignature;
use signer_core::digest::Digest;
use signer_core::protocol::Base64;
use signer_core::time::Timestamp;
use signer_core::token;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::error::ForeignError;
use super::{Artifact, ForeignJudgement, ForeignVerifier, Signer, times};

/// Somebody who may sign: the holder of a certificate for exactly this subject of this issuer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Mail address or URI.
    pub identity: String,
    /// The issuer of the subject's token.
    pub issuer: String,
}

impl ForeignVerifier {
    /// Judges the armoured signature of a git object, given without it, that one of `holders` made, at `now`. The
    /// judgement's artifact are the signed attributes.
    pub fn judge_object(
        &self,
        payload: &[u8],
        armored: &[u8],
        holders: &[Holder],
        now: Timestamp,
    ) -> Result<ForeignJudgement, ForeignError> {
        let der = armor::decode(armored)?; // 1
        let signature = ForeignSignature::parse(&der)?; // 2
        if *signature.attributes.message_digest() != Digest::of(payload) {
            return Err(ForeignError::Object); // 3
        }
        if let Some(token) = &signature.token {
            times::check_token(token)?;
        }
        let artifact = Digest::of(signature.attributes.der());
        let bundle = bundle(&signature, artifact)?.to_string(); // 4
        let mut found = Err(ForeignError::Nobody);
        for holder in named(&signature.certificate, holders) {
            let signer = Signer::Identity { identity: &holder.identity, issuer: &holder.issuer };
            found = self.judge(bundle.as_bytes(), Artifact::Digest(artifact), &signer, now); // 5
            if found.is_ok() {
                break;
            }
        }
        found
    }
}

/// The bundle that a signature amounts to, about its signed attributes. Every part of the one is in the other.
fn bundle(signature: &ForeignSignature, artifact: Digest) -> Result<Value, ForeignError> {
    let ForeignSignature { signature: value, certificate, token, entry, .. } = signature;
    let entry = entry.to_bundle_json(&artifact, value, certificate).map_err(|source| ForeignError::Entry { source })?;
    let stamps = token.iter().map(|token| json!({ "signedTimestamp": Base64(token::response(token)) }));
    let digest = Base64(artifact.as_bytes().to_vec());
    Ok(json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "messageSignature": {
            "messageDigest": { "algorithm": "SHA2_256", "digest": digest }, "signature": Base64(value.clone()),
        },
        "verificationMaterial": {
            "certificate": { "rawBytes": Base64(certificate.clone()) },
            "timestampVerificationData": { "rfc3161Timestamps": stamps.collect::<Vec<_>>() },
            "tlogEntries": [entry],
        },
    }))
}

/// Whose certificate this says it is, of as many issuers as there are. That it is, and by whose word, is judged with the
/// bundle: where it is nobody's of these, against the first.
fn named<'a>(der: &[u8], holders: &'a [Holder]) -> Vec<&'a Holder> {
    let certificate = Certificate::from_der(der).ok();
    let names = certificate.and_then(|certificate| certificate.tbs_certificate.get::<SubjectAltName>().ok().flatten());
    let names = names.map(|(_, SubjectAltName(names))| names).unwrap_or_default();
    let is_named = |holder: &&Holder| {
        names.iter().any(|name| match name {
            GeneralName::Rfc822Name(name) | GeneralName::UniformResourceIdentifier(name) => {
                name.as_str() == holder.identity
            }
            _ => false,
        })
    };
    let found: Vec<_> = holders.iter().filter(is_named).collect();
    if found.is_empty() { holders.first().into_iter().collect() } else { found }
}

#[cfg(test)]
mod tests;
