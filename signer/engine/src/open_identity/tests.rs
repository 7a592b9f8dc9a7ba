//! Open certificates: only from tokens, only open, one key a token, and worth nothing on the engine's own wires (§10).

use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Enrolment, Purpose};
use signer_core::protocol::CertificateIssued;
use signer_core::reason::Code;

use super::{Bound, OpenIdentity, Possession, TokenUse};
use crate::event::{Event, EventKind};
use crate::prepared::Prepared;
use crate::store::StoreReader as _;
use crate::world::World;

fn bob() -> OpenIdentity {
    OpenIdentity {
        subject: "bob@example.org".parse().unwrap(),
        class: ActorClass::Person,
        issuer: "https://idp.example.org".to_owned(),
        token_subject: "user-7".to_owned(),
        challenge: "bob@example.org".to_owned(),
        token: Digest::of(b"token 1"),
        token_use: TokenUse::Once,
    }
}

fn request(key: &P256Key) -> Possession {
    Possession::Request(csr::make(key).unwrap())
}

fn bare(key: &P256Key, challenge: &str) -> Possession {
    let proof = key.sign_p256(challenge.as_bytes()).unwrap();
    Possession::Signature { key: key.public().to_spki_der().unwrap(), proof }
}

fn settle(world: &mut World, (prepared, bound): (Prepared, Bound)) -> Result<CertificateIssued, Code> {
    let answer = world.commit(prepared)?;
    bound.certificate(answer).map_err(|refusal| refusal.code())
}

fn ask(world: &mut World, identity: &OpenIdentity, possession: &Possession) -> Result<CertificateIssued, Code> {
    let asked = world.engine.issue_open(identity, possession, world.now);
    settle(world, asked)
}

fn newest_event(world: &World) -> Event {
    let documents = world.store.events(0, 1000).unwrap();
    let events = documents.iter().map(|document| serde_json::from_slice::<Event>(document).unwrap());
    events.rev().find(|event| event.subject.as_deref() == Some("bob@example.org")).unwrap()
}

#[test]
fn a_token_gives_an_open_certificate_of_our_profile() {
    let mut world = World::new();
    let key = P256Key::generate().unwrap();
    let issued = ask(&mut world, &bob(), &request(&key)).unwrap();
    assert_eq!(issued.chain.len(), 2);
    let certified = world.trust.certify(Leaf::parse(&issued.certificate.0).unwrap()).unwrap();
    certified.valid_at(world.now).unwrap();
    let leaf = certified.leaf();
    assert_eq!(leaf.subject().as_str(), "bob@example.org");
    assert_eq!(leaf.issuer_name(), "https://idp.example.org");
    assert_eq!(leaf.window().end, world.now.plus(600));
    let identity = leaf.identity();
    assert_eq!((identity.purpose, identity.enrolment), (Purpose::Open, Enrolment::OpenId));
    assert_eq!(identity.scope.purposes, [Purpose::Open]);
    assert!(identity.scope.paths.is_empty() && identity.scope.repositories.is_empty());
    // IDP-20: what the issuer never gives to somebody else stands in the certificate too.
    assert_eq!(identity.claims.first().map(|claim| claim.value.as_str()), Some("user-7"));
    let event = newest_event(&world);
    assert_eq!((event.kind, event.about), (EventKind::Issuance, Some(leaf.digest())));
}

#[test]
fn a_bare_key_proves_itself_by_the_challenge() {
    let mut world = World::new();
    let key = P256Key::generate().unwrap();
    let issued = ask(&mut world, &bob(), &bare(&key, "bob@example.org")).unwrap();
    assert_eq!(*Leaf::parse(&issued.certificate.0).unwrap().public_key(), key.public());
}

#[test]
fn refuses_a_key_that_nobody_proved() {
    // IDP-16: none, over something else, of another key, a captured one.
    let mut world = World::new();
    let (own, other) = (P256Key::generate().unwrap(), P256Key::generate().unwrap());
    let captured = own.sign_p256(b"bob@example.org").unwrap();
    let spki = |key: &P256Key| key.public().to_spki_der().unwrap();
    let proofs = [Vec::new(), own.sign_p256(b"").unwrap(), own.sign_p256(b"user-7").unwrap()];
    for proof in proofs {
        let asked = Possession::Signature { key: spki(&own), proof };
        assert_eq!(ask(&mut world, &bob(), &asked).unwrap_err(), Code::IssueProof);
    }
    let asked = Possession::Signature { key: spki(&other), proof: captured };
    assert_eq!(ask(&mut world, &bob(), &asked).unwrap_err(), Code::IssueProof);
    assert_eq!(newest_event(&world).code, Some(Code::IssueProof), "refusals of somebody known are on record");
}

#[test]
fn refuses_keys_that_are_not_p256() {
    // IDP-18.
    let mut world = World::new();
    let key = P256Key::generate().unwrap();
    let ed25519 = signer_core::crypto::Ed25519Key::generate().unwrap().public().to_spki_der().unwrap();
    for key in [ed25519, Vec::new(), key.public().point().to_vec()] {
        let asked = Possession::Signature { key, proof: vec![0; 70] };
        assert_eq!(ask(&mut world, &bob(), &asked).unwrap_err(), Code::IssueCsrKey);
    }
}

#[test]
fn a_repeat_gets_the_same_certificate() {
    let mut world = World::new();
    let request = request(&P256Key::generate().unwrap());
    let first = ask(&mut world, &bob(), &request).unwrap();
    world.now = world.now.plus(60);
    assert_eq!(ask(&mut world, &bob(), &request).unwrap(), first);
}

#[test]
fn a_token_is_worth_one_key() {
    // IDP-14, one after the other.
    let mut world = World::new();
    ask(&mut world, &bob(), &request(&P256Key::generate().unwrap())).unwrap();
    let second = request(&P256Key::generate().unwrap());
    assert_eq!(ask(&mut world, &bob(), &second).unwrap_err(), Code::OidcReplay);
    let fresh = OpenIdentity { token: Digest::of(b"token 2"), ..bob() };
    assert!(ask(&mut world, &fresh, &second).is_ok(), "a fresh token goes through");
}

#[test]
fn a_token_is_worth_one_key_at_the_same_moment_too() {
    // IDP-14, concurrently: both were prepared before either was recorded.
    let mut world = World::new();
    let keys = [P256Key::generate().unwrap(), P256Key::generate().unwrap()];
    let asked = keys.each_ref().map(|key| world.engine.issue_open(&bob(), &request(key), world.now));
    let [(first, first_bound), (second, second_bound)] = asked;
    let mut answers = world.commit_all(vec![first, second]).into_iter();
    assert!(first_bound.certificate(answers.next().unwrap().unwrap()).is_ok());
    let second = second_bound.certificate(answers.next().unwrap().unwrap());
    assert_eq!(second.map_err(|refusal| refusal.code()), Err(Code::OidcReplay));
}

#[test]
fn an_issuers_entry_may_allow_several_keys_a_token() {
    let mut world = World::new();
    let reusable = OpenIdentity { token_use: TokenUse::DangerUntilExpiry, ..bob() };
    for _ in 0..3 {
        assert!(ask(&mut world, &reusable, &request(&P256Key::generate().unwrap())).is_ok());
    }
}

#[test]
fn a_key_is_certified_once_whoever_shows_it() {
    // IDP-18.
    let mut world = World::new();
    let key = P256Key::generate().unwrap();
    ask(&mut world, &bob(), &request(&key)).unwrap();
    let carol = OpenIdentity { token: Digest::of(b"token 2"), ..bob() };
    assert_eq!(ask(&mut world, &carol, &request(&key)).unwrap_err(), Code::IssueCsrKey);
}

#[test]
fn nobody_vouches_for_the_engines_own_names() {
    let mut world = World::new();
    let domain = world.engine.deployment().trust_domain.clone();
    let subjects = [
        format!("spiffe://{domain}/engine"),
        format!("SPIFFE://{domain}/engine"),
        format!("spiffe://{domain}/agent/builder/1"),
    ];
    for subject in subjects {
        let Ok(subject) = subject.parse() else { continue };
        let forged = OpenIdentity { subject, class: ActorClass::Workload, ..bob() };
        let refused = ask(&mut world, &forged, &bare(&P256Key::generate().unwrap(), "bob@example.org")).unwrap_err();
        assert_eq!(refused, Code::IssueBadIdentity);
    }
    let own = OpenIdentity { issuer: world.engine.deployment().issuer_url.clone(), ..bob() };
    let refused = ask(&mut world, &own, &request(&P256Key::generate().unwrap())).unwrap_err();
    assert_eq!(refused, Code::IssueBadIdentity);
}

#[test]
fn nobody_can_speak_in_the_session_of_an_open_certificate() {
    let mut world = World::new();
    let issued = ask(&mut world, &bob(), &request(&P256Key::generate().unwrap())).unwrap();
    let session = Leaf::parse(&issued.certificate.0).unwrap().identity().session.clone();
    for credential in [session.as_str(), "", "user-7"] {
        let refused = world.engine.authenticate(credential, world.now).map(|_| ()).map_err(|refusal| refusal.code());
        assert_eq!(refused, Err(Code::AgentSessionUnknown));
    }
}

#[test]
fn a_certificate_that_waited_too_long_is_not_recorded() {
    let mut world = World::new();
    let asked = world.engine.issue_open(&bob(), &request(&P256Key::generate().unwrap()), world.now);
    world.now = world.now.plus(600);
    assert_eq!(settle(&mut world, asked).unwrap_err(), Code::OidcTime);
}
