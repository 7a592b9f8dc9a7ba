//! Foreign authorities as stock Sigstore clients read them: further `timestampAuthorities` of a trusted root.
//!
//! Our own `trusted_root.json` has the engine's alone; clients that refuse a bundle with a time-stamp of somebody unknown
//! need a trusted root with both.

use der::Decode as _;
use serde_json::{Value, json};
use x509_cert::Certificate;

use super::{ForeignAuthorities, ForeignAuthority, ForeignAuthorityError};
use crate::canonical;
use crate::certificate::name;
use crate::protocol::Base64;

impl ForeignAuthorities {
    /// A `trusted_root.json`, or a client trust config with one inside, that names these authorities too: canonical JSON.
    ///
    /// Fails where the document is neither.
    pub fn published(&self, document: &[u8]) -> Result<Vec<u8>, ForeignAuthorityError> {
        let mut document: Value =
            serde_json::from_slice(document).map_err(|source| ForeignAuthorityError::Json { source })?;
        let root = if document.get("trustedRoot").is_some() { "/trustedRoot" } else { "" };
        let list = document.pointer_mut(&format!("{root}/timestampAuthorities")).and_then(Value::as_array_mut);
        list.ok_or(ForeignAuthorityError::TrustedRoot)?.extend(self.list().iter().map(entry));
        canonical::to_vec(&document).map_err(|_| ForeignAuthorityError::TrustedRoot)
    }
}

/// `CertificateAuthority` of Sigstore's `protobuf-specs`.
fn entry(authority: &ForeignAuthority) -> Value {
    let subject = authority.chain().first().and_then(|der| Certificate::from_der(der).ok());
    let subject = subject.map(|certificate| certificate.tbs_certificate.subject).unwrap_or_default();
    let certificates = authority.chain().iter().map(|der| json!({ "rawBytes": Base64(der.clone()) }));
    json!({
        "subject": {
            "organization": name::organization(&subject).unwrap_or_default(),
            "commonName": name::common_name(&subject).unwrap_or_default(),
        },
        "uri": authority.url(),
        "certChain": { "certificates": certificates.collect::<Vec<_>>() },
        "validFor": authority.window(),
    })
}
