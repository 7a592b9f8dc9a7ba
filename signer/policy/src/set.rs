//! A policy set: schema, rules and path groups, read from files once and asked many times.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::{Authorizer, Policy, PolicySet as CedarSet, Schema};
use signer_core::decision::Decision;
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};

use crate::actor::Actor;
use crate::baseline;
use crate::explanation::{Answer, Explanation, Failure};
use crate::group::{self, Group, GroupError};
use crate::question::Question;
use crate::request::{self, Resource};
use crate::rule::{self, Effect, Rule, RuleError};
use crate::slice::Slices;

/// Most bytes of all files of a set together.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most files of a set.
pub const MAX_FILES: usize = 256;

/// Most rules of a set.
pub const MAX_RULES: usize = 512;
/// Bytes of stack for reading rules, many times what the limits on nesting need: Cedar's type checker passes a rule
/// unchecked where it runs short.
const STACK: usize = 32 * 1024 * 1024;

const GROUPS: &str = "groups.json";
const SCHEMA: &str = "schema.cedarschema";
const MAGIC: &[u8] = b"chancery policy set v1\n";

/// A validated policy set.
#[derive(Clone, Debug)]
pub struct PolicySet {
    files: Vec<(String, Vec<u8>)>,
    digest: Digest,
    groups: Vec<Group>,
    rules: BTreeMap<String, (Arc<Rule>, Policy)>,
    slices: Slices,
}

impl PolicySet {
    /// The set of `policies/` as it was when this program was built.
    pub fn baseline() -> Result<Self, PolicyError> {
        Self::of(baseline::FILES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect())
    }

    /// Reads a set laid out as `policies/`: `schema.cedarschema`, `groups.json`, and rules in `*.cedar`, also in folders.
    pub fn from_files(files: &[(String, Vec<u8>)]) -> Result<Self, PolicyError> {
        check_size(files)?;
        Self::of(files.to_vec())
    }

    /// The files, sorted by name.
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// SHA-256 over the magic line and, sorted by name, each file's name and content, length-framed.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values().map(|(rule, _)| &**rule)
    }

    /// The path groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The same set, and another digest, without one rule. Comments in that rule's file are lost.
    pub fn without_rule(&self, id: &str) -> Result<Self, PolicyError> {
        let (removed, _) = self.rules.get(id).ok_or_else(|| PolicyError::UnknownRule { rule: id.to_owned() })?;
        let kept = self.rules.values().filter(|(rule, _)| rule.file == removed.file && rule.id != id);
        let text: String = kept.map(|(_, policy)| format!("{policy}\n")).collect();
        let mut files = self.files.clone();
        for (_, content) in files.iter_mut().filter(|(name, _)| *name == removed.file) {
            *content = text.clone().into_bytes();
        }
        Self::of(files)
    }

    /// May `actor` do what `question` asks? Denied unless everything it asks is allowed.
    pub fn decide(&self, actor: &Actor, question: &Question) -> Decision {
        self.explain(actor, question).decision()
    }

    /// The answers behind [`Self::decide`].
    pub fn explain(&self, actor: &Actor, question: &Question) -> Explanation {
        let resources = request::resources(question, &self.groups);
        Explanation { answers: resources.into_iter().map(|resource| self.answer(actor, question, resource)).collect() }
    }

    fn answer(&self, actor: &Actor, question: &Question, resource: Resource) -> Answer {
        let asked = resource.describe(question.action());
        let environment = resource.environment(actor.class, question.action());
        let stated = match (actor.contradiction(), request::state(actor, question, resource)) {
            (Some(contradiction), _) => Err(format!("the facts contradict each other: {contradiction}")),
            (None, stated) => stated.map_err(|error| error.to_string()),
        };
        let stated = match stated {
            Ok(stated) => stated,
            Err(message) => {
                return Answer {
                    asked,
                    allowed: false,
                    rules: Vec::new(),
                    failures: vec![Failure { rule: None, message }],
                };
            }
        };
        let response =
            Authorizer::new().is_authorized(&stated.request, self.slices.rules(&environment), &stated.entities);
        let diagnostics = response.diagnostics();
        // Cedar leaves out a rule it cannot evaluate, so an erring `forbid` would allow.
        let mut failures: Vec<Failure> = diagnostics.errors().map(Failure::from).collect();
        failures.sort();
        let allowed = failures.is_empty() && response.decision() == cedar_policy::Decision::Allow;
        let wanted = if allowed { Effect::Permit } else { Effect::Forbid };
        let determining = diagnostics.reason().filter_map(|id| self.rules.get::<str>(id.as_ref()));
        let mut rules: Vec<Arc<Rule>> =
            determining.filter(|(rule, _)| rule.effect == wanted).map(|(rule, _)| Arc::clone(rule)).collect();
        rules.sort_by(|left, right| left.id.cmp(&right.id));
        Answer { asked, allowed, rules, failures }
    }

    fn of(files: Vec<(String, Vec<u8>)>) -> Result<Self, PolicyError> {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || Self::read(files))
            .map_err(|source| PolicyError::Thread { source })?
            .join()
            .map_err(|_| PolicyError::Reader)?
    }

    fn read(mut files: Vec<(String, Vec<u8>)>) -> Result<Self, PolicyError> {
        files.sort();
        let groups = group::parse(required(&files, GROUPS)?)?;
        // Rules are asked with facts of one schema, so a set brings that very schema.
        if required(&files, SCHEMA)? != baseline::SCHEMA.as_bytes() {
            return Err(PolicyError::OtherSchema);
        }
        let (schema, _) = Schema::from_cedarschema_str(baseline::SCHEMA)
            .map_err(|source| PolicyError::Schema { source: Box::new(source) })?;
        let rules = read_rules(&files)?;
        let policies = || rules.values().map(|(_, policy)| policy);
        let all = CedarSet::from_policies(policies().cloned())
            .map_err(|source| PolicyError::Set { source: Box::new(source) })?;
        rule::validate(&all, schema.clone(), &groups)?;
        let slices =
            Slices::new(policies(), &schema).map_err(|source| PolicyError::Set { source: Box::new(source) })?;
        let digest = digest(&files);
        Ok(Self { files, digest, groups, rules, slices })
    }
}

fn check_size(files: &[(String, Vec<u8>)]) -> Result<(), PolicyError> {
    let actual = files.iter().fold(0_usize, |sum, (name, content)| sum.saturating_add(name.len() + content.len()));
    if actual > MAX_BYTES {
        return Err(PolicyError::TooLarge { actual });
    }
    if files.len() > MAX_FILES { Err(PolicyError::TooManyFiles { actual: files.len() }) } else { Ok(()) }
}

fn required<'a>(files: &'a [(String, Vec<u8>)], wanted: &'static str) -> Result<&'a [u8], PolicyError> {
    let found = files.iter().find(|(name, _)| name == wanted);
    found.map(|(_, content)| content.as_slice()).ok_or(PolicyError::MissingFile { file: wanted })
}

fn read_rules(files: &[(String, Vec<u8>)]) -> Result<BTreeMap<String, (Arc<Rule>, Policy)>, PolicyError> {
    let mut rules: BTreeMap<String, (Arc<Rule>, Policy)> = BTreeMap::new();
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

fn digest(files: &[(String, Vec<u8>)]) -> Digest {
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
        source: Box<cedar_policy::CedarSchemaError>,
    },
    /// The rules do not form a set.
    #[error("the rules do not form a set")]
    Set {
        /// What Cedar says.
        source: Box<cedar_policy::PolicySetError>,
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
#[cfg(test)]
mod tests;
