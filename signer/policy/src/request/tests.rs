//! What is stated to Cedar is what the schema says will be stated.

use std::sync::LazyLock;

use cedar_policy::{Entities, Request, Schema};
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose};
use signer_core::verdict::{TimeAssurance, Trust};

use super::{Asked, resources, state};
use crate::actor::Actor;
use crate::baseline::SCHEMA;
use crate::baseline::tests::{BASELINE, cases};
use crate::matter::{ChangeKind, Matter};
use crate::question::{AcceptContext, Question, SelectorKind};

static SCHEMA_PARSED: LazyLock<Schema> = LazyLock::new(|| Schema::from_cedarschema_str(SCHEMA).unwrap().0);

fn check(schema: &Schema, asked: &Asked) {
    let Asked { request, entities } = asked;
    let request = Request::new(
        request.principal().unwrap().clone(),
        request.action().unwrap().clone(),
        request.resource().unwrap().clone(),
        request.context().unwrap().clone(),
        Some(schema),
    );
    assert!(request.is_ok(), "{:?}", request.unwrap_err());
    let checked = Entities::from_entities(entities.iter().cloned(), Some(schema));
    assert!(checked.is_ok(), "{:?}", checked.unwrap_err());
}

fn check_all(actor: &Actor, question: &Question) {
    for resource in resources(question, BASELINE.groups()) {
        check(&SCHEMA_PARSED, &state(actor, question, &resource, |_| true).to_cedar().unwrap());
    }
}

#[test]
fn states_every_case_as_the_schema_says() {
    for case in cases().values().flatten() {
        check_all(&case.actor, &case.question);
    }
}

#[test]
fn states_every_member_of_every_vocabulary_as_the_schema_says() {
    let cases = cases();
    let case = &cases["person-change"][1];
    let Question::Accept(Matter::Change(facts), known) = &case.question else { panic!("an accept case") };
    for custody in [Custody::Broker, Custody::Engine, Custody::SharedUser, Custody::Token] {
        for enrolment in [Enrolment::Terminal, Enrolment::OwnerCredential, Enrolment::Grant, Enrolment::OpenId] {
            check_all(&Actor { custody, enrolment, ..case.actor.clone() }, &case.question);
        }
    }
    for kind in [ChangeKind::Commit, ChangeKind::Merge, ChangeKind::Root] {
        check_all(&case.actor, &Question::Countersign(Matter::Change(facts.clone().of_kind(kind))));
    }
    for time_assurance in [TimeAssurance::Own, TimeAssurance::Witnessed, TimeAssurance::Foreign] {
        for trust in [Trust::Development, Trust::Threshold] {
            let approvals = vec![case.actor.subject.clone(), "bob@example.org".parse().unwrap()];
            let known = AcceptContext { time_assurance, trust, approvals };
            check_all(&case.actor, &Question::Accept(Matter::Change(facts.clone()), known));
        }
    }
    for purpose in [Purpose::Commit, Purpose::Prompt, Purpose::Artifact, Purpose::Attestation, Purpose::Open] {
        check_all(&case.actor, &Question::Issue { purpose, scope_allows_purpose: true });
    }
    assert_eq!(known.second_persons(&case.actor), 0);
}

#[test]
fn states_every_selector_as_the_schema_says() {
    let actor = &cases()["person-revocation"][0].actor.clone();
    for kind in [
        SelectorKind::Leaf,
        SelectorKind::Certificate,
        SelectorKind::Key,
        SelectorKind::Grant,
        SelectorKind::Session,
        SelectorKind::Agent,
        SelectorKind::Class,
        SelectorKind::Model,
        SelectorKind::Sponsor,
        SelectorKind::Repository,
    ] {
        check_all(actor, &Question::Revoke { kind, id: "x".to_owned() });
    }
    assert_eq!(actor.class, ActorClass::Person);
}

#[test]
fn counts_neither_signer_nor_sponsor_nor_anybody_twice_as_second_person() {
    let actor = cases()["agent-change"][0].actor.clone();
    let known = |approvals: &[&str]| AcceptContext {
        time_assurance: TimeAssurance::Own,
        trust: Trust::Threshold,
        approvals: approvals.iter().map(|text| text.parse().unwrap()).collect(),
    };
    assert_eq!(known(&["ada@example.org"]).second_persons(&actor), 0);
    assert_eq!(known(&["bob@example.org", "bob@example.org"]).second_persons(&actor), 1);
    assert_eq!(known(&["bob@example.org", "ada@example.org", "eve@example.org"]).second_persons(&actor), 2);
    let person = Actor { subject: "bob@example.org".parse().unwrap(), sponsor: None, ..actor };
    assert_eq!(known(&["bob@example.org"]).second_persons(&person), 0);
}
