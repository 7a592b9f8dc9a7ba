//! Revoking, as the engine does it: at once, in the log's order, and never undone.

use signer_core::crypto::{self, P256Key, SignP256 as _};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Purpose};
use signer_core::nonce::Nonce;
use signer_core::protocol::{CountersignRequest, StatementRequest};
use signer_core::reason::Code;
use signer_core::revocation::{Action, Cause, Revocation, Selector};

use crate::answer::Answer;
use crate::open_entry::{OpenEntry, Submission};
use crate::open_identity::{OpenIdentity, Possession, TokenUse};
use crate::session::Session;
use crate::store::StoreReader as _;
use crate::store::rows::Wanted;
use crate::world::{REPOSITORY, Signer, World, certificate, changes, commit_of, countersignature, redemption, refusal};

pub(crate) fn revocation(action: Action, selector: &str) -> Vec<u8> {
    let salt = Nonce::from_bytes(crypto::random().unwrap());
    let revocation = Revocation { action, cause: Cause::Unspecified, salt, selector: selector.parse().unwrap() };
    revocation.into_statement().unwrap().encode().unwrap()
}

/// Alice, with what she signs revocations with.
struct Alice {
    session: Session,
    signer: Signer,
}

impl Alice {
    fn of(world: &mut World) -> Self {
        let session = world.alice();
        let signer = world.signer(&session, Purpose::Attestation);
        Self { session, signer }
    }

    fn says(&self, action: Action, selector: &str) -> StatementRequest {
        self.signer.statement(&revocation(action, selector))
    }

    fn revokes(&self, world: &mut World, selector: &str) {
        let request = self.says(Action::Revoke, selector);
        world.commit(world.engine.revoke(&self.session, &request, world.now)).map(drop).unwrap();
    }
}

/// A session of the agent `builder`, and a commit that it has signed.
fn commit(world: &mut World) -> (Session, CountersignRequest) {
    let builder = world.builder(0);
    let signer = world.signer(&builder, Purpose::Commit);
    let list = changes(&["src/lib.rs"]);
    let commit = signer.commit(&commit_of(&builder, &list), &list);
    (builder, commit)
}

#[test]
fn a_repeated_revocation_gets_the_same_answer_and_counts_once() {
    let mut world = World::peopled();
    let alice = Alice::of(&mut world);
    let request = alice.says(Action::Revoke, "agent:builder");
    let first = countersignature(world.commit(world.engine.revoke(&alice.session, &request, world.now)));
    let size = world.ledger.size();
    let again = countersignature(world.commit(world.engine.revoke(&alice.session, &request, world.now)));
    assert!(first == again);
    assert_eq!((world.ledger.size(), world.store.revocations().unwrap().len()), (size, 1));
}

#[test]
fn a_decision_made_before_a_revocation_is_not_recorded_behind_it() {
    let mut world = World::peopled();
    let (builder, commit) = commit(&mut world);
    let alice = Alice::of(&mut world);
    // Prepared first, behind the revocation in the same batch and in one of its own.
    let early = world.engine.countersign(&builder, &commit, world.now);
    let late = world.engine.countersign(&builder, &commit, world.now);
    let revoking = world.engine.revoke(&alice.session, &alice.says(Action::Revoke, "agent:builder"), world.now);
    let mut answers = world.commit_all(vec![revoking, early]);
    assert_eq!(refusal(answers.pop().unwrap()), Code::EngineSnapshot);
    assert!(answers.pop().unwrap().is_ok());
    assert_eq!(refusal(world.commit(late)), Code::EngineSnapshot);
    assert_eq!(refusal(world.commit(world.engine.countersign(&builder, &commit, world.now))), Code::RevokedIdentity);
}

#[test]
fn what_comes_before_a_revocation_in_one_batch_is_recorded_before_it() {
    let mut world = World::peopled();
    let (builder, commit) = commit(&mut world);
    let alice = Alice::of(&mut world);
    let early = world.engine.countersign(&builder, &commit, world.now);
    let revoking = world.engine.revoke(&alice.session, &alice.says(Action::Revoke, "agent:builder"), world.now);
    assert!(world.commit_all(vec![early, revoking]).into_iter().all(|answer| answer.is_ok()));
}

#[test]
fn of_two_revocations_in_one_batch_the_second_is_decided_again() {
    let mut world = World::peopled();
    let alice = Alice::of(&mut world);
    let prepare = |name| world.engine.revoke(&alice.session, &alice.says(Action::Revoke, name), world.now);
    let (one, other) = (prepare("model:m-1"), prepare("model:m-2"));
    let mut answers = world.commit_all(vec![one, other]);
    assert_eq!(refusal(answers.pop().unwrap()), Code::EngineSnapshot);
    assert!(answers.pop().unwrap().is_ok());
}

#[test]
fn nothing_is_issued_opened_or_granted_to_what_is_revoked() {
    let mut world = World::peopled();
    let recorded = world.granted(0);
    let builder = world.builder(0);
    let alice = Alice::of(&mut world);
    alice.revokes(&mut world, "class:coder");
    assert_eq!(
        refusal(world.commit(world.engine.redeem_grant(&redemption(&recorded), world.now))),
        Code::RevokedIdentity
    );
    // A session that was authenticated a moment before.
    let key = P256Key::generate().unwrap();
    let signer = world.certify(&builder, Purpose::Commit, &key);
    if let Ok(Answer::Certificate(issued)) = signer {
        let signer = Signer { key, certificate: issued.certificate.0 };
        let list = changes(&["src/lib.rs"]);
        let commit = signer.commit(&commit_of(&builder, &list), &list);
        assert_eq!(
            refusal(world.commit(world.engine.countersign(&builder, &commit, world.now))),
            Code::RevokedIdentity
        );
    }
}

#[test]
fn a_revoked_model_repository_or_grant_ends_what_rests_on_it() {
    for (name, code) in [
        ("model:m-1".to_owned(), Code::RevokedIdentity),
        (format!("repository:{REPOSITORY}"), Code::RevokedRepository),
        ("grant".to_owned(), Code::RevokedGrant),
    ] {
        let mut world = World::peopled();
        let (builder, commit) = commit(&mut world);
        let alice = Alice::of(&mut world);
        let name = if name == "grant" { format!("grant:{}", builder.row().grants[0]) } else { name };
        alice.revokes(&mut world, &name);
        assert_eq!(refusal(world.commit(world.engine.countersign(&builder, &commit, world.now))), code, "{name}");
    }
}

#[test]
fn a_restarted_engine_knows_what_was_revoked_and_starts_over_no_other_number() {
    let mut world = World::peopled();
    let alice = Alice::of(&mut world);
    alice.revokes(&mut world, "agent:builder");
    let feed = world.engine.feed_file(world.now).unwrap();
    let store = world.store.clone();
    let world = world.restarted(&store).unwrap();
    assert_eq!(world.engine.standing.number(), 1);
    assert_eq!(world.engine.feed_file(world.now).unwrap(), feed);
    let selector: Selector = "agent:builder".parse().unwrap();
    assert_eq!(world.engine.touched(&selector, world.now).unwrap().standing, Some(Action::Revoke));
    store.forget_revocations();
    assert_eq!(world.restarted(&store).err(), Some(Code::EngineState));
}

#[test]
fn a_dry_run_names_the_open_sessions_that_rest_on_it_and_no_other() {
    let mut world = World::peopled();
    let builder = world.builder(0);
    world.alice();
    let touched = |world: &World, name: &str| {
        let touched = world.engine.touched(&name.parse().unwrap(), world.now).unwrap();
        touched.sessions.into_iter().map(|session| session.session).collect::<Vec<_>>()
    };
    assert_eq!(touched(&world, "agent:builder"), [builder.id()]);
    assert_eq!(touched(&world, "agent:helper"), Vec::<String>::new());
    let open = Wanted { at: Some(world.now), count: 100, ..Wanted::default() };
    assert_eq!(touched(&world, "sponsor:alice@example.org").len(), world.store.sessions(&open).unwrap().len());
    assert_eq!(world.ledger.size(), {
        touched(&world, "class:coder");
        world.ledger.size()
    });
    let unknown = world.engine.touched(&"agent:nobody".parse().unwrap(), world.now).err();
    assert_eq!(unknown.map(|refusal| refusal.code()), Some(Code::AgentUnknown));
}

#[test]
fn on_the_wires_of_stock_clients_a_revoked_person_and_a_revoked_key_get_nothing() {
    let mut world = World::peopled();
    let identity = |token: &[u8]| OpenIdentity {
        subject: "alice@example.org".parse().unwrap(),
        class: ActorClass::Person,
        issuer: "https://id.example.org".to_owned(),
        token_subject: "1234".to_owned(),
        challenge: "alice@example.org".to_owned(),
        token: Digest::of(token),
        token_use: TokenUse::Once,
    };
    let key = P256Key::generate().unwrap();
    let possession = Possession::Request(csr::make(&key).unwrap());
    let (prepared, _) = world.engine.issue_open(&identity(b"one"), &possession, world.now);
    let issued = certificate(world.commit(prepared)).certificate.0;
    let alice = Alice::of(&mut world);
    alice.revokes(&mut world, &format!("certificate:{}", Digest::of(&issued)));
    let entry = OpenEntry {
        digest: Digest::of(b"artifact"),
        signature: key.sign_p256(b"artifact").unwrap(),
        certificate: issued,
    };
    let Ok(Submission::New { prepared, .. }) = world.engine.submit_entry(&entry, world.now) else { panic!("no entry") };
    assert_eq!(refusal(world.commit(prepared)), Code::RevokedCertificate);
    alice.revokes(&mut world, "sponsor:alice@example.org");
    let possession = Possession::Request(csr::make(&P256Key::generate().unwrap()).unwrap());
    let (prepared, _) = world.engine.issue_open(&identity(b"two"), &possession, world.now);
    assert_eq!(refusal(world.commit(prepared)), Code::RevokedIdentity);
}
