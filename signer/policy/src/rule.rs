//! Rules: read from Cedar text, each with a name of its own, checked against the schema before any is asked.

use cedar_policy::{Policy, PolicyId, PolicySet as CedarSet, Schema, ValidationMode, Validator};
use signer_core::identity::Name;
use signer_core::reason::{Code, Coded};

use crate::group::Group;
use crate::nesting::{self, Excess, MAX_OPEN, MAX_OPERATORS};
use crate::vocabulary::Kind;

/// One rule of a set, as people see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The text of its `@id`: 1 to 64 of `a-z`, `0-9` and inner `-`.
    pub id: String,
    /// Whether it permits or forbids.
    pub effect: Effect,
    /// The text of its `@reason`, where it has one.
    pub reason: Option<String>,
    /// The file it stands in.
    pub file: String,
}

/// What a rule does where it applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Permits, unless another rule forbids.
    Permit,
    /// Forbids, whatever permits.
    Forbid,
}

impl From<cedar_policy::Effect> for Effect {
    fn from(effect: cedar_policy::Effect) -> Self {
        match effect {
            cedar_policy::Effect::Permit => Self::Permit,
            cedar_policy::Effect::Forbid => Self::Forbid,
        }
    }
}

/// Reads the rules of one file, each under its `@id`.
pub(crate) fn parse(file: &str, bytes: &[u8]) -> Result<Vec<(Rule, Policy)>, RuleError> {
    let text = str::from_utf8(bytes).map_err(|source| RuleError::Utf8 { file: file.to_owned(), source })?;
    match nesting::excess(text) {
        Some(Excess::Open) => return Err(RuleError::Nesting { file: file.to_owned() }),
        Some(Excess::Operators) => return Err(RuleError::Operators { file: file.to_owned() }),
        None => {}
    }
    let set: CedarSet =
        text.parse().map_err(|source| RuleError::Syntax { file: file.to_owned(), source: Box::new(source) })?;
    if set.templates().next().is_some() {
        return Err(RuleError::Template { file: file.to_owned() });
    }
    set.policies().map(|policy| name(file, policy)).collect()
}

fn name(file: &str, policy: &Policy) -> Result<(Rule, Policy), RuleError> {
    let id = policy.annotation("id").ok_or_else(|| RuleError::WithoutId { file: file.to_owned() })?;
    if id.parse::<Name>().is_err() {
        return Err(RuleError::Id { file: file.to_owned(), id: id.to_owned() });
    }
    let rule = Rule {
        id: id.to_owned(),
        effect: policy.effect().into(),
        reason: policy.annotation("reason").map(str::to_owned),
        file: file.to_owned(),
    };
    Ok((rule, policy.new_id(PolicyId::new(id))))
}

/// Validates rules strictly: a name the schema does not know, an optional attribute read without `has`, and a rule that
/// can never apply are all refused (POL-04).
pub(crate) fn validate(rules: &CedarSet, schema: Schema, groups: &[Group]) -> Result<(), RuleError> {
    for rule in rules.policies() {
        for literal in rule.entity_literals() {
            let named = literal.id().unescaped();
            if *literal.type_name() == Kind::PathGroup.type_name() && !groups.iter().any(|g| g.name.as_str() == named) {
                return Err(RuleError::UnknownGroup { rule: rule.id().to_string(), group: named.to_owned() });
            }
        }
    }
    let result = Validator::new(schema).validate(rules, ValidationMode::Strict);
    if let Some(source) = result.validation_errors().next() {
        return Err(RuleError::Invalid { source: Box::new(source.clone()) });
    }
    match result.validation_warnings().next() {
        Some(source) => Err(RuleError::Suspicious { source: Box::new(source.clone()) }),
        None => Ok(()),
    }
}

/// Why rules are refused.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// An `@id` that is no name.
    #[error("`{id}` in `{file}` is not a rule's id: 1 to 64 of `a-z`, `0-9` and inner `-`")]
    Id {
        /// The file.
        file: String,
        /// What stands there.
        id: String,
    },
    /// A rule that does not fit the schema.
    #[error("a rule does not fit the schema")]
    Invalid {
        /// What Cedar says; it names the rule.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Too many brackets open at one place.
    #[error("`{file}` holds a rule with more than {MAX_OPEN} brackets open at one place")]
    Nesting {
        /// The file.
        file: String,
    },
    /// Too many operators in one rule.
    #[error("`{file}` holds a rule with more than {MAX_OPERATORS} operators; write two rules")]
    Operators {
        /// The file.
        file: String,
    },
    /// A rule that fits the schema and cannot be meant: it never applies, or holds look-alike characters.
    #[error("a rule cannot be meant as it stands")]
    Suspicious {
        /// What Cedar says; it names the rule.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not Cedar.
    #[error("`{file}` is not Cedar")]
    Syntax {
        /// The file.
        file: String,
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A template, which nothing links.
    #[error("`{file}` holds a template; write the rule out")]
    Template {
        /// The file.
        file: String,
    },
    /// A group that `groups.json` does not define: the rule would never apply.
    #[error("rule `{rule}` names the path group `{group}`, which `groups.json` does not define")]
    UnknownGroup {
        /// The rule.
        rule: String,
        /// The group.
        group: String,
    },
    /// Not UTF-8.
    #[error("`{file}` is not UTF-8")]
    Utf8 {
        /// The file.
        file: String,
        /// Where.
        source: std::str::Utf8Error,
    },
    /// A rule without `@id`.
    #[error("`{file}` holds a rule without `@id`")]
    WithoutId {
        /// The file.
        file: String,
    },
}

impl Coded for RuleError {
    fn code(&self) -> Code {
        match self {
            Self::Id { .. }
            | Self::Invalid { .. }
            | Self::Nesting { .. }
            | Self::Operators { .. }
            | Self::Suspicious { .. }
            | Self::Syntax { .. }
            | Self::Template { .. }
            | Self::UnknownGroup { .. }
            | Self::Utf8 { .. }
            | Self::WithoutId { .. } => Code::PolicyMalformed,
        }
    }
}
