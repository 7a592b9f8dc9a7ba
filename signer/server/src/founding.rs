//! Founding an engine: its names, keys, certificates and trust root, from nothing.

use signer_core::checkpoint::{self, CheckpointError};
use signer_core::crypto::{self, CryptoError, P256Key, SignP256};
use signer_core::identity::{IdentityError, Name, Subject};
use signer_core::issue::{self, Authority, IssueError};
use signer_core::profile;
use signer_core::protocol::Base64;
use signer_core::reason::{Code, Coded};
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::{AuthorityPart, CtLogPart, LogPart, Parts, TrustRoot, TrustRootError, ValidFor};
use signer_engine::deployment::Deployment;

use crate::engine_file::Certificates;
use crate::keyring::{Keyring, KeyringError};

/// A founded engine, before anything is written.
pub(crate) struct Founding {
    pub(crate) deployment: Deployment,
    pub(crate) certificates: Certificates,
    pub(crate) keyring: Keyring,
    pub(crate) root_key: P256Key,
    pub(crate) trust_root: TrustRoot,
}

/// Names, keys, certificates and trust root.
pub(crate) fn found(organization: &str, trust_domain: Option<&str>, now: Timestamp) -> Result<Founding, FoundingError> {
    let deployment = name(trust_domain)?;
    let keyring = Keyring::generate()?;
    let root_key = P256Key::generate()?;
    let certificates = certify(organization, &keyring, &root_key, now)?;
    let trust_root = trust_root(&deployment, &certificates, &keyring, now)?;
    Ok(Founding { deployment, certificates, keyring, root_key, trust_root })
}

/// Names that never depend on where the server listens.
fn name(trust_domain: Option<&str>) -> Result<Deployment, FoundingError> {
    let id = fresh_id()?;
    let trust_domain = trust_domain.map_or_else(|| format!("{id}.chancery.internal"), str::to_owned);
    let origin = origin(&id, &trust_domain)?;
    // What every agent's certificate will name.
    let longest: Name = "a".repeat(32).parse()?;
    Subject::agent(&trust_domain, &longest, &"0".repeat(32))?;
    Ok(Deployment { issuer_url: format!("https://{trust_domain}"), trust_domain, origin })
}

/// What tells the logs of one trust domain apart.
pub(crate) fn fresh_id() -> Result<String, FoundingError> {
    Ok(hex::encode(crypto::random::<4>()?))
}

/// The origin of a log, which never depends on where the server listens.
pub(crate) fn origin(id: &str, trust_domain: &str) -> Result<String, FoundingError> {
    let origin = format!("log-{id}.{trust_domain}");
    checkpoint::check_origin(&origin)?;
    Ok(origin)
}

fn certify(
    organization: &str,
    keyring: &Keyring,
    root_key: &P256Key,
    now: Timestamp,
) -> Result<Certificates, FoundingError> {
    let life = |profile: &profile::Profile| Window { start: now, end: now.plus(profile.longest) };
    let root = issue::root(organization, root_key, life(&profile::ROOT), crypto::random()?)?;
    let authority = Authority { key: root_key, certificate_der: &root };
    let issuing = issue::issuing(&keyring.issuing.public(), life(&profile::ISSUING), crypto::random()?, &authority)?;
    let time =
        issue::time_authority(&keyring.time.public(), life(&profile::TIME_AUTHORITY), crypto::random()?, &authority)?;
    let countersigning = issue::countersigning_authority(
        &keyring.countersign.public(),
        life(&profile::COUNTERSIGNING_AUTHORITY),
        crypto::random()?,
        &authority,
    )?;
    Ok(Certificates {
        root: Base64(root),
        issuing: Base64(issuing),
        countersigning: Base64(countersigning),
        time: Base64(time),
    })
}

fn trust_root(
    deployment: &Deployment,
    certificates: &Certificates,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<TrustRoot, FoundingError> {
    Ok(TrustRoot::new(parts(deployment, certificates, keyring, now))?)
}

/// What the trust root says of these keys: each counts from `now` on.
pub(crate) fn parts(deployment: &Deployment, certificates: &Certificates, keyring: &Keyring, now: Timestamp) -> Parts {
    let valid_for = ValidFor { start: now, end: None };
    let domain = &deployment.trust_domain;
    let authority = |uri: String, certificate: &Base64| AuthorityPart {
        uri,
        certificate: certificate.0.clone(),
        root: certificates.root.0.clone(),
        valid_for,
    };
    Parts {
        certificate_authorities: vec![authority(deployment.issuer_url.clone(), &certificates.issuing)],
        logs: vec![LogPart { origin: deployment.origin.clone(), key: keyring.log.public(), valid_for }],
        ct_logs: vec![CtLogPart { base_url: format!("https://ct.{domain}"), key: keyring.ct.public(), valid_for }],
        time_authorities: vec![
            authority(format!("https://countersign.{domain}"), &certificates.countersigning),
            authority(format!("https://time.{domain}"), &certificates.time),
        ],
    }
}

/// Why no engine comes to be.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// No randomness, or a key that does not sign.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A host that agents' names cannot hold.
    #[error("the trust domain cannot stand in an agent's name")]
    Identity(#[from] IdentityError),
    /// A certificate cannot be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// Keys cannot be made.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A host that no log may have.
    #[error("the trust domain is not a host name")]
    Origin(#[from] CheckpointError),
    /// The trust root would be refused.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
}

impl Coded for FoundingError {
    fn code(&self) -> Code {
        match self {
            Self::Crypto(_) => Code::Internal,
            Self::Identity(_) | Self::Origin(_) => Code::IssueBadIdentity,
            Self::Issue(source) => source.code(),
            Self::Keyring(source) => source.code(),
            Self::TrustRoot(source) => source.code(),
        }
    }
}
