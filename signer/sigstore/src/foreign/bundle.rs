//! A stranger's bundle, read strictly: Sigstore bundle 0.1 to 0.3, every member known, every count bounded, before
//! any of it is believed.

use serde_json::Value;

use super::entry::Entry;
use super::error::ForeignError;
use super::json;
use super::members::Members;

/// The media types of bundle 0.1, 0.2 and 0.3, the last in both its spellings.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle.v0.3+json",
];
const MAX_ENTRIES: usize = 32;
const MAX_STAMPS: usize = 32;
const MAX_CHAIN: usize = 8;

/// What the signature is verified with.
pub(super) enum Material {
    /// The signer's certificate, DER.
    Certificate(Vec<u8>),
    /// A key that the verifier must have.
    Key,
}

/// What was signed.
pub(super) enum Content {
    /// An artifact's own bytes, and what the bundle says their digest is.
    Message { hint: Option<Hint> },
    /// A statement in a DSSE envelope.
    Envelope { payload_type: String, payload: Vec<u8> },
}

/// The digest a bundle gives for its artifact. Nobody vouches for it.
pub(super) struct Hint {
    pub(super) algorithm: String,
    pub(super) digest: Vec<u8>,
}

/// The parts of a bundle.
pub(super) struct ForeignBundle {
    pub(super) material: Material,
    pub(super) entries: Vec<Entry>,
    /// RFC 3161 responses, DER.
    pub(super) stamps: Vec<Vec<u8>>,
    pub(super) content: Content,
    pub(super) signature: Vec<u8>,
}

impl ForeignBundle {
    /// Reads a bundle. The caller has bounded its size.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ForeignError> {
        let document = json::read(bytes)?;
        let media_type = document.get("mediaType").and_then(Value::as_str).unwrap_or_default();
        if !MEDIA_TYPES.contains(&media_type) {
            return Err(ForeignError::Version { found: media_type.to_owned() });
        }
        let known = ["mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"];
        let members = Members::of("bundle", &document, &known)?;
        let (content, signature) = match (members.optional("messageSignature"), members.optional("dsseEnvelope")) {
            (Some(message), None) => message_signature(message)?,
            (None, Some(envelope)) => dsse_envelope(envelope)?,
            _ => return Err(ForeignError::ContentCount),
        };
        let known = ["certificate", "x509CertificateChain", "publicKey", "tlogEntries", "timestampVerificationData"];
        let evidence = Members::of("verificationMaterial", members.required("verificationMaterial")?, &known)?;
        let entries = evidence.list("tlogEntries", MAX_ENTRIES)?;
        Ok(Self {
            material: material(&evidence)?,
            entries: entries.iter().map(Entry::read).collect::<Result<_, _>>()?,
            stamps: stamps(&evidence)?,
            content,
            signature,
        })
    }
}

fn message_signature(value: &Value) -> Result<(Content, Vec<u8>), ForeignError> {
    let members = Members::of("messageSignature", value, &["messageDigest", "signature"])?;
    let hint = match members.optional("messageDigest") {
        None => None,
        Some(digest) => {
            let digest = Members::of("messageDigest", digest, &["algorithm", "digest"])?;
            Some(Hint { algorithm: digest.text("algorithm")?.to_owned(), digest: digest.bytes("digest")? })
        }
    };
    Ok((Content::Message { hint }, members.bytes("signature")?))
}

fn dsse_envelope(value: &Value) -> Result<(Content, Vec<u8>), ForeignError> {
    let members = Members::of("dsseEnvelope", value, &["payload", "payloadType", "signatures"])?;
    let [signature] = members.list("signatures", MAX_ENTRIES)? else {
        let found = members.list("signatures", MAX_ENTRIES)?.len();
        return Err(ForeignError::EnvelopeSignatures { found });
    };
    // The key id is a hint that nobody signed; keys come from the certificate or the caller.
    let signature = Members::of("signatures", signature, &["sig", "keyid"])?.bytes("sig")?;
    let payload_type = members.text("payloadType")?.to_owned();
    Ok((Content::Envelope { payload_type, payload: members.bytes("payload")? }, signature))
}

fn material(members: &Members<'_>) -> Result<Material, ForeignError> {
    let choices = ["certificate", "x509CertificateChain", "publicKey"].map(|name| members.optional(name));
    match choices {
        [Some(certificate), None, None] => Ok(Material::Certificate(raw_bytes("certificate", certificate)?)),
        [None, Some(chain), None] => {
            let chain = Members::of("x509CertificateChain", chain, &["certificates"])?;
            let chain = chain.list("certificates", MAX_CHAIN)?.iter().map(|element| raw_bytes("certificates", element));
            let first = chain.collect::<Result<Vec<_>, _>>()?.into_iter().next();
            first.map(Material::Certificate).ok_or(ForeignError::MaterialCount)
        }
        [None, None, Some(key)] => Members::of("publicKey", key, &["hint"]).map(|_| Material::Key),
        _ => Err(ForeignError::MaterialCount),
    }
}

fn stamps(members: &Members<'_>) -> Result<Vec<Vec<u8>>, ForeignError> {
    let Some(data) = members.optional("timestampVerificationData") else { return Ok(Vec::new()) };
    let data = Members::of("timestampVerificationData", data, &["rfc3161Timestamps"])?;
    let stamp = |value| Members::of("rfc3161Timestamps", value, &["signedTimestamp"])?.bytes("signedTimestamp");
    data.list("rfc3161Timestamps", MAX_STAMPS)?.iter().map(stamp).collect()
}

fn raw_bytes(at: &'static str, value: &Value) -> Result<Vec<u8>, ForeignError> {
    Members::of(at, value, &["rawBytes"])?.bytes("rawBytes")
}
