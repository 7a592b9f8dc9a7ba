//! Answers to our question, and answers to others (TIME-01, 08, 09).

use super::*;
use crate::crypto::{P256Key, SignP256 as _};
use crate::issue::{self, Authority};
use crate::profile::{ROOT, TIME_AUTHORITY};
use crate::time::{Timestamp, Window};
use crate::time_stamp::{Query, Rejection, grant, reject};

fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

/// What our own authority answers to a request.
fn reply(request: &[u8]) -> Vec<u8> {
    let (root_key, key) = (P256Key::generate().unwrap(), P256Key::generate().unwrap());
    let life = |seconds| Window { start: now(), end: now().plus(seconds) };
    let root = issue::root("Test", &root_key, life(ROOT.longest), [1; 20]).unwrap();
    let authority = Authority { key: &root_key, certificate_der: &root };
    let certificate = issue::time_authority(&key.public(), life(TIME_AUTHORITY.longest), [2; 20], &authority).unwrap();
    grant(&key, &certificate, &Query::from_der(request).unwrap(), now(), &[7; 16]).unwrap()
}

#[test]
fn a_question_is_answered_by_a_token_over_its_digest_with_its_nonce() {
    // The last two are written with a byte of sign, and without leading zeros.
    for nonce in [[1, 2, 3, 4, 5, 6, 7, 8], [0xff; 8], [0, 0, 0, 0, 0, 0, 0, 0x80]] {
        let asked = Asked::new(Digest::of(b"signature"), nonce);
        let answer = reply(&asked.to_der());
        assert!(asked.check(&answer).is_ok_and(|token| answer.ends_with(token)));
        assert_eq!(Asked::new(Digest::of(b"other"), nonce).check(&answer), Err(ReplyError::Imprint));
        assert_eq!(Asked::new(Digest::of(b"signature"), [9; 8]).check(&answer), Err(ReplyError::Nonce));
    }
}

#[test]
fn a_token_without_a_nonce_answers_anybody() {
    let asked = Asked::new(Digest::of(b"signature"), [1; 8]);
    let mut request = asked.to_der();
    // INTEGER of eight bytes before a BOOLEAN of three.
    let nonce = request.len() - 13;
    request.drain(nonce..nonce + 10);
    request[1] -= 10;
    assert_eq!(asked.check(&reply(&request)), Err(ReplyError::Nonce));
}

#[test]
fn a_refusal_is_no_token() {
    let asked = Asked::new(Digest::of(b"signature"), [1; 8]);
    assert_eq!(asked.check(&reject(Rejection::Time)), Err(ReplyError::Status { status: 2 }));
    // A token inside a rejection.
    let mut granted = reply(&asked.to_der());
    let status = granted.windows(3).position(|bytes| bytes == [INTEGER, 1, 0]).unwrap();
    granted[status + 2] = 2;
    assert_eq!(asked.check(&granted), Err(ReplyError::Status { status: 2 }));
}

#[test]
fn nothing_else_is_an_answer() {
    let asked = Asked::new(Digest::of(b"signature"), [1; 8]);
    let answer = reply(&asked.to_der());
    for length in 0..answer.len() {
        assert_eq!(asked.check(&answer[..length]), Err(ReplyError::Malformed), "{length}");
    }
    assert_eq!(asked.check(&[answer.clone(), vec![0]].concat()), Err(ReplyError::Malformed));
    assert_eq!(asked.check(&vec![0x30; MAX_REPLY + 1]), Err(ReplyError::TooLarge { actual: MAX_REPLY + 1 }));
}
