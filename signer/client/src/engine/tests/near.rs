use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicU32, Ordering};

use signer_wire::frame;
use signer_wire::near::{Door, HEADER, Question, Reply};

use super::*;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A door nobody else has.
fn door() -> (Door, UnixListener) {
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    Door::open(format!("chancery-client-{}-{number}", std::process::id())).unwrap()
}

/// An engine whose first answer over HTTP names this door.
fn naming(said: &str, later: &[Scripted]) -> (Engine, Receiver<Arrived>) {
    let first: Scripted = (format!("200 OK\r\n{HEADER}: {said}").leak(), SIGNED.1);
    engine([&[first], later].concat().leak())
}

/// Answers one connection's questions with these replies, and says what was asked.
fn answering(listener: UnixListener, replies: &'static [(u16, &'static str)]) -> Receiver<Question> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        for (status, body) in replies {
            sender.send(frame::read(&mut stream).unwrap()).unwrap();
            frame::write(&mut stream, &Reply { status: *status, body: (*body).to_owned() }).unwrap();
        }
    });
    receiver
}

fn countersign(engine: &Engine) -> Result<Countersignature, ClientError> {
    engine.countersign(&credential("session"), Some(&credential("owner")), &countersign_request())
}

#[test]
fn what_may_be_repeated_goes_through_the_door_that_the_engine_named() {
    let (door, listener) = door();
    let asked = answering(listener, &[(200, SIGNED.1), (403, DENIED.1), (200, SIGNED.1)]);
    let (engine, arrived) = naming(&door.to_string(), &[]);
    let first = countersign(&engine).unwrap();
    assert_eq!(countersign(&engine).unwrap(), first);
    let question = asked.recv().unwrap();
    assert_eq!(question.route, "/v1/countersign");
    assert_eq!(question.bearer.as_ref().map(signer_wire::Secret::expose), Some("session"));
    assert_eq!(question.owner.as_ref().map(signer_wire::Secret::expose), Some("owner"));
    assert_eq!(question.body.as_bytes(), arrived.recv().unwrap().body);
    // A refusal is the same refusal, and closes nothing.
    let refused = countersign(&engine).unwrap_err();
    assert!(matches!(refused, ClientError::Refused { status: 403, .. }) && refused.code() == Code::ScopePath);
    assert!(countersign(&engine).is_ok());
    assert!(arrived.try_recv().is_err());
}

#[test]
fn what_may_not_be_repeated_never_does() {
    let (door, listener) = door();
    listener.set_nonblocking(true).unwrap();
    let (engine, arrived) = naming(&door.to_string(), &[ISSUED]);
    countersign(&engine).unwrap();
    engine.issue(&credential("session"), None, &certificate_request()).unwrap();
    assert_eq!(arrived.iter().take(2).count(), 2);
    assert!(listener.accept().is_err());
}

#[test]
fn where_nobody_answers_at_the_door_the_engine_is_asked_over_http() {
    for break_off in [true, false] {
        let (door, listener) = door();
        let (engine, arrived) = naming(&door.to_string(), &[SIGNED, SIGNED]);
        countersign(&engine).unwrap();
        if break_off {
            thread::spawn(move || frame::read::<Question>(&mut listener.accept().unwrap().0).map(drop));
        } else {
            drop(listener);
        }
        countersign(&engine).unwrap();
        countersign(&engine).unwrap();
        assert_eq!(arrived.iter().take(3).count(), 3);
    }
}

#[test]
fn a_door_of_another_process_is_never_told_a_credential() {
    let (door, listener) = door();
    let name = door.to_string();
    let name = name.split(' ').next().unwrap();
    for said in [format!("{name} 1"), name.to_owned(), format!("{name} x")] {
        let (engine, arrived) = naming(&said, &[SIGNED]);
        countersign(&engine).unwrap();
        countersign(&engine).unwrap();
        assert_eq!(arrived.iter().take(2).count(), 2, "{said}");
    }
    listener.set_nonblocking(true).unwrap();
    if let Ok((stream, _)) = listener.accept() {
        let mut bytes = Vec::new();
        (&stream).read_to_end(&mut bytes).unwrap();
        assert!(bytes.is_empty());
    }
}

/// The engine is restarted while it is asked: what belongs to its old door is not taken for the new one's.
#[test]
fn a_connection_through_one_door_is_never_used_for_another() {
    let ((old, before), (new, after)) = (door(), door());
    let named: Scripted = (format!("200 OK\r\n{HEADER}: {new}").leak(), SIGNED.1);
    let (engine, arrived) = naming(&old.to_string(), &[named]);
    countersign(&engine).unwrap();
    let (asked, waits) = channel();
    let (learnt, answers) = channel::<()>();
    thread::spawn(move || {
        let mut stream = before.accept().unwrap().0;
        asked.send(frame::read::<Question>(&mut stream).is_ok()).unwrap();
        answers.recv().unwrap();
        frame::write(&mut stream, &Reply { status: 200, body: SIGNED.1.to_owned() }).unwrap();
        frame::read::<Question>(&mut stream).map(drop).unwrap_err();
    });
    thread::scope(|scope| {
        let first = scope.spawn(|| countersign(&engine));
        assert!(waits.recv().unwrap());
        engine.issue(&credential("session"), None, &certificate_request()).unwrap_err();
        learnt.send(()).unwrap();
        first.join().unwrap().unwrap();
    });
    let asked = answering(after, &[(200, SIGNED.1)]);
    countersign(&engine).unwrap();
    assert_eq!(asked.recv().unwrap().route, "/v1/countersign");
    assert_eq!(arrived.iter().take(2).count(), 2);
}
