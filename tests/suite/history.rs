//! History as a whole: what lies between the commits, beside them, and in the repository around them.

use std::fs;

use chancery_tests::actor::tag_payload;
use chancery_tests::verdicts::{codes, is_accepted, refusals, remarks, row};
use chancery_tests::world::PERSON;
use chancery_tests::{Parts, World};
use ci::run::Selection;
use signer_core::identity::Purpose;
use signer_core::reason::Code;
use signer_core::verdict::{Outcome, Verdict};
use signer_git::ObjectFormat;

/// An unsigned commit of whatever the work tree holds, on top of `HEAD`.
fn unsigned(world: &World) -> String {
    let payload = world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], PERSON, "Unsigned");
    world.checkout.advance(&payload)
}

fn range(world: &World, base: &str, head: &str) -> Vec<Code> {
    let selection = Selection::Range { base: base.to_owned(), head: head.to_owned() };
    codes(&world.judge(&world.anchor_file(1), selection))
}

#[test]
fn refuses_an_unsigned_commit_between_signed_ones() {
    let world = World::new();
    world.person().commits("a", "a");
    world.checkout.write("b", "b");
    let hole = unsigned(&world);
    let top = world.person().commits("c", "c");
    let verdict = world.verify();
    assert_eq!(codes(&verdict), [Code::GitSigMissing]);
    assert_eq!(row(&verdict, &hole).verdict, Outcome::Rejected);
    assert_eq!(row(&verdict, &top.id).verdict, Outcome::Accepted, "each row speaks for itself");
    assert_eq!(verdict.verdict, Outcome::Rejected);
}

#[test]
fn refuses_an_unsigned_commit_that_a_merge_brings_in() {
    let world = World::new();
    let base = world.checkout.id("HEAD");
    world.person().commits("a", "a");
    world.checkout.switch("side", &base);
    world.checkout.write("b", "b");
    unsigned(&world);
    world.checkout.git(&["checkout", "-q", "main"]);
    world.person().merges("side");
    assert_eq!(codes(&world.verify()), [Code::GitSigMissing]);
}

#[test]
fn refuses_a_merge_whose_own_changes_lie_outside_the_scope() {
    let world = World::new();
    let base = world.checkout.id("HEAD");
    world.agent("builder").commits("src/a.rs", "a\n");
    world.checkout.switch("side", &base);
    world.agent("builder").commits("src/b.rs", "b\n");
    world.checkout.git(&["checkout", "-q", "main"]);
    world.checkout.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    world.checkout.write("ops/backdoor.sh", "true\n");
    let parents = [world.checkout.id("HEAD"), world.checkout.id("side")];
    let payload = world.checkout.payload(&world.checkout.tree(), &parents, PERSON, "Merge");
    assert_eq!(world.agent("builder").signs(&payload).err(), Some(Code::ScopePath), "the engine refuses");
    let helper = world.agent("helper");
    let object = world.drafts(&helper, &helper.certified(Purpose::Commit), payload);
    let id = world.checkout.advance(&object.object());
    assert_eq!(codes(&world.verify_commit(&id)), [Code::ScopePath], "and so does the verifier");
}

/// The bytes of a merge of `side` into `main` that changes nothing itself.
fn clean_merge(world: &World) -> Vec<u8> {
    let parents = [world.checkout.id("main"), world.checkout.id("side")];
    let tree = world.checkout.git(&["merge-tree", "--write-tree", "main", "side"]).trim().to_owned();
    world.checkout.payload(&tree, &parents, PERSON, "Merge")
}

#[test]
fn refuses_a_merge_that_lies_about_what_it_changes() {
    let world = World::new();
    let base = world.checkout.id("HEAD");
    world.agent("builder").commits("src/a.rs", "a\n");
    world.checkout.switch("side", &base);
    world.agent("builder").commits("src/b.rs", "b\n");
    world.checkout.git(&["checkout", "-q", "main"]);
    let honest = world.agent("builder").signs(&clean_merge(&world)).unwrap();
    world.checkout.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    world.checkout.write("src/a.rs", "evil\n");
    let parents = [world.checkout.id("main"), world.checkout.id("side")];
    let payload = world.checkout.payload(&world.checkout.tree(), &parents, PERSON, "Merge");
    let id = world.checkout.advance(&world.forges(&honest).over(payload).object());
    assert_eq!(codes(&world.verify_commit(&id)), [Code::ScopeClaimMismatch]);
}

#[test]
fn refuses_a_second_root() {
    let world = World::new();
    let tree = world.checkout.id("HEAD^{tree}");
    let root = world.person().signs(&world.checkout.payload(&tree, &[], PERSON, "Another start")).unwrap();
    let parents = [world.checkout.id("HEAD"), root.id.clone()];
    world.person().commits_tree(&tree, &parents, "Merge");
    let verdict = world.verify();
    assert_eq!(codes(&verdict), [Code::HistNewRoot]);
    assert_eq!(row(&verdict, &root.id).verdict, Outcome::Rejected);
}

#[test]
fn refuses_a_head_that_does_not_descend_from_the_adoption() {
    let world = World::new();
    let tree = world.checkout.id("HEAD^{tree}");
    let root = world.checkout.store("commit", &world.checkout.payload(&tree, &[], PERSON, "Start over"));
    world.checkout.point("refs/heads/main", &root);
    world.checkout.git(&["checkout", "-q", "-f", "main"]);
    assert_eq!(codes(&world.verify()), [Code::HistNotDescendant]);
}

#[test]
fn refuses_a_range_whose_base_lies_outside_the_adopted_history() {
    let world = World::new();
    world.person().commits("a", "a");
    let tree = world.checkout.id("HEAD^{tree}");
    let stray = world.checkout.store("commit", &world.checkout.payload(&tree, &[], PERSON, "Stray"));
    assert_eq!(range(&world, &stray, "HEAD"), [Code::HistNotDescendant]);
    assert_eq!(range(&world, "HEAD", &stray), [Code::HistNotDescendant]);
    assert_eq!(range(&world, "nowhere", "HEAD"), [Code::HistUnknownRevision]);
}

#[test]
fn says_of_a_commit_from_before_the_adoption_that_it_is() {
    let world = World::new();
    let adoption = world.checkout.id("HEAD~1");
    let before = |verdict: &Verdict| {
        assert_eq!(codes(verdict), [Code::HistNotDescendant]);
        let reason = &verdict.subjects[0].reasons[0];
        reason.message.contains("is from before the adoption") && reason.help.contains("--all")
    };
    assert!(before(&world.verify_commit(&adoption)), "the one that was adopted is unsigned, and nobody can mend that");
    let tag = world.person().signs_tag("v0", &adoption, "commit").unwrap();
    world.checkout.point("refs/tags/v0", &tag.id);
    assert!(before(&world.verify_tag("v0")));
    let tree = world.checkout.id("HEAD^{tree}");
    let stray = world.checkout.store("commit", &world.checkout.payload(&tree, &[], PERSON, "Stray"));
    assert!(!before(&world.verify_commit(&stray)), "another history is not an earlier one");
}

#[test]
fn says_of_an_ancestor_of_the_adoption_that_it_is_from_before_it() {
    let world = World::unadopted(ObjectFormat::Sha1);
    let first = world.checkout.advance(&world.checkout.payload(&world.checkout.tree(), &[], PERSON, "One"));
    world.checkout.advance(&world.checkout.payload(
        &world.checkout.tree(),
        std::slice::from_ref(&first),
        PERSON,
        "Two",
    ));
    world.adopts();
    for selection in [
        Selection::Commit(first.clone()),
        Selection::Range { base: first.clone(), head: "HEAD".to_owned() },
        Selection::Range { base: "HEAD".to_owned(), head: first.clone() },
    ] {
        let verdict = world.judge(&world.anchor_file(1), selection);
        assert_eq!(codes(&verdict), [Code::HistNotDescendant]);
        assert!(verdict.subjects[0].reasons[0].message.contains("is from before the adoption"));
    }
}

#[test]
fn ignores_replace_refs_and_says_so() {
    let world = World::new();
    world.person().commits("a", "a");
    world.checkout.write("b", "b");
    let unsigned = unsigned(&world);
    world.checkout.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let signed = world.person().commits("c", "c");
    world.checkout.git(&["replace", &unsigned, &signed.id]);
    world.checkout.point("refs/heads/main", &unsigned);
    let verdict = world.verify();
    assert_eq!(codes(&verdict), [Code::GitSigMissing], "the replacement is not looked at");
    let first = verdict.subjects.first().unwrap();
    assert_eq!(remarks(first), [Code::HistReplaceRefsPresent]);
}

#[test]
fn a_replace_ref_alone_changes_no_verdict() {
    let world = World::new();
    let signed = world.person().commits("a", "a");
    let before = world.checkout.id("HEAD~1");
    world.checkout.git(&["replace", &signed.id, &before]);
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
}

#[test]
fn a_shallow_clone_is_undetermined() {
    let world = World::new();
    world.person().commits("a", "a");
    let url = format!("file://{}", world.checkout.path().display());
    let shallow = world.checkout.beside("shallow");
    world.checkout.git(&["clone", "-q", "--depth", "1", &url, &shallow.display().to_string()]);
    let verdict = ci::run::verify(&ci::run::Request {
        repository: shallow,
        anchor: world.anchor_file(1),
        selection: Selection::All,
        feed: None,
        fail_fast: false,
        now: world.now(),
    });
    assert_eq!((codes(&verdict).as_slice(), verdict.verdict), ([Code::HistShallow].as_slice(), Outcome::Undetermined));
}

#[test]
fn refuses_grafts() {
    let world = World::new();
    let info = world.checkout.path().join(".git/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("grafts"), format!("{}\n", world.checkout.id("HEAD"))).unwrap();
    assert_eq!(codes(&world.verify()), [Code::HistGraftsPresent]);
}

#[test]
fn refuses_borrowed_objects() {
    let world = World::new();
    let info = world.checkout.path().join(".git/objects/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("alternates"), "/elsewhere/objects\n").unwrap();
    assert_eq!(codes(&world.verify()), [Code::HistAlternates]);
}

#[test]
fn a_missing_object_is_undetermined() {
    let world = World::new();
    world.person().commits("a", "a");
    let blob = world.checkout.id("HEAD:a");
    fs::remove_file(world.checkout.path().join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let verdict = world.verify();
    assert_eq!(codes(&verdict), [Code::HistMissingObject]);
    assert_eq!(verdict.verdict, Outcome::Undetermined);
}

#[test]
fn a_missing_parent_is_undetermined() {
    let world = World::new();
    let lost = world.person().commits("a", "a").id;
    world.person().commits("b", "b");
    fs::remove_file(world.checkout.path().join(format!(".git/objects/{}/{}", &lost[..2], &lost[2..]))).unwrap();
    assert_eq!(codes(&world.verify()), [Code::HistMissingObject]);
}

#[test]
fn refuses_an_object_under_the_id_of_another() {
    let world = World::new();
    let one = world.person().commits("a", "one").id;
    world.checkout.git(&["checkout", "-q", "HEAD~1"]);
    let place = |id: &str| world.checkout.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    let other = world.checkout.id("HEAD");
    fs::remove_file(place(&one)).unwrap();
    fs::copy(place(&other), place(&one)).unwrap();
    assert_eq!(codes(&world.verify_commit("main")), [Code::HistObjectIdMismatch]);
}

#[test]
fn refuses_two_commits_that_carry_one_log_entry() {
    let world = World::new();
    let base = world.checkout.id("HEAD");
    let one = world.agent("builder").commits("src/a.rs", "a\n");
    world.passes(1);
    let parts = Parts::of(&one.bytes, ObjectFormat::Sha1);
    let twin = parts.clone().stamped(&world.office, world.now()).object();
    assert!(world.check(&twin).is_ok(), "a twin is true by itself");
    world.checkout.switch("side", &base);
    let twin = world.checkout.advance(&twin);
    assert_ne!(twin, one.id);
    let parents = [one.id.clone(), twin.clone()];
    world.checkout.git(&["checkout", "-q", "-f", "main"]);
    world.person().commits_tree(&world.checkout.id("main^{tree}"), &parents, "Merge");
    let verdict = world.verify();
    for id in [&one.id, &twin] {
        assert_eq!(refusals(row(&verdict, id)), [Code::GitDuplicateEvidence]);
    }
    assert_eq!(verdict.summary.rejected, 2);
}

#[test]
fn refuses_a_tag_under_another_name() {
    let world = World::new();
    let tag = world.person().tags("v1");
    world.checkout.point("refs/tags/v2", &tag.id);
    assert_eq!(codes(&world.verify_tag("v2")), [Code::GitTagNameMismatch]);
    assert!(is_accepted(&world.verify_tag("refs/tags/v1")));
}

#[test]
fn refuses_a_lightweight_tag_and_an_unsigned_one() {
    let world = World::new();
    let head = world.checkout.id("HEAD");
    world.checkout.point("refs/tags/light", &head);
    let unsigned = world.checkout.store("tag", &tag_payload("bare", &head, "commit"));
    world.checkout.point("refs/tags/bare", &unsigned);
    assert_eq!(codes(&world.verify_tag("light")), [Code::GitTagUnsigned]);
    assert_eq!(codes(&world.verify_tag("bare")), [Code::GitTagUnsigned]);
    assert_eq!(codes(&world.verify_tag("none")), [Code::HistUnknownRevision]);
}

#[test]
fn refuses_a_tag_of_a_tag() {
    let world = World::new();
    let inner = world.person().tags("v1");
    let outer = world.person().signs_tag("v2", &inner.id, "tag").unwrap();
    world.checkout.point("refs/tags/v2", &outer.id);
    assert_eq!(codes(&world.verify_tag("v2")), [Code::GitTagNested]);
}

#[test]
fn refuses_a_tag_of_a_tree_or_a_blob() {
    let world = World::new();
    for (object, kind) in [("HEAD^{tree}", "tree"), ("HEAD:README.md", "blob")] {
        let tag = world.person().signs_tag("v1", &world.checkout.id(object), kind).unwrap();
        world.checkout.point("refs/tags/v1", &tag.id);
        assert_eq!(codes(&world.verify_tag("v1")), [Code::GitTagTarget], "{kind}");
    }
}

#[test]
fn refuses_a_tag_that_lies_about_the_kind_of_its_object() {
    let world = World::new();
    let (head, tree) = (world.checkout.id("HEAD"), world.checkout.id("HEAD^{tree}"));
    for (object, kind, expected) in
        [(&head, "tree", Code::GitTagTypeMismatch), (&tree, "commit", Code::GitMalformedObjectType)]
    {
        let lie = world.person().signs_tag("v1", object, kind).unwrap();
        world.checkout.point("refs/tags/v1", &lie.id);
        assert_eq!(codes(&world.verify_tag("v1")), [expected]);
    }
}

#[test]
fn refuses_a_tag_that_was_moved_to_another_commit() {
    let world = World::new();
    let honest = world.person().tags("v1");
    let head = world.person().commits("a", "a").id;
    let signed = signer_git::tag::split_signature(&honest.bytes, ObjectFormat::Sha1).unwrap();
    let moved = [tag_payload("v1", &head, "commit"), signed.armor].concat();
    world.checkout.point("refs/tags/v1", &world.checkout.store("tag", &moved));
    assert_eq!(codes(&world.verify_tag("v1")), [Code::CmsDigest]);
}

#[test]
fn refuses_a_tag_whose_provenance_is_another_tags() {
    let world = World::new();
    let head = world.checkout.id("HEAD");
    for lie in [
        (|tag: &mut signer_core::provenance::TagProvenance| tag.name = "v0".to_owned())
            as fn(&mut signer_core::provenance::TagProvenance),
        |tag| tag.object = "0".repeat(40),
        |tag| tag.object_type = "tree".to_owned(),
    ] {
        let tag = world.person().signs_tag_saying("v1", &head, "commit", lie).unwrap();
        world.checkout.point("refs/tags/v1", &tag.id);
        assert_eq!(codes(&world.verify_tag("v1")), [Code::ScopeTagMismatch]);
    }
}

#[test]
fn refuses_a_commits_signature_on_a_tag() {
    let world = World::new();
    let commit = world.person().commits("a", "a");
    let armor = signer_git::commit::split_signature(&commit.bytes, ObjectFormat::Sha1).unwrap().armor;
    let forged = [tag_payload("v1", &commit.id, "commit"), armor].concat();
    world.checkout.point("refs/tags/v1", &world.checkout.store("tag", &forged));
    assert_eq!(codes(&world.verify_tag("v1")), [Code::CmsDigest]);
}

#[test]
fn refuses_a_merge_that_takes_back_an_older_anchor() {
    let world = World::new();
    let first = world.checkout.id("HEAD");
    world.checkout.switch("side", &first);
    world.person().commits("b", "b");
    world.checkout.git(&["checkout", "-q", "-f", "main"]);
    world.anchors(world.next_terms(1));
    let parents = [world.checkout.id("main"), world.checkout.id("side")];
    let merge = world.person().commits_tree(&world.checkout.id("side^{tree}"), &parents, "Merge");
    let found = codes(&world.verify_commit(&merge.id));
    assert!(found.contains(&Code::AnchorRollback), "{found:?}");
}

#[test]
fn refuses_an_agents_merge_that_takes_back_what_lies_outside_its_scope() {
    let world = World::new();
    let before = world.checkout.id("HEAD");
    world.person().commits("ops/limits.toml", "max = 1\n");
    world.checkout.switch("side", &before);
    world.agent("builder").commits("src/lib.rs", "one\n");
    for old in ["side", before.as_str()] {
        let parents = [world.checkout.id("main"), world.checkout.id(old)];
        for parents in [parents.clone(), [parents[1].clone(), parents[0].clone()]] {
            let tree = world.checkout.id(&format!("{old}^{{tree}}"));
            let payload = world.checkout.payload(&tree, &parents, PERSON, "Merge, and forget the limits");
            assert_eq!(world.agent("builder").signs(&payload).err(), Some(Code::ScopePath), "merging {old}");
        }
    }
}

#[test]
fn refuses_a_second_root_in_a_repository_that_was_adopted_empty() {
    let world = World::from_nothing();
    world.person().commits("a", "a");
    let tree = world.checkout.id("HEAD~1^{tree}");
    let root = world.person().signs(&world.checkout.payload(&tree, &[], PERSON, "Another start")).unwrap();
    let parents = [world.checkout.id("HEAD"), root.id.clone()];
    world.person().commits_tree(&world.checkout.id("HEAD^{tree}"), &parents, "Merge");
    assert_eq!(refusals(row(&world.verify(), &root.id)), [Code::HistNewRoot]);
}

#[test]
fn refuses_a_tag_of_an_unsigned_commit() {
    let world = World::new();
    world.checkout.write("a", "a");
    let id = world.checkout.advance(&world.payload());
    world.person().tags("v1");
    let verdict = world.verify_tag("v1");
    assert!(!is_accepted(&verdict), "{id} is unsigned, its tag is fine");
}
