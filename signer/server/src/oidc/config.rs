//! `oidc.json`: the issuers whose tokens are taken, and who they may vouch for. Unknown members are refused.

use std::collections::HashSet;

use serde::Deserialize;
use signer_core::identity::{ActorClass, Subject};
use signer_engine::open_identity::TokenUse;

use signer_outbound::Origin;

use super::OidcError;

/// Most bytes of the file.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most issuers.
const MAX_ISSUERS: usize = 16;
/// Most audiences of an issuer.
const MAX_AUDIENCES: usize = 8;

/// The file.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Each issuer once.
    pub issuers: Vec<IssuerEntry>,
}

/// One issuer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerEntry {
    /// Its URL, which is compared as a text with the claim `iss`.
    pub url: String,
    /// Whom its tokens must be for, at least one of these.
    pub audiences: Vec<String>,
    /// How its tokens name their holder.
    pub identity: Identity,
    /// Where its keys are, if not where its discovery document says; may be on another origin.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// What the holder of a bare key signs, if not what follows from `identity`.
    #[serde(default)]
    pub challenge: Option<Challenge>,
    /// Whether one token may certify several keys.
    #[serde(default)]
    pub danger_reusable_tokens: bool,
}

/// How a token names its holder.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Identity {
    /// A person, by the claim `email`, which the issuer must have verified.
    Email {
        /// The only mail domains the issuer may vouch for; every domain where it is empty.
        #[serde(default)]
        domains: Vec<String>,
    },
    /// A workload, by a URI in a claim.
    Uri {
        /// Which claim.
        claim: String,
        /// What the URI must start with: a scheme and host at least, ending in `/`.
        prefix: String,
    },
    /// A person or workload, by a name in a claim, put behind a prefix to make a URI.
    Name {
        /// Which claim.
        claim: String,
        /// What stands before it: a scheme and host at least, ending in `/`.
        prefix: String,
        /// Person or workload.
        class: ActorClass,
    },
}

/// What the holder of a bare key signs to prove it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Challenge {
    /// The mail address.
    Email,
    /// The token's subject.
    Sub,
}

impl Challenge {
    /// The claim's name.
    pub const fn claim(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sub => "sub",
        }
    }
}

impl Config {
    /// Reads the file. `own` is what the engine's other certificates name as issuer, which no other may be.
    pub fn read(bytes: &[u8], own: &str) -> Result<Self, OidcError> {
        if bytes.len() > MAX_BYTES {
            return Err(wrong(format!("more than {MAX_BYTES} bytes")));
        }
        let config: Self =
            serde_json::from_slice(bytes).map_err(|error| OidcError::Config { why: error.to_string() })?;
        config.check(own)?;
        Ok(config)
    }

    fn check(&self, own: &str) -> Result<(), OidcError> {
        let mut urls = HashSet::new();
        if self.issuers.is_empty() || self.issuers.len() > MAX_ISSUERS {
            return Err(wrong(format!("1 to {MAX_ISSUERS} issuers are needed")));
        }
        for entry in &self.issuers {
            entry.check()?;
            if entry.url == own || !urls.insert(&entry.url) {
                return Err(wrong(format!("the issuer `{}` stands twice, or is this engine", entry.url)));
            }
        }
        Ok(())
    }
}

impl IssuerEntry {
    /// The challenge.
    pub fn challenge(&self) -> Challenge {
        self.challenge.unwrap_or(match self.identity {
            Identity::Email { .. } => Challenge::Email,
            Identity::Uri { .. } | Identity::Name { .. } => Challenge::Sub,
        })
    }

    /// How many keys one token may certify.
    pub const fn token_use(&self) -> TokenUse {
        if self.danger_reusable_tokens { TokenUse::DangerUntilExpiry } else { TokenUse::Once }
    }

    fn check(&self) -> Result<(), OidcError> {
        let addresses = [Some(&self.url), self.jwks_uri.as_ref()];
        if let Some(url) = addresses.into_iter().flatten().find(|url| Origin::of(url).is_none()) {
            return Err(wrong(format!("`{url}` must be HTTPS, or HTTP on this machine, without query or user name")));
        }
        let audiences = 1..=MAX_AUDIENCES;
        if !audiences.contains(&self.audiences.len()) || self.audiences.iter().any(String::is_empty) {
            return Err(wrong(format!("an issuer has 1 to {MAX_AUDIENCES} audiences")));
        }
        match &self.identity {
            Identity::Email { .. } => Ok(()),
            Identity::Name { class: ActorClass::Agent, .. } => Err(wrong("agents act under grants only".to_owned())),
            Identity::Uri { claim, prefix } | Identity::Name { claim, prefix, .. } => check_prefix(claim, prefix),
        }
    }
}

/// A prefix without a whole host would let an issuer vouch for everybody's names.
fn check_prefix(claim: &str, prefix: &str) -> Result<(), OidcError> {
    let host = prefix.split_once("://").and_then(|(scheme, rest)| {
        let (host, _) = rest.split_once('/')?;
        (!scheme.is_empty() && !host.is_empty()).then_some(host)
    });
    let named = prefix.parse::<Subject>().is_ok_and(|subject| matches!(subject, Subject::Uri(_)));
    if host.is_some() && named && prefix.ends_with('/') && !claim.is_empty() {
        Ok(())
    } else {
        Err(wrong(format!("the prefix `{prefix}` must be a scheme and host at least, and end in `/`")))
    }
}

const fn wrong(why: String) -> OidcError {
    OidcError::Config { why }
}
