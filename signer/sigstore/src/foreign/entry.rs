//! A log entry of a stranger's bundle, and the body it must have.
//!
//! Stock clients read the body they are given and compare some of it. Here the body is made again from what was
//! signed and compared byte for byte, so that an entry about anything else, or in another spelling, does not count.

use serde_json::{Value, json};
use signer_core::canonical;
use signer_core::digest::Digest;
use signer_core::protocol::Base64;
use sigstore_types::{Checkpoint, DerCertificate, DerPublicKey};
use x509_cert::der::pem::{LineEnding, encode_string};

use super::error::{BodyPart, ForeignError};
use super::json;
use super::members::Members;

const MAX_HASHES: usize = 64;
/// Most bytes of a checkpoint with the cosignatures of its witnesses.
const MAX_CHECKPOINT: usize = 64 * 1024;
const KNOWN: [&str; 7] =
    ["logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof", "canonicalizedBody"];

/// An element of `tlogEntries`.
pub(super) struct Entry {
    pub(super) log_id: Vec<u8>,
    pub(super) index: u64,
    /// When the log says it took the entry in, where it signed a promise over that; seconds since 1970.
    pub(super) promised_at: Option<u64>,
    pub(super) kind: Kind,
    pub(super) size: u64,
    /// The signed note.
    pub(super) checkpoint: String,
    pub(super) body: Vec<u8>,
}

/// The kinds of entries that Rekor v1 and v2 write and sign for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// `hashedrekord` 0.0.1.
    HashedRekord1,
    /// `hashedrekord` 0.0.2.
    HashedRekord2,
    /// `dsse` 0.0.1.
    Dsse1,
    /// `intoto` 0.0.2.
    Intoto2,
}

/// What an entry must be about.
pub(super) struct Signed<'a> {
    /// SHA-256 of the signed bytes: of the artifact, or of the envelope's pre-authentication encoding.
    pub(super) digest: Digest,
    /// The envelope's payload and its type; absent for an artifact's own signature.
    pub(super) payload: Option<(&'a str, &'a [u8])>,
    pub(super) signature: &'a [u8],
    pub(super) verifier: Verifier<'a>,
}

/// What verifies the signature, as the log knows it.
#[derive(Clone, Copy)]
pub(super) enum Verifier<'a> {
    /// A certificate, DER.
    Certificate(&'a [u8]),
    /// A public key, DER `SubjectPublicKeyInfo`.
    Key(&'a [u8]),
}

impl Entry {
    pub(super) fn read(value: &Value) -> Result<Self, ForeignError> {
        let members = Members::of("tlogEntries", value, &KNOWN)?;
        let index = members.number("logIndex")?;
        let time = members.number("integratedTime")?;
        let promise = members.optional("inclusionPromise");
        if let Some(promise) = promise {
            Members::of("inclusionPromise", promise, &["signedEntryTimestamp"])?.bytes("signedEntryTimestamp")?;
        }
        let kind = Kind::read(members.required("kindVersion")?)?;
        let (at, size, checkpoint) = proof(members.optional("inclusionProof").ok_or(ForeignError::ProofMissing)?)?;
        // Rekor v1 counts entries over several trees, Rekor v2 has one, and clients believe one number or the other.
        if kind == Kind::HashedRekord2 && at != index {
            return Err(ForeignError::Index);
        }
        Ok(Self {
            log_id: Members::of("logId", members.required("logId")?, &["keyId"])?.bytes("keyId")?,
            index,
            promised_at: promise.map(|_| time),
            kind,
            size,
            checkpoint,
            body: members.bytes("canonicalizedBody")?,
        })
    }

    /// Fails unless the body is the one that logs exactly this, and says which part differs.
    pub(super) fn check_body(&self, signed: &Signed<'_>) -> Result<(), ForeignError> {
        let found = json::read(&self.body)?;
        let expected = self.kind.body(signed, &found).ok_or(ForeignError::EntryKind)?;
        let bytes = canonical::to_vec(&expected).map_err(|_| ForeignError::EntryBody { part: BodyPart::Encoding })?;
        if bytes == self.body {
            return Ok(());
        }
        let differing = self.kind.parts().into_iter().find(|(at, _)| found.pointer(at) != expected.pointer(at));
        Err(ForeignError::EntryBody { part: differing.map_or(BodyPart::Encoding, |(_, part)| part) })
    }

    /// The checkpoint's first line.
    pub(super) fn origin(&self) -> &str {
        self.checkpoint.lines().next().unwrap_or_default()
    }

    /// Whether a signature line of the checkpoint carries the log's name, and the key hint of the log that the entry names.
    pub(super) fn has_line_of_its_log(&self) -> bool {
        let lines = self.checkpoint.rsplit_once("\n\n").map_or("", |(_, lines)| lines);
        // A Rekor v1 names the tree behind its own name: `rekor.sigstore.dev - 2605736670972794746`.
        let name = self.origin().split_once(" - ").map_or(self.origin(), |(name, _)| name);
        let hint = |line: &str| {
            let (signer, text) = line.strip_prefix("\u{2014} ")?.rsplit_once(' ')?;
            let Base64(bytes) = serde_json::from_value(Value::String(text.to_owned())).ok()?;
            bytes.get(..4).filter(|_| signer == name || signer == self.origin()).map(<[u8]>::to_vec)
        };
        self.log_id.get(..4).is_some_and(|id| lines.lines().filter_map(hint).any(|hint| hint == id))
    }
}

/// The place in the tree, the tree's size, and its checkpoint.
fn proof(value: &Value) -> Result<(u64, u64, String), ForeignError> {
    let members = Members::of("inclusionProof", value, &["logIndex", "rootHash", "treeSize", "hashes", "checkpoint"])?;
    let index = members.number("logIndex")?;
    let root = members.bytes("rootHash")?;
    members.list("hashes", MAX_HASHES)?;
    let note = members.optional("checkpoint").ok_or(ForeignError::ProofMissing)?;
    let note = Members::of("checkpoint", note, &["envelope"])?.text("envelope")?;
    if note.len() > MAX_CHECKPOINT {
        return Err(ForeignError::TooLarge { what: "checkpoint", limit: MAX_CHECKPOINT, actual: note.len() });
    }
    let signed = Checkpoint::from_text(note).map_err(|source| ForeignError::Checkpoint { source })?;
    let size = members.number("treeSize")?;
    // Some clients believe the checkpoint, some the proof's own words: a bundle is about one tree.
    if root != signed.root_hash().as_bytes() || signed.tree_size() != size {
        return Err(ForeignError::Root);
    }
    Ok((index, size, note.to_owned()))
}

impl Kind {
    fn read(value: &Value) -> Result<Self, ForeignError> {
        let members = Members::of("kindVersion", value, &["kind", "version"])?;
        match (members.text("kind")?, members.text("version")?) {
            ("hashedrekord", "0.0.1") => Ok(Self::HashedRekord1),
            ("hashedrekord", "0.0.2") => Ok(Self::HashedRekord2),
            ("dsse", "0.0.1") => Ok(Self::Dsse1),
            ("intoto", "0.0.2") => Ok(Self::Intoto2),
            _ => Err(ForeignError::EntryKind),
        }
    }

    /// The body that logs `signed`. Taken over from `found` is only what nothing in a bundle determines: the label of a
    /// key's algorithm, and the digest of an envelope as it was once submitted.
    fn body(self, signed: &Signed<'_>, found: &Value) -> Option<Value> {
        let (version, kind, spec) = match (self, signed.payload) {
            (Self::HashedRekord1, None) => ("0.0.1", "hashedrekord", hashed_rekord_1(signed, found)?),
            (Self::HashedRekord2, _) => ("0.0.2", "hashedrekord", hashed_rekord_2(signed, found)?),
            (Self::Dsse1, Some((_, payload))) => ("0.0.1", "dsse", dsse_1(signed, payload, found)?),
            (Self::Intoto2, Some((payload_type, payload))) => {
                ("0.0.2", "intoto", intoto_2(signed, payload_type, payload, found)?)
            }
            _ => return None,
        };
        Some(json!({ "apiVersion": version, "kind": kind, "spec": spec }))
    }

    /// Where a body holds what, as JSON pointers.
    const fn parts(self) -> [(&'static str, BodyPart); 3] {
        match self {
            Self::HashedRekord1 => [
                ("/spec/data", BodyPart::Digest),
                ("/spec/signature/content", BodyPart::Signature),
                ("/spec/signature/publicKey", BodyPart::Key),
            ],
            Self::HashedRekord2 => [
                ("/spec/hashedRekordV002/data", BodyPart::Digest),
                ("/spec/hashedRekordV002/signature/content", BodyPart::Signature),
                ("/spec/hashedRekordV002/signature/verifier", BodyPart::Key),
            ],
            Self::Dsse1 => [
                ("/spec/payloadHash", BodyPart::Digest),
                ("/spec/signatures/0/signature", BodyPart::Signature),
                ("/spec/signatures/0/verifier", BodyPart::Key),
            ],
            Self::Intoto2 => [
                ("/spec/content/payloadHash", BodyPart::Digest),
                ("/spec/content/envelope/signatures/0/sig", BodyPart::Signature),
                ("/spec/content/envelope/signatures/0/publicKey", BodyPart::Key),
            ],
        }
    }
}

fn hashed_rekord_1(signed: &Signed<'_>, found: &Value) -> Option<Value> {
    let key = json!({ "content": signed.verifier.pem(found.pointer("/spec/signature/publicKey/content"))? });
    let signature = json!({ "content": base64(signed.signature)?, "publicKey": key });
    Some(json!({ "data": { "hash": sha256(signed.digest) }, "signature": signature }))
}

fn hashed_rekord_2(signed: &Signed<'_>, found: &Value) -> Option<Value> {
    let label = found.pointer("/spec/hashedRekordV002/signature/verifier/keyDetails")?;
    let (name, der) = signed.verifier.parts();
    let verifier = json!({ name: { "rawBytes": base64(der)? }, "keyDetails": label });
    let signature = json!({ "content": base64(signed.signature)?, "verifier": verifier });
    let data = json!({ "algorithm": "SHA2_256", "digest": base64(signed.digest.as_bytes())? });
    Some(json!({ "hashedRekordV002": { "data": data, "signature": signature } }))
}

fn dsse_1(signed: &Signed<'_>, payload: &[u8], found: &Value) -> Option<Value> {
    let envelope = found.pointer("/spec/envelopeHash")?;
    let verifier = signed.verifier.pem(found.pointer("/spec/signatures/0/verifier"))?;
    let signatures = json!([{ "signature": base64(signed.signature)?, "verifier": verifier }]);
    Some(json!({ "envelopeHash": envelope, "payloadHash": sha256(Digest::of(payload)), "signatures": signatures }))
}

/// The log encodes twice what a client had encoded once.
fn intoto_2(signed: &Signed<'_>, payload_type: &str, payload: &[u8], found: &Value) -> Option<Value> {
    let twice = |bytes: &[u8]| base64(base64(bytes)?.as_bytes());
    let key = signed.verifier.pem(found.pointer("/spec/content/envelope/signatures/0/publicKey"))?;
    let mut line = json!({ "publicKey": key, "sig": twice(signed.signature)? });
    if let Some(hint) = found.pointer("/spec/content/envelope/signatures/0/keyid") {
        line.as_object_mut()?.insert("keyid".to_owned(), hint.clone());
    }
    let mut envelope = json!({ "payloadType": payload_type, "signatures": [line] });
    if found.pointer("/spec/content/envelope/payload").is_some() {
        envelope.as_object_mut()?.insert("payload".to_owned(), twice(payload)?.into());
    }
    let hash = found.pointer("/spec/content/hash")?;
    let content = json!({ "envelope": envelope, "hash": hash, "payloadHash": sha256(Digest::of(payload)) });
    Some(json!({ "content": content }))
}

fn sha256(digest: Digest) -> Value {
    json!({ "algorithm": "sha256", "value": digest.to_hex() })
}

fn base64(bytes: &[u8]) -> Option<String> {
    match serde_json::to_value(Base64(bytes.to_vec())) {
        Ok(Value::String(text)) => Some(text),
        _ => None,
    }
}

impl<'a> Verifier<'a> {
    /// As Rekor v1 writes it: PEM in base64. Lines broken elsewhere, as in `found`, are the same certificate or key.
    fn pem(self, found: Option<&Value>) -> Option<String> {
        let found = found.and_then(|text| serde_json::from_value::<Base64>(text.clone()).ok());
        let found = found.and_then(|Base64(pem)| String::from_utf8(pem).ok());
        let is_same = |pem: &str| match self {
            Self::Certificate(der) => DerCertificate::from_pem(pem).is_ok_and(|found| found.as_bytes() == der),
            Self::Key(der) => DerPublicKey::from_pem(pem).is_ok_and(|found| found.as_bytes() == der),
        };
        if let Some(pem) = found.filter(|pem| is_same(pem)) {
            return base64(pem.as_bytes());
        }
        let label = if matches!(self, Self::Certificate(_)) { "CERTIFICATE" } else { "PUBLIC KEY" };
        base64(encode_string(label, LineEnding::LF, self.parts().1).ok()?.as_bytes())
    }

    /// As Rekor v2 names it.
    const fn parts(self) -> (&'static str, &'a [u8]) {
        match self {
            Self::Certificate(der) => ("x509Certificate", der),
            Self::Key(der) => ("publicKey", der),
        }
    }
}
