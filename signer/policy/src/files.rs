//! The files of a set: which there are, how much they may hold, and the digest that an anchor names.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::Policy;
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};

use crate::group::GroupError;
use crate::rule::{self, Rule, RuleError};

/// Most bytes of all files of a set together.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most files of a set.
pub const MAX_FILES: usize = 256;

/// Most rules of a set.
pub const MAX_RULES: usize = 512;
/// The path groups.
pub(crate) const GROUPS: &str = "groups.json";
/// The schema.
pub(crate) const SCHEMA: &str = "schema.cedarschema";
const MAGIC: &[u8] = b"chancery policy set v1\n";

/// Rules by id, each with what Cedar made of it.
pub(crate) type Rules = BTreeMap<String, (Arc<Rule>, Policy)>;

/// Refuses a set over the limits, before anything in it is read.
pub(crate) fn check_size(files: &[(String, Vec<u8>)]) -> Result<(), PolicyError> {
    let actual = files.iter().fold(0_usize, |sum, (name, content)| sum.saturating_add(name.len() + content.len()));
    if actual > MAX_BYTES {
        return Err(PolicyError::TooLarge { actual });
    }
    if files.len() > MAX_FILES { Err(PolicyError::TooManyFiles { actual: files.len() }) } else { Ok(()) }
}

/// The content of a file that every set has.
pub(crate) fn required<'a>(files: &'a [(String, Vec<u8>)], wanted: &'static str) -> Result<&'a [u8], PolicyError> {
    let found = files.iter().find(|(name, _)| name == wanted);
    found.map(|(_, content)| content.as_slice()).ok_or(PolicyError::MissingFile { file: wanted })
}

/// The rules of all files, by id; refuses files of no known kind.
pub(crate) fn read_rules(files: &[(String, Vec<u8>)]) -> Result<Rules, PolicyError> {
    let mut rules = Rules::new();
    for (position, (name, content)) in files.iter().enumerate() {
        if files.iter().skip(position + 1).any(|(other, _)| other == name) {
            return Err(PolicyError::DuplicateFile { file: name.clone() });
        }
        if name == GROUPS || name == SCHEMA {
            continue;
        }
        if !is_rule_file(name) {
            return Err(PolicyError::UnknownFile { file: name.clone() });
        }
        for (rule, policy) in rule::parse(name, content)? {
            if let Some((first, _)) = rules.get(&rule.id) {
                return Err(PolicyError::DuplicateRule { rule: rule.id, first: first.file.clone(), second: rule.file });
            }
            rules.insert(rule.id.clone(), (Arc::new(rule), policy));
        }
    }
    match rules.len() {
        0 => Err(PolicyError::NoRules),
        1..=MAX_RULES => Ok(rules),
        actual => Err(PolicyError::TooManyRules { actual }),
    }
}

/// Relative, `/` between segments of `a-z`, `0-9`, `-` and `_`, and `.cedar` at the end.
fn is_rule_file(name: &str) -> bool {
    let plain = |segment: &str| {
        !segment.is_empty() && segment.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    };
    name.strip_suffix(".cedar").is_some_and(|stem| stem.split('/').all(plain))
}

/// The digest of a set whose files are sorted.
pub(crate) fn digest(files: &[(String, Vec<u8>)]) -> Digest {
    let mut framed = MAGIC.to_vec();
    for part in files.iter().flat_map(|(name, content)| [name.as_bytes(), content.as_slice()]) {
        // INVARIANT: a set has at most 256 KiB, so the length always fits.
        framed.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        framed.extend_from_slice(part);
    }
    Digest::of(&framed)
}

/// Why files are not a policy set.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// One name twice.
    #[error("the file `{file}` stands twice")]
    DuplicateFile {
        /// Its name.
        file: String,
    },
    /// One id twice.
    #[error("the rule `{rule}` stands twice, in `{first}` and `{second}`")]
    DuplicateRule {
        /// Its id.
        rule: String,
        /// The file it stands in first.
        first: String,
        /// The file it stands in again.
        second: String,
    },
    /// `groups.json` is refused.
    #[error("the path groups are refused")]
    Groups(#[from] GroupError),
    /// A file that every set has.
    #[error("the policy has no `{file}`")]
    MissingFile {
        /// Its name.
        file: &'static str,
    },
    /// No rule at all.
    #[error("the policy has no rule")]
    NoRules,
    /// A schema that this program does not state facts in.
    #[error("`schema.cedarschema` is not the schema of this program; a set brings it unchanged")]
    OtherSchema,
    /// Cedar gave up while reading the set.
    #[error("the policy reader failed")]
    Reader,
    /// Rules are refused.
    #[error("the rules are refused")]
    Rules(#[from] RuleError),
    /// The schema does not parse.
    #[error("the schema does not parse")]
    Schema {
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The rules do not form a set.
    #[error("the rules do not form a set")]
    Set {
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system has no thread to read the set on.
    #[error("no thread to read the policy on")]
    Thread {
        /// What the system says.
        source: std::io::Error,
    },
    /// Too many bytes.
    #[error("the policy has {actual} bytes, at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many files.
    #[error("the policy has {actual} files, at most {MAX_FILES} are allowed")]
    TooManyFiles {
        /// Files found.
        actual: usize,
    },
    /// Too many rules.
    #[error("the policy has {actual} rules, at most {MAX_RULES} are allowed")]
    TooManyRules {
        /// Rules found.
        actual: usize,
    },
    /// A file of no known kind.
    #[error("`{file}` is no file of a policy: `schema.cedarschema`, `groups.json` and `*.cedar` are")]
    UnknownFile {
        /// Its name.
        file: String,
    },
    /// No rule of that id.
    #[error("the policy has no rule `{rule}`")]
    UnknownRule {
        /// The id.
        rule: String,
    },
}

impl Coded for PolicyError {
    fn code(&self) -> Code {
        match self {
            Self::MissingFile { .. } => Code::PolicyMissing,
            Self::NoRules => Code::PolicyEmpty,
            Self::TooLarge { .. } | Self::TooManyFiles { .. } | Self::TooManyRules { .. } => Code::LimitPolicy,
            Self::Thread { .. } => Code::Internal,
            Self::Groups(error) => error.code(),
            Self::Rules(error) => error.code(),
            Self::DuplicateFile { .. }
            | Self::DuplicateRule { .. }
            | Self::OtherSchema
            | Self::Reader
            | Self::Schema { .. }
            | Self::Set { .. }
            | Self::UnknownFile { .. }
            | Self::UnknownRule { .. } => Code::PolicyMalformed,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
