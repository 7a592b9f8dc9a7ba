//! What an entry of any Rekor-like log says of its signer, for monitors: read leniently, and verified by nobody. A monitor
//! asks who used a name, not whether the use was good.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use const_oid::AssociatedOid as _;
use der::{Decode, DecodePem};
use serde_json::Value;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::MAX_BODY;
use crate::certificate::Leaf;
use crate::digest::Digest;
use crate::identity::{ActorClass, Name};

/// Most certificates that are looked for in one entry.
const MAX_CERTIFICATES: usize = 16;

/// A certificate that stands in an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// SHA-256 of its DER.
    pub certificate: Digest,
    /// Mail addresses, URIs and host names it names.
    pub subjects: Vec<String>,
    /// What kind of actor it says it is, where it is a leaf of an engine like ours.
    pub class: Option<ActorClass>,
    /// The agent it says it belongs to, likewise.
    pub agent: Option<Name>,
    /// Who issued it, as it says.
    pub issuer: String,
}

/// The certificates in an entry's body: raw in Rekor v2's entries, PEM in Rekor v1's. Empty where it holds none, or is of
/// another kind.
pub fn observe(body: &[u8]) -> Vec<Observed> {
    if body.len() > MAX_BODY {
        return Vec::new();
    }
    let Ok(document) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let mut found = Vec::new();
    collect(&document, &mut found);
    found
}

/// Depth is bounded by the JSON reader's own limit.
fn collect(value: &Value, found: &mut Vec<Observed>) {
    if found.len() == MAX_CERTIFICATES {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        Value::String(text) => found.extend(certificate(text)),
        Value::Bool(_) | Value::Null | Value::Number(_) => {}
    }
}

fn certificate(text: &str) -> Option<Observed> {
    let bytes = STANDARD.decode(text).ok()?;
    let certificate = if bytes.starts_with(b"-----BEGIN CERTIFICATE-----") {
        Certificate::from_pem(&bytes).ok()?
    } else {
        Certificate::from_der(&bytes).ok()?
    };
    let der = der::Encode::to_der(&certificate).ok()?;
    let leaf = Leaf::parse(&der).ok();
    let identity = leaf.as_ref().map(Leaf::identity);
    Some(Observed {
        certificate: Digest::of(&der),
        subjects: subjects(&certificate),
        class: identity.map(|identity| identity.class),
        agent: identity.and_then(|identity| identity.agent.as_ref()).map(|agent| agent.name.clone()),
        issuer: certificate.tbs_certificate.issuer.to_string(),
    })
}

fn subjects(certificate: &Certificate) -> Vec<String> {
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    let names = extensions.iter().filter(|extension| extension.extn_id == SubjectAltName::OID);
    let names = names.filter_map(|extension| SubjectAltName::from_der(extension.extn_value.as_bytes()).ok());
    names.flat_map(|names| names.0).filter_map(|name| text(&name)).collect()
}

fn text(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::Rfc822Name(text) | GeneralName::DnsName(text) | GeneralName::UniformResourceIdentifier(text) => {
            Some(text.as_str().to_owned())
        }
        _ => None,
    }
}
