//! The protobuf form of a log entry: the few fields of `dev.sigstore.rekor.v1.TransparencyLogEntry` (`sigstore_rekor.proto`)
//! that occur, in their one order. Written by hand because the core reaches no protobuf library.
//!
//! `TransparencyLogEntry`: 1 `log_index`, 2 `log_id` {1 `key_id`}, 3 `kind_version` {1 `kind`, 2 `version`},
//! 6 `inclusion_proof` {1 `log_index`, 2 `root_hash`, 3 `tree_size`, 4 `hashes`*, 5 `checkpoint` {1 `envelope`}}. In entries
//! of a Rekor v1 alone: 4 `integrated_time`, 5 `inclusion_promise` {1 `signed_entry_timestamp`}. Absent:
//! 7 `canonicalized_body`.

use super::foreign::{ForeignEntry, Promise, VERSION_1};
use super::{KIND, LogEntry, LogError, VERSION};
use crate::checkpoint::{self, CheckpointError};
use crate::digest::Digest;
use crate::merkle;

/// Wire type of integers.
const VARINT: u64 = 0;
/// Wire type of strings, bytes and messages.
const LENGTH: u64 = 2;

pub(super) fn encode(entry: &LogEntry) -> Vec<u8> {
    encode_promised(entry, entry.index, None)
}

/// The same for an entry whose log counts over several trees, or gave a promise.
pub(super) fn encode_promised(entry: &LogEntry, proof_index: u64, promise: Option<&Promise>) -> Vec<u8> {
    let mut envelope = Vec::new();
    write_bytes(&mut envelope, 1, entry.checkpoint.as_bytes());

    let mut proof = Vec::new();
    write_integer(&mut proof, 1, proof_index);
    write_bytes(&mut proof, 2, entry.root.as_bytes());
    write_integer(&mut proof, 3, entry.size);
    for hash in &entry.hashes {
        write_bytes(&mut proof, 4, hash.as_bytes());
    }
    write_bytes(&mut proof, 5, &envelope);

    let mut log_id = Vec::new();
    write_bytes(&mut log_id, 1, &entry.log_id);

    let mut kind_version = Vec::new();
    write_bytes(&mut kind_version, 1, KIND.as_bytes());
    write_bytes(&mut kind_version, 2, promise.map_or(VERSION, |_| VERSION_1).as_bytes());

    let mut message = Vec::new();
    write_integer(&mut message, 1, entry.index);
    write_bytes(&mut message, 2, &log_id);
    write_bytes(&mut message, 3, &kind_version);
    if let Some(promise) = promise {
        let mut signed = Vec::new();
        write_bytes(&mut signed, 1, &promise.signature);
        write_integer(&mut message, 4, promise.integrated_at);
        write_bytes(&mut message, 5, &signed);
    }
    write_bytes(&mut message, 6, &proof);
    message
}

/// Reads the message. Values are checked here; that the bytes are the canonical ones is the caller's comparison.
pub(super) fn decode(bytes: &[u8]) -> Result<LogEntry, LogError> {
    let ForeignEntry { entry, proof_index, promise } = decode_promised(bytes)?;
    if promise.is_some() {
        return Err(LogError::Kind);
    }
    if proof_index == entry.index {
        Ok(entry)
    } else {
        Err(LogError::IndexMismatch { entry: entry.index, proof: proof_index })
    }
}

/// The same for either version of Rekor.
pub(super) fn decode_promised(bytes: &[u8]) -> Result<ForeignEntry, LogError> {
    let mut message = Reader { rest: bytes };
    let index = message.integer(1, "log_index")?;

    let mut log_id = message.message(2, "log_id")?;
    let key_id = log_id.digest(1, "key_id")?;
    log_id.finish("log_id")?;

    let mut kind_version = message.message(3, "kind_version")?;
    let kind = kind_version.bytes(1, "kind")?;
    let version = kind_version.bytes(2, "version")?;
    kind_version.finish("kind_version")?;
    let promise = match (kind == Some(KIND.as_bytes()), version) {
        (true, Some(version)) if version == VERSION.as_bytes() => None,
        (true, Some(version)) if version == VERSION_1.as_bytes() => Some(decode_promise(&mut message)?),
        _ => return Err(LogError::Kind),
    };
    let Some(proof) = message.bytes(6, "inclusion_proof")? else {
        message.finish("inclusion_proof")?;
        return Err(LogError::ProofMissing);
    };
    message.finish("after inclusion_proof")?;
    let (proof_index, entry) = decode_proof(index, *key_id.as_bytes(), proof)?;
    Ok(ForeignEntry { entry, proof_index, promise })
}

fn decode_promise(message: &mut Reader<'_>) -> Result<Promise, LogError> {
    let integrated_at = message.integer(4, "integrated_time")?;
    // A Rekor v1 that promises nothing is none that anybody here knows.
    let mut promise = message.bytes(5, "inclusion_promise")?.map(|rest| Reader { rest }).ok_or(LogError::Kind)?;
    let signature = promise.bytes(1, "signed_entry_timestamp")?;
    let signature = signature.ok_or(LogError::Malformed { field: "signed_entry_timestamp" })?.to_vec();
    promise.finish("inclusion_promise")?;
    Ok(Promise { integrated_at, signature })
}

fn decode_proof(index: u64, log_id: [u8; 32], bytes: &[u8]) -> Result<(u64, LogEntry), LogError> {
    let mut proof = Reader { rest: bytes };
    let proof_index = proof.integer(1, "inclusion_proof.log_index")?;
    let root = proof.digest(2, "root_hash")?;
    let size = proof.integer(3, "tree_size")?;
    let mut hashes = Vec::new();
    while let Some(hash) = proof.bytes(4, "hashes")? {
        if hashes.len() == merkle::MAX_PROOF {
            return Err(LogError::TooManyHashes);
        }
        hashes.push(Digest::try_from(hash).map_err(|_| LogError::Malformed { field: "hashes" })?);
    }
    let Some(envelope) = proof.bytes(5, "checkpoint")? else {
        proof.finish("checkpoint")?;
        return Err(LogError::CheckpointMissing);
    };
    proof.finish("after checkpoint")?;
    let mut envelope = Reader { rest: envelope };
    let note = envelope.bytes(1, "envelope")?.ok_or(LogError::CheckpointMissing)?;
    envelope.finish("envelope")?;
    if note.len() > checkpoint::MAX_BYTES {
        return Err(CheckpointError::TooLarge { actual: note.len(), limit: checkpoint::MAX_BYTES }.into());
    }
    let checkpoint = str::from_utf8(note).map_err(|_| LogError::Malformed { field: "envelope" })?.to_owned();
    Ok((proof_index, LogEntry { index, log_id, size, root, hashes, checkpoint }))
}

/// proto3: a field with the default value is not written.
fn write_integer(out: &mut Vec<u8>, field: u64, value: u64) {
    if value != 0 {
        write_varint(out, (field << 3) | VARINT);
        write_varint(out, value);
    }
}

fn write_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    write_varint(out, (field << 3) | LENGTH);
    // A usize has at most 64 bits wherever this compiles.
    write_varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(bytes);
}

fn write_varint(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

/// What is left of a message. Each read names the one field that may stand next.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// An int64 that is not negative; 0 where the field is absent.
    fn integer(&mut self, field: u64, name: &'static str) -> Result<u64, LogError> {
        if !self.has_tag((field << 3) | VARINT, name)? {
            return Ok(0);
        }
        let value = self.varint(name)?;
        if i64::try_from(value).is_ok() { Ok(value) } else { Err(LogError::IntegerRange) }
    }

    fn digest(&mut self, field: u64, name: &'static str) -> Result<Digest, LogError> {
        let bytes = self.bytes(field, name)?.ok_or(LogError::Malformed { field: name })?;
        Digest::try_from(bytes).map_err(|_| LogError::Malformed { field: name })
    }

    fn message(&mut self, field: u64, name: &'static str) -> Result<Reader<'a>, LogError> {
        self.bytes(field, name)?.map(|rest| Reader { rest }).ok_or(LogError::Malformed { field: name })
    }

    fn bytes(&mut self, field: u64, name: &'static str) -> Result<Option<&'a [u8]>, LogError> {
        if !self.has_tag((field << 3) | LENGTH, name)? {
            return Ok(None);
        }
        let malformed = LogError::Malformed { field: name };
        let Ok(length) = usize::try_from(self.varint(name)?) else { return Err(malformed) };
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(malformed)?;
        self.rest = rest;
        Ok(Some(bytes))
    }

    /// Takes the next tag where it is the expected one.
    fn has_tag(&mut self, expected: u64, name: &'static str) -> Result<bool, LogError> {
        if self.rest.is_empty() {
            return Ok(false);
        }
        let before = self.rest;
        if self.varint(name)? == expected {
            return Ok(true);
        }
        self.rest = before;
        Ok(false)
    }

    /// A base-128 number of at most ten bytes in its shortest form.
    fn varint(&mut self, name: &'static str) -> Result<u64, LogError> {
        let malformed = LogError::Malformed { field: name };
        let mut value: u64 = 0;
        for shift in (0..64).step_by(7) {
            let Some((byte, rest)) = self.rest.split_first() else { return Err(malformed) };
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if bits.leading_zeros() < shift || (*byte == 0 && shift > 0) {
                return Err(malformed);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed)
    }

    fn finish(self, name: &'static str) -> Result<(), LogError> {
        if self.rest.is_empty() { Ok(()) } else { Err(LogError::Malformed { field: name }) }
    }
}
