//! From the document to what a verifier asks: every certificate against its profile, every chain, every key and id.

use std::collections::HashSet;

use x509_cert::name::Name;

use super::document::{Authority, DistinguishedName, Document, KeyDetails, Log, ValidFor};
use super::{CtLogKey, IssuingAuthority, LogKey, MAX_ENTRIES, TimeAuthority, TrustRoot, TrustRootError};
use crate::canonical;
use crate::certificate::parsed::Parsed;
use crate::certificate::{CertificateError, name};
use crate::checkpoint;
use crate::crypto::{CryptoError, Ed25519Public, P256Public};
use crate::profile;
use crate::sct;
use crate::time::Window;

pub(super) fn trust_root(document: &Document) -> Result<TrustRoot, TrustRootError> {
    check_sizes(document)?;
    let logs = document.tlogs.iter().map(log_key).collect::<Result<Vec<_>, _>>()?;
    let ct_logs = document.ctlogs.iter().map(ct_log_key).collect::<Result<Vec<_>, _>>()?;
    let authorities = document.certificate_authorities.iter().map(issuing).collect::<Result<Vec<_>, _>>()?;
    let time_authorities = document.timestamp_authorities.iter().map(time_authority).collect::<Result<Vec<_>, _>>()?;
    check_distinct(&logs)?;
    check_roles(&authorities, &ct_logs, &time_authorities)?;
    let json = canonical::to_vec(document)?;
    Ok(TrustRoot { json, authorities, logs, ct_logs, time_authorities })
}

fn check_sizes(document: &Document) -> Result<(), TrustRootError> {
    let sizes = [
        ("tlogs", document.tlogs.len()),
        ("certificateAuthorities", document.certificate_authorities.len()),
        ("ctlogs", document.ctlogs.len()),
        ("timestampAuthorities", document.timestamp_authorities.len()),
    ];
    match sizes.into_iter().find(|(_, size)| *size > MAX_ENTRIES) {
        Some((list, actual)) => Err(TrustRootError::TooMany { list, actual }),
        None => Ok(()),
    }
}

fn log_key(log: &Log) -> Result<LogKey, TrustRootError> {
    let url = || log.base_url.clone();
    let key = Ed25519Public::from_spki_der(&log.public_key.raw_bytes.0)
        .map_err(|source| TrustRootError::Key { url: url(), source })?;
    if log.public_key.key_details != KeyDetails::Ed25519 {
        return Err(TrustRootError::Key { url: url(), source: CryptoError::BadKey });
    }
    let origin = log.base_url.strip_prefix("https://").filter(|host| is_host(host));
    let origin = origin.ok_or_else(|| TrustRootError::Url { url: url() })?;
    if log.id.key_id.0 != checkpoint::log_id(origin, &key) {
        return Err(TrustRootError::KeyId { url: url() });
    }
    let window = window(&log.public_key.valid_for, &log.base_url)?;
    Ok(LogKey { origin: origin.to_owned(), key, window })
}

fn ct_log_key(log: &Log) -> Result<CtLogKey, TrustRootError> {
    let url = || log.base_url.clone();
    let key = P256Public::from_spki_der(&log.public_key.raw_bytes.0)
        .map_err(|source| TrustRootError::Key { url: url(), source })?;
    if log.public_key.key_details != KeyDetails::EcdsaP256 {
        return Err(TrustRootError::Key { url: url(), source: CryptoError::BadKey });
    }
    check_url(&log.base_url)?;
    let id = sct::log_id(&key)?;
    if log.id.key_id.0 != id.as_bytes() {
        return Err(TrustRootError::KeyId { url: url() });
    }
    Ok(CtLogKey { id, key, window: window(&log.public_key.valid_for, &log.base_url)? })
}

fn issuing(authority: &Authority) -> Result<IssuingAuthority, TrustRootError> {
    let (issuing, root) = chain(authority, |der| Parsed::parse(der, &profile::ISSUING))?;
    Ok(IssuingAuthority { issuing, root, trusted: window(&authority.valid_for, &authority.uri)? })
}

fn time_authority(authority: &Authority) -> Result<TimeAuthority, TrustRootError> {
    let read = |der: &[u8]| Parsed::parse_any(der, &profile::COUNTERSIGNING_AUTHORITY, &profile::TIME_AUTHORITY);
    // The root need not be kept: the life of a certificate lies inside its issuer's.
    let (stamping, _) = chain(authority, read)?;
    let policy = stamping.policy().map_err(|source| TrustRootError::Chain { uri: authority.uri.clone(), source })?;
    let (life, trusted) = (stamping.window(), window(&authority.valid_for, &authority.uri)?);
    Ok(TimeAuthority {
        certificate: stamping.der().to_vec(),
        public_key: stamping.key().clone(),
        policy,
        window: Window { start: life.start.max(trusted.start), end: life.end.min(trusted.end) },
    })
}

fn chain(
    authority: &Authority,
    read: impl Fn(&[u8]) -> Result<Parsed, CertificateError>,
) -> Result<(Parsed, Parsed), TrustRootError> {
    let [first, root] = &authority.cert_chain.certificates;
    let verified = || {
        let root = Parsed::parse(&root.raw_bytes.0, &profile::ROOT)?;
        root.check_issued_by(&root)?;
        let first = read(&first.raw_bytes.0)?;
        first.check_issued_by(&root)?;
        Ok((first, root))
    };
    let (first, root) = verified().map_err(|source| TrustRootError::Chain { uri: authority.uri.clone(), source })?;
    check_url(&authority.uri)?;
    if authority.subject != DistinguishedName::of(first.subject()) {
        return Err(TrustRootError::Name { uri: authority.uri.clone() });
    }
    Ok((first, root))
}

impl DistinguishedName {
    /// The name in a certificate; empty where there is none, which the profile refuses.
    pub(super) fn of(name: &Name) -> Self {
        Self {
            organization: name::organization(name).unwrap_or_default(),
            common_name: name::common_name(name).unwrap_or_default(),
        }
    }
}

fn window(valid_for: &ValidFor, url: &str) -> Result<Window, TrustRootError> {
    let window = valid_for.window();
    if window.start < window.end { Ok(window) } else { Err(TrustRootError::Window { url: url.to_owned() }) }
}

fn check_url(url: &str) -> Result<(), TrustRootError> {
    let printable = url.len() <= 255 && url.bytes().all(|byte| byte.is_ascii_graphic());
    if printable && url.starts_with("https://") { Ok(()) } else { Err(TrustRootError::Url { url: url.to_owned() }) }
}

fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
}

fn check_distinct(logs: &[LogKey]) -> Result<(), TrustRootError> {
    for (index, log) in logs.iter().enumerate() {
        if logs.iter().take(index).any(|earlier| earlier.origin == log.origin) {
            return Err(TrustRootError::Duplicate { name: log.origin.clone() });
        }
    }
    Ok(())
}

/// docs/formats.md F1: one key, one certificate, one purpose. Roots alone may head several chains.
fn check_roles(
    authorities: &[IssuingAuthority],
    ct_logs: &[CtLogKey],
    time_authorities: &[TimeAuthority],
) -> Result<(), TrustRootError> {
    let roots: HashSet<_> = authorities.iter().map(|authority| authority.root.key()).collect();
    let mut seen = HashSet::new();
    let keys = authorities
        .iter()
        .map(|authority| authority.issuing.key())
        .chain(ct_logs.iter().map(|log| &log.key))
        .chain(time_authorities.iter().map(|authority| &authority.public_key));
    for key in keys {
        if roots.contains(key) || !seen.insert(key) {
            return Err(TrustRootError::SharedKey);
        }
    }
    Ok(())
}
