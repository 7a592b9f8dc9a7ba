//! Cosignatures of C2SP tlog-cosignature, `cosignature/v1`: a witness says that at a time this was the largest tree it
//! had seen of a log, and that it holds all the trees it had seen before.

use super::note::SignatureLine;
use super::{CheckpointError, VerifierKey};
use crate::crypto::Ed25519Key;
use crate::time::Timestamp;

/// Bytes of the time before the signature.
const TIME_BYTES: usize = 8;

/// A cosignature that verified under a known witness's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cosignature {
    /// Which of the witnesses that the reader named, from 0.
    pub witness: usize,
    /// When the witness made it.
    pub time: Timestamp,
    /// The signature line, with its line end.
    pub(super) line: String,
}

/// Cosigns a note's text under a witness's name. Returns the signature line, with its line end.
pub fn cosign(text: &str, witness: &VerifierKey, key: &Ed25519Key, time: Timestamp) -> String {
    let signature = key.sign(message(text, time.unix()).as_bytes());
    let stamped = [time.unix().to_be_bytes().as_slice(), &signature].concat();
    SignatureLine { name: witness.name().to_owned(), key_hash: witness.hint(), signature: stamped }.to_string()
}

/// Checks a line under the key it names. Fails where its time is past year 9999 or its signature does not verify.
pub(super) fn verify(
    text: &str,
    line: &SignatureLine,
    witness: usize,
    key: &VerifierKey,
) -> Result<Cosignature, CheckpointError> {
    let refused = || CheckpointError::Cosignature { witness: key.name().to_owned() };
    let (time, signature) = line.signature.split_first_chunk::<TIME_BYTES>().ok_or_else(refused)?;
    let time = Timestamp::from_unix(u64::from_be_bytes(*time)).map_err(|_| refused())?;
    key.key().verify(message(text, time.unix()).as_bytes(), signature).map_err(|_| refused())?;
    Ok(Cosignature { witness, time, line: line.to_string() })
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
