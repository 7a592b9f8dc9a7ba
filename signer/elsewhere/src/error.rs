//! Why there is no bundle: which service said or did what.

use signer_core::cms::CmsError;
use signer_core::crypto::CryptoError;
use signer_core::csr::CsrError;
use signer_core::foreign_time::ForeignTokenError;
use signer_core::pem::PemError;
use signer_core::reason::{Code, Coded};
use signer_core::time_stamp::ReplyError;
use signer_outbound::OutboundError;
use signer_sigstore::foreign::ForeignError;

use crate::service::{Kind, Service};

/// Why nothing was signed, or what was signed is not handed out.
#[derive(Debug, thiserror::Error)]
pub enum ElsewhereError {
    /// An answer of another form.
    #[error("the answer of {service} {why}")]
    Answer {
        /// Who answered.
        service: Service,
        /// What is wrong.
        why: &'static str,
    },
    /// A certificate for somebody else's key.
    #[error("{service} certified another key than ours")]
    CertificateKey {
        /// Who issued it.
        service: Service,
    },
    /// The file that names the services.
    #[error("the signing config {why}")]
    Config {
        /// What is wrong.
        why: String,
    },
    /// More evidence than a commit's signature has room for.
    #[error("a commit's signature has room for one log entry and one time-stamp, the signing config asks for more")]
    Crowded,
    /// No key, or no signature.
    #[error("the key cannot be used")]
    Crypto(#[from] CryptoError),
    /// A signature of a commit or tag that cannot be written.
    #[error("the signature cannot be written")]
    Form(#[from] CmsError),
    /// A time-stamp token that cannot be carried in a signature.
    #[error("the time-stamp cannot be carried in a commit's signature")]
    Carried(#[from] ForeignTokenError),
    /// The token vouches for nobody that a certificate could be compared with.
    #[error("the token names neither a mail address nor another subject that is known to become a certificate's")]
    Identity,
    /// What the services answered together does not verify.
    #[error("what {} answered does not verify", listed(services))]
    Judged {
        /// Whose answers they are.
        services: Vec<Service>,
        /// Why not.
        #[source]
        source: Box<ForeignError>,
    },
    /// No service of a kind that could be used now.
    #[error("the signing config names {found} {what} that can be used now, {needed} are needed")]
    NoService {
        /// Of what kind.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        needed: usize,
    },
    /// No answer.
    #[error("{service} gave no answer")]
    Outbound {
        /// Who was asked.
        service: Service,
        /// Why not.
        #[source]
        source: OutboundError,
    },
    /// A service refused.
    #[error("{service} refused with status {status}: {words}")]
    Refused {
        /// Which.
        service: Service,
        /// HTTP status.
        status: u16,
        /// What it said, cut.
        words: String,
    },
    /// The certificate request cannot be made.
    #[error("the certificate request cannot be made")]
    Request(#[from] CsrError),
    /// Entries that should stand in several logs.
    #[error("two of the logs that were asked are one")]
    SameLog,
    /// A time-stamp that is none, or answers another question.
    #[error("the time-stamp of {service} is none of ours")]
    Stamp {
        /// Who stamped.
        service: Service,
        /// What is wrong.
        #[source]
        source: ReplyError,
    },
    /// Neither a time-stamp authority nor a log that says when.
    #[error("the signing config names no time-stamp authority, and a Rekor v2 log gives no time")]
    Time,
    /// The token cannot be used.
    #[error("the identity token {why}")]
    Token {
        /// What is wrong.
        why: &'static str,
    },
    /// The trust root cannot be used.
    #[error("the trust root cannot be used")]
    TrustRoot {
        /// What is wrong.
        #[source]
        source: Box<ForeignError>,
    },
    /// Something of ours cannot be written.
    #[error("a document of ours cannot be written")]
    Unwritable {
        /// What failed.
        #[source]
        source: serde_json::Error,
    },
    /// The same, as PEM.
    #[error("a document of ours cannot be written as PEM")]
    UnwritablePem(#[from] PemError),
}

impl ElsewhereError {
    /// Blames those services whose part of the bundle the judge refused.
    pub(crate) fn judged(services: &[&Service], source: ForeignError) -> Self {
        let code = source.code().as_str();
        let blamed = match code.split_once('.').unwrap_or_default() {
            ("id" | "x509", _) | ("log", "sct_invalid") => Some(Kind::Authority),
            ("log", _) => Some(Kind::Log),
            ("time", "none") => None,
            ("time", _) => Some(Kind::Clock),
            _ => None,
        };
        let of = |kind: Option<Kind>| -> Vec<Service> {
            services.iter().filter(|service| kind.is_none_or(|kind| service.kind == kind)).copied().cloned().collect()
        };
        // Without time-stamp authorities the time is a log's.
        let services = Some(of(blamed)).filter(|found| !found.is_empty()).unwrap_or_else(|| of(None));
        Self::Judged { services, source: Box::new(source) }
    }
}

fn listed(services: &[Service]) -> String {
    services.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Coded for ElsewhereError {
    fn code(&self) -> Code {
        match self {
            Self::Answer { .. } => Code::ElsewhereAnswer,
            Self::CertificateKey { .. } => Code::ElsewhereCertificateKey,
            Self::Config { .. } => Code::ElsewhereConfig,
            Self::Carried(error) => error.code(),
            Self::Form(error) => error.code(),
            Self::Crypto(_) | Self::Request(_) | Self::Unwritable { .. } | Self::UnwritablePem(_) => Code::Internal,
            Self::Identity => Code::ElsewhereIdentity,
            Self::Judged { source, .. } | Self::TrustRoot { source } => source.code(),
            Self::Crowded | Self::NoService { .. } => Code::ElsewhereService,
            Self::Outbound { source, .. } => source.code(),
            Self::Refused { .. } => Code::ElsewhereRefused,
            Self::SameLog => Code::LogThreshold,
            Self::Stamp { source, .. } => source.code(),
            Self::Time => Code::ElsewhereTime,
            Self::Token { .. } => Code::ElsewhereToken,
        }
    }
}
