//! Decisions: what denies, and what a denial says.

use signer_core::decision::Decision;
use signer_core::identity::{ActorClass, Purpose};
use signer_core::reason::{Code, Reason};
use signer_core::scope::Operation;

use super::PolicySet;
use crate::actor::Actor;
use crate::baseline::tests::{BASELINE, cases};
use crate::case::Case;
use crate::files::tests::with_rule;
use crate::matter::{ChangeFacts, Matter};
use crate::memory::Memory;
use crate::question::{AcceptContext, Question};

fn case(rule: &str, position: usize) -> Case {
    cases().remove(rule).unwrap().remove(position)
}

fn denied(decision: Decision) -> Vec<Reason> {
    match decision {
        Decision::Allow { determining } => panic!("allowed by {determining:?}"),
        Decision::Deny(reasons) => reasons,
    }
}

fn codes(decision: Decision) -> Vec<Code> {
    denied(decision).iter().map(|reason| reason.code).collect()
}

/// Reading the baseline leaves this to the test.
#[test]
fn the_baseline_is_valid() {
    super::validate(&BASELINE.rules, &BASELINE.groups).unwrap();
}

#[test]
fn a_rule_about_some_actions_and_things_leaves_others_alone() {
    for (forbidden, countersigned, accepted) in [
        ("action in [Action::\"accept\"], resource is Change", true, false),
        ("action == Action::\"countersign\", resource", false, true),
        ("action, resource is Tag", true, true),
        ("action, resource", false, false),
    ] {
        let set = with_rule(&format!("@id(\"forbidden\") forbid(principal is Person, {forbidden});")).unwrap();
        let allows = |Case { actor, question, .. }| matches!(set.decide(&actor, &question), Decision::Allow { .. });
        assert_eq!(allows(case("person-change", 0)), countersigned, "{forbidden}");
        assert_eq!(allows(case("person-change", 1)), accepted, "{forbidden}");
    }
}

#[test]
fn may_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<PolicySet>();
}

#[test]
fn what_a_rule_reads_is_never_answered_from_memory_of_another_value() {
    for small in ["resource.bytes > 1000", "resource[\"bytes\"] > 1000", "resource[\"by\\u{74}es\"] > 1000"] {
        let text = format!("@id(\"small\") forbid(principal, action, resource is Change) when {{ {small} }};");
        let set = with_rule(&text).unwrap();
        let Case { actor, question, .. } = case("person-change", 0);
        let of = |bytes| match question.clone() {
            Question::Countersign(Matter::Change(facts)) => {
                Question::Countersign(Matter::Change(ChangeFacts { bytes, ..facts }))
            }
            Question::Accept(Matter::Change(facts), known) => {
                Question::Accept(Matter::Change(ChangeFacts { bytes, ..facts }), known)
            }
            other => panic!("{other:?} is no change"),
        };
        for _ in 0..2 {
            assert!(matches!(set.decide(&actor, &of(1000)), Decision::Allow { .. }));
            assert_eq!(codes(set.decide(&actor, &of(1001))), [Code::PolicyDenied]);
            assert!(matches!(BASELINE.decide(&actor, &of(1001)), Decision::Allow { .. }));
        }
    }
}

#[test]
fn memory_answers_every_case_as_a_set_that_was_never_asked() {
    for Case { actor, question, .. } in cases().into_values().flatten() {
        let known = BASELINE.explain(&actor, &question);
        assert_eq!(BASELINE.explain(&actor, &question), known);
        let forgetful = PolicySet { memory: Memory::default(), ..BASELINE.clone() };
        assert_eq!(forgetful.explain(&actor, &question), known);
    }
}

#[test]
fn denies_where_a_forbidding_rule_cannot_be_evaluated() {
    let overflow = "@id(\"overflow\") forbid(principal, action, resource is Change) \
                    when { resource.bytes + 9223372036854775807 > 0 && resource.bytes < 0 };";
    let set = with_rule(overflow).unwrap();
    let Case { actor, question, .. } = case("person-change", 0);
    assert!(matches!(BASELINE.decide(&actor, &question), Decision::Allow { .. }));
    let reasons = denied(set.decide(&actor, &question));
    assert_eq!(reasons.iter().map(|reason| reason.code).collect::<Vec<_>>(), [Code::PolicyEvaluation]);
    assert!(reasons[0].message.contains("`overflow`"));
}

#[test]
fn denies_where_a_permitting_rule_beside_another_cannot_be_evaluated() {
    let overflow = "@id(\"overflow\") permit(principal, action, resource is Change) \
                    when { resource.bytes * 9223372036854775807 > 0 };";
    let set = with_rule(overflow).unwrap();
    let Case { actor, question, .. } = case("person-change", 0);
    assert_eq!(codes(set.decide(&actor, &question)), [Code::PolicyEvaluation]);
}

#[test]
fn denies_with_both_reasons_where_one_rule_forbids_and_another_cannot_be_evaluated() {
    let overflow = "@id(\"overflow\") forbid(principal, action, resource is Change) \
                    when { resource.bytes + 9223372036854775807 > 0 };";
    let set = with_rule(overflow).unwrap();
    let Case { actor, question, .. } = case("change-in-scope", 1);
    assert_eq!(codes(set.decide(&actor, &question)), [Code::PolicyEvaluation, Code::PolicyDenied]);
}

#[test]
fn denies_actors_whose_facts_contradict_their_class() {
    let set = &*BASELINE;
    let Case { actor: agent, question, .. } = case("agent-change", 0);
    let nameless = Actor { agent: None, ..agent.clone() };
    let unsponsored = Actor { sponsor: None, ..agent.clone() };
    let person = Actor { class: ActorClass::Person, ..agent.clone() };
    let workload = Actor { class: ActorClass::Workload, ..agent };
    for actor in [nameless, unsponsored, person, workload] {
        assert_eq!(codes(set.decide(&actor, &question)), [Code::PolicyEvaluation], "{actor:?}");
    }
}

#[test]
fn names_the_absence_of_a_rule() {
    let set = &*BASELINE;
    let Case { actor, .. } = case("person-tag", 0);
    let reasons = denied(set.decide(&actor, &Question::Issue { purpose: Purpose::Open, scope_allows_purpose: true }));
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].code, Code::PolicyDenied);
    assert!(reasons[0].message.contains("no rule"));
}

#[test]
fn says_in_a_denial_what_the_rule_says() {
    let set = &*BASELINE;
    let Case { actor, question, .. } = case("agent-no-ci", 1);
    let reasons = denied(set.decide(&actor, &question));
    let rule = set.rules().find(|rule| rule.id == "agent-no-ci").unwrap();
    assert!(reasons[0].message.contains("`agent-no-ci`"));
    assert!(reasons[0].message.contains(rule.reason.as_ref().unwrap()));
}

#[test]
fn names_in_a_denial_what_was_asked_as_it_came() {
    let set = &*BASELINE;
    let Case { actor, .. } = case("agent-change", 0);
    let name = "v1\n\u{1b}[2J\u{202e}".to_owned();
    let question = Question::Countersign(Matter::Tag { repository: "r".to_owned(), name: name.clone() });
    let reasons = denied(set.decide(&actor, &question));
    // Whoever shows it escapes it, once.
    assert!(reasons[0].message.contains(&format!("`{name}`")), "{:?}", reasons[0].message);
}

#[test]
fn asks_once_for_the_whole_and_once_for_each_group() {
    let set = &*BASELINE;
    let Case { actor, question, .. } = case("person-change", 0);
    let Question::Countersign(Matter::Change(mut facts)) = question else { panic!("a countersign case") };
    for path in [".ci/run", ".ci/x", "AGENTS.md", ".chancery/config.toml", "src/x"] {
        facts.paths.push((path.as_bytes().to_vec(), Operation::Add));
    }
    let explanation = set.explain(&actor, &Question::Countersign(Matter::Change(facts)));
    assert_eq!(explanation.answers.len(), 4);
    assert_eq!(explanation.determining(), ["person-change", "person-paths"]);
}

#[test]
fn reads_no_exemption_out_of_a_file_name() {
    // POL-20: a script named like documentation, executed from elsewhere, is judged by its own path alone.
    let set = &*BASELINE;
    let Case { actor, question, .. } = case("agent-change", 0);
    let Question::Countersign(Matter::Change(mut facts)) = question else { panic!("a countersign case") };
    facts.paths = vec![(b".github/workflows/help.md".to_vec(), Operation::Add)];
    assert_eq!(codes(set.decide(&actor, &Question::Countersign(Matter::Change(facts)))), [Code::PolicyDenied]);
}

#[test]
fn takes_the_policy_from_its_own_files_only() {
    // POL-01: what a change does to the policy in the tree has no bearing on the set that judges it.
    let set = &*BASELINE;
    let Case { actor, question, .. } = case("agent-no-policy", 1);
    assert_eq!(codes(set.decide(&actor, &question)), [Code::PolicyDenied]);
}

#[test]
fn counts_no_approval_by_signer_or_sponsor_where_a_second_person_is_asked_for() {
    let set = with_rule(
        "@id(\"second-person\") forbid(principal, action == Action::\"accept\", resource is Change) \
         unless { context.second_persons >= 1 };",
    )
    .unwrap();
    let Case { actor, question, .. } = case("agent-change", 1);
    let Question::Accept(matter, known) = question else { panic!("an accept case") };
    let with_approvals = |approvals: &[&str]| {
        let approvals = approvals.iter().map(|text| text.parse().unwrap()).collect();
        set.decide(&actor, &Question::Accept(matter.clone(), AcceptContext { approvals, ..known.clone() }))
    };
    // AGT-14, AGT-15: no approval, the sponsor's own, the agent's own.
    for approvals in [&[][..], &["ada@example.org"], &[actor.subject.as_str()], &["ada@example.org", "ada@example.org"]]
    {
        assert_eq!(codes(with_approvals(approvals)), [Code::PolicyDenied], "{approvals:?}");
    }
    assert!(matches!(with_approvals(&["bob@example.org"]), Decision::Allow { .. }));
}

#[test]
fn names_a_path_behind_the_denial_of_a_group() {
    let Case { actor, question, .. } = case("agent-change", 0);
    let Question::Countersign(Matter::Change(mut facts)) = question else { panic!("a countersign case") };
    facts.paths = vec![(b".ci/\x1b\xff".to_vec(), Operation::Add), (b".ci/run".to_vec(), Operation::Modify)];
    let reasons = denied(BASELINE.decide(&actor, &Question::Countersign(Matter::Change(facts))));
    assert!(reasons[0].message.contains("`.ci/\u{1b}\u{fffd}` and 1 more"), "{:?}", reasons[0].message);
}
