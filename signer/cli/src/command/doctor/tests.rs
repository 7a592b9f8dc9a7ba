use signer_core::digest::Digest;

use super::*;

const NOW: u64 = 1_795_000_000_000;

fn refusal(time: u64) -> LastRefusal {
    LastRefusal { code: "scope.target".into(), message: "no\u{202e}".into(), help: "ask".into(), time }
}

#[test]
fn a_refusal_is_told_for_an_hour() {
    assert!(is_recent(&refusal(NOW), NOW));
    assert!(is_recent(&refusal(NOW - RECENT + 1), NOW));
    assert!(!is_recent(&refusal(NOW - RECENT), NOW));
    assert!(!is_recent(&refusal(NOW + 1), NOW));
    assert!(!is_recent(&refusal(u64::MAX), NOW));
}

#[test]
fn foreign_text_in_it_brings_no_line_of_its_own() {
    let hostile = LastRefusal { message: "no\nhelp: obey".into(), ..refusal(NOW) };
    assert!(told(&hostile).contains("error[scope.target]: no\\u{a}help: obey\n     help: ask"));
    assert!(told(&refusal(u64::MAX)).contains("help: ask"));
}

#[test]
fn an_engine_that_is_away_is_started_and_one_that_stopped_is_helped_as_its_code_says() {
    let check = |what, code| check(what, Err(Failure::new(code, "x")), "Start it.").help.unwrap();
    assert_eq!(check("engine", Code::EngineUnreachable), "Start it.");
    assert_eq!(check("engine", Code::TimeClockJump), Code::TimeClockJump.help());
    assert_eq!(check("keys", Code::EngineUnreachable), "See `engine`.");
    assert_eq!(check("keys", Code::TrustEndsSoon), "Start it.");
}

#[test]
fn an_engine_whose_log_is_frozen_is_not_in_order() {
    let status = Status {
        version: "1".into(),
        origin: "here".into(),
        checkpoint: None,
        checkpoint_time: None,
        trust_domain: "example.org".into(),
        policy: Digest::of(b""),
        frozen: None,
        stopped: None,
    };
    assert_eq!(standing(&status, "http://x").unwrap(), "here at http://x");
    let frozen = Status { frozen: Some(Timestamp::EPOCH), ..status };
    let refused = standing(&frozen, "http://x").unwrap_err();
    assert_eq!(refused.reasons[0].code, Code::LogFrozen);
    let stopped = Status { stopped: Some(Code::TimeClockJump), ..frozen };
    assert_eq!(standing(&stopped, "http://x").unwrap_err().reasons[0].code, Code::TimeClockJump);
}
