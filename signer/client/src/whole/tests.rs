use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};

use super::*;

/// Somebody who serves one connection, and an agent with the address.
fn served<T: Send + 'static>(serve: impl FnOnce(TcpStream) -> T + Send + 'static) -> (Agent, String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || serve(listener.accept().unwrap().0));
    let connector = ().chain(TcpConnector::default()).chain(Whole);
    (Agent::with_parts(Agent::config_builder().build(), connector, DefaultResolver::default()), url, server)
}

fn answer(stream: &mut TcpStream) {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
}

/// What comes until so many bytes of a body are there.
fn body(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let head = all.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head.filter(|head| all.len() >= head + length) {
            return all.split_off(head);
        }
        let read = stream.read(&mut piece).unwrap();
        assert_ne!(read, 0, "the request broke off");
        all.extend_from_slice(&piece[..read]);
    }
}

#[test]
fn head_and_body_of_a_small_request_arrive_in_one_piece() {
    let (agent, url, server) = served(|mut stream| {
        let mut piece = [0; 16 * 1024];
        let read = stream.read(&mut piece).unwrap();
        answer(&mut stream);
        piece[..read].to_vec()
    });
    assert_eq!(agent.post(&url).send("the body").unwrap().body_mut().read_to_string().unwrap(), "ok");
    let request = server.join().unwrap();
    assert!(request.starts_with(b"POST / HTTP/1.1\r\n") && request.ends_with(b"the body"));
}

#[test]
fn a_large_body_arrives_whole_and_in_order() {
    let sent: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).take(3_000_001).collect();
    let length = sent.len();
    let (agent, url, server) = served(move |mut stream| {
        let received = body(&mut stream, length);
        answer(&mut stream);
        received
    });
    agent.post(&url).send(&sent[..]).unwrap();
    assert!(server.join().unwrap() == sent);
}

#[test]
fn the_next_request_on_a_connection_repeats_nothing() {
    let (agent, url, server) = served(|mut stream| {
        let first = body(&mut stream, 5);
        answer(&mut stream);
        let second = body(&mut stream, 6);
        answer(&mut stream);
        (first, second)
    });
    for text in ["first", "second"] {
        agent.post(&url).send(text).unwrap().body_mut().read_to_string().unwrap();
    }
    assert_eq!(server.join().unwrap(), (b"first".to_vec(), b"second".to_vec()));
}

#[test]
fn a_connection_that_is_closed_before_the_answer_is_an_error() {
    let (agent, url, server) = served(drop);
    agent.post(&url).send("anything").unwrap_err();
    server.join().unwrap();
}
