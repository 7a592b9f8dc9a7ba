use std::os::unix::net::UnixStream;

use super::*;
use crate::bytes::Bytes;
use crate::message::{Answer, Pong, Request, SignGit};

fn framed(length: u32, body: &[u8]) -> Vec<u8> {
    [&length.to_be_bytes(), body].concat()
}

#[test]
fn a_message_comes_back_as_it_was_written() {
    let mut stream = Vec::new();
    let request = Request::SignGit(SignGit {
        payload: Bytes(b"tree\0\xff".to_vec()),
        directory: Bytes(b"/r\xc3\x28".to_vec()),
        session: None,
        owner: None,
    });
    write(&mut stream, &request).unwrap();
    match read(&mut stream.as_slice()).unwrap() {
        Request::SignGit(back) => {
            assert_eq!(back.payload.0, b"tree\0\xff");
            assert_eq!(back.directory.0, b"/r\xc3\x28");
        }
        _ => panic!("another request came back"),
    }
}

#[test]
fn refuses_a_length_over_the_limit_before_reading_the_body() {
    struct Prefix(&'static [u8]);
    impl Read for Prefix {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(!self.0.is_empty(), "the body was read");
            self.0.read(buffer)
        }
    }
    let mut stream = Prefix(&[0x04, 0, 0, 1]);
    assert!(matches!(read::<Request>(&mut stream), Err(FrameError::TooLarge { actual: 67_108_865 })));
}

#[test]
fn refuses_to_write_over_the_limit() {
    let mut stream = Vec::new();
    let error = write(&mut stream, &"x".repeat(MAX_FRAME)).unwrap_err();
    assert!(matches!(error, FrameError::TooLarge { .. }));
    assert!(stream.is_empty());
}

#[test]
fn the_largest_payload_fits_into_a_frame() {
    let request = SignGit {
        payload: Bytes(vec![b'x'; MAX_PAYLOAD]),
        directory: Bytes(vec![b'/'; 4096]),
        session: None,
        owner: None,
    };
    assert!(write(&mut io::sink(), &Request::SignGit(request)).is_ok());
}

#[test]
fn a_lying_length_costs_no_memory_and_is_an_early_end() {
    let stream = framed(64 * 1024 * 1024, b"\"ping\"");
    assert!(matches!(read::<Request>(&mut stream.as_slice()), Err(FrameError::Ended)));
}

#[test]
fn refuses_a_stream_that_ends_inside_the_length() {
    assert!(matches!(read::<Request>(&mut [0_u8, 0].as_slice()), Err(FrameError::Ended)));
}

#[test]
fn refuses_unknown_requests_members_and_trailing_bytes() {
    let unknown = br#"{"sign-anything":{}}"#.as_slice();
    let member = br#"{"end-session":{"session":"s","person":"alice@example.org"}}"#.as_slice();
    let missing = br#"{"end-session":{}}"#.as_slice();
    for body in [unknown, member, missing, b"\"ping\" \"ping\"", b"\xff", b""] {
        let stream = framed(u32::try_from(body.len()).unwrap(), body);
        assert!(matches!(read::<Request>(&mut stream.as_slice()), Err(FrameError::Schema { .. })), "{body:?}");
    }
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    let body = format!("{{\"ping\":{}", "[".repeat(1_000_000));
    let stream = framed(u32::try_from(body.len()).unwrap(), body.as_bytes());
    assert!(matches!(read::<Request>(&mut stream.as_slice()), Err(FrameError::Schema { .. })));
}

#[test]
fn several_messages_follow_each_other_in_one_stream() {
    let mut stream = Vec::new();
    write(&mut stream, &Answer::Pong(Pong { version: "1".into(), pid: 7 })).unwrap();
    write(&mut stream, &Answer::Done).unwrap();
    let mut rest = stream.as_slice();
    assert!(matches!(read::<Answer>(&mut rest), Ok(Answer::Pong(_))));
    assert!(matches!(read::<Answer>(&mut rest), Ok(Answer::Done)));
    assert!(rest.is_empty());
}

#[test]
fn a_limit_of_the_readers_own_counts() {
    let bytes = framed(6, b"\"Ping\"");
    assert!(matches!(read_at_most::<Request>(&mut bytes.as_slice(), 5), Err(FrameError::TooLarge { actual: 6 })));
    let bytes = framed(6, b"\"ping\"");
    assert!(matches!(read_at_most::<Request>(&mut bytes.as_slice(), 6), Ok(Request::Ping)));
}

#[test]
fn waiting_ends_with_a_byte_with_the_stream_and_with_the_time() {
    let (mut here, there) = UnixStream::pair().unwrap();
    let late = wait(&there, Duration::from_millis(1)).unwrap_err();
    assert!(matches!(&late, FrameError::Broken { source } if source.kind() == io::ErrorKind::TimedOut));
    assert_eq!(late.code(), "hook.signer_unreachable");
    here.write_all(b"x").unwrap();
    wait(&there, Duration::ZERO).unwrap();
    let (gone, there) = UnixStream::pair().unwrap();
    drop(gone);
    wait(&there, Duration::from_secs(60)).unwrap();
    assert!(matches!(read::<Request>(&mut &there), Err(FrameError::Ended)));
}
