use std::thread;

use rustix::fs::major;
use rustix::fs::minor;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;
use crate::process::tests::FakeTable;

const TTY: u32 = 34_817;

/// A pseudo-terminal and its other end, where the person sits.
fn pseudo_terminal() -> (Terminal, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let device = fs::metadata(&name).unwrap().rdev();
    let device = (major(device) << 8) | (minor(device) & 0xff) | ((minor(device) & 0xf_ff00) << 12);
    let leader = Process { pid: 1, parent: 0, leader: 1, terminal: device, start: 1 };
    (Terminal { device, leader }, File::from(master))
}

/// What the person saw, and whether the answer agreed.
fn asked(answer: &'static [u8]) -> (String, bool) {
    let (terminal, mut person) = pseudo_terminal();
    let broker = thread::spawn(move || terminal.confirm("Sign? "));
    let mut seen = Vec::new();
    let mut buffer = [0; 64];
    while !seen.ends_with(b"Sign? ") {
        let length = person.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..length]);
    }
    person.write_all(answer).unwrap();
    (String::from_utf8(seen).unwrap(), broker.join().unwrap().unwrap())
}

#[test]
fn only_a_yes_agrees() {
    for (answer, agrees) in [
        (b"y\n".as_slice(), true),
        (b"yes\r", true),
        (b"Y\n", true),
        (b"n\n", false),
        (b"\n", false),
        (b"yy\n", false),
        (b"no y\n", false),
        (b"\x04", false),
    ] {
        let (seen, agreed) = asked(answer);
        assert_eq!(seen, "Sign? ");
        assert_eq!(agreed, agrees, "{answer:?}");
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let (terminal, mut person) = pseudo_terminal();
    let _slave = terminal.open().unwrap();
    person.write_all(b"y\n").unwrap();
    let broker = thread::spawn(move || terminal.confirm("Sign? "));
    let mut seen = Vec::new();
    let mut buffer = [0; 64];
    while !seen.ends_with(b"Sign? ") {
        let length = person.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..length]);
    }
    person.write_all(b"n\n").unwrap();
    assert!(!broker.join().unwrap().unwrap());
}

#[test]
fn a_device_that_is_no_terminal_is_not_asked() {
    let leader = Process { pid: 1, parent: 0, leader: 1, terminal: 0, start: 1 };
    for device in [0, 1 << 8 | 3, 8 << 8, 0xffff_ffff, 136 << 8 | 0xff | 0xfff0_0000] {
        assert!(Terminal { device, leader }.confirm("Sign? ").is_err(), "{device:x}");
    }
}

fn on_terminal(pid: u32, parent: u32, leader: u32, start: u64) -> Process {
    Process { pid, parent, leader, terminal: TTY, start }
}

#[test]
fn a_persons_terminal_is_known_by_device_and_leader() {
    let fake = FakeTable::new();
    fake.plain(1, 0, 1).add(on_terminal(10, 1, 10, 5), "bash", b"").add(on_terminal(20, 10, 10, 6), "git", b"");
    let (table, sessions) = (ProcessTable::at(fake.path()), Sessions::default());
    let of = |pid| Terminal::of(&table.process(pid).unwrap(), &table, &sessions);
    let login = of(20).unwrap();
    assert_eq!(of(10), Some(login));
    fake.add(on_terminal(10, 1, 10, 99), "bash", b"");
    fake.add(on_terminal(21, 10, 10, 100), "git", b"");
    assert_ne!(of(21), Some(login));
}

#[test]
fn a_process_without_a_terminal_has_none_to_ask() {
    let fake = FakeTable::new();
    fake.plain(1, 0, 1).plain(10, 1, 5);
    let table = ProcessTable::at(fake.path());
    assert_eq!(Terminal::of(&table.process(10).unwrap(), &table, &Sessions::default()), None);
}

#[test]
fn a_terminal_that_an_agent_opened_confirms_nothing() {
    let fake = FakeTable::new();
    let agent = Process { pid: 5, parent: 1, leader: 5, terminal: 0, start: 2 };
    fake.plain(1, 0, 1).add(agent, "agent", b"CHANCERY_SESSION=x\0");
    fake.add(on_terminal(10, 5, 10, 5), "bash", b"").add(on_terminal(20, 10, 10, 6), "git", b"");
    let table = ProcessTable::at(fake.path());
    assert_eq!(Terminal::of(&table.process(20).unwrap(), &table, &Sessions::default()), None);
}

#[test]
fn a_leader_that_is_gone_or_elsewhere_confirms_nothing() {
    let fake = FakeTable::new();
    fake.plain(1, 0, 1).add(on_terminal(20, 1, 10, 6), "git", b"");
    let table = ProcessTable::at(fake.path());
    assert_eq!(Terminal::of(&table.process(20).unwrap(), &table, &Sessions::default()), None);
    fake.plain(10, 1, 5);
    assert_eq!(Terminal::of(&table.process(20).unwrap(), &table, &Sessions::default()), None);
}
