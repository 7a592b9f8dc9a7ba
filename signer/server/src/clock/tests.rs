//! The guard over the clock (attacks TIME-19, SRV-24): jumps and drift end it, and no time ever falls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;

use super::{BOUND, Clock, Reading};

const START: u64 = 1_795_000_000_000;

/// Two clocks in milliseconds that a test sets.
#[derive(Clone, Default)]
struct Hands(Arc<(AtomicU64, AtomicU64)>);

impl Hands {
    fn clock(&self) -> Clock {
        self.set(0, 0);
        let hands = self.clone();
        Clock::over(move || Reading {
            wall: Duration::from_millis(hands.0.0.load(Ordering::SeqCst)),
            steady: Duration::from_millis(hands.0.1.load(Ordering::SeqCst)),
        })
    }

    /// Milliseconds since the start, on the wall and on the steady clock.
    fn set(&self, wall: i64, steady: u64) {
        self.0.0.store(START.checked_add_signed(wall).unwrap(), Ordering::SeqCst);
        self.0.1.store(5_000 + steady, Ordering::SeqCst);
    }
}

fn after(seconds: u64) -> Timestamp {
    Timestamp::from_unix(START / 1000 + seconds).unwrap()
}

#[test]
fn clocks_that_go_together_give_the_time() {
    let hands = Hands::default();
    let clock = hands.clock();
    assert_eq!(clock.now(), Ok(after(0)));
    hands.set(86_400_000, 86_400_000);
    assert_eq!(clock.now(), Ok(after(86_400)));
}

#[test]
fn a_difference_within_the_bound_is_believed() {
    let bound = i64::try_from(BOUND.as_millis()).unwrap();
    for difference in [bound, -bound, 1000, -1000] {
        let hands = Hands::default();
        let clock = hands.clock();
        hands.set(60_000 + difference, 60_000);
        assert!(clock.now().is_ok(), "{difference} ms");
    }
}

#[test]
fn a_jump_ahead_or_back_ends_it() {
    for difference in [2_001, -2_001, 3_600_000, -3_600_000, 1_000_000_000] {
        let hands = Hands::default();
        let clock = hands.clock();
        hands.set(60_000 + difference, 60_000);
        assert_eq!(clock.now().map_err(|fault| fault.code()), Err(Code::TimeClockJump), "{difference} ms");
    }
}

#[test]
fn drift_adds_up() {
    let hands = Hands::default();
    let clock = hands.clock();
    let mut given = 0;
    for minute in 1..100_i64 {
        // A clock that gains a tenth of a second in each minute.
        hands.set(minute * 60_100, u64::try_from(minute * 60_000).unwrap());
        given += u32::from(clock.now().is_ok());
    }
    assert_eq!(given, 20);
}

#[test]
fn what_ended_does_not_begin_again() {
    let hands = Hands::default();
    let clock = hands.clock();
    hands.set(3_600_000, 1_000);
    assert!(clock.now().is_err());
    hands.set(2_000, 2_000);
    assert!(clock.now().is_err(), "set right again, but nobody knows what was stamped meanwhile");
    assert!(clock.clone().now().is_err(), "clones share what was seen");
}

#[test]
fn time_never_falls() {
    let hands = Hands::default();
    let clock = hands.clock();
    hands.set(10_000, 10_000);
    assert_eq!(clock.now(), Ok(after(10)));
    // A leap second: the wall goes back by one.
    hands.set(9_500, 10_500);
    assert_eq!(clock.now(), Ok(after(10)));
    hands.set(12_000, 13_000);
    assert_eq!(clock.now(), Ok(after(12)));
}

#[test]
fn readers_keep_the_newest_time_that_was_believed() {
    let hands = Hands::default();
    let clock = hands.clock();
    hands.set(30_000, 30_000);
    assert_eq!(clock.newest(), after(30));
    hands.set(9_000_000, 31_000);
    assert_eq!(clock.newest(), after(30));
}

#[test]
fn the_machines_clocks_agree() {
    assert!(Clock::system().now().is_ok());
}
