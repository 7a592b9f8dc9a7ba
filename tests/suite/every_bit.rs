//! Every bit of a signed object counts: change any one, and it is refused.

use chancery_tests::{Signed, World};
use signer_core::change::ChangeList;
use signer_core::verify::{Tagged, Verifier};
use signer_git::ObjectFormat;
use signer_git::commit::{Commit, split_signature};
use signer_git::tag::{self, Tag};

/// Whether the product takes these bytes for a signed commit that changes what `honest` changes. No process runs: trees
/// are looked at only where the lines that name them are as they were.
struct Commits {
    verifier: Verifier,
    repository: String,
    changes: ChangeList,
    honest: Commit,
}

impl Commits {
    fn of(world: &World, commit: &Signed) -> Self {
        Self {
            verifier: world.verifier(),
            repository: world.repository.to_string(),
            changes: world.changes(&commit.bytes),
            honest: Commit::parse(&commit.bytes, world.checkout.format()).unwrap(),
        }
    }

    fn accepts(&self, bytes: &[u8], format: ObjectFormat) -> bool {
        let Ok(commit) = Commit::parse(bytes, format) else { return false };
        let Ok(signed) = split_signature(bytes, format) else { return false };
        let same = commit.tree == self.honest.tree && commit.parents == self.honest.parents;
        let changes = if same { self.changes.clone() } else { ChangeList::default() };
        self.verifier.commit(&signed.payload, &signed.armor, &self.repository, &changes).is_ok()
    }
}

/// Every bit of `bytes` that `accepts` does not need; two threads, since that is what a small machine has.
fn needless(bytes: &[u8], accepts: impl Fn(&[u8]) -> bool + Sync) -> Vec<usize> {
    needless_of(bytes, 1, accepts)
}

/// The same for every `step`th bit only.
fn needless_of(bytes: &[u8], step: usize, accepts: impl Fn(&[u8]) -> bool + Sync) -> Vec<usize> {
    assert!(accepts(bytes), "the honest object is accepted");
    let half = bytes.len() * 4;
    let search = |from: usize, to: usize| {
        let mut forged = bytes.to_vec();
        let mut found = Vec::new();
        for bit in (from..to).step_by(step) {
            forged[bit / 8] ^= 1 << (bit % 8);
            if accepts(&forged) {
                found.push(bit);
            }
            forged[bit / 8] ^= 1 << (bit % 8);
        }
        found
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| search(0, half));
        let mut found = search(half, bytes.len() * 8);
        found.extend(first.join().unwrap());
        found
    })
}

#[test]
fn of_a_commit_is_needed() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let judge = Commits::of(&world, &commit);
    assert_eq!(needless(&commit.bytes, |bytes| judge.accepts(bytes, ObjectFormat::Sha1)), [0_usize; 0]);
}

#[test]
fn of_a_tag_is_needed_byte_by_byte() {
    let world = World::new();
    let tag = world.person().tags("v1");
    let (verifier, repository) = (world.verifier(), world.repository.to_string());
    let accepts = |bytes: &[u8]| {
        let Ok(read) = Tag::parse(bytes, ObjectFormat::Sha1) else { return false };
        let Ok(signed) = tag::split_signature(bytes, ObjectFormat::Sha1) else { return false };
        let object = read.object.to_string();
        let tagged = Tagged { name: &read.name, object: &object, kind: read.kind.as_str() };
        verifier.tag(&signed.payload, &signed.armor, &repository, &tagged).is_ok()
    };
    // Nine bits apart: every byte, and every bit's place in it.
    assert_eq!(needless_of(&tag.bytes, 9, accepts), [0_usize; 0]);
}

#[test]
fn a_byte_more_or_less_is_refused_anywhere() {
    let world = World::in_format(ObjectFormat::Sha256);
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let judge = Commits::of(&world, &commit);
    for at in 0..commit.bytes.len() {
        let mut shorter = commit.bytes.clone();
        let byte = shorter.remove(at);
        assert!(!judge.accepts(&shorter, ObjectFormat::Sha256), "without byte {at}");
        let mut longer = commit.bytes.clone();
        longer.insert(at, byte);
        assert!(!judge.accepts(&longer, ObjectFormat::Sha256), "byte {at} twice");
        assert!(!judge.accepts(&commit.bytes[..at], ObjectFormat::Sha256), "cut at byte {at}");
    }
}
