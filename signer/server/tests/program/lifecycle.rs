//! Start, serve, be killed, start again, stop.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use crate::world::{World, mode};

#[test]
fn survives_being_killed_and_goes_on_where_it_was() {
    let world = World::new();
    let server = world.serve(&[]);
    assert_eq!(world.register(&server, "alice@example.org"), 200);
    assert_eq!(world.entries(), 1, "fsck reads beside a running server");
    server.signal("-KILL");
    assert_eq!(server.ended(), None);
    let server = world.serve(&[]);
    assert_eq!(world.register(&server, "bob@example.org"), 200);
    drop(server);
    assert_eq!(world.entries(), 2);
}

#[test]
fn stops_when_told_and_takes_its_address_back() {
    for signal in ["-TERM", "-INT"] {
        let world = World::new();
        let server = world.serve(&[]);
        assert_eq!(mode(&world.state().join("address")), 0o600);
        server.signal(signal);
        assert_eq!(server.ended(), Some(0), "{signal}");
        assert!(!world.state().join("address").exists());
    }
}

#[test]
fn reads_the_credential_from_a_descriptor() {
    let world = World::new();
    let mut child = world
        .command(&["serve", "--credential-fd", "0"])
        .stdin(fs::File::open(world.owner()).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
}

#[test]
fn a_server_in_the_background_writes_into_its_own_log() {
    let world = World::new();
    let mut server = world.serve(&["--background"]);
    let mut rest = String::new();
    server.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "nothing after the ready line, and the reader does not wait for the server's end");
    assert_eq!(world.register(&server, "not a person"), 400);
    server.signal("-TERM");
    let log = world.state().join("server.log");
    assert!(fs::read_to_string(&log).unwrap().contains("request.malformed"));
    assert_eq!(mode(&log), 0o600);
}

#[test]
fn nobody_of_the_same_user_reads_its_memory() {
    let world = World::new();
    let server = world.serve(&[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"));
    // A process that cannot be dumped belongs to root in /proc, whoever runs it.
    assert_eq!(fs::metadata(format!("/proc/{}/environ", server.child.id())).unwrap().uid(), 0);
}
