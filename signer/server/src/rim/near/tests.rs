use std::io::{Read as _, Write as _};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::SocketAddr;

use axum::http::HeaderMap;
use axum::routing::post;
use signer_wire::Secret;
use tokio::runtime::Runtime;

use super::*;

/// Routes that tell what reached them.
fn routes() -> Router {
    let told = |headers: HeaderMap, body: String| async move {
        let said = |name| headers.get(name).map_or("-", |value: &HeaderValue| value.to_str().unwrap_or_default());
        format!("{}|{}|{}|{body}", said("host"), said("authorization"), said("chancery-owner"))
    };
    Router::new().route("/told", post(told))
}

struct World {
    _runtime: Runtime,
    near: Near,
    door: Door,
}

fn world() -> World {
    let runtime = Runtime::new().unwrap();
    let (near, _) = Near::open(routes(), runtime.handle());
    let near = near.unwrap();
    let address = near.listener.local_addr().unwrap();
    let name = String::from_utf8(address.as_abstract_name().unwrap().to_vec()).unwrap();
    let door = format!("{name} {}", std::process::id()).parse().unwrap();
    World { _runtime: runtime, near, door }
}

fn question(route: &str) -> Question {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    Question {
        route: route.to_owned(),
        bearer: secret("session"),
        owner: secret("owner"),
        body: "{\"a\":1}".to_owned(),
    }
}

fn asked(stream: &mut UnixStream, question: &Question) -> Option<Reply> {
    frame::write(stream, question).ok()?;
    frame::read(stream).ok()
}

#[test]
fn a_question_reaches_its_route_with_who_asks_as_over_http() {
    let world = world();
    let mut stream = world.door.connect().unwrap();
    for _ in 0..2 {
        let reply = asked(&mut stream, &question("/told")).unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (200, "localhost|Bearer session|owner|{\"a\":1}"));
    }
    let anonymous = Question { bearer: None, owner: None, ..question("/told") };
    assert_eq!(asked(&mut stream, &anonymous).unwrap().body, "localhost|-|-|{\"a\":1}");
    assert_eq!(asked(&mut stream, &question("/elsewhere")).unwrap().status, 404);
}

#[test]
fn answers_over_http_name_the_door() {
    let runtime = Runtime::new().unwrap();
    let (near, router) = Near::open(routes(), runtime.handle());
    let request = Request::post("/told").body(Body::empty()).unwrap();
    let Ok(response) = runtime.block_on(TowerToHyperService::new(router).call(request));
    let door: Door = response.headers()[HEADER].to_str().unwrap().parse().unwrap();
    assert!(door.connect().is_ok());
    drop(near);
    assert!(door.connect().is_err());
}

// Neither can end the server, hold another's place or be answered.
#[test]
fn what_is_no_question_is_answered_by_nothing() {
    let world = world();
    let longest = u32::try_from(MAX_QUESTION).unwrap();
    let header = Question { bearer: Some(Secret::new("a\r\nb: c".to_owned())), ..question("/told") };
    let unknown = br#"{"route":"/told","bearer":null,"owner":null,"body":"","more":1}"#;
    let wrong = [
        [&2_u32.to_be_bytes()[..], b"{}"].concat(),
        [&u32::try_from(unknown.len()).unwrap().to_be_bytes()[..], unknown].concat(),
        (longest + 1).to_be_bytes().to_vec(),
        b"POST /told HTTP/1.1\r\n\r\n".to_vec(),
        framed(&header),
        framed(&question("no path")),
    ];
    for bytes in wrong {
        let mut stream = world.door.connect().unwrap();
        stream.write_all(&bytes).unwrap();
        let mut answer = Vec::new();
        // A closed socket with unread bytes is told as a reset.
        let _reset = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(asked(&mut world.door.connect().unwrap(), &question("/told")).unwrap().status, 200);
}

fn framed(question: &Question) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, question).unwrap();
    bytes
}

#[test]
fn one_more_neighbour_than_there_may_be_is_not_answered_until_another_has_left() {
    let world = world();
    let mut open: Vec<_> = (0..MAX_CONNECTIONS).map(|_| world.door.connect().unwrap()).collect();
    for stream in &mut open {
        assert!(asked(stream, &question("/told")).is_some());
    }
    assert!(asked(&mut world.door.connect().unwrap(), &question("/told")).is_none());
    open.clear();
    let deadline = Instant::now() + GRACE;
    while asked(&mut world.door.connect().unwrap(), &question("/told")).is_none() {
        assert!(Instant::now() < deadline, "the places are not free again");
    }
}

#[test]
fn nobody_is_answered_through_a_door_that_was_closed() {
    let World { near, door, _runtime } = world();
    let mut stream = door.connect().unwrap();
    assert!(asked(&mut stream, &question("/told")).is_some());
    drop(near);
    assert!(asked(&mut stream, &question("/told")).is_none());
    assert!(door.connect().is_err());
}

/// Routes of which one answers when it is told to.
struct Slow {
    _runtime: Runtime,
    near: Near,
    entered: std::sync::mpsc::Receiver<()>,
    release: Arc<tokio::sync::Notify>,
}

impl Slow {
    fn open() -> Self {
        let runtime = Runtime::new().unwrap();
        let (enter, entered) = std::sync::mpsc::channel();
        let release = Arc::new(tokio::sync::Notify::new());
        let until = Arc::clone(&release);
        let slow = move || {
            let (enter, until) = (enter.clone(), Arc::clone(&until));
            async move {
                enter.send(()).unwrap();
                until.notified().await;
                "answered"
            }
        };
        let (near, _) = Near::open(routes().route("/slow", post(slow)), runtime.handle());
        Self { _runtime: runtime, near: near.unwrap(), entered, release }
    }

    fn connect(&self) -> UnixStream {
        let name = self.near.listener.local_addr().unwrap().as_abstract_name().unwrap().to_vec();
        UnixStream::connect_addr(&SocketAddr::from_abstract_name(name).unwrap()).unwrap()
    }
}

#[test]
fn a_question_that_is_being_answered_when_the_door_is_closed_gets_its_answer_and_no_later_one_does() {
    let world = Slow::open();
    let (mut first, mut second) = (world.connect(), world.connect());
    assert!(asked(&mut second, &question("/told")).is_some());
    let asking = thread::spawn(move || asked(&mut first, &question("/slow")));
    world.entered.recv().unwrap();
    let Slow { near, release, _runtime, .. } = world;
    let address = near.listener.local_addr().unwrap();
    let closing = thread::spawn(move || drop(near));
    while UnixStream::connect_addr(&address).is_ok() {
        thread::yield_now();
    }
    assert!(asked(&mut second, &question("/told")).is_none(), "the server waits, and answers nobody else meanwhile");
    release.notify_one();
    assert_eq!(asking.join().unwrap().unwrap().body, "answered");
    closing.join().unwrap();
}
