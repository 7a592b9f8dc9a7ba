//! Time-stamp authorities that lie, fail or refuse: group TIME of the attack catalogue, where a client can tell.

use signer_core::issue;
use signer_core::time_stamp::{self, Asked, Rejection};

use super::world::{Keyed, World};
use super::*;

fn of(change: impl FnOnce(&mut World)) -> Code {
    let mut world = World::new();
    change(&mut world);
    refused(&Deployment::of(world))
}

fn answering(twist: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Code {
    refused(&Deployment::answering(Kind::Clock, move |reply| twist(&mut reply.body)))
}

#[test]
fn a_stamp_answers_this_request() {
    // TIME-01, TIME-08.
    let replayed = Asked::new(Digest::of(b"other"), [1; 8]).to_der();
    let deployment = Deployment::asked(Kind::Clock, move |body| body.clone_from(&replayed));
    assert_eq!(refused(&deployment), Code::TimeImprintMismatch);
    assert_eq!(deployment.heads().len(), 2, "nothing is logged");
    let stale = Deployment::asked(Kind::Clock, |body| {
        // The nonce's last byte stands before the three of `certReq`.
        let at = body.len() - 4;
        body[at] ^= 1;
    });
    assert_eq!(refused(&stale), Code::TimeNonce);
}

#[test]
fn a_stamp_is_a_granted_token() {
    // TIME-09.
    assert_eq!(answering(|body| *body = time_stamp::reject(Rejection::Time)), Code::TimeStatus);
    let waiting = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x03];
    assert_eq!(answering(move |body| *body = waiting.to_vec()), Code::TimeStatus);
    let without_token = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00];
    assert_eq!(answering(move |body| *body = without_token.to_vec()), Code::TimeMalformed);
    assert_eq!(answering(Vec::clear), Code::TimeMalformed);
    assert_eq!(answering(|body| *body = b"{}".to_vec()), Code::TimeMalformed);
    assert_eq!(answering(|body| body.push(0)), Code::TimeMalformed);
    assert_eq!(answering(|body| body.truncate(100)), Code::TimeMalformed);
    assert_eq!(answering(|body| body.resize(70_000, 0)), Code::TimeMalformed);
}

#[test]
fn a_stamp_is_signed_by_the_trust_roots_authority() {
    // TIME-02, TIME-05, TIME-06.
    let refused = |change: fn(&mut World)| {
        let code = of(change);
        assert!(code.as_str().starts_with("time."), "{code}");
    };
    refused(|world| world.clock = Keyed::under(&Keyed::root(), issue::time_authority));
    refused(|world| world.clock = Keyed::under(&world.root, issue::time_authority));
    let altered = answering(|body| *body.last_mut().unwrap() ^= 1);
    assert!(altered.as_str().starts_with("time."), "{altered}");
}

#[test]
fn a_stamp_lies_within_the_certificate_and_not_ahead_of_us() {
    // TIME-16, TIME-17.
    assert_eq!(of(|world| world.stamped_at = now().minus(6)), Code::X509Expired);
    assert_eq!(of(|world| world.stamped_at = now().plus(596)), Code::X509Expired);
    assert_eq!(of(|world| world.stamped_at = now().plus(11)), Code::TimeFuture);
    let mut ahead = World::new();
    ahead.stamped_at = now().plus(10);
    assert!(sign(&Deployment::of(ahead)).is_ok(), "clocks differ a little");
}
