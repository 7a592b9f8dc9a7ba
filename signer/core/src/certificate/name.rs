//! Names and key identifiers inside certificates: how they are written, and what a subject must look like.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME};
use der::asn1::{Any, Ia5String, OctetString, SetOfVec, Utf8StringRef};
use der::{Decode, Encode};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use super::CertificateError;
use crate::crypto::P256Public;
use crate::digest::Digest;
use crate::identity::{ActorClass, Subject};
use crate::leaf::LeafIdentity;

/// Longest common name (RFC 5280 appendix A, ub-common-name).
const MAX_COMMON_NAME: usize = 64;

/// The distinguished name of an authority.
pub(crate) fn authority(organization: &str, common_name: &str) -> der::Result<Name> {
    Ok(RdnSequence(vec![component(ORGANIZATION_NAME, organization)?, component(COMMON_NAME, common_name)?]))
}

/// The distinguished name of a leaf: a display name that follows from its subject, since `gpgsm` reads no empty name.
pub(crate) fn leaf(subject: &Subject) -> der::Result<Name> {
    let mut text = match agent_of(subject) {
        Some((name, _)) => format!("agent {name}"),
        None => subject.to_string(),
    };
    // A subject is ASCII, so this cuts between characters.
    text.truncate(MAX_COMMON_NAME);
    Ok(RdnSequence(vec![component(COMMON_NAME, &text)?]))
}

fn component(oid: ObjectIdentifier, text: &str) -> der::Result<RelativeDistinguishedName> {
    let value = Any::encode_from(&Utf8StringRef::new(text)?)?;
    Ok(RelativeDistinguishedName(SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }])?))
}

/// The organization in a name, where it has one.
pub(crate) fn organization(name: &Name) -> Option<String> {
    text(name, ORGANIZATION_NAME)
}

/// The common name in a name, where it has one.
pub(crate) fn common_name(name: &Name) -> Option<String> {
    text(name, COMMON_NAME)
}

fn text(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    let component = name.0.iter().flat_map(|part| part.0.iter()).find(|component| component.oid == oid)?;
    component.value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
}

/// The extension that names the subject.
pub(crate) fn alternative(subject: &Subject) -> der::Result<Vec<u8>> {
    let name = match subject {
        Subject::Mail(text) => GeneralName::Rfc822Name(Ia5String::new(text)?),
        Subject::Uri(text) => GeneralName::UniformResourceIdentifier(Ia5String::new(text)?),
    };
    SubjectAltName(vec![name]).to_der()
}

/// Reads the extension that names the subject: one name, whose type is that of its text.
pub(crate) fn read_alternative(value: &[u8]) -> Result<Subject, CertificateError> {
    use const_oid::AssociatedOid as _;
    let names =
        SubjectAltName::from_der(value).map_err(|_| CertificateError::Unreadable { oid: SubjectAltName::OID })?.0;
    let [name] = names.as_slice() else { return Err(CertificateError::NameCount { actual: names.len() }) };
    let (text, mail) = match name {
        GeneralName::Rfc822Name(text) => (text.as_str(), true),
        GeneralName::UniformResourceIdentifier(text) => (text.as_str(), false),
        _ => return Err(CertificateError::NameType),
    };
    let subject: Subject = text.parse().map_err(|_| CertificateError::NameText)?;
    if matches!(subject, Subject::Mail(_)) == mail { Ok(subject) } else { Err(CertificateError::NameType) }
}

/// Checks that the subject is of its class's form and names the agent and session of the Chancery extension.
pub(crate) fn check_agreement(subject: &Subject, identity: &LeafIdentity) -> Result<(), CertificateError> {
    let class = identity.class;
    if identity.session.is_empty()
        || identity.session.len() > 128
        || !identity.session.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(CertificateError::Session);
    }
    match (class, &identity.agent) {
        (ActorClass::Agent, Some(agent)) if identity.sponsor.is_some() => {
            let (name, session) = agent_of(subject).ok_or(CertificateError::NameType)?;
            if name == agent.name.as_str() && session == identity.session {
                Ok(())
            } else {
                Err(CertificateError::IdentityMismatch)
            }
        }
        (ActorClass::Agent, _) | (_, Some(_)) => Err(CertificateError::AgentParticulars { class }),
        (ActorClass::Workload, None) if matches!(subject, Subject::Mail(_)) => Err(CertificateError::NameType),
        (ActorClass::Person | ActorClass::Workload, None) if is_agent_path(subject) => Err(CertificateError::NameType),
        (ActorClass::Person | ActorClass::Workload, None) => Ok(()),
    }
}

/// Name and session of `spiffe://<trust domain>/agent/<name>/<session>`.
fn agent_of(subject: &Subject) -> Option<(&str, &str)> {
    let (domain, path) = subject.as_str().strip_prefix("spiffe://")?.split_once('/')?;
    let (name, session) = path.strip_prefix("agent/")?.split_once('/')?;
    let whole = !domain.is_empty() && !name.is_empty() && !session.is_empty() && !session.contains('/');
    whole.then_some((name, session))
}

/// Whether anything in the subject could be read as an agent's.
fn is_agent_path(subject: &Subject) -> bool {
    let text = subject.as_str().to_ascii_lowercase();
    let path = text.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/'));
    path.is_some_and(|(_, path)| path == "agent" || path.starts_with("agent/"))
}

/// The extension that identifies a certificate's own key.
pub(crate) fn subject_key_identifier(key: &P256Public) -> der::Result<Vec<u8>> {
    SubjectKeyIdentifier(key_identifier(key)?).to_der()
}

/// The extension that identifies the issuer's key.
pub(crate) fn authority_key_identifier(issuer: &P256Public) -> der::Result<Vec<u8>> {
    AuthorityKeyIdentifier { key_identifier: Some(key_identifier(issuer)?), ..AuthorityKeyIdentifier::default() }
        .to_der()
}

/// RFC 7093 2, method 1: the leftmost 160 bits of SHA-256 over the key's bits.
fn key_identifier(key: &P256Public) -> der::Result<OctetString> {
    let digest = Digest::of(key.point());
    OctetString::new(digest.as_bytes().first_chunk::<20>().map_or(&[][..], <[u8; 20]>::as_slice))
}
