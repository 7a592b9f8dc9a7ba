//! Why witnesses cannot be asked, or one of them gave no cosignature.

use signer_core::checkpoint::CheckpointError;
use signer_core::reason::{Code, Coded};
use signer_core::witness_policy::WitnessPolicyError;
use signer_engine::store::StoreError;

use crate::named_file::FileError;

/// Why witnesses cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum WitnessingError {
    /// The log's name or key is none.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The policy's file does not serve.
    #[error(transparent)]
    File(#[from] FileError),
    /// The policy names other logs only.
    #[error("the witness policy names logs, and not `{origin}` with its key")]
    OtherLog {
        /// This log.
        origin: String,
    },
    /// A witness counts only if somebody else runs it.
    #[error("the witness policy makes the log its own witness")]
    OwnWitness,
    /// The policy is none.
    #[error(transparent)]
    Policy(#[from] WitnessPolicyError),
    /// Cosigned checkpoints cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A witness has no address, or one that leaves this machine unprotected.
    #[error("witness `{name}` has no address of the form http://127.0.0.1:PORT[/PREFIX]")]
    Url {
        /// Which witness.
        name: String,
    },
}

impl Coded for WitnessingError {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(source) => source.code(),
            Self::File(source) => source.code_or(Code::LogWitnessPolicy),
            Self::OtherLog { .. } | Self::OwnWitness => Code::LogWitnessPolicy,
            Self::Policy(source) => source.code(),
            Self::Store(source) => source.code(),
            Self::Url { .. } => Code::EngineAddress,
        }
    }
}

/// Why one witness gave no cosignature.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// An answer that is none of C2SP tlog-witness, or too long.
    #[error("the witness answered status {status} with a body of another form")]
    Answer {
        /// HTTP status.
        status: u16,
    },
    /// A cosignature from the future.
    #[error("the witness's cosignature is from the future")]
    Future,
    /// A line under a known key that does not verify.
    #[error(transparent)]
    Line(#[from] CheckpointError),
    /// A valid answer without the witness's cosignature.
    #[error("the witness's answer holds no cosignature of its own")]
    Missing,
    /// The engine cannot prove what it says.
    #[error("no consistency proof from {size} entries can be made: {code}")]
    Proof {
        /// Size the witness is at.
        size: u64,
        /// Why.
        code: Code,
    },
    /// The witness does not cosign.
    #[error("the witness refuses with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The witness says that it cosigned a larger tree, and shows none.
    #[error("the witness claims to have cosigned {size} entries and shows no such checkpoint")]
    Unshown {
        /// Size it claims.
        size: u64,
    },
    /// No connection, or no answer in time.
    #[error("the witness cannot be reached")]
    Unreachable {
        /// What the connection said.
        #[source]
        source: Box<ureq::Error>,
    },
}

impl Coded for AskError {
    fn code(&self) -> Code {
        match self {
            Self::Answer { .. } | Self::Future | Self::Missing | Self::Unshown { .. } => Code::LogWitnessAnswer,
            Self::Line(source) => source.code(),
            Self::Proof { code, .. } => *code,
            Self::Refused { .. } => Code::LogWitnessRefused,
            Self::Unreachable { .. } => Code::LogWitnessUnreachable,
        }
    }
}
