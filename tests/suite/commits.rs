//! What honest people and agents do is accepted, and the verdict says who did it.

use chancery_tests::verdicts::{codes, is_accepted, remarks, row};
use chancery_tests::world::PERSON;
use chancery_tests::{Parts, World};
use signer_core::identity::{ActorClass, Custody};
use signer_core::reason::Code;
use signer_core::verdict::{Assurance, Kind, Mode, Outcome, SCHEMA, TimeAssurance, Trust};
use signer_git::ObjectFormat;

#[test]
fn accepts_what_a_person_and_an_agent_add_modify_and_delete() {
    let world = World::new();
    world.person().commits("ops/deploy.sh", "true\n");
    world.agent("builder").commits("src/lib.rs", "one\n");
    world.agent("builder").commits("src/lib.rs", "two\n");
    world.agent("builder").removes("src/lib.rs");
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(verdict.summary.accepted, 5);
}

#[test]
fn says_who_signed_when_and_where_in_the_log() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let verdict = world.verify();
    let row = row(&verdict, &commit.id);
    assert_eq!((row.kind, row.verdict, row.assurance), (Kind::Commit, Outcome::Accepted, Assurance::Chancery));
    let signer = row.signer.as_ref().unwrap();
    let session = world.agent("builder").session();
    assert_eq!((signer.class, signer.agent.as_deref()), (ActorClass::Agent, Some("builder")));
    assert_eq!(signer.identity, format!("spiffe://7f.chancery.internal/agent/builder/{}", session.id()));
    assert_eq!((signer.session.as_str(), signer.sponsor.as_deref()), (session.id(), Some(PERSON)));
    assert_eq!((signer.hops.as_slice(), signer.custody), ([PERSON.to_owned()].as_slice(), Custody::Broker));
    assert_eq!((row.signed_at, row.time_assurance), (Some(world.now()), Some(TimeAssurance::Own)));
    let record = Parts::of(&commit.bytes, ObjectFormat::Sha1).record();
    let place = row.log.as_ref().unwrap();
    assert_eq!((place.leaf, place.index, place.tree_size), (record.leaf, record.log.index, record.log.size));
    let decision = row.decision.as_ref().unwrap();
    assert_eq!((decision.policy, decision.rules.as_slice()), (world.policy().digest(), record.rules.as_slice()));
    assert!(decision.rules.iter().any(|rule| rule == "agent-change"));
    assert_eq!((row.prompt, row.reasons.as_slice()), (None, [].as_slice()));
}

#[test]
fn names_anchor_policy_base_and_head_of_the_run() {
    let world = World::new();
    let before = world.checkout.id("HEAD~1");
    let head = world.person().commits("a", "a");
    let verdict = world.verify();
    let anchor = signer_core::digest::Digest::of(&world.anchor(1));
    assert_eq!((verdict.schema, verdict.mode, verdict.verdict), (SCHEMA, Mode::Enforce, Outcome::Accepted));
    assert_eq!((verdict.anchor, verdict.trust), (Some(anchor), Some(Trust::Development)));
    assert_eq!(verdict.policy, Some(world.policy().digest()));
    assert_eq!((verdict.base, verdict.head), (Some(before), Some(head.id)));
}

#[test]
fn names_the_prompt_a_commit_was_made_under() {
    let world = World::new();
    let prompt = world.person().signs_prompt("Add a parser.\n");
    world.agent("builder").accepts(&prompt.leaf());
    let commit = world.agent("builder").commits("src/parser.rs", "fn parse() {}\n");
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(row(&verdict, &commit.id).prompt, Some(prompt.leaf()));
}

#[test]
fn accepts_a_merge_that_changes_nothing_itself() {
    let world = World::new();
    let base = world.checkout.id("HEAD");
    world.agent("builder").commits("src/a.rs", "a\n");
    world.checkout.switch("side", &base);
    world.person().commits("docs/b.md", "b\n");
    world.checkout.git(&["checkout", "-q", "main"]);
    let merge = world.agent("builder").merges("side");
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(verdict.summary.accepted, 4);
    assert_eq!(verdict.head, Some(merge.id));
}

#[test]
fn accepts_a_root_commit_that_adopts_an_empty_repository() {
    let world = World::from_nothing();
    world.agent("builder").commits("src/lib.rs", "one\n");
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!((verdict.summary.accepted, verdict.base), (2, None));
}

#[test]
fn accepts_the_same_in_a_sha256_repository() {
    let world = World::in_format(ObjectFormat::Sha256);
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    assert!(commit.bytes.windows(14).any(|bytes| bytes == b"gpgsig-sha256 "));
    world.person().tags("v1");
    assert!(is_accepted(&world.verify()), "{:#?}", world.verify());
    assert!(is_accepted(&world.verify_tag("v1")), "{:#?}", world.verify_tag("v1"));
}

#[test]
fn accepts_a_signature_long_after_its_certificate_expired() {
    let world = World::new();
    world.agent("builder").commits("src/lib.rs", "one\n");
    world.passes(200 * 86_400);
    assert!(is_accepted(&world.verify()), "{:#?}", world.verify());
}

#[test]
fn accepts_a_range_without_looking_at_what_lies_before_it() {
    let world = World::new();
    world.person().commits("a", "a");
    let payload = world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], PERSON, "Nobody signed");
    world.checkout.advance(&payload);
    let base = world.checkout.id("HEAD");
    world.person().commits("b", "b");
    let range = ci::run::Selection::Range { base, head: "HEAD".to_owned() };
    let verdict = world.judge(&world.anchor_file(1), range);
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(codes(&world.verify()), [Code::GitSigMissing]);
}

#[test]
fn accepts_a_tag_of_a_person_and_refuses_one_of_an_agent() {
    let world = World::new();
    let tag = world.person().tags("v1.0");
    let verdict = world.verify_tag("v1.0");
    assert!(is_accepted(&verdict), "{verdict:#?}");
    let row = row(&verdict, &tag.id);
    assert_eq!((row.kind, row.signer.as_ref().unwrap().identity.as_str()), (Kind::Tag, PERSON));
    let head = world.checkout.id("HEAD");
    assert_eq!(world.agent("builder").signs_tag("v2", &head, "commit").err(), Some(Code::ScopeOperation));
}

#[test]
fn remarks_on_a_foreign_author_line_without_refusing_it() {
    let world = World::new();
    let payload =
        world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], "eve@example.org", "Nothing");
    let signed = world.person().signs(&payload).unwrap();
    world.checkout.advance(&signed.bytes);
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(remarks(row(&verdict, &signed.id)), [Code::IdAuthorDiffers]);
    assert_eq!(row(&verdict, &signed.id).signer.as_ref().unwrap().identity, PERSON);
}

#[test]
fn remarks_on_an_unusual_encoding_without_refusing_it() {
    let world = World::new();
    let plain = world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], PERSON, "Nothing");
    let text = String::from_utf8(plain).unwrap().replacen("\n\n", "\nencoding ISO-8859-1\n\n", 1);
    let signed = world.person().signs(text.as_bytes()).unwrap();
    world.checkout.advance(&signed.bytes);
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(remarks(row(&verdict, &signed.id)), [Code::GitEncodingUnusual]);
}

// GIT-32.
#[test]
fn remarks_on_an_added_name_that_collides_where_names_are_folded() {
    for (there, added) in [("a", "A"), ("src/caf\u{e9}", "src/cafe\u{301}"), ("docs/x", "Docs/y")] {
        let world = World::new();
        let before = world.person().commits(there, "one");
        let colliding = world.person().commits(added, "two");
        let after = world.person().commits(added, "three");
        let verdict = world.verify();
        assert!(is_accepted(&verdict), "{verdict:#?}");
        assert_eq!(remarks(row(&verdict, &before.id)), []);
        assert_eq!(remarks(row(&verdict, &colliding.id)), [Code::GitTreeCollision], "{added}");
        assert_eq!(remarks(row(&verdict, &after.id)), [], "it was said where the name came in");
    }
}

#[test]
fn refuses_an_unsigned_commit_on_top() {
    let world = World::new();
    world.checkout.write("a", "a");
    let payload = world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], PERSON, "Unsigned");
    let id = world.checkout.advance(&payload);
    let verdict = world.verify();
    assert_eq!(codes(&verdict), [Code::GitSigMissing]);
    assert_eq!((row(&verdict, &id).assurance, row(&verdict, &id).signer.as_ref()), (Assurance::None, None));
}

#[test]
fn refuses_signatures_of_another_engine() {
    let (world, stranger) = (World::new(), World::new());
    let foreign = stranger.person().commits("a", "a");
    let id = world.checkout.advance(&{
        let theirs = Parts::of(&foreign.bytes, ObjectFormat::Sha1);
        world.checkout.write("a", "a");
        let payload = world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], PERSON, "a");
        Parts { payload, ..theirs }.object()
    });
    assert_eq!(codes(&world.verify_commit(&id)), [Code::X509Untrusted]);
}

#[test]
fn decides_nothing_where_there_is_nothing() {
    let world = World::new();
    let head = world.checkout.id("HEAD");
    let range = ci::run::Selection::Range { base: head.clone(), head };
    let verdict = world.judge(&world.anchor_file(1), range);
    assert_eq!(
        (codes(&verdict).as_slice(), verdict.verdict),
        ([Code::InternalNothing].as_slice(), Outcome::Undetermined)
    );
}
