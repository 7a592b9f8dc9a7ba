//! Rules by what they can apply to: a decision's cost is linear in the rules it is shown, and most rules cannot apply.

use std::collections::{HashMap, HashSet};

use cedar_policy::{EntityTypeName, EntityUid, Policy, PolicySet as CedarSet, PolicySetError, Schema};
use serde_json::Value;

use crate::question::Action;
use crate::vocabulary::Kind;

/// Principal type, action, resource type.
pub(crate) type Environment = (Kind, Action, Kind);
/// The same in Cedar's form.
type CedarEnvironment = (EntityTypeName, EntityUid, EntityTypeName);

/// A set of rules per environment of the schema.
#[derive(Clone, Debug)]
pub(crate) struct Slices {
    slices: HashMap<Environment, Slice>,
    nothing: Slice,
}

/// Rules, and what they can read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    /// The rules.
    pub(crate) rules: CedarSet,
    /// Every string in them, whatever it is there for; nothing where one of them cannot be shown.
    strings: Option<HashSet<String>>,
}

impl Slices {
    /// Sorts rules that passed strict validation against `schema`. Cedar leaves out an environment only where a rule's
    /// condition is false throughout, so leaving the rule out changes no answer.
    pub(crate) fn new<'a>(rules: impl Iterator<Item = &'a Policy>, schema: &Schema) -> Result<Self, PolicySetError> {
        let mut slices: HashMap<CedarEnvironment, Slice> = HashMap::new();
        let nothing = Slice { strings: Some(HashSet::new()), ..Slice::default() };
        for rule in rules {
            let shown = rule.to_json().ok();
            for environment in rule.get_valid_request_envs(schema) {
                let key =
                    (environment.principal().clone(), environment.action().clone(), environment.resource().clone());
                slices.entry(key).or_insert_with(|| nothing.clone()).add(rule, shown.as_ref())?;
            }
        }
        Ok(Self { slices: by_vocabulary(slices), nothing })
    }

    /// The rules that can apply there.
    pub(crate) fn of(&self, environment: &Environment) -> &Slice {
        self.slices.get(environment).unwrap_or(&self.nothing)
    }
}

/// The same under the names that questions have; nobody asks under any other.
fn by_vocabulary(mut slices: HashMap<CedarEnvironment, Slice>) -> HashMap<Environment, Slice> {
    let mut known = HashMap::new();
    for principal in Kind::ALL {
        for action in Action::ALL {
            for resource in Kind::ALL {
                let uid = EntityUid::from(&Kind::Action.uid(action.as_str()));
                let slice = slices.remove(&(principal.type_name(), uid, resource.type_name()));
                known.extend(slice.map(|slice| ((*principal, action, *resource), slice)));
            }
        }
    }
    known
}

impl Slice {
    fn add(&mut self, rule: &Policy, shown: Option<&Value>) -> Result<(), PolicySetError> {
        match (shown, &mut self.strings) {
            (Some(shown), Some(strings)) => collect(shown, strings),
            _ => self.strings = None,
        }
        self.rules.add(rule.clone())
    }

    /// Whether a rule can read an attribute of this name: to read one, a rule has to name it.
    pub(crate) fn reads(&self, attribute: &str) -> bool {
        self.strings.as_ref().is_none_or(|strings| strings.contains(attribute))
    }
}

fn collect(value: &Value, strings: &mut HashSet<String>) {
    match value {
        Value::String(text) => drop(strings.insert(text.clone())),
        Value::Array(values) => values.iter().for_each(|value| collect(value, strings)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            strings.insert(name.clone());
            collect(value, strings);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
