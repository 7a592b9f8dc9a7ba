//! Revocation, as verifiers see it: what a feed strikes and what it leaves, and what is no feed (attacks TIME-22 to TIME-28).

use chancery_tests::actor::Credential;
use chancery_tests::office::{ORIGIN, last_entry_in};
use chancery_tests::revocation::revocation;
use chancery_tests::verdicts::{codes, is_accepted, refusals, row};
use chancery_tests::world::PERSON;
use chancery_tests::{Paper, World};
use ci::run::{self, Request, Selection};
use signer_core::certificate::Leaf;
use signer_core::checkpoint::Checkpoint;
use signer_core::crypto::Ed25519Key;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::feed::{Feed, FeedEntry, FeedFile, FeedHead, MAX_BYTES, MAX_RECORDS};
use signer_core::identity::{Custody, Purpose};
use signer_core::leaf::LeafIdentity;
use signer_core::manifest::walk::walk;
use signer_core::protocol::{Base64, OpenPersonSession};
use signer_core::reason::{Code, Coded as _};
use signer_core::revocation::{Action, Cause};
use signer_core::scope::Scope;
use signer_core::verdict::Outcome;
use signer_core::verify::Signed as _;

fn refused_feed(world: &World, feed: &[u8]) -> Code {
    world.reads_feed(feed).expect_err("a refusal").code()
}

/// A world with a commit of the agent before, and after, `selector` was revoked; the second only where the engine let it.
struct Story {
    world: World,
    before: String,
}

fn story() -> Story {
    let world = World::new();
    let before = world.agent("builder").commits("src/a", "a").id;
    world.passes(1);
    Story { world, before }
}

#[test]
fn an_empty_feed_strikes_nothing_and_is_shown() {
    let Story { world, .. } = story();
    let verdict = world.verify_by(&world.feed());
    assert!(is_accepted(&verdict), "{verdict:#?}");
    let head = verdict.feed.expect("the head is shown");
    assert_eq!((head.records, head.last), (0, None));
    assert!(head.entries >= world.logged());
}

#[test]
fn without_a_feed_a_commit_counts_as_clear_when_it_was_decided_about() {
    let Story { world, .. } = story();
    world.person().revokes("agent:builder");
    let verdict = world.verify();
    assert!(is_accepted(&verdict) && verdict.feed.is_none());
}

#[test]
fn what_was_signed_before_a_revocation_stands_and_the_engine_takes_nothing_after_it() {
    // TIME-26, TIME-28, AGT-18.
    for selector in ["agent:builder", "class:coder"] {
        let Story { world, before } = story();
        let builder = world.agent("builder");
        let session = builder.session();
        world.checkout.write("src/b", "b");
        let request = builder.asks_for(&world.payload());
        world.person().revokes(selector);
        world.passes(1);
        assert_eq!(
            world.engine().authenticate(builder.credential(), world.now()).err().map(|refusal| refusal.code()),
            Some(Code::RevokedIdentity),
            "{selector}: no session goes on"
        );
        // Whoever was authenticated a moment before gets nothing either.
        let prepared = world.engine().countersign(&session, &request, world.now());
        assert_eq!(world.ask(prepared).err(), Some(Code::RevokedIdentity));
        let verdict = world.verify_by(&world.feed());
        assert!(is_accepted(&verdict), "{selector}: {verdict:#?}");
        assert_eq!(row(&verdict, &before).verdict, Outcome::Accepted);
    }
}

#[test]
fn a_session_s_own_name_ends_it_alone() {
    let Story { world, .. } = story();
    let id = world.agent("builder").session().id().to_owned();
    world.person().revokes(&format!("session:{id}"));
    let builder = world.agent("builder");
    let refusal = world.engine().authenticate(builder.credential(), world.now()).err();
    assert_eq!(refusal.map(|refusal| refusal.code()), Some(Code::RevokedIdentity));
    world.passes(1);
    assert!(is_accepted(&{
        world.agent("other").commits("src/b", "b");
        world.verify_by(&world.feed())
    }));
}

#[test]
fn a_sponsor_s_end_is_the_end_of_whom_it_sponsors() {
    let Story { world, .. } = story();
    let person = world.person();
    person.revokes(&format!("sponsor:{PERSON}"));
    for credential in [person.credential(), world.agent("builder").credential()] {
        let refusal = world.engine().authenticate(credential, world.now()).err();
        assert_eq!(refusal.map(|refusal| refusal.code()), Some(Code::RevokedIdentity));
    }
    let request = OpenPersonSession { person: PERSON.parse().unwrap(), custody: Custody::Broker };
    let prepared = world.engine().open_person_session(&request, world.now());
    assert_eq!(world.ask(prepared).err(), Some(Code::RevokedIdentity));
}

#[test]
fn what_an_engine_signed_in_spite_of_a_revocation_is_struck_by_the_feed() {
    // TIME-26: the matrix, as a stolen engine would have signed: each name in the chain strikes what comes behind it.
    let world = World::new();
    let builder = world.agent("builder");
    let session = builder.session();
    let kept = builder.commits("src/a", "a");
    let leaf = Leaf::parse(&kept.by.certificate).unwrap();
    let key = Digest::of(&leaf.public_key().to_spki_der().unwrap());
    let grant = session.row().grants[0];
    let cases = [
        ("agent:builder".to_owned(), Code::RevokedIdentity),
        ("class:coder".to_owned(), Code::RevokedIdentity),
        (format!("session:{}", session.id()), Code::RevokedIdentity),
        (format!("sponsor:{PERSON}"), Code::RevokedIdentity),
        (format!("grant:{grant}"), Code::RevokedGrant),
        (format!("certificate:{}", leaf.digest()), Code::RevokedCertificate),
        (format!("key:{key}"), Code::RevokedCertificate),
        (format!("repository:{}", world.repository), Code::RevokedRepository),
    ];
    for (selector, code) in cases {
        let feed = forged_feed(&world, &[(Action::Revoke, Cause::Misuse, &selector)], Place::Before);
        assert_eq!(struck(&world, &kept.bytes, &feed), Some(code), "{selector} before");
        let feed = forged_feed(&world, &[(Action::Revoke, Cause::Misuse, &selector)], Place::Behind);
        assert_eq!(struck(&world, &kept.bytes, &feed), None, "{selector} behind");
    }
    for other in ["agent:other", "class:other", "model:m-1", "session:00000000000000000000000000000000"] {
        let feed = forged_feed(&world, &[(Action::Revoke, Cause::Misuse, other)], Place::Before);
        assert_eq!(struck(&world, &kept.bytes, &feed), None, "{other}");
    }
}

#[test]
fn a_compromised_key_strikes_what_it_signed_before() {
    // TIME-26: hard revocation.
    let Story { world, before } = story();
    let verdict = world.verify();
    assert!(is_accepted(&verdict));
    let object = world.checkout.raw("commit", &before);
    let signed = world.check(&object).unwrap();
    let leaf = signed.get().countersigned().leaf.leaf().clone();
    let key = Digest::of(&leaf.public_key().to_spki_der().unwrap());
    let names = [
        format!("certificate:{}", leaf.digest()),
        format!("key:{key}"),
        format!("session:{}", leaf.identity().session),
    ];
    for name in names {
        let feed = forged_feed(&world, &[(Action::Revoke, Cause::KeyCompromise, &name)], Place::Behind);
        assert_eq!(struck(&world, &object, &feed), Some(Code::RevokedKeyCompromise), "{name}");
    }
    world.person().says(Action::Revoke, Cause::KeyCompromise, &format!("key:{key}")).unwrap();
    world.passes(1);
    let verdict = world.verify_by(&world.feed());
    assert_eq!(refusals(row(&verdict, &before)), [Code::RevokedKeyCompromise]);
    assert_eq!(verdict.verdict, Outcome::Rejected);
}

#[test]
fn a_hold_ends_with_its_release_and_a_revocation_never() {
    let world = World::new();
    let kept = world.agent("builder").commits("src/a", "a");
    let name = "agent:builder";
    let cases: [(&[Action], Option<Code>); 5] = [
        (&[Action::Hold], Some(Code::RevokedIdentity)),
        (&[Action::Hold, Action::Release], None),
        (&[Action::Hold, Action::Release, Action::Hold], Some(Code::RevokedIdentity)),
        (&[Action::Revoke], Some(Code::RevokedIdentity)),
        (&[Action::Hold, Action::Revoke], Some(Code::RevokedIdentity)),
    ];
    for (actions, expected) in cases {
        let said: Vec<_> = actions.iter().map(|action| (*action, Cause::Unspecified, name)).collect();
        assert_eq!(struck(&world, &kept.bytes, &forged_feed(&world, &said, Place::Before)), expected, "{actions:?}");
    }
}

#[test]
fn a_held_agent_signs_again_after_its_release() {
    let Story { world, .. } = story();
    let person = world.person();
    person.says(Action::Hold, Cause::Unspecified, "agent:builder").unwrap();
    let credential = world.agent("builder").credential().to_owned();
    assert!(world.engine().authenticate(&credential, world.now()).is_err());
    person.says(Action::Release, Cause::Unspecified, "agent:builder").unwrap();
    world.passes(1);
    let after = world.agent("builder").commits("src/b", "b");
    let verdict = world.verify_by(&world.feed());
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(row(&verdict, &after.id).verdict, Outcome::Accepted);
}

#[test]
fn a_revoked_time_authority_vouches_for_nothing_after() {
    // TIME-27.
    let world = World::new();
    let kept = world.agent("builder").commits("src/a", "a");
    let signed = world.check(&kept.bytes).unwrap();
    let authority = format!("certificate:{}", signed.get().countersigned().authority);
    let feed = forged_feed(&world, &[(Action::Revoke, Cause::Misuse, &authority)], Place::Before);
    assert_eq!(struck(&world, &kept.bytes, &feed), Some(Code::RevokedTsa));
    let feed = forged_feed(&world, &[(Action::Revoke, Cause::Misuse, &authority)], Place::Behind);
    assert_eq!(struck(&world, &kept.bytes, &feed), None);
    let feed = forged_feed(&world, &[(Action::Revoke, Cause::KeyCompromise, &authority)], Place::Behind);
    assert_eq!(struck(&world, &kept.bytes, &feed), Some(Code::RevokedTsa));
    let issuing = format!("certificate:{}", signed.get().countersigned().leaf.issuing_digest());
    let feed = forged_feed(&world, &[(Action::Revoke, Cause::Misuse, &issuing)], Place::Before);
    assert_eq!(struck(&world, &kept.bytes, &feed), Some(Code::RevokedCertificate));
}

#[test]
fn a_revoked_prompt_reaches_no_session_and_takes_along_what_was_made_under_it() {
    let world = World::new();
    let paper = world.person().signs_prompt("Do it.\n");
    world.person().revokes(&format!("leaf:{}", paper.leaf()));
    let builder = world.agent("builder");
    let prepared = world.engine().accept_prompt(&builder.session(), &paper.leaf(), world.now());
    assert_eq!(world.ask(prepared).err(), Some(Code::RevokedLeaf));
    world.passes(1);
    let verified = world.reads_prompt(b"Do it.\n", &paper).unwrap();
    // It was signed before: what strikes a signature behind its own revocation is its being named, not the order.
    let feed =
        forged_feed(&world, &[(Action::Revoke, Cause::Misuse, &format!("leaf:{}", paper.leaf()))], Place::Before);
    assert_eq!(feed.check(verified.get().countersigned()).unwrap_err().code(), Code::RevokedLeaf);
}

#[test]
fn a_feed_that_is_too_old_tells_nothing() {
    // TIME-22: its time has passed; it ends before the commit; it knows fewer revocations than the decision did.
    let Story { world, .. } = story();
    let old = world.feed();
    world.passes(1);
    world.agent("builder").commits("src/b", "b");
    assert_eq!(codes(&world.verify_by(&old)), [Code::RevokedStaleList]);
    assert!(is_accepted(&world.verify_by(&world.feed())));
    world.person().revokes("model:m-1");
    world.agent("builder").commits("src/c", "c");
    let rolled_back = world.feed();
    let head = world.feed_saying(|head| (head.records, head.last) = (0, None));
    let head = FeedFile::decode(&head).unwrap().head;
    let fewer = FeedFile { head, records: Vec::new() }.encode().unwrap();
    assert_eq!(codes(&world.verify_by(&fewer)), [Code::RevokedStaleList]);
    world.passes(86_400);
    assert_eq!(refused_feed(&world, &rolled_back), Code::RevokedStaleList);
    assert_eq!(codes(&world.verify_by(&rolled_back)), [Code::RevokedStaleList]);
}

#[test]
fn a_feed_that_cannot_be_had_leaves_the_verdict_open() {
    // TIME-23.
    let Story { world, .. } = story();
    let missing = world.checkout.beside("no-such-feed.json");
    let folder = world.checkout.path();
    for path in [missing, folder] {
        let verdict = run::verify(&Request {
            repository: world.checkout.path(),
            anchor: world.anchor_file(1),
            selection: Selection::All,
            feed: Some(path),
            fail_fast: false,
            now: world.now(),
        });
        assert_eq!(verdict.verdict, Outcome::Undetermined);
        assert_eq!(codes(&verdict), [Code::RevokedUnavailable]);
    }
}

#[test]
fn a_head_that_the_log_did_not_sign_is_none() {
    // TIME-24: another key, another scope, another document of the same key.
    let Story { world, .. } = story();
    let file = FeedFile::decode(&world.feed()).unwrap();
    let under = |head: String| FeedFile { head, records: file.records.clone() }.encode().unwrap();
    let stranger = Ed25519Key::generate().unwrap();
    let origin = ORIGIN;
    let head = world.reads_feed(&world.feed()).unwrap().head().clone();
    assert_eq!(refused_feed(&world, &under(head.sign(&stranger))), Code::RevokedListInvalid);
    let elsewhere = FeedHead { origin: "log-other.example".to_owned(), ..head.clone() };
    assert_eq!(refused_feed(&world, &under(elsewhere.sign(&world.office.keys().log))), Code::RevokedListInvalid);
    // A checkpoint is no head, and a head no checkpoint, though one key signs both.
    let checkpoint = world.engine().checkpoint().unwrap().unwrap();
    assert_eq!(refused_feed(&world, &under(checkpoint)), Code::RevokedListInvalid);
    let key = world.office.keys().log.public();
    assert!(Checkpoint::verify(&file.head, origin, &key).is_err());
    assert!(Checkpoint::verify_published(&file.head, origin, &key).is_err());
    let future = world.feed_saying(|head| head.time = head.time.plus(3600));
    assert_eq!(refused_feed(&world, &future), Code::RevokedListInvalid);
}

#[test]
fn a_feed_with_a_record_too_few_too_many_or_out_of_order_is_none() {
    // TIME-24: nothing partial, nothing removed.
    let Story { world, .. } = story();
    for name in ["agent:builder", "model:m-1", "model:m-2"] {
        world.person().revokes(name);
    }
    let file = FeedFile::decode(&world.feed()).unwrap();
    assert!(world.reads_feed(&world.feed()).is_ok());
    let with = |records: Vec<_>| FeedFile { head: file.head.clone(), records }.encode().unwrap();
    let [first, second, third] = [0, 1, 2].map(|at| file.records[at].clone());
    for records in [
        vec![],
        vec![first.clone(), second.clone()],
        vec![first.clone(), third.clone()],
        vec![second.clone(), first.clone(), third.clone()],
        vec![first.clone(), second.clone(), third.clone(), third.clone()],
        vec![first.clone(), first.clone(), third.clone()],
    ] {
        assert_eq!(refused_feed(&world, &with(records)), Code::RevokedListInvalid);
    }
    // What the head says of them must be so as well.
    let fewer = world.feed_saying(|head| head.records = 2);
    assert_eq!(refused_feed(&world, &fewer), Code::RevokedListInvalid);
    let ahead = world.feed_saying(|head| head.entries = 1);
    assert_eq!(refused_feed(&world, &ahead), Code::RevokedListInvalid);
    let other = world.feed_saying(|head| head.last = Some(Digest::of(b"another")));
    assert_eq!(refused_feed(&world, &other), Code::RevokedListInvalid);
}

#[test]
fn a_record_that_no_person_signed_or_that_is_no_revocation_is_none() {
    let Story { world, .. } = story();
    world.person().revokes("model:m-1");
    let file = FeedFile::decode(&world.feed()).unwrap();
    let payload = revocation(Action::Revoke, Cause::Misuse, "model:m-1");
    // The authorities' own certificate for an agent that policy would never give one for this purpose.
    let signed = world.agent_within("statesman", attesting(&world)).certified(Purpose::Commit);
    let leaf = Leaf::parse(&signed.certificate).unwrap();
    let identity = LeafIdentity { purpose: Purpose::Attestation, ..leaf.identity().clone() };
    let certificate = world.office.leaf(leaf.subject(), &identity, &signed.key, leaf.window());
    let by_agent = Credential { certificate, ..signed };
    let forged = world.forges_paper(&by_agent, &payload, world.now());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "a").unwrap();
    let other = world.person().signs_artifact(walk(folder.path()).unwrap());
    for paper in [forged, other] {
        let feed = FeedFile { head: file.head.clone(), records: vec![entry(&paper)] }.encode().unwrap();
        assert_eq!(refused_feed(&world, &feed), Code::RevokedListInvalid);
    }
}

#[test]
fn no_bytes_make_the_reader_of_feeds_panic_or_take_what_was_altered() {
    // TIME-25: every byte of a feed with a record, altered in turn.
    let Story { world, .. } = story();
    world.person().revokes("agent:builder");
    let feed = world.feed();
    let verifier = world.verifier();
    for at in 0..feed.len() {
        let mut altered = feed.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(verifier.feed(&altered).is_err(), "byte {at}");
    }
    for length in [0, 1, feed.len() / 2, feed.len() - 1] {
        assert!(verifier.feed(&feed[..length]).is_err());
    }
}

#[test]
fn limits_hold_before_records_are_looked_at() {
    let Story { world, .. } = story();
    world.person().revokes("model:m-1");
    let file = FeedFile::decode(&world.feed()).unwrap();
    let records = vec![FeedEntry { bundle: Base64::default(), decision: Base64::default() }; MAX_RECORDS + 1];
    assert_eq!(FeedFile { records, ..file }.encode().unwrap_err().code(), Code::RevokedListInvalid);
}

#[test]
fn as_many_revocations_as_a_feed_may_hold_fit_into_it() {
    let Story { world, .. } = story();
    world.person().revokes("model:m-1");
    let one = world.feed().len();
    world.person().revokes("model:m-2");
    // A proof has a hash more, of 60 bytes where it is written, in a log twice as large: of a billion entries here.
    let record = world.feed().len() - one + 30 * 60;
    assert!(record * MAX_RECORDS < MAX_BYTES, "{record} bytes each");
}

#[test]
fn a_reader_that_leaves_out_doubles_or_moves_a_record_verifies_nothing() {
    let Story { world, .. } = story();
    for name in ["agent:builder", "model:m-1"] {
        world.person().revokes(name);
    }
    let feed = world.feed();
    let read = |numbers: &[usize]| {
        let read = world.verifier().feed_by(&feed, |entries, verify| {
            numbers.iter().map(|at| verify(&entries[*at], u64::try_from(*at).unwrap() + 1)).collect()
        });
        read.map(drop).map_err(|error| error.code())
    };
    assert_eq!(read(&[0, 1]), Ok(()));
    for wrong in [&[][..], &[0], &[1], &[1, 0], &[0, 0], &[0, 1, 1], &[0, 0, 1]] {
        assert_eq!(read(wrong), Err(Code::RevokedListInvalid), "{wrong:?}");
    }
}

#[test]
fn the_engine_refuses_revocations_that_say_nothing_or_come_from_an_agent() {
    let Story { world, .. } = story();
    let person = world.person();
    let says = |action, selector: &str| person.says(action, Cause::Unspecified, selector).err();
    assert_eq!(says(Action::Revoke, "agent:nobody"), Some(Code::AgentUnknown));
    assert_eq!(says(Action::Revoke, "class:nothing"), Some(Code::AgentUnknown));
    assert_eq!(says(Action::Revoke, "sponsor:bob@example.org"), Some(Code::IssuePersonUnknown));
    assert_eq!(says(Action::Revoke, &format!("session:{}", "0".repeat(32))), Some(Code::AgentSessionUnknown));
    assert_eq!(says(Action::Revoke, &format!("grant:{}", Digest::of(b"none"))), Some(Code::IssueGrantUnknown));
    assert_eq!(says(Action::Release, "agent:builder"), Some(Code::RevokedSelector));
    assert_eq!(says(Action::Hold, "agent:builder"), None);
    assert_eq!(says(Action::Hold, "agent:builder"), Some(Code::RevokedFinal));
    assert_eq!(says(Action::Revoke, "agent:builder"), None);
    for action in [Action::Hold, Action::Release, Action::Revoke] {
        assert_eq!(says(action, "agent:builder"), Some(Code::RevokedFinal));
    }
    let statesman = world.agent_within("statesman", attesting(&world));
    assert_eq!(statesman.asks_certificate(Purpose::Attestation).err(), Some(Code::PolicyDenied));
    // Nor as a statement like any other.
    let payload = revocation(Action::Revoke, Cause::Misuse, "model:m-1");
    assert_eq!(person.signs_statement(Purpose::Attestation, &payload).err(), Some(Code::IntotoPredicateType));
}

fn attesting(world: &World) -> Scope {
    Scope { purposes: vec![Purpose::Attestation, Purpose::Commit], ..world.scope() }
}

/// Where a forged revocation stands beside what the world's engine has logged.
#[derive(Clone, Copy)]
enum Place {
    Before,
    Behind,
}

/// A feed of revocations that no engine decided about, signed and countersigned by the real authorities.
fn forged_feed(world: &World, said: &[(Action, Cause, &str)], place: Place) -> Feed {
    let person = world.person().certified(Purpose::Attestation);
    let mut papers = Vec::new();
    for (number, (action, cause, selector)) in said.iter().enumerate() {
        papers.push(forged_record(world, &person, &revocation(*action, *cause, selector), number as u64, place));
    }
    let last = papers.last().map(Paper::leaf);
    let said = world.feed_saying(|head| {
        (head.records, head.last) = (papers.len() as u64, last);
        head.entries = 1000;
    });
    let head = FeedFile::decode(&said).unwrap().head;
    let records = papers.iter().map(entry).collect();
    world.reads_feed(&FeedFile { head, records }.encode().unwrap()).unwrap()
}

/// A revocation as the only entry of one tree, or the last of another.
fn forged_record(world: &World, by: &Credential, payload: &[u8], number: u64, place: Place) -> Paper {
    let levels = match place {
        Place::Before => 0,
        Place::Behind => 7,
    };
    let size = 1 << levels;
    let mut paper = world.forges_paper_deciding(by, dsse::PAYLOAD_TYPE, payload, world.now(), |record| {
        record.feed = number;
        (record.log.index, record.log.size) = (size - 1, size);
    });
    paper.bundle.entry = last_entry_in(ORIGIN, &world.office.keys().log, &paper.leaf(), levels);
    paper
}

fn entry(paper: &Paper) -> FeedEntry {
    FeedEntry { bundle: Base64(paper.bundle.to_json().unwrap()), decision: Base64(paper.decision.clone()) }
}

/// What a feed says of a commit object.
fn struck(world: &World, object: &[u8], feed: &Feed) -> Option<Code> {
    let signed = world.check(object).unwrap();
    feed.check(signed.get().countersigned()).err().map(|error| error.code())
}
