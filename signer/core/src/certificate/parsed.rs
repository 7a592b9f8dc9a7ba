//! One certificate, read strictly and held against its profile. Knows nothing of chains beyond one issuer.

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode, ErrorKind, Tag};
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CertificatePolicies, SubjectKeyIdentifier};
use x509_cert::name::Name;
use x509_cert::time::{Time, Validity};

use super::{CertificateError, MAX_BYTES, name};
use crate::crypto::P256Public;
use crate::oid;
use crate::profile::{Profile, Rule};
use crate::time::{Timestamp, Window};

/// The first year that a certificate writes as `GeneralizedTime` (RFC 5280 4.1.2.5).
const FIRST_GENERALIZED_YEAR: u16 = 2050;

/// A certificate that fits its profile. Who issued it is not established.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parsed {
    der: Vec<u8>,
    certificate: Certificate,
    profile: &'static Profile,
    key: P256Public,
    window: Window,
}

impl Parsed {
    /// Reads DER and nothing else, and checks every row of the profile.
    pub(crate) fn parse(der: &[u8], profile: &'static Profile) -> Result<Self, CertificateError> {
        if der.len() > MAX_BYTES {
            return Err(CertificateError::TooLarge { actual: der.len() });
        }
        let certificate = Certificate::from_der(der).map_err(unreadable)?;
        if certificate.to_der()? != der {
            return Err(CertificateError::NotCanonical);
        }
        check_form(&certificate)?;
        let tbs = &certificate.tbs_certificate;
        let window = window(&tbs.validity)?;
        let key =
            P256Public::from_spki(&tbs.subject_public_key_info).map_err(|source| CertificateError::Key { source })?;
        check_extensions(tbs.extensions.as_deref().unwrap_or_default(), profile)?;
        check_lifetime(window, profile)?;
        let parsed = Self { der: der.to_vec(), profile, key, window, certificate };
        if parsed.extension(SubjectKeyIdentifier::OID)? != name::subject_key_identifier(&parsed.key)? {
            return Err(CertificateError::KeyIdentifier { oid: SubjectKeyIdentifier::OID });
        }
        Ok(parsed)
    }

    /// Reads a certificate that fits one of several profiles; the last one's refusal counts.
    pub(crate) fn parse_any(
        der: &[u8],
        first: &'static Profile,
        last: &'static Profile,
    ) -> Result<Self, CertificateError> {
        Self::parse(der, first).or_else(|_| Self::parse(der, last))
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) const fn key(&self) -> &P256Public {
        &self.key
    }

    pub(crate) const fn window(&self) -> Window {
        self.window
    }

    pub(crate) const fn subject(&self) -> &Name {
        &self.certificate.tbs_certificate.subject
    }

    pub(crate) const fn issuer(&self) -> &Name {
        &self.certificate.tbs_certificate.issuer
    }

    pub(crate) fn serial(&self) -> &[u8] {
        self.certificate.tbs_certificate.serial_number.as_bytes()
    }

    /// The time-stamp policy of a time authority.
    pub(crate) fn policy(&self) -> Result<ObjectIdentifier, CertificateError> {
        self.profile.policy().ok_or(CertificateError::Unreadable { oid: CertificatePolicies::OID })
    }

    /// The content of an extension that the profile requires.
    pub(crate) fn extension(&self, oid: ObjectIdentifier) -> Result<&[u8], CertificateError> {
        let extensions = self.certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
        let found = extensions.iter().find(|extension| extension.extn_id == oid);
        found.map(|extension| extension.extn_value.as_bytes()).ok_or(CertificateError::Unreadable { oid })
    }

    /// The part that a promise of logging covers: everything signed but the promise (RFC 6962 3.2).
    pub(crate) fn promised(&self) -> Result<Vec<u8>, CertificateError> {
        let mut tbs: TbsCertificate = self.certificate.tbs_certificate.clone();
        if let Some(extensions) = tbs.extensions.as_mut() {
            extensions.retain(|extension| extension.extn_id != oid::SCT_LIST);
        }
        Ok(tbs.to_der()?)
    }

    /// Whether this certificate says that `issuer` issued it: by name and by key.
    pub(crate) fn names_issuer(&self, issuer: &Self) -> Result<bool, CertificateError> {
        self.names(issuer.subject(), &name::authority_key_identifier(&issuer.key)?)
    }

    /// The same for who has made the key's identifier before.
    pub(crate) fn names(&self, issuer: &Name, identifier: &[u8]) -> Result<bool, CertificateError> {
        Ok(self.issuer() == issuer && self.extension(AuthorityKeyIdentifier::OID)? == identifier)
    }

    /// Checks that `issuer` did issue it, for a life inside its own.
    pub(crate) fn check_issued_by(&self, issuer: &Self) -> Result<(), CertificateError> {
        if !self.names_issuer(issuer)? {
            return Err(CertificateError::Untrusted);
        }
        let signature = self.certificate.signature.as_bytes().ok_or(CertificateError::NotCanonical)?;
        issuer
            .key
            .verify(&self.certificate.tbs_certificate.to_der()?, signature)
            .map_err(|source| CertificateError::Signature { source })?;
        self.check_inside_life_of(issuer)
    }

    /// The same but for the signature, for who has just made it.
    pub(crate) fn check_names_issuer(&self, issuer: &Self) -> Result<(), CertificateError> {
        if !self.names_issuer(issuer)? {
            return Err(CertificateError::Untrusted);
        }
        self.check_inside_life_of(issuer)
    }

    fn check_inside_life_of(&self, issuer: &Self) -> Result<(), CertificateError> {
        issuer.check_encloses(self.window)
    }

    fn check_encloses(&self, window: Window) -> Result<(), CertificateError> {
        if self.window.encloses(&window) {
            Ok(())
        } else {
            Err(CertificateError::OutlivesIssuer { profile: self.profile.name })
        }
    }

    /// Whether this issuer may issue a certificate of a profile for this life: what [`Self::parse`] and
    /// [`Self::check_issued_by`] would say of it.
    pub(crate) fn check_may_issue(&self, window: Window, profile: &Profile) -> Result<(), CertificateError> {
        if window.end <= window.start {
            return Err(CertificateError::Time);
        }
        check_lifetime(window, profile)?;
        self.check_encloses(window)
    }

    /// Checks that the life of this issuer includes `time`.
    pub(crate) fn check_alive(&self, time: Timestamp) -> Result<(), CertificateError> {
        if self.window.contains(time) {
            Ok(())
        } else {
            Err(CertificateError::ExpiredChain { profile: self.profile.name, window: self.window, time })
        }
    }
}

fn unreadable(error: der::Error) -> CertificateError {
    match error.kind() {
        ErrorKind::DateTime
        | ErrorKind::Value { tag: Tag::UtcTime | Tag::GeneralizedTime }
        | ErrorKind::Length { tag: Tag::UtcTime | Tag::GeneralizedTime } => CertificateError::Time,
        _ => CertificateError::Der(error),
    }
}

fn check_form(certificate: &Certificate) -> Result<(), CertificateError> {
    let tbs = &certificate.tbs_certificate;
    let unique = tbs.issuer_unique_id.is_some() || tbs.subject_unique_id.is_some();
    if tbs.version != Version::V3 || unique || tbs.issuer.is_empty() || tbs.subject.is_empty() {
        return Err(CertificateError::Version);
    }
    let serial = tbs.serial_number.as_bytes();
    // RFC 5280 4.1.2.2: positive, at most 20 octets. Ours have 20, so that none can be guessed.
    if serial.len() != 20 || !serial.first().is_some_and(|byte| (1..0x80).contains(byte)) {
        return Err(CertificateError::Serial);
    }
    if tbs.signature != certificate.signature_algorithm {
        return Err(CertificateError::AlgorithmMismatch);
    }
    if tbs.signature.oid != oid::ECDSA_SHA256 || tbs.signature.parameters.is_some() {
        return Err(CertificateError::AlgorithmNotAllowed { found: tbs.signature.oid });
    }
    Ok(())
}

fn window(validity: &Validity) -> Result<Window, CertificateError> {
    let early =
        |time: &Time| matches!(time, Time::GeneralTime(_)) && time.to_date_time().year() < FIRST_GENERALIZED_YEAR;
    let (start, end) = (Timestamp::from(validity.not_before), Timestamp::from(validity.not_after));
    if early(&validity.not_before) || early(&validity.not_after) || end <= start {
        return Err(CertificateError::Time);
    }
    Ok(Window { start, end })
}

fn check_lifetime(window: Window, profile: &Profile) -> Result<(), CertificateError> {
    let (actual, limit) = (window.end.unix().saturating_sub(window.start.unix()), profile.longest);
    if actual > limit { Err(CertificateError::Lifetime { profile: profile.name, limit, actual }) } else { Ok(()) }
}

fn check_extensions(found: &[Extension], profile: &Profile) -> Result<(), CertificateError> {
    for (index, extension) in found.iter().enumerate() {
        if found.iter().take(index).any(|earlier| earlier.extn_id == extension.extn_id) {
            return Err(CertificateError::DuplicateExtension { oid: extension.extn_id });
        }
    }
    for rule in profile.extensions {
        check_rule(found, rule, profile)?;
    }
    if let Some(unlisted) = found.iter().find(|extension| profile.rule(extension.extn_id).is_none()) {
        let (profile, oid) = (profile.name, unlisted.extn_id);
        return Err(if unlisted.critical {
            CertificateError::UnknownCritical { profile, oid }
        } else {
            CertificateError::UnknownExtension { profile, oid }
        });
    }
    if found.iter().map(|extension| extension.extn_id).eq(profile.extensions.iter().map(|rule| rule.oid)) {
        Ok(())
    } else {
        Err(CertificateError::Order { profile: profile.name })
    }
}

fn check_rule(found: &[Extension], rule: &Rule, profile: &Profile) -> Result<(), CertificateError> {
    let (profile, oid) = (profile.name, rule.oid);
    let Some(extension) = found.iter().find(|extension| extension.extn_id == oid) else {
        return Err(CertificateError::MissingExtension { profile, oid, code: rule.refusal });
    };
    let value = extension.extn_value.as_bytes();
    if rule.value.to_der()?.is_some_and(|expected| expected != value) {
        return Err(CertificateError::ExtensionValue { profile, oid, code: rule.refusal_of(value) });
    }
    if extension.critical == rule.critical {
        Ok(())
    } else {
        Err(CertificateError::Criticality { profile, oid, code: rule.refusal_of_criticality() })
    }
}
