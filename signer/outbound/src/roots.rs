//! Who may vouch for a service's name: the authorities of this system, or those of a file and nobody else.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use ureq::tls::Certificate;

use crate::error::OutboundError;

/// Most bytes of a file with authorities; a system's own have a quarter of that.
pub const MAX_ROOTS_BYTES: usize = 1024 * 1024;

/// Authorities that vouch for services' names.
#[derive(Clone, Debug, Default)]
pub struct Roots(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    /// Read when the first protected connection needs them.
    #[default]
    System,
    Named(Vec<CertificateDer<'static>>),
}

impl Roots {
    /// The system's: its certificate bundle, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead.
    pub fn system() -> Self {
        Self::default()
    }

    /// Those of a PEM text, instead of the system's. Fails unless it holds certificates, each of which can be an authority.
    pub fn from_pem(text: &[u8]) -> Result<Self, OutboundError> {
        if text.len() > MAX_ROOTS_BYTES {
            return Err(OutboundError::Roots { why: "has more than 1 MiB" });
        }
        let named: Vec<_> = CertificateDer::pem_slice_iter(text)
            .collect::<Result<_, _>>()
            .map_err(|_| OutboundError::Roots { why: "is not PEM" })?;
        let mut store = RootCertStore::empty();
        for certificate in &named {
            let added = store.add(certificate.clone());
            added.map_err(|_| OutboundError::Roots { why: "holds what is no authority's certificate" })?;
        }
        if store.is_empty() {
            return Err(OutboundError::Roots { why: "holds no certificate" });
        }
        Ok(Self(Source::Named(named)))
    }

    /// As the HTTP library takes them. Fails where the system has none: without any, nobody could be believed.
    pub(crate) fn load(&self) -> Result<Vec<Certificate<'static>>, OutboundError> {
        let owned = |found: &[CertificateDer<'_>]| -> Vec<_> {
            found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
        };
        match &self.0 {
            Source::Named(named) => Ok(owned(named)),
            Source::System => {
                let found = rustls_native_certs::load_native_certs().certs;
                if found.is_empty() { Err(OutboundError::NoRoots) } else { Ok(owned(&found)) }
            }
        }
    }
}
