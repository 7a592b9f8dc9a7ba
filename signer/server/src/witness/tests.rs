//! A witness at work: what it keeps, what it refuses and with which status, and that nothing slips between looking and
//! keeping.

pub(crate) mod office;

use std::fs;
use std::sync::Barrier;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use signer_core::checkpoint::{Checkpoint, Published};
use signer_core::merkle::leaf_hash;
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_core::witness::WitnessError;

use super::memory::Refused;
use super::*;
use crate::clock::Clock;
use office::{Log, Office, now};

fn status(refused: Refused) -> StatusCode {
    refused.into_response().status()
}

#[test]
fn cosigns_what_grows_and_remembers_it() {
    let log = Log::new("log.example");
    let mut office = Office::new(&[&log]);
    for (old, size) in [(0, 0), (0, 1), (1, 3), (3, 3), (3, 8)] {
        let line = office.add(&log, old, size).unwrap();
        let note = format!("{}{line}", log.note(size));
        let published = Published::verify(&note, &log.named, std::slice::from_ref(office.key())).unwrap();
        assert_eq!(published.cosignatures()[0].time, now());
        assert_eq!(office.memory().checkpoint(&log.origin_hash()), Some(note));
        office.restart(&[&log]);
    }
    let refused = office.add(&log, 3, 8).unwrap_err();
    assert!(matches!(refused, Refused::Submission(WitnessError::OtherSize { asked: 3, seen: 8 })));
}

/// LOG-14, LOG-28: a log that was restored from an older copy gets no cosignature, also after a restart of the witness.
#[test]
fn a_log_that_went_back_is_told_where_the_witness_is() {
    let log = Log::new("log.example");
    let mut office = Office::new(&[&log]);
    office.add(&log, 0, 8).unwrap();
    office.restart(&[&log]);
    let response = office.add(&log, 3, 5).unwrap_err().into_response();
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/x.tlog.size");
    let body = office.runtime.block_on(axum::body::to_bytes(response.into_body(), 64)).unwrap();
    assert_eq!(body, "8\n");
    assert_eq!(status(office.add(&log, 8, 5).unwrap_err()), StatusCode::BAD_REQUEST);
}

/// LOG-13: the first pair of checkpoints that exclude each other is kept, and nothing of the second tree is cosigned.
#[test]
fn a_fork_is_refused_and_kept_as_evidence() {
    let log = Log::new("log.example");
    let office = Office::new(&[&log]);
    office.add(&log, 0, 4).unwrap();
    let fork = log.sign(4, leaf_hash(b"another tree"));
    for note in [&fork, &log.sign(4, leaf_hash(b"a third"))] {
        let refused = office.submit(&format!("old 4\n\n{note}")).unwrap_err();
        assert_eq!(status(refused), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let kept = fs::read_to_string(office.path().join(format!("{}.fork", log.origin_hash()))).unwrap();
    assert!(kept.starts_with(&log.note(4)) && kept.ends_with(&fork), "{kept}");
    office.add(&log, 4, 5).unwrap();
}

#[test]
fn answers_with_the_status_codes_of_the_specification() {
    let (log, stranger) = (Log::new("log.example"), Log::new("other.example"));
    let forger = Log::new("log.example");
    let office = Office::new(&[&log]);
    office.add(&log, 0, 4).unwrap();
    for (body, expected) in [
        (stranger.submission(0, 2), StatusCode::NOT_FOUND),
        (forger.submission(4, 5), StatusCode::FORBIDDEN),
        (log.submission(4, 5).replacen("\n5\n", "\n6\n", 1), StatusCode::FORBIDDEN),
        (log.submission(3, 5), StatusCode::CONFLICT),
        (log.submission(0, 5), StatusCode::CONFLICT),
        (format!("old 5\n\n{}", log.note(4)), StatusCode::BAD_REQUEST),
        (format!("old 4\n\n{}", log.note(5)), StatusCode::UNPROCESSABLE_ENTITY),
        (log.submission(4, 5).replacen("old 4", "old 04", 1), StatusCode::BAD_REQUEST),
        (log.submission(4, 5).replacen("\n\n", "\n", 1), StatusCode::BAD_REQUEST),
        (String::new(), StatusCode::BAD_REQUEST),
        ("old 4\n\n".to_owned(), StatusCode::NOT_FOUND),
        (log.submission(4, 5).replacen('—', "-", 1), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(status(office.submit(&body).unwrap_err()), expected, "{body}");
    }
    office.add(&log, 4, 5).unwrap();
}

/// LOG-16: of two submissions from one size, one is cosigned, and the witness stays where that one is.
#[test]
fn a_race_has_one_winner() {
    let log = Log::new("log.example");
    for _ in 0..20 {
        let office = Office::new(&[&log]);
        office.add(&log, 0, 2).unwrap();
        let together = Barrier::new(2);
        let race = |size| {
            together.wait();
            office.add(&log, 2, size).is_ok()
        };
        let (small, large) = std::thread::scope(|scope| {
            let (small, large) = (scope.spawn(|| race(5)), scope.spawn(|| race(7)));
            (small.join().unwrap(), large.join().unwrap())
        });
        assert!(small != large, "exactly one is cosigned");
        let at = if small { 5 } else { 7 };
        let refused = office.add(&log, 2, 9).unwrap_err();
        assert!(matches!(refused, Refused::Submission(WitnessError::OtherSize { seen, .. }) if seen == at));
    }
}

#[test]
fn what_cannot_be_kept_is_not_cosigned() {
    let log = Log::new("log.example");
    let office = Office::new(&[&log]);
    fs::remove_dir_all(office.path()).unwrap();
    let refused = office.add(&log, 0, 2).unwrap_err();
    assert!(matches!(refused, Refused::Failed(WitnessFailure::State(_))));
    assert_eq!(office.memory().checkpoint(&log.origin_hash()), None);
}

#[test]
fn a_clock_that_went_back_cosigns_nothing() {
    let log = Log::new("log.example");
    let office = Office::new(&[&log]);
    office.add(&log, 0, 2).unwrap();
    let earlier = Clock::from(|| Timestamp::from_unix(now().unix() - 1).unwrap());
    let refused = office.memory().add_checkpoint(&log.submission(2, 3), &earlier).unwrap_err();
    assert!(matches!(refused, Refused::Failed(WitnessFailure::Clock)));
    office.add(&log, 2, 3).unwrap();
}

#[test]
fn a_kept_checkpoint_that_was_altered_stops_the_witness() {
    let log = Log::new("log.example");
    let mut office = Office::new(&[&log]);
    office.add(&log, 0, 4).unwrap();
    let path = office.path().join(format!("{}.checkpoint", log.origin_hash()));
    let right = fs::read_to_string(&path).unwrap();
    let strange = Office::new(&[&log]).add(&log, 0, 4).unwrap();
    for (altered, expected) in [
        (right.replacen("\n4\n", "\n5\n", 1), Code::LogCheckpointSignature),
        (log.note(4), Code::EngineState),
        (format!("{}{strange}", log.note(4)), Code::EngineState),
        (Log::new("log.example").note(4), Code::LogCheckpointSignature),
        (String::new(), Code::LogCheckpointMalformed),
        ("x".repeat(100_000), Code::LimitNoteSignatures),
    ] {
        fs::write(&path, altered).unwrap();
        assert_eq!(office.reopen(&[&log]).map_err(|error| error.code()), Err(expected));
    }
    fs::write(&path, right).unwrap();
    assert!(office.reopen(&[&log]).is_ok());
}

#[test]
fn one_witness_at_a_time_and_each_log_once() {
    let log = Log::new("log.example");
    let office = Office::new(&[&log]);
    assert_eq!(office.second(&[&log]).map(drop).map_err(|error| error.code()), Err(Code::EngineInUse));
    let mut office = Office::new(&[&log]);
    assert_eq!(office.reopen(&[]).map_err(|error| error.code()), Err(Code::LogWitnessPolicy));
    assert_eq!(office.reopen(&[&log, &log]).map_err(|error| error.code()), Err(Code::LogWitnessPolicy));
}

#[test]
fn the_key_opens_under_its_credential_beside_its_own_name_alone() {
    let log = Log::new("log.example");
    let (mut office, other) = (Office::new(&[&log]), Office::new(&[&log]));
    office.close();
    let open = |credential| Cosigner::open(&office.state(), credential).map(drop).map_err(|error| error.code());
    assert_eq!(open(&office.credential), Ok(()));
    assert_eq!(open(&other.credential), Err(Code::EngineSealed));
    let name = fs::read_to_string(office.path().join(WITNESS)).unwrap();
    fs::write(office.path().join(WITNESS), fs::read(other.path().join(WITNESS)).unwrap()).unwrap();
    assert_eq!(open(&office.credential), Err(Code::EngineSealed));
    fs::write(office.path().join(WITNESS), name.replace("witness.example", "witness.exampl3")).unwrap();
    assert!(open(&office.credential).is_err());
}

#[test]
fn a_published_text_with_extension_lines_is_cosigned_whole() {
    let log = Log::new("log.example");
    let office = Office::new(&[&log]);
    let text = format!("{}note to all\n", Checkpoint::note_text(&log.checkpoint(3)));
    let note = log.sign_text(&text);
    let line = office.submit(&format!("old 0\n\n{note}")).unwrap();
    let whole = format!("{note}{line}");
    let published = Published::verify(&whole, &log.named, std::slice::from_ref(office.key())).unwrap();
    assert_eq!((published.text(), published.cosignatures().len()), (text.as_str(), 1));
}
