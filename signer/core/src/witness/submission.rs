//! The body of `add-checkpoint`: `old <size>`, lines of a consistency proof, an empty line, a checkpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::WitnessError;
use crate::checkpoint::MAX_PUBLISHED;
use crate::digest::Digest;

/// Most hashes of a consistency proof.
pub const MAX_PROOF: usize = 63;
/// Most bytes of a body: the old size, the longest proof, the largest checkpoint.
pub const MAX_SUBMISSION: usize = MAX_PUBLISHED + 4096;

/// What a witness is asked to cosign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission<'a> {
    /// Size of the tree that the log believes the witness to be at.
    pub old_size: u64,
    /// Proof that the tree of that size is the beginning of the new one.
    pub proof: Vec<Digest>,
    /// The new checkpoint as it was published.
    pub note: &'a str,
}

impl<'a> Submission<'a> {
    /// Reads a body. Fails over its limits, and on any line in another spelling than the one it has.
    pub fn parse(body: &'a str) -> Result<Self, WitnessError> {
        if body.len() > MAX_SUBMISSION {
            return Err(WitnessError::TooLarge { actual: body.len() });
        }
        let (head, note) = body.split_once("\n\n").ok_or(WitnessError::Separator)?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(old_size).ok_or(WitnessError::OldSize)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF {
                return Err(WitnessError::TooManyHashes);
            }
            let bytes = STANDARD.decode(line).map_err(|_| WitnessError::Hash { line: proof.len() })?;
            proof.push(Digest::try_from(bytes.as_slice()).map_err(|_| WitnessError::Hash { line: proof.len() })?);
        }
        Ok(Self { old_size, proof, note })
    }

    /// The body.
    pub fn to_body(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| STANDARD.encode(hash.as_bytes()) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.note)
    }
}

fn old_size(line: &str) -> Option<u64> {
    let text = line.strip_prefix("old ")?;
    let size = u64::try_from(text.parse::<i64>().ok()?).ok()?;
    // A sign or leading zeros are another spelling of the same number.
    (size.to_string() == text).then_some(size)
}
