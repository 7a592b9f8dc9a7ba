use std::path::Path;
use std::sync::mpsc;

use super::*;
use crate::bytes::Bytes;
use crate::frame::FrameError;
use crate::home::Sources;
use crate::message::{Refusal, Severity};

fn home(path: &Path) -> Home {
    Home::resolve(Sources { flag: Some(path.to_path_buf()), ..Sources::default() }).unwrap()
}

/// A broker that answers every request on one connection with the same words.
fn answering(home: &Home, answer: fn() -> Answer) -> thread::JoinHandle<()> {
    let listener = socket::listen(&home.socket()).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        while frame::read::<Request>(&mut stream).is_ok() {
            frame::write(&mut stream, &answer()).unwrap();
        }
    })
}

#[test]
fn an_absent_or_dead_socket_is_no_broker() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    assert!(Client::attach(&home).unwrap().is_none());
    drop(socket::listen(&home.socket()).unwrap());
    assert!(Client::attach(&home).unwrap().is_none());
}

#[test]
fn asks_several_questions_over_one_connection() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let broker = answering(&home, || Answer::Done);
    let mut client = Client::attach(&home).unwrap().unwrap();
    client.logout().unwrap();
    client.stop().unwrap();
    drop(client);
    broker.join().unwrap();
}

#[test]
fn a_refusal_keeps_its_code_severity_and_help() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let refusal = || {
        Answer::Refused(Refusal {
            code: "scope.path".into(),
            severity: Severity::Reject,
            message: "no".into(),
            help: "ask".into(),
        })
    };
    let broker = answering(&home, refusal);
    let mut client = Client::attach(&home).unwrap().unwrap();
    let error = client.ping().unwrap_err();
    assert_eq!((error.code(), error.severity(), error.help()), ("scope.path", Severity::Reject, "ask"));
    drop(client);
    broker.join().unwrap();
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let broker = answering(&home, || Answer::Done);
    let mut client = Client::attach(&home).unwrap().unwrap();
    assert_eq!(client.status().unwrap_err().code(), "hook.answer_invalid");
    drop(client);
    broker.join().unwrap();
}

#[test]
fn a_broker_that_goes_away_is_unreachable_and_not_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let listener = socket::listen(&home.socket()).unwrap();
    let mut client = Client::attach(&home).unwrap().unwrap();
    drop(listener);
    let error = client.ping().unwrap_err();
    assert_eq!((error.code(), error.severity()), ("hook.signer_unreachable", Severity::Undetermined));
}

#[test]
fn reaches_a_socket_whose_path_is_longer_than_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("x".repeat(150));
    let home = home(&deep);
    home.ensure().unwrap();
    let broker = answering(&home, || Answer::Done);
    Client::attach(&home).unwrap().unwrap().logout().unwrap();
    broker.join().unwrap();
}

#[test]
fn a_missing_broker_program_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(start::beside("chancery-nobody"), Err(WireError::BrokerMissing { .. })));
    assert!(matches!(Client::attach(&home(folder.path())), Ok(None)));
}

fn question() -> SignGit {
    SignGit { payload: Bytes(b"tree".to_vec()), directory: Bytes(b"/".to_vec()), session: None, owner: None }
}

#[test]
fn what_is_done_meanwhile_is_done_before_the_answer_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let listener = socket::listen(&home.socket()).unwrap();
    let (done, seen) = mpsc::channel();
    let broker = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(matches!(frame::read(&mut stream), Ok(Request::SignGit(_))));
        seen.recv().unwrap();
        frame::write(&mut stream, &Answer::GitSigned(GitSigned { armor: "signed".to_owned() })).unwrap();
        // The side that asked has stopped writing.
        assert!(matches!(frame::read::<Request>(&mut stream), Err(FrameError::Ended)));
    });
    let mut client = Client::attach(&home).unwrap().unwrap();
    let signed = client.sign_git_and_part(question(), || done.send(()).unwrap()).unwrap();
    assert_eq!(signed.armor, "signed");
    broker.join().unwrap();
}

#[test]
fn a_broker_that_ends_instead_of_answering_has_signed_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let listener = socket::listen(&home.socket()).unwrap();
    let broker = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        frame::read::<Request>(&mut stream).map(drop).unwrap();
    });
    let mut client = Client::attach(&home).unwrap().unwrap();
    assert_eq!(client.sign_git_and_part(question(), || {}).unwrap_err().code(), "hook.signer_unreachable");
    broker.join().unwrap();
}

#[test]
fn a_broker_in_another_pid_namespace_is_told_as_such() {
    let error = WireError::from(socket::UnseenPeer);
    assert_eq!((error.code(), error.severity()), ("agent.cache_peer", Severity::Reject));
    assert!(error.to_string().contains("PID namespace") && error.help().contains("--home"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}
