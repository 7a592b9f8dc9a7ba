//! `certificates`: certificates from N clients, one fresh key each.

use anyhow::{Result, ensure};
use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, P256Public, SignP256};
use signer_core::csr;
use signer_core::identity::Purpose;
use signer_core::protocol::{Base64, CertificateIssued, CertificateRequest};
use signer_core::trust_root::TrustRoot;

use crate::arguments::Load;
use crate::errand::{self, Errand};
use crate::load;
use crate::wire::{JSON, Wire};

/// A certificate of the session's own.
struct Certificate;

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &Load) -> Result<bool> {
    let target = &arguments.target;
    let sessions = load::sessions(&target.engine, &target.owner_file, arguments.clients, None, false)?;
    let wire = |bearer: &str| Wire::new(&target.engine, "/v1/certificates", Some(bearer), JSON);
    let errands = sessions.iter().map(|session| Ok((Certificate, wire(&session.credential)?)));
    errand::run("certificates", arguments, errands.collect::<Result<_>>()?)
}

impl Errand for Certificate {
    type Asked = P256Public;

    fn request(&self) -> Result<(P256Public, Vec<u8>)> {
        let key = P256Key::generate()?;
        let csr = Base64(csr::make(&key)?);
        let body = serde_json::to_vec(&CertificateRequest { purpose: Purpose::Commit, csr, presence: None })?;
        Ok((key.public(), body))
    }

    fn verify(&self, key: &P256Public, answer: &[u8], trust: &TrustRoot) -> Result<()> {
        let issued: CertificateIssued = serde_json::from_slice(answer)?;
        is_for(key, &issued.certificate.0, trust)
    }
}

/// A certificate is for its key, of its profile, promised and issued under the trust root.
pub(crate) fn is_for(key: &P256Public, der: &[u8], trust: &TrustRoot) -> Result<()> {
    let certified = trust.certify(Leaf::parse(der)?)?;
    ensure!(certified.leaf().public_key() == key, "a certificate for another key");
    Ok(())
}
