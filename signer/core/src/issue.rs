//! Making certificates from the profile tables (docs/formats.md F2). The engine alone calls this.
//!
//! What is made is read again as a verifier reads it before it is given away, so nothing leaves that would be refused; of
//! many leaves of one form, the first.

mod leaf_form;
mod shape;

use const_oid::ObjectIdentifier;

use crate::certificate::parsed::Parsed;
use crate::certificate::{CertificateError, Leaf, name};
use crate::crypto::{CryptoError, P256Public, SignP256};
use crate::identity::Subject;
use crate::leaf::{LeafError, LeafIdentity};
use crate::profile::{self, Profile};
use crate::reason::{Code, Coded};
use crate::sct::SctError;
use crate::time::{TimeError, Timestamp, Window};
use shape::{Shape, sign};

pub use leaf_form::LeafForm;

/// Longest name of an organisation (RFC 5280 appendix A, ub-organization-name).
const MAX_ORGANIZATION: usize = 64;

/// A key that issues, and the certificate that says so.
#[derive(Clone, Copy)]
pub struct Authority<'a> {
    /// The key.
    pub key: &'a dyn SignP256,
    /// Its certificate.
    pub certificate_der: &'a [u8],
}

/// What a leaf is to say.
#[derive(Debug, Clone, Copy)]
pub struct LeafRequest<'a> {
    /// Whom it names.
    pub subject: &'a Subject,
    /// Who that is, for what, under whose authority.
    pub identity: &'a LeafIdentity,
    /// The key to certify.
    pub public_key: &'a P256Public,
    /// Its life, an hour at most.
    pub window: Window,
    /// 20 random bytes; the top bits become 01, so that the number is positive and always has 20 bytes.
    pub serial: [u8; 20],
    /// The identity issuer.
    pub issuer_url: &'a str,
}

/// The self-signed root of an organisation. Fails where the life is over ten years.
pub fn root(organization: &str, key: &dyn SignP256, window: Window, serial: [u8; 20]) -> Result<Vec<u8>, IssueError> {
    let printable = !organization.chars().any(char::is_control);
    if organization.is_empty() || organization.len() > MAX_ORGANIZATION || !printable {
        return Err(IssueError::Organization);
    }
    let public_key = key.public();
    let name = name::authority(organization, profile::ROOT.common_name.unwrap_or_default())?;
    let identifier = name::authority_key_identifier(&public_key)?;
    let shape = Shape::new(&profile::ROOT, &name, &identifier, &name, &[])?;
    let der = sign(&shape.tbs(&public_key, window, serial)?, key)?;
    let made = Parsed::parse(&der, &profile::ROOT)?;
    made.check_issued_by(&made)?;
    Ok(der)
}

/// The certificate of the authority that issues leaves, under `root`.
pub fn issuing(
    public_key: &P256Public,
    window: Window,
    serial: [u8; 20],
    root: &Authority<'_>,
) -> Result<Vec<u8>, IssueError> {
    authority(&profile::ISSUING, public_key, window, serial, root)
}

/// The certificate of the plain time authority, directly under `root`.
pub fn time_authority(
    public_key: &P256Public,
    window: Window,
    serial: [u8; 20],
    root: &Authority<'_>,
) -> Result<Vec<u8>, IssueError> {
    authority(&profile::TIME_AUTHORITY, public_key, window, serial, root)
}

/// The certificate of the countersigning authority, directly under `root`.
pub fn countersigning_authority(
    public_key: &P256Public,
    window: Window,
    serial: [u8; 20],
    root: &Authority<'_>,
) -> Result<Vec<u8>, IssueError> {
    authority(&profile::COUNTERSIGNING_AUTHORITY, public_key, window, serial, root)
}

/// The longest life that a certificate of this profile can have from `now` on: its root must outlive it.
pub fn longest_life(profile: &Profile, now: Timestamp, root_der: &[u8]) -> Result<Window, IssueError> {
    let root = Parsed::parse(root_der, &profile::ROOT)?.window();
    Ok(Window { start: now, end: now.plus(profile.longest).min(root.end) })
}

/// An authority that issues leaves, read once.
pub struct Issuer {
    parsed: Parsed,
    /// What its leaves name it by beside its name.
    identifier: Vec<u8>,
}

impl Issuer {
    /// Reads the authority's certificate. Fails where it is for another key.
    pub fn read(authority: &Authority<'_>) -> Result<Self, IssueError> {
        let parsed = read_authority(authority, &profile::ISSUING)?;
        Ok(Self { identifier: name::authority_key_identifier(parsed.key())?, parsed })
    }

    /// Whether a leaf names this authority, and not one before it, as its issuer.
    pub fn is_named_by(&self, leaf: &Leaf) -> bool {
        leaf.parsed().names(self.parsed.subject(), &self.identifier).unwrap_or(false)
    }
}

/// A leaf with the promise of its logging. Fails wherever [`Leaf::parse`] would refuse it, and outside the issuer's life.
pub fn leaf(
    request: &LeafRequest<'_>,
    issuing: &Authority<'_>,
    ct_key: &dyn SignP256,
    now_ms: u64,
) -> Result<Vec<u8>, IssueError> {
    leaf_by(request, &Issuer::read(issuing)?, issuing.key, ct_key, now_ms)
}

/// The same for who issues many. `key` must be the issuer's.
pub fn leaf_by(
    request: &LeafRequest<'_>,
    issuer: &Issuer,
    key: &dyn SignP256,
    ct_key: &dyn SignP256,
    now_ms: u64,
) -> Result<Vec<u8>, IssueError> {
    LeafForm::new(request.subject, request.identity, request.issuer_url, issuer)?
        .issue(request, issuer, key, ct_key, now_ms)
}

/// The certificate of an authority of any profile that stands directly under `root`.
pub fn authority(
    profile: &'static Profile,
    public_key: &P256Public,
    window: Window,
    serial: [u8; 20],
    root: &Authority<'_>,
) -> Result<Vec<u8>, IssueError> {
    let issuer = read_authority(root, &profile::ROOT)?;
    let organization = name::organization(issuer.subject()).ok_or(IssueError::Organization)?;
    let subject = name::authority(&organization, profile.common_name.unwrap_or_default())?;
    let identifier = name::authority_key_identifier(issuer.key())?;
    let shape = Shape::new(profile, issuer.subject(), &identifier, &subject, &[])?;
    let der = sign(&shape.tbs(public_key, window, serial)?, root.key)?;
    Parsed::parse(&der, profile)?.check_issued_by(&issuer)?;
    Ok(der)
}

fn read_authority(authority: &Authority<'_>, profile: &'static Profile) -> Result<Parsed, IssueError> {
    let parsed = Parsed::parse(authority.certificate_der, profile)?;
    if *parsed.key() == authority.key.public() { Ok(parsed) } else { Err(IssueError::OtherKey) }
}

/// Why a certificate is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A verifier would refuse it, or an authority's certificate is refused.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A key failed.
    #[error("an authority's key failed")]
    Crypto(#[from] CryptoError),
    /// A structure cannot be written.
    #[error("the certificate cannot be written")]
    Der(#[from] der::Error),
    /// The Chancery extension cannot be written.
    #[error("the Chancery extension cannot be written")]
    Identity(#[from] LeafError),
    /// A row of the profile without a value.
    #[error("nothing was given for extension {oid}")]
    NoValue {
        /// The extension.
        oid: ObjectIdentifier,
    },
    /// Not a name to put into certificates.
    #[error("an organisation's name is 1 to {MAX_ORGANIZATION} bytes without control characters")]
    Organization,
    /// The authority's certificate is for another key.
    #[error("the authority's certificate is not its key's")]
    OtherKey,
    /// The promise of logging.
    #[error(transparent)]
    Sct(#[from] SctError),
    /// A time that certificates cannot write.
    #[error("the certificate's life cannot be written")]
    Time(#[from] TimeError),
}

impl Coded for IssueError {
    fn code(&self) -> Code {
        match self {
            Self::Certificate(error) => error.code(),
            Self::Crypto(_) | Self::Der(_) | Self::NoValue { .. } | Self::Sct(_) => Code::Internal,
            Self::Identity(error) => CertificateError::from(error.clone()).code(),
            Self::Organization => Code::IssueBadIdentity,
            Self::OtherKey => Code::EngineState,
            Self::Time(_) => Code::X509BadTime,
        }
    }
}

#[cfg(test)]
mod tests;
