//! `open-certificates`: certificates on Fulcio's wire from N clients, one identity token and one fresh key each.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use signer_core::crypto::{P256Key, P256Public, SignP256};
use signer_core::pem;
use signer_core::protocol::Base64;
use signer_core::trust_root::TrustRoot;

use crate::arguments::OpenCertificates;
use crate::certificates;
use crate::errand::{self, Errand};
use crate::issuer::Issuer;
use crate::wire::{JSON, Wire};

/// Who asks.
const EMAIL: &str = "load@example.org";

/// A certificate of the purpose `open`.
struct OpenCertificate(Arc<Issuer>);

/// Runs the clients and prints what they measured.
pub(crate) fn perform(arguments: &OpenCertificates) -> Result<bool> {
    let OpenCertificates { load, issuer, issuer_key } = arguments;
    let issuer = Issuer::start(*issuer, issuer_key)?;
    let wire = || Wire::new(&load.target.engine, "/api/v2/signingCert", None, JSON);
    let errands = (0..load.clients).map(|_| Ok((OpenCertificate(Arc::clone(&issuer)), wire()?)));
    errand::run("open-certificates", load, errands.collect::<Result<_>>()?)
}

impl Errand for OpenCertificate {
    type Asked = P256Public;

    fn request(&self) -> Result<(P256Public, Vec<u8>)> {
        let key = P256Key::generate()?;
        let proof = Base64(key.sign_p256(EMAIL.as_bytes())?);
        let content = pem::public_key(&key.public().to_spki_der()?)?;
        let body = json!({
            "credentials": { "oidcIdentityToken": self.0.token(EMAIL)? },
            "publicKeyRequest": { "publicKey": { "algorithm": "ECDSA", "content": content }, "proofOfPossession": proof },
        });
        Ok((key.public(), body.to_string().into_bytes()))
    }

    fn verify(&self, key: &P256Public, answer: &[u8], trust: &TrustRoot) -> Result<()> {
        let answer: Value = serde_json::from_slice(answer)?;
        let leaf = answer.pointer("/signedCertificateEmbeddedSct/chain/certificates/0").and_then(Value::as_str);
        let der = pem::read_certificate(leaf.context("no certificate")?.as_bytes())?;
        certificates::is_for(key, &der, trust)
    }
}
