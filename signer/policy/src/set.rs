//! A policy set: schema, rules and path groups, read from files once and asked many times.

use std::sync::Arc;

use cedar_policy::{Authorizer, PolicySet as CedarSet, Schema};
use signer_core::decision::Decision;
use signer_core::digest::Digest;

use crate::actor::Actor;
use crate::baseline;
use crate::explanation::{Answer, Explanation, Failure};
use crate::files::{self, GROUPS, PolicyError, Rules, SCHEMA};
use crate::group::{self, Group};
use crate::memory::{Memory, Outcome};
use crate::question::Question;
use crate::request::{self, Resource, Statement, StatementError};
use crate::rule::{self, Effect, Rule};
use crate::slice::{Slice, Slices};

/// Bytes of stack for reading rules, many times what the limits on nesting need: Cedar's type checker passes a rule
/// unchecked where it runs short.
const STACK: usize = 32 * 1024 * 1024;

/// A validated policy set.
#[derive(Clone, Debug)]
pub struct PolicySet {
    files: Vec<(String, Vec<u8>)>,
    digest: Digest,
    groups: Vec<Group>,
    rules: Rules,
    slices: Slices,
    memory: Memory,
}

impl PolicySet {
    /// The set of `policies/` as it was when this program was built.
    pub fn baseline() -> Result<Self, PolicyError> {
        Self::of(baseline::FILES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect())
    }

    /// Reads a set laid out as `policies/`: `schema.cedarschema`, `groups.json`, and rules in `*.cedar`, also in folders.
    pub fn from_files(files: &[(String, Vec<u8>)]) -> Result<Self, PolicyError> {
        files::check_size(files)?;
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
        let text = kept.map(|(_, policy)| policy.to_string()).collect::<Vec<_>>().join("\n");
        let mut files = self.files.clone();
        for (_, content) in files.iter_mut().filter(|(name, _)| *name == removed.file) {
            *content = text.clone().into_bytes();
        }
        Self::of(files)
    }

    /// May `actor` do what `question` asks? Denied unless everything it asks is allowed.
    pub fn decide(&self, actor: &Actor, question: &Question) -> Decision {
        let resources = request::resources(question, &self.groups);
        let outcomes: Vec<_> = resources.iter().map(|resource| self.outcome(actor, question, resource)).collect();
        if let Some(determining) = allowed_by(&outcomes) {
            return Decision::Allow { determining };
        }
        explained(question, &resources, outcomes).decision()
    }

    /// The answers behind [`Self::decide`].
    pub fn explain(&self, actor: &Actor, question: &Question) -> Explanation {
        let resources = request::resources(question, &self.groups);
        let outcomes = resources.iter().map(|resource| self.outcome(actor, question, resource)).collect();
        explained(question, &resources, outcomes)
    }

    /// What Cedar says of one resource, now or before; the text says why nothing could be stated.
    fn outcome(&self, actor: &Actor, question: &Question, resource: &Resource) -> Result<Outcome, String> {
        let environment = resource.environment(actor.class, question.action());
        if let Some(contradiction) = actor.contradiction() {
            return Err(format!("the facts contradict each other: {contradiction}"));
        }
        let slice = self.slices.of(environment);
        // What no rule of the slice names determines nothing, so it is left out of what an answer is remembered by.
        let key = request::state(actor, question, resource, |attribute| slice.reads(attribute));
        if let Some(outcome) = self.memory.find(&key) {
            return Ok(outcome);
        }
        let statement = request::state(actor, question, resource, |_| true);
        let outcome = self.ask(&slice, &statement).map_err(|error| error.to_string())?;
        self.memory.keep(key, outcome.clone());
        Ok(outcome)
    }

    fn ask(&self, slice: &Slice, statement: &Statement) -> Result<Outcome, StatementError> {
        let stated = statement.to_cedar()?;
        let response = Authorizer::new().is_authorized(&stated.request, &slice.rules, &stated.entities);
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
        Ok(Outcome { allowed, rules, failures })
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
        let groups = group::parse(files::required(&files, GROUPS)?)?;
        // Rules are asked with facts of one schema, so a set brings that very schema.
        if files::required(&files, SCHEMA)? != baseline::SCHEMA.as_bytes() {
            return Err(PolicyError::OtherSchema);
        }
        let rules = files::read_rules(&files)?;
        // The tests of this program have validated what it brings, and reading the schema takes longer than all else here.
        if !baseline::is(&files) {
            validate(&rules, &groups)?;
        }
        let slices = Slices::new(rules.values().map(|(_, policy)| policy));
        let digest = files::digest(&files);
        Ok(Self { files, digest, groups, rules, slices, memory: Memory::default() })
    }
}

/// Holds the rules against the schema.
fn validate(rules: &Rules, groups: &[Group]) -> Result<(), PolicyError> {
    let (schema, _) = Schema::from_cedarschema_str(baseline::SCHEMA)
        .map_err(|source| PolicyError::Schema { source: Box::new(source) })?;
    let all = CedarSet::from_policies(rules.values().map(|(_, policy)| policy.clone()))
        .map_err(|source| PolicyError::Set { source: Box::new(source) })?;
    Ok(rule::validate(&all, schema, groups)?)
}

/// The rules that determined it, sorted, where everything is allowed; what nobody needs is then not put into words.
fn allowed_by(outcomes: &[Result<Outcome, String>]) -> Option<Vec<String>> {
    let mut rules = Vec::new();
    for outcome in outcomes {
        let allowed = outcome.as_ref().ok().filter(|outcome| outcome.allowed)?;
        rules.extend(allowed.rules.iter().map(|rule| rule.id.clone()));
    }
    rules.sort();
    rules.dedup();
    (!outcomes.is_empty()).then_some(rules)
}

fn explained(question: &Question, resources: &[Resource], outcomes: Vec<Result<Outcome, String>>) -> Explanation {
    let answer = |(resource, outcome): (&Resource, Result<Outcome, String>)| {
        let asked = resource.describe(question.action());
        match outcome {
            Ok(Outcome { allowed, rules, failures }) => Answer { asked, allowed, rules, failures },
            Err(message) => Answer::unstated(asked, message),
        }
    };
    Explanation { answers: resources.iter().zip(outcomes).map(answer).collect() }
}

#[cfg(test)]
mod tests;
