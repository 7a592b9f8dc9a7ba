//! Selectors in their one spelling, revocations that mean something, and what they strike.

use proptest::prelude::*;

use super::*;
use crate::digest::Digest;
use crate::time::Timestamp;

fn revocation(action: Action, cause: Cause, selector: &str) -> Revocation {
    Revocation { action, cause, salt: Nonce::from_bytes([7; 16]), selector: selector.parse().unwrap() }
}

fn digest() -> Digest {
    Digest::of(b"something")
}

#[test]
fn a_selector_survives_its_own_text() {
    let names = [
        format!("leaf:{}", digest()),
        format!("certificate:{}", digest()),
        format!("key:{}", digest()),
        format!("grant:{}", digest()),
        format!("session:{}", "0f".repeat(16)),
        "agent:builder".to_owned(),
        "class:coder".to_owned(),
        "model:some model 4.1".to_owned(),
        "sponsor:ada@example.org".to_owned(),
        "repository:repo-00".to_owned(),
    ];
    for name in names {
        assert_eq!(name.parse::<Selector>().unwrap().to_string(), name);
    }
}

#[test]
fn rejects_what_names_nothing() {
    let hex = "0".repeat(64);
    for text in [
        "",
        "agent",
        "agent:",
        ":builder",
        "robot:builder",
        "Agent:builder",
        "agent:Builder",
        "agent: builder",
        "agent:builder\n",
        "session:0",
        &format!("session:{}", "F".repeat(32)),
        &format!("leaf:{hex}"),
        &format!("leaf:sha256:{}", "A".repeat(64)),
        &format!("key:sha512:{hex}"),
        "sponsor:nobody",
        "model:",
        &format!("model:{}", "x".repeat(129)),
        "model:a\u{1b}b",
        &format!("repository:{}", "x".repeat(257)),
    ] {
        assert_eq!(text.parse::<Selector>().unwrap_err().code(), Code::RevokedSelector, "{text:?}");
    }
}

#[test]
fn a_revocation_survives_its_own_bytes() {
    let statement = revocation(Action::Hold, Cause::Misuse, "agent:builder").into_statement().unwrap();
    assert_eq!(Statement::<Revocation>::decode(&statement.encode().unwrap()).unwrap(), statement);
}

#[test]
fn only_what_signs_with_keys_of_its_own_is_compromised_and_for_good() {
    for name in ["agent:builder", "sponsor:ada@example.org", "model:m-1", "repository:repo-00"] {
        let refused = revocation(Action::Revoke, Cause::KeyCompromise, name).into_statement().unwrap_err();
        assert_eq!(refused.code(), Code::RevokedSelector, "{name}");
    }
    let key = format!("key:{}", digest());
    assert!(revocation(Action::Revoke, Cause::KeyCompromise, &key).into_statement().is_ok());
    for action in [Action::Hold, Action::Release] {
        let refused = revocation(action, Cause::KeyCompromise, &key).into_statement().unwrap_err();
        assert_eq!(refused.code(), Code::RevokedSelector);
    }
}

fn record(index: u64, action: Action, cause: Cause) -> Record {
    let place = place(index);
    Record { leaf: digest(), action, cause, selector: "agent:builder".parse().unwrap(), place }
}

fn place(index: u64) -> Place {
    Place { origin: "log.example".to_owned(), index, time: Timestamp::from_unix(index).unwrap() }
}

fn builder() -> Chain {
    let mut chain = Chain::default();
    chain.add_agent(&"builder".parse().unwrap(), &"coder".parse().unwrap());
    chain
}

fn code(records: &[Record], index: u64) -> Option<Code> {
    struck(records, &builder(), &place(index)).map(|struck| struck.code())
}

fn struck(records: &[Record], chain: &Chain, place: &Place) -> Option<Struck> {
    Records::new(records.to_vec()).struck(chain, place)
}

#[test]
fn a_revocation_strikes_what_comes_behind_it_and_a_compromise_everything() {
    // TIME-26.
    let soft = [record(10, Action::Revoke, Cause::Misuse)];
    assert_eq!(code(&soft, 9), None);
    assert_eq!(code(&soft, 11), Some(Code::RevokedIdentity));
    let hard = [record(10, Action::Revoke, Cause::KeyCompromise)];
    for index in [0, 9, 11] {
        assert_eq!(code(&hard, index), Some(Code::RevokedKeyCompromise));
    }
    assert_eq!(struck(&soft, &Chain::default(), &place(11)), None);
}

#[test]
fn between_two_logs_time_decides() {
    let records = [record(10, Action::Revoke, Cause::Misuse)];
    let elsewhere =
        |unix| Place { origin: "log-next.example".to_owned(), index: 0, time: Timestamp::from_unix(unix).unwrap() };
    assert!(struck(&records, &builder(), &elsewhere(9)).is_none());
    assert!(struck(&records, &builder(), &elsewhere(10)).is_some());
}

#[test]
fn the_chain_of_an_agent_s_grant_names_that_agent() {
    let mut chain = Chain::default();
    let hop = crate::leaf::Hop {
        actor: format!("spiffe://demo.internal/agent/lead/{}", "0".repeat(32)).parse().unwrap(),
        class: crate::identity::ActorClass::Agent,
        certificate: digest(),
        grant: digest(),
        scope: crate::scope::Scope {
            repositories: vec![],
            targets: vec![],
            paths: vec![],
            operations: vec![],
            purposes: vec![],
            max_paths: 1,
            max_bytes: 1,
        },
        window: crate::time::Window { start: Timestamp::EPOCH, end: Timestamp::EPOCH },
        depth: 0,
    };
    chain.add_hop(&hop);
    for name in ["agent:lead".to_owned(), format!("session:{}", "0".repeat(32)), format!("grant:{}", digest())] {
        assert!(chain.names().contains(&name.parse().unwrap()), "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic_or_a_second_spelling(text in ".{0,300}") {
        if let Ok(selector) = text.parse::<Selector>() {
            prop_assert_eq!(selector.to_string(), text);
        }
    }

    /// Found by name or gone through one by one, records say the same.
    #[test]
    fn what_is_found_by_name_is_what_every_record_says(
        drawn in proptest::collection::vec((0_usize..5, 0_usize..3, any::<bool>(), 0_u64..20), 0..30), index in 0_u64..20,
    ) {
        let names = ["agent:builder", "class:coder", "agent:other", "class:builder", "repository:builder"];
        let record = |(name, action, hard, at): (usize, usize, bool, u64)| {
            let action = [Action::Hold, Action::Release, Action::Revoke][action];
            let cause = if hard { Cause::KeyCompromise } else { Cause::Misuse };
            Record { selector: names[name].parse().unwrap(), ..record(at, action, cause) }
        };
        let records: Vec<Record> = drawn.into_iter().map(record).collect();
        let mut chain = builder();
        chain.add_agent(&"builder".parse().unwrap(), &"coder".parse().unwrap());
        let mut held = Vec::new();
        let mut expected = None;
        for record in records.iter().filter(|record| chain.names().contains(&record.selector)) {
            let counts = record.cause == Cause::KeyCompromise || index > record.place.index;
            match record.action {
                Action::Revoke if counts && expected.is_none() => expected = Some(record),
                Action::Hold if counts => held.push(record),
                Action::Release if counts => held.retain(|hold: &&Record| hold.selector != record.selector),
                _ => {}
            }
        }
        let expected = expected.or(held.first().copied()).map(|record| (&record.selector, record.action, record.cause));
        let found = struck(&records, &chain, &place(index));
        prop_assert_eq!(found.as_ref().map(|by| (&by.selector, by.action, by.cause)), expected);
    }

    /// What stands at some place stood at every place before it, unless a release lies between.
    #[test]
    fn without_a_release_nothing_that_was_struck_stands_again(
        places in proptest::collection::vec((0_u64..50, any::<bool>()), 0..8), index in 0_u64..60,
    ) {
        let mut places = places;
        places.sort_unstable();
        let records: Vec<Record> = places
            .iter()
            .map(|(at, hold)| record(*at, if *hold { Action::Hold } else { Action::Revoke }, Cause::Misuse))
            .collect();
        if code(&records, index).is_some() {
            prop_assert!(code(&records, index + 1).is_some());
        }
        prop_assert_eq!(code(&records, index).is_some(), places.iter().any(|(at, _)| *at < index));
    }
}
