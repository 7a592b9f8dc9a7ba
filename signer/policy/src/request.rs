//! Facts as Cedar reads them: one request per thing asked.
//!
//! Requests are not checked against the schema one by one: rules were, strictly, when the set was loaded, and the
//! crate's tests check every request of every case.

use cedar_policy::{Context, Entities, Entity, EntityUid, Request, RestrictedExpression};
use signer_core::folding::Folded;
use signer_core::identity::{ActorClass, Subject};
use signer_core::scope::Operation;
use signer_core::verdict::{TimeAssurance, Trust};

use crate::actor::Actor;
use crate::group::Group;
use crate::matter::{ChangeFacts, ChangeKind, Matter, ScopeFacts, Tally};
use crate::question::{AcceptContext, Action, GrantFacts, Question};
use crate::slice::Environment;
use crate::vocabulary::Kind;

type Attributes = Vec<(String, RestrictedExpression)>;

/// Something asked about: a resource with its facts, and what Cedar must know beside it.
pub(crate) struct Resource {
    uid: EntityUid,
    kind: Kind,
    /// Which paths a path group stands for, in words.
    paths: Option<String>,
    entities: Vec<(EntityUid, Attributes)>,
}

impl Resource {
    fn new(kind: Kind, id: impl std::fmt::Display, attributes: Attributes) -> Self {
        let uid = kind.uid(id);
        Self { uid: uid.clone(), kind, paths: None, entities: vec![(uid, attributes)] }
    }

    /// What is asked, in words; the id may come from anywhere and is escaped.
    pub(crate) fn describe(&self, action: Action) -> String {
        let id = self.uid.id().unescaped().escape_debug();
        let paths = self.paths.as_deref().unwrap_or_default();
        format!("`{}` of the {} `{id}`{paths}", action.as_str(), self.kind.noun())
    }

    /// Where in the schema the request stands.
    pub(crate) fn environment(&self, class: ActorClass, action: Action) -> Environment {
        (principal_kind(class).type_name(), Kind::Action.uid(action.as_str()), self.kind.type_name())
    }
}

/// A request and the entities it is judged with.
pub(crate) struct Asked {
    /// The question proper.
    pub(crate) request: Request,
    /// Principal, resource, and what the resource refers to.
    pub(crate) entities: Entities,
}

/// States `actor`, `question` and `resource` to Cedar.
pub(crate) fn state(actor: &Actor, question: &Question, resource: Resource) -> Result<Asked, StatementError> {
    let principal = principal_kind(actor.class).uid(&actor.subject);
    let action = Kind::Action.uid(question.action().as_str());
    let request = Request::new(principal.clone(), action, resource.uid, context(actor, question)?, None)
        .map_err(|source| StatementError::Request { source: Box::new(source) })?;
    let entities = std::iter::once((principal, principal_attributes(actor)))
        .chain(resource.entities)
        .map(|(uid, attributes)| Entity::new_with_tags(uid, attributes, [], []))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| StatementError::Attribute { source: Box::new(source) })?;
    let entities = Entities::from_entities(entities, None)
        .map_err(|source| StatementError::Entities { source: Box::new(source) })?;
    Ok(Asked { request, entities })
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
    let texts =
        |values: &[String]| RestrictedExpression::new_set(values.iter().cloned().map(RestrictedExpression::new_string));
    let purposes =
        facts.purposes.iter().map(|purpose| RestrictedExpression::new_entity_uid(Kind::Purpose.uid(purpose)));
    let attributes = vec![
        text("class", facts.class.as_str()),
        long("depth", facts.depth),
        ("purposes".to_owned(), RestrictedExpression::new_set(purposes)),
        ("repositories".to_owned(), texts(&facts.repositories)),
        ("targets".to_owned(), texts(&facts.targets)),
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
    let first = first.escape_ascii();
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

fn context(actor: &Actor, question: &Question) -> Result<Context, StatementError> {
    let Question::Accept(_, known) = question else { return Ok(Context::empty()) };
    let pairs = accept_attributes(actor, known);
    Context::from_pairs(pairs).map_err(|source| StatementError::Context { source: Box::new(source) })
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
    let person = |subject: &Subject| RestrictedExpression::new_entity_uid(Kind::Person.uid(subject));
    vec![
        entity("time", Kind::TimeAssurance.uid(time)),
        entity("trust", Kind::Trust.uid(trust)),
        ("approvals".to_owned(), RestrictedExpression::new_set(known.approvals.iter().map(person))),
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

fn scope_attributes(scope: ScopeFacts) -> [(String, RestrictedExpression); 2] {
    [boolean("repository_in_scope", scope.repository), boolean("target_in_scope", scope.target)]
}

fn text(name: &str, value: &str) -> (String, RestrictedExpression) {
    (name.to_owned(), RestrictedExpression::new_string(value.to_owned()))
}

fn long(name: &str, value: impl Into<i64>) -> (String, RestrictedExpression) {
    (name.to_owned(), RestrictedExpression::new_long(value.into()))
}

fn boolean(name: &str, value: bool) -> (String, RestrictedExpression) {
    (name.to_owned(), RestrictedExpression::new_bool(value))
}

fn entity(name: &str, value: EntityUid) -> (String, RestrictedExpression) {
    (name.to_owned(), RestrictedExpression::new_entity_uid(value))
}

/// Why facts could not be stated; every such question is denied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatementError {
    /// An attribute.
    #[error("an attribute cannot be stated")]
    Attribute {
        /// What Cedar says.
        source: Box<cedar_policy::EntityAttrEvaluationError>,
    },
    /// The context.
    #[error("the context cannot be stated")]
    Context {
        /// What Cedar says.
        source: Box<cedar_policy::ContextCreationError>,
    },
    /// The entities together.
    #[error("the entities cannot be stated")]
    Entities {
        /// What Cedar says.
        source: Box<cedar_policy::entities_errors::EntitiesError>,
    },
    /// The request.
    #[error("the request cannot be stated")]
    Request {
        /// What Cedar says.
        source: Box<cedar_policy::RequestValidationError>,
    },
}

#[cfg(test)]
mod tests;
