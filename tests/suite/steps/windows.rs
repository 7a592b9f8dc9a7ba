//! Every authenticated time lies within the window of each key that vouched for it (docs/formats.md V8, V9, V11): first
//! second inside, last second inside, first second after.

use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_core::trust_root::{Parts, TrustRoot, ValidFor};
use signer_core::verify::Verifier;

use super::signed;

/// A key's window in the trust root's parts.
type Place = fn(&mut Parts) -> &mut ValidFor;

const KEYS: [(&str, Place, Code); 4] = [
    ("log", |parts| &mut parts.logs[0].valid_for, Code::TrustWindow),
    ("issuing authority", |parts| &mut parts.certificate_authorities[0].valid_for, Code::TrustWindow),
    ("countersigning authority", |parts| &mut parts.time_authorities[0].valid_for, Code::TimeOutsideWindow),
    ("certificate log", |parts| &mut parts.ct_logs[0].valid_for, Code::LogSctInvalid),
];

#[test]
fn a_commit_counts_from_the_first_second_of_each_keys_window_to_its_last() {
    // TIME-11, TIME-12, LOG-21.
    let (world, commit) = signed();
    let time = world.now();
    let whole = Timestamp::EPOCH;
    for (name, place, code) in KEYS {
        for (start, end, is_inside) in [
            (time, None, true),
            (time.plus(1), None, false),
            (whole, Some(time.plus(1)), true),
            (whole, Some(time), false),
            (time, Some(time.plus(1)), true),
        ] {
            let mut parts = world.office.trust_parts(time);
            *place(&mut parts) = ValidFor { start, end };
            let verifier = Verifier::new(TrustRoot::new(parts).unwrap(), time);
            let outcome = world.check_with(&verifier, &commit.bytes).map(drop).map_err(|error| error.code());
            let expected = if is_inside { Ok(()) } else { Err(code) };
            assert_eq!(outcome, expected, "{name} from {start} to {end:?}, and the token says {time}");
        }
    }
}

#[test]
fn a_window_that_was_closed_says_nothing_about_what_was_signed_in_it() {
    // TIME-11: the verifier's own time has no part in it.
    let (world, commit) = signed();
    let time = world.now();
    let mut parts = world.office.trust_parts(time);
    for (_, place, _) in KEYS {
        *place(&mut parts) = ValidFor { start: time, end: Some(time.plus(1)) };
    }
    let trust = TrustRoot::new(parts).unwrap();
    for later in [time, time.plus(1), time.plus(40 * 365 * 86_400)] {
        assert!(world.check_with(&Verifier::new(trust.clone(), later), &commit.bytes).is_ok(), "at {later}");
    }
}

#[test]
fn the_verifiers_clock_only_keeps_out_what_has_not_come() {
    // TIME-18: in 1970, a second before, then, and in 2100.
    let (world, commit) = signed();
    let time = world.now();
    let year_2100 = Timestamp::from_unix(4_102_444_800).unwrap();
    let future = Err(Code::TimeFuture);
    for (now, expected) in [(Timestamp::EPOCH, future), (time.minus(1), future), (time, Ok(())), (year_2100, Ok(()))] {
        let trust = TrustRoot::new(world.office.trust_parts(time)).unwrap();
        let outcome = world.check_with(&Verifier::new(trust, now), &commit.bytes).map(drop);
        assert_eq!(outcome.map_err(|error| error.code()), expected, "at {now}");
    }
}

#[test]
fn the_time_that_a_signer_claims_counts_for_nothing() {
    // TIME-15: years off either way it harms nothing, and right it heals nothing.
    let (world, commit) = signed();
    let time = world.now();
    for claimed in [Timestamp::EPOCH, time.minus(86_400), time.plus(10 * 365 * 86_400)] {
        let object = world.forges(&commit).claiming(claimed).object();
        let verified = world.check(&object).unwrap();
        assert_eq!(verified.get().countersigned.time, time, "claimed {claimed}");
    }
    let late = world.forges(&commit).at(time.plus(3_600)).claiming(time).object();
    let trust = TrustRoot::new(world.office.trust_parts(time)).unwrap();
    let refused = world.check_with(&Verifier::new(trust, time.plus(7_200)), &late).map(drop);
    assert_eq!(refused.map_err(|error| error.code()), Err(Code::X509Expired));
}
