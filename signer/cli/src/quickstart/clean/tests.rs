use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use super::*;

/// A program that waits, calls itself `name`, and ends by itself when the test does. It has spoken when this returns: the
/// kernel shows no command line for a moment after it lets the one who started it go on.
fn program(name: &str, arguments: &[&Path]) -> Child {
    let mut shell = Command::new("/bin/sh");
    shell.arg0(name).args(["-c", "echo; read word", "serve"]).args(arguments);
    let mut program = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    program.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    program
}

fn run() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("engine")).unwrap();
    folder
}

fn stop(folder: &Path, engine: &Child) -> Result<(), Failure> {
    fs::write(folder.join("engine.pid"), engine.id().to_string()).unwrap();
    stop_engine(folder)
}

#[test]
fn an_engine_has_ended_when_stopping_it_is_over() {
    let folder = run();
    let mut engine = program("/opt/chancery-server", &[Path::new("--state"), &folder.path().join("engine")]);
    stop(folder.path(), &engine).unwrap();
    assert!(engine.try_wait().unwrap().is_some());
    // Its number may be another's by now.
    stop_engine(folder.path()).unwrap();
}

#[test]
fn a_number_that_passed_to_another_program_stops_nobody() {
    let (folder, other) = (run(), run());
    let state = folder.path().join("engine");
    for mut foreign in [
        program("/usr/bin/editor", &[&state]),
        program("/opt/chancery-server", &[&other.path().join("engine")]),
        program("/opt/chancery-server", &[Path::new("engine")]),
        program("/opt/not-chancery-server", &[&state]),
    ] {
        stop(folder.path(), &foreign).unwrap();
        assert!(foreign.try_wait().unwrap().is_none());
        foreign.kill().unwrap();
        foreign.wait().unwrap();
    }
}

#[test]
fn a_program_that_does_not_end_is_named_and_not_waited_for_for_ever() {
    let mut stubborn = program("stubborn", &[]);
    let process = Running::of(stubborn.id()).unwrap();
    let failure = process.ends_within(Duration::from_millis(150)).unwrap_err();
    assert_eq!(failure.reasons.first().unwrap().code, Code::InternalIo);
    stubborn.kill().unwrap();
    process.ends_within(END).unwrap();
    stubborn.wait().unwrap();
}

#[test]
fn a_run_without_engine_or_broker_has_nothing_to_stop() {
    let folder = run();
    stop_broker(folder.path()).unwrap();
    for number in ["", "engine", "0", "-1", "4294967295"] {
        fs::write(folder.path().join("engine.pid"), number).unwrap();
        stop_engine(folder.path()).unwrap();
    }
}
