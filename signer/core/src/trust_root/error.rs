//! Why a trust root is refused.

use crate::canonical::CanonicalError;
use crate::certificate::CertificateError;
use crate::crypto::CryptoError;
use crate::reason::{Code, Coded};
use crate::sct::SctError;

use super::MAX_ENTRIES;

/// What is wrong with a trust root.
#[derive(Debug, thiserror::Error)]
pub enum TrustRootError {
    /// A certificate that its profile or issuer refuses.
    #[error("the trust root's certificate chain at `{uri}` is refused")]
    Chain {
        /// Which entry.
        uri: String,
        /// The first rule broken.
        #[source]
        source: CertificateError,
    },
    /// Not the JSON of a trust root in its one form.
    #[error("the trust root is not a canonical document of its schema")]
    Document(#[from] CanonicalError),
    /// The same log or the same authority twice.
    #[error("the trust root names `{name}` twice")]
    Duplicate {
        /// Origin, URL or address.
        name: String,
    },
    /// A key that cannot be read, or of another algorithm than its entry says.
    #[error("the trust root's key at `{url}` is refused")]
    Key {
        /// Which entry.
        url: String,
        /// What is wrong with it.
        #[source]
        source: CryptoError,
    },
    /// An id that is not that of the key.
    #[error("the trust root's log id at `{url}` is not that of its key")]
    KeyId {
        /// Which entry.
        url: String,
    },
    /// The name shown is not that of the certificate.
    #[error("the trust root shows another name at `{uri}` than the certificate holds")]
    Name {
        /// Which entry.
        uri: String,
    },
    /// A key that is to leave, and is not there or has left before.
    #[error("the trust root has no such key in force")]
    NotInForce,
    /// Ends before it starts.
    #[error("the trust root's window at `{url}` ends before it starts")]
    Window {
        /// Which entry.
        url: String,
    },
    /// A certificate log's id cannot be computed.
    #[error(transparent)]
    Sct(#[from] SctError),
    /// One key in two roles.
    #[error("the trust root gives one key two roles")]
    SharedKey,
    /// Too many entries.
    #[error("the trust root has {actual} `{list}`, at most {MAX_ENTRIES} are allowed")]
    TooMany {
        /// Which list.
        list: &'static str,
        /// Entries found.
        actual: usize,
    },
    /// Not `https://` and a host or a path without spaces.
    #[error("`{url}` is no address of a log or an authority")]
    Url {
        /// What stands there.
        url: String,
    },
}

impl Coded for TrustRootError {
    fn code(&self) -> Code {
        match self {
            Self::Chain { source, .. } => source.code(),
            _ => Code::TrustMalformed,
        }
    }
}
