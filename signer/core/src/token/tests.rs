//! Attacks of the TIME family that a token alone, or with its authority and message, decides.

mod bytes;
mod fields;
mod foreign;

use std::sync::LazyLock;

use super::*;
use crate::forge::certificate::Party;
use crate::forge::signed_data::SignedDataForge;
use crate::forge::{World, authority, now};
use crate::oid;
use crate::reason::{Code, Coded};

static WORLD: LazyLock<World> = LazyLock::new(World::new);
const MESSAGE: &[u8] = b"a signature value";

fn decision() -> Digest {
    Digest::of(b"a decision")
}

/// A valid countersigning token.
static TOKEN: LazyLock<Vec<u8>> = LazyLock::new(|| WORLD.countersign(MESSAGE, &decision()));

fn verify(token: &[u8], authorities: &[TimeAuthority], message: &[u8]) -> Result<Stamp, TokenError> {
    Token::parse(token)?.verify(authorities, message)
}

/// The code that a token is refused with, by a verifier who has both authorities.
fn code(token: &[u8]) -> Code {
    verify(token, &WORLD.authorities(), MESSAGE).expect_err("a refusal").code()
}

#[test]
fn a_countersignature_tells_its_time_and_decision() {
    let stamp = verify(&TOKEN, &WORLD.authorities(), MESSAGE).unwrap();
    let authority = Digest::of(&WORLD.countersigner.certificate);
    assert_eq!(stamp, Stamp { authority, time: now(), decision: Some(decision()), policy: oid::COUNTERSIGN_POLICY });
}

#[test]
fn a_plain_token_tells_its_time_alone() {
    let stamp = verify(&WORLD.stamp(MESSAGE), &WORLD.authorities(), MESSAGE).unwrap();
    let authority = Digest::of(&WORLD.clock.certificate);
    assert_eq!(stamp, Stamp { authority, time: now(), decision: None, policy: oid::TIME_POLICY });
}

#[test]
fn rejects_a_token_over_other_bytes() {
    // TIME-01.
    for message in [b"another signature value".as_slice(), b"", Digest::of(MESSAGE).as_bytes()] {
        let refusal = verify(&TOKEN, &WORLD.authorities(), message).unwrap_err();
        assert_eq!(refusal.code(), Code::TimeImprintMismatch);
    }
}

#[test]
fn rejects_a_token_of_an_authority_that_is_not_pinned() {
    // TIME-02 to TIME-04: another authority under the same root, none at all.
    let others = [authority(&WORLD.clock, oid::TIME_POLICY)];
    for authorities in [&others[..], &[]] {
        assert_eq!(verify(&TOKEN, authorities, MESSAGE).unwrap_err().code(), Code::TimeTsaUntrusted);
    }
}

#[test]
fn rejects_a_certificate_of_the_same_name_and_number() {
    let twin = WORLD.root.issues_time_authority("Countersigning authority", 3);
    let authorities = [authority(&twin, oid::COUNTERSIGN_POLICY)];
    assert_eq!(verify(&TOKEN, &authorities, MESSAGE).unwrap_err().code(), Code::TimeTsaUntrusted);
}

#[test]
fn rejects_a_signer_named_otherwise_than_the_certificate() {
    // TIME-05.
    let mut forge = SignedDataForge::of_token(&TOKEN, &WORLD.clock.certificate);
    assert_eq!(code(&forge.der()), Code::TimeTsaUntrusted);
    let named = crate::attribute_set::signing_certificate(Digest::of(&WORLD.clock.certificate).as_bytes());
    forge.signer().replace(oid::SIGNING_CERTIFICATE_V2, &[named], &WORLD.countersigner.key);
    assert_eq!(code(&forge.der()), Code::TimeTsaSignature);
}

#[test]
fn rejects_a_signature_of_another_key() {
    // TIME-06.
    let Party { certificate, .. } = &WORLD.countersigner;
    let key = &WORLD.clock.key;
    let decision = decision();
    let token = mint(key, certificate, oid::COUNTERSIGN_POLICY, MESSAGE, now(), &[1; 16], Some(&decision)).unwrap();
    assert_eq!(code(&token), Code::TimeTsaSignature);
}

#[test]
fn an_authority_stamps_under_its_own_policy_only() {
    // TIME-10: the plain authority's key cannot countersign, nor the other way round.
    let (clock, countersigner) = (&WORLD.clock, &WORLD.countersigner);
    let decision = decision();
    let overreaching =
        mint(&clock.key, &clock.certificate, oid::COUNTERSIGN_POLICY, MESSAGE, now(), &[1; 16], Some(&decision));
    assert_eq!(code(&overreaching.unwrap()), Code::TimePolicy);
    let plain = mint(&countersigner.key, &countersigner.certificate, oid::TIME_POLICY, MESSAGE, now(), &[1; 16], None);
    assert_eq!(code(&plain.unwrap()), Code::TimePolicy);
}

#[test]
fn a_time_counts_inside_the_window_and_not_at_its_end() {
    // TIME-11.
    let window = authority(&WORLD.clock, oid::TIME_POLICY).window;
    let Party { key, certificate } = &WORLD.clock;
    let at = |time: Timestamp| {
        let token = mint(key, certificate, oid::TIME_POLICY, MESSAGE, time, &[1; 16], None).unwrap();
        verify(&token, &WORLD.authorities(), MESSAGE).map_err(|refusal| refusal.code())
    };
    assert!(at(window.start).is_ok());
    assert!(at(window.end.minus(1)).is_ok());
    assert_eq!(at(window.start.minus(1)), Err(Code::TimeOutsideWindow));
    assert_eq!(at(window.end), Err(Code::TimeOutsideWindow));
}

#[test]
fn no_countersignature_is_minted_without_a_decision_and_no_other_token_with_one() {
    let Party { key, certificate } = &WORLD.countersigner;
    let decision = decision();
    let bare = mint(key, certificate, oid::COUNTERSIGN_POLICY, MESSAGE, now(), &[1; 16], None);
    assert_eq!(bare.unwrap_err().code(), Code::TimePolicy);
    let decided = mint(key, certificate, oid::TIME_POLICY, MESSAGE, now(), &[1; 16], Some(&decision));
    assert_eq!(decided.unwrap_err().code(), Code::TimePolicy);
}

#[test]
fn a_nonce_comes_back_in_a_plain_token_only() {
    // TIME-08: whoever sent a nonce compares it.
    let imprint = Digest::of(MESSAGE);
    let (digest, nonce) = (decision(), Some(&[0x80, 1, 2][..]));
    let plain =
        Request { policy: oid::TIME_POLICY, imprint: &imprint, time: now(), serial: &[0; 16], decision: None, nonce };
    let token = mint_request(&WORLD.clock.key, &WORLD.clock.certificate, &plain).unwrap();
    assert_eq!(Token::parse(&token).unwrap().nonce(), nonce);
    assert_eq!(Token::parse(&TOKEN).unwrap().nonce(), None);
    let countersigning = Request { policy: oid::COUNTERSIGN_POLICY, decision: Some(&digest), ..plain };
    let refusal = mint_request(&WORLD.countersigner.key, &WORLD.countersigner.certificate, &countersigning);
    assert_eq!(refusal.unwrap_err().code(), Code::TimeMalformed);
}

#[test]
fn whatever_is_minted_reads_back() {
    let (imprint, decision) = (Digest::of(MESSAGE), decision());
    let numbers: [&[u8]; 7] = [&[], &[0], &[0; 16], &[0x7f], &[0x80], &[0xff; 20], &[0, 0, 0x80, 0xff]];
    let parties =
        [(&WORLD.clock, oid::TIME_POLICY, None), (&WORLD.countersigner, oid::COUNTERSIGN_POLICY, Some(&decision))];
    for (party, policy, decision) in parties {
        for (number, serial) in
            numbers.iter().zip([[0; 16], [1; 16], [0x7f; 16], [0x80; 16], [0xff; 16], [2; 16], [3; 16]])
        {
            for time in [0, 1, 1_795_000_000, 4_102_444_800, 253_402_300_799] {
                let time = Timestamp::from_unix(time).unwrap();
                let nonce = Some(*number).filter(|_| decision.is_none());
                let request = Request { policy, imprint: &imprint, time, serial: &serial, decision, nonce };
                let token = mint_request(&party.key, &party.certificate, &request).unwrap();
                assert!(Token::parse(&token).is_ok(), "{time} {serial:?} {nonce:?}");
            }
        }
    }
}

#[test]
fn mints_no_token_that_nobody_reads() {
    let imprint = Digest::of(MESSAGE);
    let long = [1; 21];
    let request = Request {
        policy: oid::TIME_POLICY,
        imprint: &imprint,
        time: now(),
        serial: &[0; 16],
        decision: None,
        nonce: Some(&long),
    };
    let Party { key, certificate } = &WORLD.clock;
    assert_eq!(mint_request(key, certificate, &request).unwrap_err().code(), Code::TimeMalformed);
    let nonce = Some(&long[..20]);
    assert!(mint_request(key, certificate, &Request { nonce, ..request }).is_ok());
}

#[test]
fn minting_needs_the_authoritys_certificate() {
    let refusal = mint(&WORLD.clock.key, b"no certificate", oid::TIME_POLICY, MESSAGE, now(), &[1; 16], None);
    assert_eq!(refusal.unwrap_err().code(), Code::X509Malformed);
}

#[test]
fn a_response_gives_its_token_back() {
    assert_eq!(granted(&response(&TOKEN)).unwrap(), *TOKEN);
}

#[test]
fn rejects_a_response_that_is_not_plainly_granted() {
    // TIME-09: a token inside a rejection, grantedWithMods, a text beside the status, no token, something behind it.
    use crate::tlv::{INTEGER, SEQUENCE, write};
    let status = |value: u8, rest: &[u8]| write(SEQUENCE, &[&write(INTEGER, &[&[value]]), rest]);
    let text = write(SEQUENCE, &[&write(0x0c, &[b"granted"])]);
    for status in [status(1, &[]), status(2, &[]), status(5, &[]), status(0, &text)] {
        let answer = write(SEQUENCE, &[&status, &TOKEN]);
        assert_eq!(granted(&answer).unwrap_err().code(), Code::TimeStatus);
    }
    let granted_status = status(0, &[]);
    let bare = write(SEQUENCE, &[&granted_status]);
    let followed = write(SEQUENCE, &[&granted_status, &TOKEN, &[5, 0]]);
    for answer in [bare, followed, TOKEN[1..].to_vec(), [response(&TOKEN), vec![0]].concat()] {
        assert_eq!(granted(&answer).unwrap_err().code(), Code::TimeMalformed);
    }
}
