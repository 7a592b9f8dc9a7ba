//! How long each key of a trust root still counts: what an operator is told before one ends.

use super::{Document, TrustRoot, TrustRootError};
use crate::canonical;
use crate::certificate::parsed::Parsed;
use crate::digest::Digest;
use crate::profile;
use crate::time::{Timestamp, Window};

/// What a key of the trust root is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Issues leaves.
    Issuing,
    /// Stamps decisions.
    Countersigning,
    /// Stamps time alone.
    Time,
    /// Signs checkpoints.
    Log,
    /// Promises the logging of certificates.
    Ct,
}

/// One key of the trust root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What it is for.
    pub role: Role,
    /// The log's origin, or the address of its entry.
    pub name: String,
    /// Digest of its certificate or, where it has none, of its public key.
    pub key: Digest,
    /// When it counts: the window of its entry and, where it has a certificate, the certificate's life.
    pub window: Window,
    /// Whether the entry is open: nobody has rotated the key yet.
    pub is_in_force: bool,
}

impl Role {
    /// What is rotated to replace such a key, as `chancery trust rotate` names it.
    pub const fn rotation(self) -> &'static str {
        match self {
            Self::Issuing => "issuing",
            Self::Countersigning | Self::Time => "time",
            Self::Log => "log",
            Self::Ct => "ct",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Issuing => "issuing authority",
            Self::Countersigning => "countersigning authority",
            Self::Time => "time authority",
            Self::Log => "log",
            Self::Ct => "certificate log",
        })
    }
}

impl TrustRoot {
    /// Every key, in the document's order.
    pub fn standings(&self) -> Result<Vec<Standing>, TrustRootError> {
        let document: Document = canonical::from_slice(&self.json, super::MAX_BYTES)?;
        let mut standings = Vec::new();
        for (logs, role) in [(&document.tlogs, Role::Log), (&document.ctlogs, Role::Ct)] {
            standings.extend(logs.iter().map(|log| {
                let valid_for = log.public_key.valid_for;
                let name = log.base_url.trim_start_matches("https://").to_owned();
                let key = Digest::of(&log.public_key.raw_bytes.0);
                Standing { role, name, key, window: valid_for.window(), is_in_force: valid_for.end.is_none() }
            }));
        }
        for authority in document.certificate_authorities.iter().chain(&document.timestamp_authorities) {
            let [first, _] = &authority.cert_chain.certificates;
            let refused = |source| TrustRootError::Chain { uri: authority.uri.clone(), source };
            let (role, life) = role_and_life(&first.raw_bytes.0).map_err(refused)?;
            let trusted = authority.valid_for.window();
            standings.push(Standing {
                role,
                name: authority.uri.clone(),
                key: Digest::of(&first.raw_bytes.0),
                window: Window { start: trusted.start.max(life.start), end: trusted.end.min(life.end) },
                is_in_force: authority.valid_for.end.is_none(),
            });
        }
        Ok(standings)
    }
}

impl Standing {
    /// Whether it counts at `time`.
    pub fn counts_at(&self, time: Timestamp) -> bool {
        self.window.contains(time)
    }
}

fn role_and_life(der: &[u8]) -> Result<(Role, Window), crate::certificate::CertificateError> {
    let kinds = [(Role::Issuing, &profile::ISSUING), (Role::Countersigning, &profile::COUNTERSIGNING_AUTHORITY)];
    for (role, profile) in kinds {
        if let Ok(parsed) = Parsed::parse(der, profile) {
            return Ok((role, parsed.window()));
        }
    }
    Parsed::parse(der, &profile::TIME_AUTHORITY).map(|parsed| (Role::Time, parsed.window()))
}
