//! Why a stock client refuses a bundle, and under which of our codes.

use signer_core::reason::{Code, Coded};
use signer_core::time::TimeError;

/// Why there is no judgement in favour of a bundle.
#[derive(Debug, thiserror::Error)]
pub enum SigstoreError {
    /// Not a bundle to a stock client.
    #[error("a Sigstore client cannot read the bundle")]
    Bundle {
        /// What the client said.
        #[source]
        source: sigstore_types::Error,
    },
    /// Not UTF-8.
    #[error("the {what} is not UTF-8 text")]
    NotText {
        /// Bundle or trust root.
        what: &'static str,
    },
    /// Refused.
    #[error("a Sigstore client refuses the bundle")]
    Refused {
        /// What the client said.
        #[source]
        source: Box<sigstore_verify::Error>,
    },
    /// The client passed the bundle without taking a step.
    #[error("a Sigstore client did not check the {step}")]
    StepMissing {
        /// The step left out.
        step: &'static str,
    },
    /// A time nothing can write.
    #[error("an authenticated time is out of range")]
    Time {
        /// What failed.
        #[source]
        source: TimeError,
    },
    /// Too many bytes.
    #[error("the {what} has {actual} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Bundle or trust root.
        what: &'static str,
        /// Most bytes allowed.
        limit: usize,
        /// Bytes found.
        actual: usize,
    },
    /// Not a trust root to a stock client.
    #[error("a Sigstore client cannot read the trust root")]
    TrustRoot {
        /// What the client said.
        #[source]
        source: sigstore_trust_root::Error,
    },
    /// A trust root whose keys or certificates a stock client cannot use.
    #[error("a Sigstore client cannot use the trust root")]
    Unusable {
        /// What the client said.
        #[source]
        source: Box<sigstore_verify::Error>,
    },
}

impl Coded for SigstoreError {
    fn code(&self) -> Code {
        match self {
            Self::Bundle { .. } | Self::StepMissing { .. } | Self::Time { .. } => Code::BundleStock,
            Self::NotText { what: "bundle" } => Code::BundleJson,
            Self::TooLarge { what: "bundle", .. } => Code::LimitBundle,
            Self::NotText { .. } | Self::TooLarge { .. } | Self::TrustRoot { .. } | Self::Unusable { .. } => {
                Code::TrustMalformed
            }
            // The client has one error for another artifact and for another log entry, so neither gets a code of its own.
            Self::Refused { source } => match source.as_ref() {
                sigstore_verify::Error::IdentityMismatch { .. } | sigstore_verify::Error::IssuerMismatch { .. } => {
                    Code::IdMismatch
                }
                _ => Code::BundleStock,
            },
        }
    }
}
