//! Rules by what they can apply to: a decision's cost is linear in the rules it is shown, and most rules cannot apply.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PolicySet as CedarSet, PrincipalConstraint, ResourceConstraint,
};

use crate::question::Action;
use crate::vocabulary::Kind;

/// Principal type, action, resource type.
pub(crate) type Environment = (Kind, Action, Kind);

/// Rules by their scopes, and those that can apply in each environment asked about so far.
#[derive(Clone, Debug)]
pub(crate) struct Slices {
    rules: Arc<[(Scope, Policy)]>,
    known: Arc<RwLock<HashMap<Environment, Arc<Slice>>>>,
}

/// Rules, and what they can read.
#[derive(Debug)]
pub(crate) struct Slice {
    /// The rules.
    pub(crate) rules: CedarSet,
    /// Every word in them, whatever it is there for; nothing where one of them spells a character by its number.
    words: Option<HashSet<String>>,
}

impl Slices {
    /// Reads the scopes of rules, each of which has an id of its own.
    pub(crate) fn new<'a>(rules: impl Iterator<Item = &'a Policy>) -> Self {
        Self { rules: rules.map(|rule| (Scope::of(rule), rule.clone())).collect(), known: Arc::default() }
    }

    /// The rules that can apply there. Cedar asks no condition of a rule whose scope does not fit, so leaving the rule out
    /// changes no answer.
    pub(crate) fn of(&self, environment: Environment) -> Arc<Slice> {
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&environment) {
            return Arc::clone(known);
        }
        let fitting = self.rules.iter().filter(|(scope, _)| scope.fits(environment)).map(|(_, rule)| rule);
        let slice = Arc::new(Slice::new(fitting));
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(environment, Arc::clone(&slice));
        slice
    }
}

impl Slice {
    fn new<'a>(rules: impl Iterator<Item = &'a Policy> + Clone) -> Self {
        let mut words = Some(HashSet::new());
        for text in rules.clone().map(ToString::to_string) {
            match &mut words {
                // `resource["na\u{6d}e"]` names an attribute without its word.
                Some(words) if !text.contains('\\') => words.extend(words_of(&text).map(str::to_owned)),
                unknown => *unknown = None,
            }
        }
        // Where they were no set, none of them would allow anything.
        Self { rules: CedarSet::from_policies(rules.cloned()).unwrap_or_default(), words }
    }

    /// Whether a rule can read an attribute of this name: to read one, a rule has to name it.
    pub(crate) fn reads(&self, attribute: &str) -> bool {
        self.words.as_ref().is_none_or(|words| words_of(attribute).all(|word| words.contains(word)))
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').filter(|word| !word.is_empty())
}

/// What a rule's scope demands of an environment; nothing where anything goes, or where groups would have to be followed.
#[derive(Debug)]
struct Scope {
    principal: Option<EntityTypeName>,
    actions: Option<Vec<Action>>,
    resource: Option<EntityTypeName>,
}

impl Scope {
    fn of(rule: &Policy) -> Self {
        Self {
            principal: match rule.principal_constraint() {
                PrincipalConstraint::Any | PrincipalConstraint::In(_) => None,
                PrincipalConstraint::Eq(one) => Some(one.type_name().clone()),
                PrincipalConstraint::Is(kind) | PrincipalConstraint::IsIn(kind, _) => Some(kind),
            },
            actions: match rule.action_constraint() {
                ActionConstraint::Any => None,
                ActionConstraint::Eq(one) => actions(&[one]),
                ActionConstraint::In(some) => actions(&some),
            },
            resource: match rule.resource_constraint() {
                ResourceConstraint::Any | ResourceConstraint::In(_) => None,
                ResourceConstraint::Eq(one) => Some(one.type_name().clone()),
                ResourceConstraint::Is(kind) | ResourceConstraint::IsIn(kind, _) => Some(kind),
            },
        }
    }

    fn fits(&self, (principal, action, resource): Environment) -> bool {
        let is_of = |wanted: &Option<EntityTypeName>, kind: Kind| {
            wanted.as_ref().is_none_or(|wanted| *wanted == kind.type_name())
        };
        is_of(&self.principal, principal)
            && self.actions.as_ref().is_none_or(|actions| actions.contains(&action))
            && is_of(&self.resource, resource)
    }
}

/// The actions of these names, where no other name is among them.
fn actions(named: &[EntityUid]) -> Option<Vec<Action>> {
    let find = |one: &EntityUid| Action::ALL.into_iter().find(|action| action.as_str() == one.id().unescaped());
    named.iter().map(find).collect()
}
