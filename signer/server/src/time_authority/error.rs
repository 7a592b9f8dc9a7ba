//! Why foreign authorities cannot be asked, or give no token that counts.

use signer_core::crypto::CryptoError;
use signer_core::foreign_time::{ForeignAuthorityError, ForeignTokenError};
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::time_stamp::ReplyError;
use signer_engine::store::StoreError;
use signer_outbound::OutboundError;

use crate::named_file::FileError;

/// Why a server does not start with such a file.
#[derive(Debug, thiserror::Error)]
pub enum TimeAuthorityError {
    /// Neither HTTPS, nor plain HTTP on this machine.
    #[error("the time authority at `{url}` has no address that may be asked")]
    Address {
        /// What the file says.
        url: String,
    },
    /// What the file says is malformed, or its chains do not hold.
    #[error(transparent)]
    Authorities(#[from] ForeignAuthorityError),
    /// The file does not serve.
    #[error(transparent)]
    File(#[from] FileError),
    /// Nobody vouches for his own clock.
    #[error("the time authority at `{url}` holds a key of this engine")]
    Own {
        /// Where it is.
        url: String,
    },
    /// Tokens cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for TimeAuthorityError {
    fn code(&self) -> Code {
        match self {
            Self::Address { .. } => Code::ElsewhereAddress,
            Self::Authorities(source) => source.code(),
            Self::File(source) => source.code_or(Code::TimeAuthorities),
            Self::Own { .. } => Code::TimeOwnAuthority,
            Self::Store(source) => source.code(),
        }
    }
}

/// Why an authority gave no token that counts.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// Its time does not fit what signed.
    #[error("`{url}` says {time}, when what signed is not valid, or is no foreign authority")]
    Conflict { url: String, time: Timestamp },
    /// No nonce.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The file names nobody; it cannot be.
    #[error("nobody is asked")]
    Nobody,
    /// An answer to another question, or a refusal.
    #[error("`{url}` does not answer the question")]
    Reply {
        url: String,
        #[source]
        source: ReplyError,
    },
    /// HTTP's refusal.
    #[error("`{url}` answers with status {status}")]
    Status { url: String, status: u16 },
    /// The token is refused.
    #[error("`{url}` gave a token that is refused")]
    Token {
        url: String,
        #[source]
        source: ForeignTokenError,
    },
    /// No answer.
    #[error("`{url}` was not reached")]
    Unanswered {
        url: String,
        #[source]
        source: OutboundError,
    },
}

impl Coded for AskError {
    fn code(&self) -> Code {
        match self {
            Self::Conflict { .. } => Code::TimeConflict,
            Self::Crypto(_) => Code::Internal,
            Self::Nobody => Code::TrustTsaMissing,
            Self::Reply { source, .. } => source.code(),
            Self::Status { .. } => Code::ElsewhereRefused,
            Self::Token { source, .. } => source.code(),
            Self::Unanswered { source, .. } => source.code(),
        }
    }
}
