//! Why a service gave no answer that anybody could read.

use rustls::CertificateError;
use signer_core::reason::{Code, Coded};

/// Why a service was not asked, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// Neither HTTPS, nor plain HTTP on this machine.
    #[error("`{url}` is neither an https:// address nor http:// on this machine")]
    Address {
        /// What was given.
        url: String,
    },
    /// Its certificate does not show that it is the one that was asked.
    #[error("the service's certificate {distrust}")]
    Distrusted {
        /// What is wrong with it.
        distrust: Distrust,
        /// What the library said.
        #[source]
        source: rustls::Error,
    },
    /// No common protocol, or not TLS at all.
    #[error("no protected connection came about")]
    Handshake {
        /// What the library said.
        #[source]
        source: rustls::Error,
    },
    /// No authorities to believe.
    #[error("this system names no authority that could vouch for a service")]
    NoRoots,
    /// It sends us elsewhere.
    #[error("the service answers with a redirection")]
    Redirect,
    /// The file of authorities.
    #[error("the file of authorities {why}")]
    Roots {
        /// What is wrong.
        why: &'static str,
    },
    /// Another status than the one that was needed.
    #[error("the service answers with status {status}")]
    Status {
        /// HTTP status.
        status: u16,
    },
    /// An answer over the limit.
    #[error("the service's answer has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// No connection, no answer in time, or a broken one.
    #[error("the service cannot be reached")]
    Unreachable {
        /// What the connection said.
        #[source]
        source: Box<ureq::Error>,
    },
}

/// Why a certificate does not show that a service is the one that was asked (RFC 9525).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Distrust {
    /// Issued by nobody who is trusted.
    Authority,
    /// Not valid at this time.
    Expired,
    /// Malformed, revoked, or for another use.
    Form,
    /// Issued for another name.
    Name,
}

impl std::fmt::Display for Distrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Authority => "is issued by nobody who is trusted here",
            Self::Expired => "is not valid now",
            Self::Form => "does not verify",
            Self::Name => "is for another name",
        })
    }
}

impl From<&CertificateError> for Distrust {
    fn from(error: &CertificateError) -> Self {
        match error {
            // A stranger may bear the name of an authority that is known.
            CertificateError::BadSignature | CertificateError::UnknownIssuer => Self::Authority,
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::Expired,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::Name,
            _ => Self::Form,
        }
    }
}

impl OutboundError {
    /// What the HTTP library said, told apart.
    pub(crate) fn of(error: ureq::Error, limit: u64) -> Self {
        match error {
            ureq::Error::BodyExceedsLimit(_) => Self::TooLarge { limit },
            ureq::Error::Rustls(source) => Self::of_tls(source),
            ureq::Error::Io(failed) => match tls_inside(&failed) {
                Some(source) => Self::of_tls(source),
                None => Self::Unreachable { source: Box::new(ureq::Error::Io(failed)) },
            },
            other => Self::Unreachable { source: Box::new(other) },
        }
    }

    fn of_tls(source: rustls::Error) -> Self {
        match &source {
            rustls::Error::InvalidCertificate(error) => Self::Distrusted { distrust: Distrust::from(error), source },
            _ => Self::Handshake { source },
        }
    }
}

/// The library hands what TLS refuses through the stream's own errors.
fn tls_inside(error: &std::io::Error) -> Option<rustls::Error> {
    error.get_ref()?.downcast_ref::<rustls::Error>().cloned()
}

impl Coded for OutboundError {
    fn code(&self) -> Code {
        match self {
            Self::Address { .. } => Code::ElsewhereAddress,
            Self::Distrusted { distrust, .. } => match distrust {
                Distrust::Authority => Code::TlsAuthority,
                Distrust::Expired => Code::TlsExpired,
                Distrust::Form => Code::TlsCertificate,
                Distrust::Name => Code::TlsName,
            },
            Self::Handshake { .. } => Code::TlsHandshake,
            Self::NoRoots | Self::Roots { .. } => Code::TlsRoots,
            Self::Redirect => Code::ElsewhereRedirect,
            Self::Status { .. } => Code::ElsewhereRefused,
            Self::TooLarge { .. } => Code::ElsewhereLimit,
            Self::Unreachable { .. } => Code::ElsewhereUnreachable,
        }
    }
}
