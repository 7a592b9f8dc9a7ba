//! What was signed without an engine, judged by the caller's word: a commit of gitsign's in a repository of ours, beside what it
//! must be told apart from.

use std::fs;
use std::path::PathBuf;

use chancery_tests::World;
use ci::args::{GpgVerify, Word};
use ci::gpg::{self, Answer};
use ci::run::Selection;
use ci::sigstore::{Request, verify};
use signer_core::reason::Code;
use signer_core::verdict::{Assurance, Outcome, Verdict};

/// Signed through public Sigstore on 2023-06-05; its origin stands beside the judge's own tests.
const COMMIT: &str = include_str!("../../signer/sigstore/src/foreign/object/tests/offline.commit");
const END: &str = "-----END SIGNED MESSAGE-----\n";

fn word() -> Word {
    Word {
        trusted_root: Some("public".into()),
        identity: vec!["eve@example.org".into(), "billy@chainguard.dev".into()],
        issuer: vec!["https://accounts.google.com".into()],
    }
}

fn judged(world: &World, selection: Selection, by: Word) -> Verdict {
    verify(&Request { repository: world.checkout.path(), word: by, selection, now: world.now() })
}

fn commit(world: &World, bytes: &[u8], by: Word) -> Verdict {
    judged(world, Selection::Commit(world.checkout.store("commit", bytes)), by)
}

fn refused(verdict: &Verdict) -> Code {
    let subject = &verdict.subjects[0];
    assert_ne!(verdict.verdict, Outcome::Accepted);
    assert!(subject.signer.is_none() && subject.sigstore_signer.is_none() && subject.log.is_none());
    subject.reasons[0].code
}

#[test]
fn a_commit_of_gitsign_is_accepted_by_the_callers_word_alone() {
    let world = World::new();
    let verdict = commit(&world, COMMIT.as_bytes(), word());
    let subject = &verdict.subjects[0];
    assert_eq!((verdict.verdict, subject.assurance), (Outcome::Accepted, Assurance::Sigstore));
    assert_eq!(subject.sigstore_signer.as_ref().unwrap().identity, "billy@chainguard.dev");
    assert_eq!(subject.signed_at.unwrap().to_string(), "2023-06-05T16:11:20Z");
    // Neither the repository's anchor nor its policy had a say.
    assert!(verdict.anchor.is_none() && verdict.policy.is_none() && subject.decision.is_none());
    assert!(subject.signer.is_none() && subject.reasons.is_empty());
}

#[test]
fn it_is_refused_where_it_is_altered_or_the_word_is_another() {
    let world = World::new();
    let altered = COMMIT.replace("Billy", "Willy");
    assert_eq!(refused(&commit(&world, altered.as_bytes(), word())), Code::CmsDigest);
    let of_another = Word { identity: vec!["eve@example.org".into()], ..word() };
    assert_eq!(refused(&commit(&world, COMMIT.as_bytes(), of_another)), Code::IdMismatch);
    let armor = COMMIT.replace(" -----END", "  -----END");
    assert_eq!(refused(&commit(&world, armor.as_bytes(), word())), Code::GitSigArmorNoncanonical);
    let at = (COMMIT.find("gpgsig").unwrap(), COMMIT.find(END).unwrap() + END.len());
    let unsigned = [&COMMIT[..at.0], &COMMIT[at.1..]].concat();
    assert_eq!(refused(&commit(&world, unsigned.as_bytes(), word())), Code::GitSigMissing);
}

#[test]
fn an_engines_commit_is_an_anchors_to_judge() {
    let world = World::new();
    let own = world.agent("builder").commits("src/lib.rs", "one\n");
    assert_eq!(refused(&commit(&world, &own.bytes, word())), Code::CmsCountersigned);
    let tag = world.person().tags("v1");
    let id = world.checkout.store("tag", &tag.bytes);
    world.checkout.point("refs/tags/v1", &id);
    let verdict = judged(&world, Selection::Tag("v1".into()), word());
    assert!(verdict.subjects.iter().all(|subject| subject.verdict == Outcome::Rejected));
    assert_eq!(refused(&verdict), Code::CmsCountersigned);
}

#[test]
fn a_range_holds_every_commit_and_one_at_least() {
    let world = World::new();
    let base = world.checkout.head().unwrap();
    world.agent("builder").commits("src/lib.rs", "one\n");
    let head = world.checkout.head().unwrap();
    let range = |base: &str| Selection::Range { base: base.to_owned(), head: head.clone() };
    assert_eq!(judged(&world, range(&head), word()).subjects[0].reasons[0].code, Code::InternalNothing);
    let verdict = judged(&world, range(&base), word());
    let all = judged(&world, Selection::All, word());
    assert!(verdict.subjects.len() < all.subjects.len(), "what stands before the range is not judged");
    assert_eq!(all.verdict, Outcome::Rejected);
}

#[test]
fn nobodys_word_counts_for_nothing() {
    let world = World::new();
    let code = |word: Word| commit(&world, COMMIT.as_bytes(), word).subjects[0].reasons[0].code;
    assert_eq!(code(Word::default()), Code::ElsewhereUnnamed);
    assert_eq!(code(Word { trusted_root: None, ..word() }), Code::ElsewhereUnnamed);
    assert_eq!(code(Word { identity: vec![], ..word() }), Code::ElsewhereUnnamed);
    assert_eq!(code(Word { issuer: vec![], ..word() }), Code::ElsewhereUnnamed);
    let issuers = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(code(Word { issuer: issuers, ..word() }), Code::Usage);
    assert_eq!(code(Word { trusted_root: Some("/nowhere".into()), ..word() }), Code::TrustMalformed);
    let own = world.checkout.beside("root.json");
    fs::write(&own, b"{}").unwrap();
    assert_eq!(code(Word { trusted_root: Some(own), ..word() }), Code::TrustMalformed);
}

#[test]
fn issuers_belong_to_the_identities_in_their_order() {
    let world = World::new();
    let paired = |first: &str, second: &str| Word { issuer: vec![first.to_owned(), second.to_owned()], ..word() };
    let google = "https://accounts.google.com";
    let right = commit(&world, COMMIT.as_bytes(), paired("https://issuer.example", google));
    assert_eq!(right.verdict, Outcome::Accepted);
    let crossed = commit(&world, COMMIT.as_bytes(), paired(google, "https://issuer.example"));
    assert_eq!(refused(&crossed), Code::IdMismatch);
}

/// git's question, asked through the hook's other name.
fn ask(world: &World, repository: PathBuf, by: Word) -> Answer {
    let file = world.checkout.beside("signature");
    let start = COMMIT.find("gpgsig ").unwrap();
    let end = COMMIT.find(END).unwrap() + END.len();
    fs::write(&file, COMMIT[start + "gpgsig ".len()..end].replace("\n ", "\n")).unwrap();
    let arguments = GpgVerify {
        home: world.checkout.beside("home"),
        anchor: None,
        sigstore: true,
        word: by,
        repo: repository,
        status_fd: 1,
        file,
        payload: Some("-".to_owned()),
    };
    let payload = [&COMMIT[..start], &COMMIT[end..]].concat();
    gpg::verify(&arguments, payload.as_bytes(), world.now())
}

#[test]
fn git_is_told_good_bad_or_that_nobody_knows() {
    let world = World::new();
    let plain = world.checkout.beside("plain");
    world.checkout.git(&["init", "-q", plain.to_str().unwrap()]);
    let good = ask(&world, plain.clone(), word());
    assert_eq!(good.outcome, Outcome::Accepted);
    assert!(good.status.contains("billy@chainguard.dev") && good.status.ends_with("TRUST_FULLY 0 shell\n"));
    let bad = ask(&world, plain.clone(), Word { issuer: vec!["https://issuer.example".into()], ..word() });
    assert_eq!((bad.outcome, bad.status.contains("BADSIG")), (Outcome::Rejected, true));
    let unknown = ask(&world, plain, Word::default());
    assert_eq!((unknown.outcome, unknown.status.contains("ERRSIG")), (Outcome::Undetermined, true));
    assert!(!bad.status.contains("GOODSIG") && !unknown.status.contains("GOODSIG"));
}

#[test]
fn where_a_repository_has_an_anchor_no_setting_of_gits_counts() {
    let world = World::new();
    let adopted = ask(&world, world.checkout.path(), word());
    assert_ne!(adopted.outcome, Outcome::Accepted);
    assert!(!adopted.status.contains("GOODSIG"));
}
