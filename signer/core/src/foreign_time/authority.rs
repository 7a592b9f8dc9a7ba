//! One foreign authority, pinned with its whole chain.

use const_oid::{AssociatedOid as _, ObjectIdentifier};
use der::{Decode as _, Encode as _};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::ForeignAuthorityError;
use super::algorithm;
use crate::crypto::P256Public;
use crate::oid;
use crate::signed_data;
use crate::time::{Timestamp, Window};

/// Most certificates of a chain, root included.
pub const MAX_CHAIN: usize = 8;
/// Most bytes of one certificate.
const MAX_CERTIFICATE: usize = 16 * 1024;
/// id-kp-timeStamping.
static TIME_STAMPING: ObjectIdentifier = oid::TIME_STAMPING;

/// An authority that somebody else runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignAuthority {
    url: String,
    /// DER, the authority's own first, the root last.
    chain: Vec<Vec<u8>>,
    sid: Vec<u8>,
    window: Window,
    policies: Vec<ObjectIdentifier>,
    /// Those keys of the chain that could be one of our engine's.
    keys: Vec<P256Public>,
}

impl ForeignAuthority {
    /// Pins a chain. Tokens count inside `trusted` and the life of every certificate, under `policies`, or under any where
    /// none is named.
    ///
    /// Fails where the chain does not lead from a certificate for time-stamping alone (RFC 3161 2.3) to its last one.
    pub(super) fn new(
        url: String,
        chain: Vec<Vec<u8>>,
        trusted: Window,
        policies: Vec<ObjectIdentifier>,
    ) -> Result<Self, ForeignAuthorityError> {
        if !(2..=MAX_CHAIN).contains(&chain.len()) {
            return Err(ForeignAuthorityError::ChainLength { actual: chain.len() });
        }
        let read = chain.iter().map(|der| certificate(der)).collect::<Result<Vec<_>, _>>()?;
        let own = read.first().ok_or(ForeignAuthorityError::ChainLength { actual: 0 })?;
        check_usage(own)?;
        let window = read
            .iter()
            .map(life)
            .fold(trusted, |left, right| Window { start: left.start.max(right.start), end: left.end.min(right.end) });
        if window.start >= window.end {
            return Err(ForeignAuthorityError::Window);
        }
        check_path(&chain, window.start)?;
        let sid = chain.first().map(|der| signed_data::issuer_and_serial(der)).transpose();
        let sid = sid.ok().flatten().ok_or(ForeignAuthorityError::Certificate)?;
        let keys = read.iter().map(|certificate| &certificate.tbs_certificate.subject_public_key_info);
        let keys = keys.filter_map(|key| P256Public::from_spki(key).ok()).collect();
        Ok(Self { url, chain, sid, window, policies, keys })
    }

    /// Where it is asked.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its certificates, DER: its own first, the root last.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// When its tokens count.
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Those keys of the chain that are of our engines' kind: whoever holds one is not somebody else.
    pub fn keys(&self) -> &[P256Public] {
        &self.keys
    }

    pub(super) fn certificate(&self) -> &[u8] {
        self.chain.first().map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn sid(&self) -> &[u8] {
        &self.sid
    }

    pub(super) fn stamps_under(&self, policy: ObjectIdentifier) -> bool {
        self.policies.is_empty() || self.policies.contains(&policy)
    }

    /// Whether its key made this signature, by one of these algorithms.
    pub(super) fn has_signed(
        &self,
        message: &[u8],
        signature: &[u8],
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> bool {
        let der = CertificateDer::from(self.certificate());
        let Ok(certificate) = EndEntityCert::try_from(&der) else { return false };
        algorithms.iter().any(|algorithm| certificate.verify_signature(*algorithm, message, signature).is_ok())
    }
}

fn certificate(der: &[u8]) -> Result<Certificate, ForeignAuthorityError> {
    if der.len() > MAX_CERTIFICATE {
        return Err(ForeignAuthorityError::Certificate);
    }
    let certificate = Certificate::from_der(der).map_err(|_| ForeignAuthorityError::Certificate)?;
    match certificate.to_der() {
        Ok(written) if written == der => Ok(certificate),
        _ => Err(ForeignAuthorityError::Certificate),
    }
}

/// A certificate's last second is inside its life (RFC 5280 4.1.2.5).
fn life(certificate: &Certificate) -> Window {
    let validity = &certificate.tbs_certificate.validity;
    Window { start: Timestamp::from(validity.not_before), end: Timestamp::from(validity.not_after).plus(1) }
}

/// RFC 3161 2.3: one extended key usage, time-stamping, critical.
fn check_usage(certificate: &Certificate) -> Result<(), ForeignAuthorityError> {
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    let found = extensions.iter().find(|extension| extension.extn_id == ExtendedKeyUsage::OID && extension.critical);
    let usages = found.and_then(|extension| ExtendedKeyUsage::from_der(extension.extn_value.as_bytes()).ok());
    match usages {
        Some(ExtendedKeyUsage(usages)) if usages == [oid::TIME_STAMPING] => Ok(()),
        Some(_) | None => Err(ForeignAuthorityError::Usage),
    }
}

/// RFC 5280 6: the chain leads from the first certificate to the last, over all between them.
fn check_path(chain: &[Vec<u8>], time: Timestamp) -> Result<(), ForeignAuthorityError> {
    let chain: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let [first, between @ .., last] = chain.as_slice() else {
        return Err(ForeignAuthorityError::ChainLength { actual: chain.len() });
    };
    let refused = |source| ForeignAuthorityError::Path { source };
    let own = EndEntityCert::try_from(first).map_err(refused)?;
    let root = [anchor_from_trusted_cert(last).map_err(refused)?];
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(time.unix()));
    let usage = KeyUsage::required(TIME_STAMPING.as_bytes());
    let path = own.verify_for_usage(&algorithm::all(), &root, between, time, usage, None, None).map_err(refused)?;
    if path.intermediate_certificates().count() == between.len() { Ok(()) } else { Err(ForeignAuthorityError::Surplus) }
}
