//! Rules by what they can apply to: a decision's cost is linear in the rules it is shown, and most rules cannot apply.

use std::collections::HashMap;

use cedar_policy::{EntityTypeName, EntityUid, Policy, PolicySet as CedarSet, PolicySetError, Schema};

/// Principal type, action, resource type.
pub(crate) type Environment = (EntityTypeName, EntityUid, EntityTypeName);

/// A set of rules per environment of the schema.
#[derive(Clone, Debug)]
pub(crate) struct Slices {
    sets: HashMap<Environment, CedarSet>,
    nothing: CedarSet,
}

impl Slices {
    /// Sorts rules that passed strict validation against `schema`. Cedar leaves out an environment only where a rule's
    /// condition is false throughout, so leaving the rule out changes no answer.
    pub(crate) fn new<'a>(rules: impl Iterator<Item = &'a Policy>, schema: &Schema) -> Result<Self, PolicySetError> {
        let mut sets: HashMap<Environment, CedarSet> = HashMap::new();
        for rule in rules {
            for environment in rule.get_valid_request_envs(schema) {
                let key =
                    (environment.principal().clone(), environment.action().clone(), environment.resource().clone());
                sets.entry(key).or_default().add(rule.clone())?;
            }
        }
        Ok(Self { sets, nothing: CedarSet::new() })
    }

    /// The rules that can apply there.
    pub(crate) fn rules(&self, environment: &Environment) -> &CedarSet {
        self.sets.get(environment).unwrap_or(&self.nothing)
    }
}
