//! Which foreign authorities count: a file of the operator's, which the anchor repeats as text.
//!
//! `{"authorities": [{"url", "chain", "policies"?, "valid_for"?: {"start", "end"?}}]}`; `chain` is PEM, the authority's own
//! certificate first and the root last.

use const_oid::ObjectIdentifier;
use serde::Deserialize;

use super::{ForeignAuthority, ForeignAuthorityError, ForeignStamp, ForeignToken, ForeignTokenError, MAX_CHAIN};
use crate::pem;
use crate::time::{Timestamp, Window};
use crate::trust_root::{TrustRoot, ValidFor};

/// Most bytes of the file.
pub const MAX_FILE: usize = 64 * 1024;
/// Most authorities.
pub const MAX_AUTHORITIES: usize = 8;
/// Most policies that one authority is trusted under.
const MAX_POLICIES: usize = 16;
/// Most bytes of an address.
const MAX_URL: usize = 255;

/// Foreign authorities, each pinned, none twice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignAuthorities(Vec<ForeignAuthority>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    authorities: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    url: String,
    chain: String,
    #[serde(default)]
    policies: Vec<String>,
    valid_for: Option<ValidFor>,
}

impl ForeignAuthorities {
    /// Reads the file. Fails where it names nobody, somebody twice, or somebody whose chain does not hold.
    pub fn parse(text: &str) -> Result<Self, ForeignAuthorityError> {
        if text.len() > MAX_FILE {
            return Err(ForeignAuthorityError::TooLarge { actual: text.len() });
        }
        let file: File = serde_json::from_str(text).map_err(|source| ForeignAuthorityError::Json { source })?;
        // Attack TIME-04: nobody is not everybody.
        if !(1..=MAX_AUTHORITIES).contains(&file.authorities.len()) {
            return Err(ForeignAuthorityError::Count { actual: file.authorities.len() });
        }
        let authorities = file.authorities.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let twice = |(place, authority): (usize, &ForeignAuthority)| {
            authorities.iter().take(place).any(|earlier| earlier.sid() == authority.sid())
        };
        if authorities.iter().enumerate().any(twice) {
            return Err(ForeignAuthorityError::Twice);
        }
        Ok(Self(authorities))
    }

    /// The authorities, in the order of the file.
    pub fn list(&self) -> &[ForeignAuthority] {
        &self.0
    }

    /// The first of them that holds a key of this trust root: nobody vouches for his own clock.
    pub fn own(&self, trust: &TrustRoot) -> Option<&ForeignAuthority> {
        self.0.iter().find(|authority| is_own(authority, trust))
    }

    /// What a token says about `message`, and whether somebody else than the trust root's own keys says it.
    pub fn judge(
        &self,
        token: &ForeignToken,
        message: &[u8],
        trust: &TrustRoot,
    ) -> Result<(ForeignStamp, bool), ForeignTokenError> {
        let (stamp, authority) = token.verify(&self.0, message)?;
        Ok((stamp, !is_own(authority, trust)))
    }
}

fn is_own(authority: &ForeignAuthority, trust: &TrustRoot) -> bool {
    authority.keys().iter().any(|key| trust.holds(key))
}

fn read(entry: Entry) -> Result<ForeignAuthority, ForeignAuthorityError> {
    if entry.url.len() > MAX_URL || !entry.url.bytes().all(|byte| byte.is_ascii_graphic()) || entry.url.is_empty() {
        return Err(ForeignAuthorityError::Url);
    }
    let chain = pem::read_certificates(entry.chain.as_bytes(), MAX_CHAIN)
        .map_err(|source| ForeignAuthorityError::Chain { source })?;
    if entry.policies.len() > MAX_POLICIES {
        return Err(ForeignAuthorityError::Policy);
    }
    let policies = entry.policies.iter().map(|policy| ObjectIdentifier::new(policy));
    let policies = policies.collect::<Result<_, _>>().map_err(|_| ForeignAuthorityError::Policy)?;
    let always = Window { start: Timestamp::EPOCH, end: Timestamp::EPOCH.plus(u64::MAX) };
    let trusted = entry.valid_for.map_or(always, |valid_for| valid_for.window());
    ForeignAuthority::new(entry.url, chain, trusted, policies)
}
