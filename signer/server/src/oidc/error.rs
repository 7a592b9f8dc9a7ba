//! Why a token, or what its issuer publishes, is refused.

use signer_core::reason::{Code, Coded};
use signer_outbound::OutboundError;

/// Why nobody is vouched for. Messages quote the token's claims, never the token.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An algorithm off the list, `none` and every shared-key one among them.
    #[error("the token's algorithm `{found}` is not accepted")]
    Algorithm {
        /// What the header says.
        found: String,
    },
    /// For another service.
    #[error("the token is not for a configured audience")]
    Audience,
    /// A claim that is absent or of another type.
    #[error("the claim `{claim}` is missing or not of its type")]
    Claim {
        /// Which.
        claim: String,
    },
    /// The configuration.
    #[error("the identity issuers are malformed: {why}")]
    Config {
        /// What is wrong.
        why: String,
    },
    /// The discovery document says something else than the configuration.
    #[error("the issuer's discovery document {why}")]
    Discovery {
        /// What is wrong.
        why: &'static str,
    },
    /// One claim twice.
    #[error("a claim stands twice")]
    DuplicateClaim,
    /// Nobody confirmed the address.
    #[error("the issuer does not say that the mail address is verified")]
    EmailUnverified,
    /// The header brings keys, or extensions nobody knows.
    #[error("the token's header holds `{member}`")]
    Header {
        /// Which member.
        member: &'static str,
    },
    /// The identity is no acceptable name, or lies outside the issuer's part.
    #[error("the identity in the claim `{claim}` is no acceptable name of this issuer")]
    Identity {
        /// Which claim.
        claim: String,
    },
    /// Nobody configured it.
    #[error("the issuer `{found}` is not configured")]
    Issuer {
        /// What the token says.
        found: String,
    },
    /// The issuer publishes no such key.
    #[error("the issuer publishes no key that fits the token")]
    Key,
    /// The key set.
    #[error("the issuer's key set {why}")]
    KeySet {
        /// What is wrong.
        why: &'static str,
    },
    /// Not three parts of base64url, or not JSON inside.
    #[error("the token is no signed JSON Web Token")]
    NotJws,
    /// The issuer redirects.
    #[error("the issuer answers with a redirection")]
    Redirect,
    /// The JSON form of signatures.
    #[error("the token is not in the compact form")]
    Serialization,
    /// Not that key's.
    #[error("the token's signature does not verify")]
    Signature,
    /// Not alive.
    #[error("the token {why}")]
    Time {
        /// What is wrong.
        why: &'static str,
    },
    /// A document over the limit.
    #[error("the issuer's document has more than {limit} bytes")]
    TooLargeDocument {
        /// The limit.
        limit: u64,
    },
    /// A token over the limit.
    #[error("the token has {actual} bytes, at most {limit} are read")]
    TooLargeToken {
        /// The limit.
        limit: usize,
        /// How many there are.
        actual: usize,
    },
    /// No answer, or one that is none.
    #[error("the issuer cannot be reached")]
    Unreachable {
        /// What the connection said.
        #[source]
        source: Option<Box<OutboundError>>,
    },
    /// Somebody answers at the issuer's address, and does not show that it is the issuer.
    #[error("the issuer cannot be told from whoever answers in its place")]
    Unprotected {
        /// What is wrong.
        #[source]
        source: Box<OutboundError>,
    },
}

impl Coded for OidcError {
    fn code(&self) -> Code {
        match self {
            Self::Algorithm { .. } => Code::OidcAlgorithm,
            Self::Audience => Code::OidcAudience,
            Self::Claim { .. } | Self::Identity { .. } => Code::OidcClaimType,
            Self::Config { .. } => Code::OidcConfig,
            Self::Discovery { .. } => Code::OidcDiscovery,
            Self::DuplicateClaim => Code::OidcDuplicateClaim,
            Self::EmailUnverified => Code::OidcEmailUnverified,
            Self::Header { .. } => Code::OidcHeader,
            Self::Issuer { .. } => Code::OidcIssuer,
            Self::Key => Code::OidcKey,
            Self::KeySet { .. } => Code::OidcKeySet,
            Self::NotJws => Code::OidcMalformed,
            Self::Redirect => Code::OidcRedirect,
            Self::Serialization => Code::OidcSerialization,
            Self::Signature => Code::OidcSignature,
            Self::Time { .. } => Code::OidcTime,
            Self::TooLargeDocument { .. } => Code::LimitOidcBody,
            Self::TooLargeToken { .. } => Code::LimitToken,
            Self::Unreachable { .. } => Code::OidcUnreachable,
            Self::Unprotected { source } => source.code(),
        }
    }
}
