//! What is asked for ahead is what the next transaction writes to.

use std::os::unix::fs::FileExt as _;

use signer_engine::store::StoreWriter as _;

use super::*;
use crate::store::open_beside;
use crate::store::tests::person;

/// Bytes of a frame in a store of this version.
const FRAME: u64 = 24 + 8192;

#[test]
fn the_place_that_is_asked_for_is_where_the_next_frame_goes() {
    let directory = tempfile::tempdir().unwrap();
    let (_reader, mut writer) = open_beside(directory.path(), 0).unwrap();
    let ahead = writer.make_room().unwrap().unwrap();
    let log = File::open(directory.path().join("engine.sqlite-wal")).unwrap();
    let room = log.metadata().unwrap().len();
    let page_number = |at: u64| {
        let mut number = [0; 4];
        log.read_exact_at(&mut number, at).unwrap();
        u32::from_be_bytes(number)
    };
    let mut begun_again = false;
    for number in 1..1000 {
        writer.commit(&person(number)).unwrap();
        ahead.expect();
        let next = ahead.next.load(Ordering::Relaxed);
        assert!(next < room && (next == 0 || (next - 32).is_multiple_of(FRAME)), "{next} of {room}");
        if next == 0 {
            begun_again = true;
        } else {
            assert_ne!(page_number(next - FRAME), 0, "a frame ends there");
            assert!(begun_again || page_number(next) == 0, "and none begins");
        }
        if begun_again && next != 0 {
            return;
        }
    }
    panic!("the log was never full");
}

#[test]
fn what_was_asked_for_a_moment_ago_is_not_asked_for_again() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let ahead = LogAhead::of(log.path()).unwrap();
    let asked = || ahead.asked.load(Ordering::Relaxed);
    ahead.asked.store(u64::MAX, Ordering::Relaxed);
    ahead.expect();
    assert_eq!(asked(), u64::MAX);
    ahead.asked.store(0, Ordering::Relaxed);
    ahead.expect();
    assert_ne!(asked(), u64::MAX);
}
