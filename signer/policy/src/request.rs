//! Facts as Cedar reads them: one request per thing asked.
//!
//! Requests are not checked against the schema one by one: rules were, strictly, when the set was loaded, and the
//! crate's tests check every request of every case.

use cedar_policy::{Context, Entities, Entity, Request, RestrictedExpression};
use signer_core::folding::Folded;
use signer_core::identity::{ActorClass, Subject};
use signer_core::scope::Operation;
use signer_core::verdict::{TimeAssurance, Trust};

use crate::actor::Actor;
use crate::group::Group;
use crate::matter::{ChangeFacts, ChangeKind, Matter, ScopeFacts, Tally};
use crate::question::{AcceptContext, Action, GrantFacts, Question};
use crate::slice::Environment;
use crate::vocabulary::{Kind, Uid};

type Attributes = Vec<(&'static str, Fact)>;

/// The value of an attribute.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fact {
    Boolean(bool),
    Entity(Uid),
    Long(i64),
    Set(Vec<Fact>),
    Text(String),
}

impl From<&Fact> for RestrictedExpression {
    fn from(fact: &Fact) -> Self {
        match fact {
            Fact::Boolean(value) => Self::new_bool(*value),
            Fact::Entity(value) => Self::new_entity_uid(value.into()),
            Fact::Long(value) => Self::new_long(*value),
            Fact::Set(values) => Self::new_set(values.iter().map(Self::from)),
            Fact::Text(value) => Self::new_string(value.clone()),
        }
    }
}

/// Something asked about: a resource with its facts, and what Cedar must know beside it.
pub(crate) struct Resource {
    uid: Uid,
    kind: Kind,
    /// Which paths a path group stands for, in words.
    paths: Option<String>,
    entities: Vec<(Uid, Attributes)>,
}

impl Resource {
    fn new(kind: Kind, id: impl std::fmt::Display, attributes: Attributes) -> Self {
        let uid = kind.uid(id);
        Self { uid: uid.clone(), kind, paths: None, entities: vec![(uid, attributes)] }
    }

    /// What is asked, in words; the id may come from anywhere.
    pub(crate) fn describe(&self, action: Action) -> String {
        let id = self.uid.id();
        let paths = self.paths.as_deref().unwrap_or_default();
        format!("`{}` of the {} `{id}`{paths}", action.as_str(), self.kind.noun())
    }

    /// Where in the schema the request stands.
    pub(crate) const fn environment(&self, class: ActorClass, action: Action) -> Environment {
        (principal_kind(class), action, self.kind)
    }
}

/// A request and the entities it is judged with.
pub(crate) struct Asked {
    /// The question proper.
    pub(crate) request: Request,
    /// Principal, resource, and what the resource refers to.
    pub(crate) entities: Entities,
}

/// All that rules can learn about one thing asked; two that are equal have one answer.
#[derive(PartialEq, Eq, Hash, Debug)]
pub(crate) struct Statement {
    principal: Uid,
    action: Action,
    resource: Uid,
    context: Attributes,
    entities: Vec<(Uid, Attributes)>,
}

/// States `actor`, `question` and `resource`, with those attributes of entities that `is_told` holds.
pub(crate) fn state(
    actor: &Actor,
    question: &Question,
    resource: &Resource,
    is_told: impl Fn(&str) -> bool,
) -> Statement {
    let principal = principal_kind(actor.class).uid(&actor.subject);
    let told = |attributes: &Attributes| attributes.iter().filter(|(name, _)| is_told(name)).cloned().collect();
    let own = (principal.clone(), told(&principal_attributes(actor)));
    let others = resource.entities.iter().map(|(uid, attributes)| (uid.clone(), told(attributes)));
    Statement {
        principal,
        action: question.action(),
        resource: resource.uid.clone(),
        context: context(actor, question),
        entities: std::iter::once(own).chain(others).collect(),
    }
}

impl Statement {
    /// The statement as Cedar reads it.
    pub(crate) fn to_cedar(&self) -> Result<Asked, StatementError> {
        let context = Context::from_pairs(expressions(&self.context))
            .map_err(|source| StatementError::Context { source: Box::new(source) })?;
        let action = Kind::Action.uid(self.action.as_str());
        let request = Request::new((&self.principal).into(), (&action).into(), (&self.resource).into(), context, None)
            .map_err(|source| StatementError::Request { source: Box::new(source) })?;
        let entities = self
            .entities
            .iter()
            .map(|(uid, attributes)| Entity::new_with_tags(uid.into(), expressions(attributes), [], []))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| StatementError::Attribute { source: Box::new(source) })?;
        let entities = Entities::from_entities(entities, None)
            .map_err(|source| StatementError::Entities { source: Box::new(source) })?;
        Ok(Asked { request, entities })
    }
}

fn expressions(attributes: &Attributes) -> impl Iterator<Item = (String, RestrictedExpression)> {
    attributes.iter().map(|(name, fact)| ((*name).to_owned(), fact.into()))
}

/// The resources of a question: one, or for a change one more per group it touches.
pub(crate) fn resources(question: &Question, groups: &[Group]) -> Vec<Resource> {
    match question {
        Question::Issue { purpose, scope_allows_purpose } => {
            let attributes = vec![
                entity("purpose", Kind::Purpose.uid(purpose)),
                boolean("scope_allows_purpose", *scope_allows_purpose),
            ];
            vec![Resource::new(Kind::Certificate, purpose, attributes)]
        }
        Question::Grant(facts) => vec![grant(facts)],
        Question::Countersign(matter) | Question::Accept(matter, _) | Question::Approve(matter) => {
            matter_resources(matter, groups)
        }
        Question::Revoke { kind, id } => {
            vec![Resource::new(Kind::Selector, id, vec![entity("kind", Kind::SelectorKind.uid(kind.as_str()))])]
        }
    }
}

fn matter_resources(matter: &Matter, groups: &[Group]) -> Vec<Resource> {
    match matter {
        Matter::Change(facts) => change(facts, groups),
        Matter::Tag { repository, name } => vec![Resource::new(Kind::Tag, name, vec![text("repository", repository)])],
        Matter::Prompt { repository, scope } => {
            vec![Resource::new(Kind::Prompt, repository, scope_attributes(*scope).into())]
        }
        Matter::Artifact { name } => vec![Resource::new(Kind::Artifact, name, Vec::new())],
        Matter::Attestation { predicate_type } => {
            vec![Resource::new(Kind::Attestation, predicate_type, Vec::new())]
        }
        Matter::OpenEntry { digest } => vec![Resource::new(Kind::OpenEntry, digest, Vec::new())],
    }
}

fn grant(facts: &GrantFacts) -> Resource {
    let texts = |values: &[String]| Fact::Set(values.iter().cloned().map(Fact::Text).collect());
    let purposes = facts.purposes.iter().map(|purpose| Fact::Entity(Kind::Purpose.uid(purpose))).collect();
    let attributes = vec![
        text("class", facts.class.as_str()),
        long("depth", facts.depth),
        ("purposes", Fact::Set(purposes)),
        ("repositories", texts(&facts.repositories)),
        ("targets", texts(&facts.targets)),
    ];
    Resource::new(Kind::Grant, &facts.grantee, attributes)
}

fn change(facts: &ChangeFacts, groups: &[Group]) -> Vec<Resource> {
    let mut attributes = tally_attributes(Tally::of(facts.paths.iter().map(|(_, operation)| *operation)));
    attributes.extend(scope_attributes(facts.scope));
    attributes.extend([
        text("target", &facts.target),
        long("bytes", i64::try_from(facts.bytes).unwrap_or(i64::MAX)),
        boolean("grant", facts.grant),
        boolean("prompt", facts.prompt),
        boolean("anchor_update", facts.anchor_update),
    ]);
    attributes.extend(facts.kind.map(|kind| entity("kind", Kind::ChangeKind.uid(kind_name(kind)))));
    let whole = Resource::new(Kind::Change, &facts.repository, attributes);
    let folded = facts.paths.iter().map(|(path, _)| Folded::of(path)).collect::<Vec<_>>();
    let touched = groups.iter().filter_map(|group| touched(group, facts, &folded, &whole)).collect::<Vec<_>>();
    std::iter::once(whole).chain(touched).collect()
}

/// `folded` are the paths of `facts` in the same order.
fn touched(group: &Group, facts: &ChangeFacts, folded: &[Folded], whole: &Resource) -> Option<Resource> {
    let pairs = facts.paths.iter().zip(folded).filter(|(_, path)| group.holds(path));
    let held: Vec<&(Vec<u8>, Operation)> = pairs.map(|(named, _)| named).collect();
    let (first, _) = held.first()?;
    let first = String::from_utf8_lossy(first);
    let mut attributes = tally_attributes(Tally::of(held.iter().map(|(_, operation)| *operation)));
    attributes.push(entity("change", whole.uid.clone()));
    let mut resource = Resource::new(Kind::PathGroup, &group.name, attributes);
    resource.entities.extend(whole.entities.iter().cloned());
    resource.paths = Some(match held.len() {
        1 => format!(" (`{first}`)"),
        several => format!(" (`{first}` and {} more)", several - 1),
    });
    Some(resource)
}

fn principal_attributes(actor: &Actor) -> Attributes {
    let mut attributes = vec![
        text("session", &actor.session),
        entity("custody", Kind::Custody.uid(actor.custody)),
        entity("enrolment", Kind::Enrolment.uid(actor.enrolment)),
    ];
    if actor.class == ActorClass::Person {
        return attributes;
    }
    attributes.extend(actor.depth.map(|depth| long("depth", depth)));
    if let (Some((name, class)), Some(sponsor)) = (&actor.agent, &actor.sponsor) {
        attributes.extend([
            text("name", name.as_str()),
            text("class", class.as_str()),
            entity("sponsor", Kind::Person.uid(sponsor)),
        ]);
    }
    attributes
}

fn context(actor: &Actor, question: &Question) -> Attributes {
    let Question::Accept(_, known) = question else { return Attributes::new() };
    accept_attributes(actor, known)
}

fn accept_attributes(actor: &Actor, known: &AcceptContext) -> Attributes {
    let time = match known.time_assurance {
        TimeAssurance::Own => "self",
        TimeAssurance::Witnessed => "witnessed",
        TimeAssurance::Foreign => "foreign",
    };
    let trust = match known.trust {
        Trust::Development => "development",
        Trust::Threshold => "threshold",
    };
    let person = |subject: &Subject| Fact::Entity(Kind::Person.uid(subject));
    vec![
        entity("time", Kind::TimeAssurance.uid(time)),
        entity("trust", Kind::Trust.uid(trust)),
        ("approvals", Fact::Set(known.approvals.iter().map(person).collect())),
        long("second_persons", i64::try_from(known.second_persons(actor)).unwrap_or(i64::MAX)),
    ]
}

const fn principal_kind(class: ActorClass) -> Kind {
    match class {
        ActorClass::Person => Kind::Person,
        ActorClass::Agent => Kind::Agent,
        ActorClass::Workload => Kind::Workload,
    }
}

const fn kind_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Commit => "commit",
        ChangeKind::Merge => "merge",
        ChangeKind::Root => "root",
    }
}

fn tally_attributes(tally: Tally) -> Attributes {
    vec![long("added", tally.added), long("modified", tally.modified), long("deleted", tally.deleted)]
}

fn scope_attributes(scope: ScopeFacts) -> [(&'static str, Fact); 2] {
    [boolean("repository_in_scope", scope.repository), boolean("target_in_scope", scope.target)]
}

fn text(name: &'static str, value: &str) -> (&'static str, Fact) {
    (name, Fact::Text(value.to_owned()))
}

fn long(name: &'static str, value: impl Into<i64>) -> (&'static str, Fact) {
    (name, Fact::Long(value.into()))
}

fn boolean(name: &'static str, value: bool) -> (&'static str, Fact) {
    (name, Fact::Boolean(value))
}

fn entity(name: &'static str, value: Uid) -> (&'static str, Fact) {
    (name, Fact::Entity(value))
}

/// Why facts could not be stated; every such question is denied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatementError {
    /// An attribute.
    #[error("an attribute cannot be stated")]
    Attribute {
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The context.
    #[error("the context cannot be stated")]
    Context {
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The entities together.
    #[error("the entities cannot be stated")]
    Entities {
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The request.
    #[error("the request cannot be stated")]
    Request {
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

#[cfg(test)]
mod tests;
