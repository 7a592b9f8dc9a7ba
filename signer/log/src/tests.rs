//! Properties of the log: whatever the sizes and batches, proofs verify and roots are RFC 6962's.

mod foreign;
mod model;

use proptest::collection::vec;
use proptest::prelude::*;
use signer_core::checkpoint::Checkpoint;
use signer_core::crypto::{Ed25519Key, Ed25519Public};
use signer_core::digest::Digest;
use signer_core::log_entry::{self, LogEntry, LogKeyParts};
use signer_core::merkle::{Frontier, leaf_hash, verify_consistency, verify_inclusion};
use signer_core::reason::{Code, Coded};

use model::Model;

use crate::{Log, StoredEntry, check_entries, prove_consistency, prove_inclusion, root_of};

const ORIGIN: &str = "log-7f3a.example.chancery.internal";

/// The key of RFC 8032 §7.1, test 1.
fn key() -> Ed25519Key {
    const DOCUMENT: [u8; 48] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, 0x9d, 0x61,
        0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69,
        0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    ];
    Ed25519Key::from_pkcs8(&DOCUMENT).unwrap()
}

fn public() -> Ed25519Public {
    key().public()
}

fn body(number: usize) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn bodies(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(body).collect()
}

fn leaves(count: usize) -> Vec<Digest> {
    bodies(count).iter().map(|body| leaf_hash(body)).collect()
}

fn frontier(count: usize) -> Frontier {
    let mut frontier = Frontier::new();
    for leaf in leaves(count) {
        frontier.push(leaf);
    }
    frontier
}

fn log(count: usize) -> Log {
    Log::open(ORIGIN.to_owned(), key(), frontier(count)).unwrap()
}

fn checkpoint(text: &str) -> Checkpoint {
    Checkpoint::verify(text, ORIGIN, &public()).unwrap()
}

/// Seals the next `batch` entries after `count` and checks everything that is said about them.
fn check_batch(log: &Log, count: usize, batch: usize) -> crate::Sealed {
    let all = leaves(count + batch);
    let model = Model::of(count + batch);
    let sealed = log.seal(&all[count..]);
    assert_eq!(usize::try_from(sealed.first_index).unwrap(), count);
    assert_eq!(usize::try_from(sealed.size).unwrap(), count + batch);
    assert_eq!(sealed.root, model.root());
    assert_eq!(sealed.frontier, frontier(count + batch));
    let signed = checkpoint(&sealed.checkpoint);
    assert_eq!((signed.size, signed.root), (sealed.size, sealed.root));
    assert_eq!(sealed.proofs.len(), batch);
    let public = public();
    for (number, entry) in (count..).zip(sealed.entries()) {
        assert_eq!(entry.hashes, model.path(number), "entry {number} of {}", all.len());
        let leaf = entry.verify(&body(number), &LogKeyParts { origin: ORIGIN, key: &public });
        assert_eq!(leaf, Ok(all[number]));
        assert_eq!(LogEntry::decode(&entry.encode().unwrap()), Ok(entry));
    }
    sealed
}

#[test]
fn every_small_batch_on_every_small_log_is_proved() {
    for count in 0..20 {
        for batch in 0..20 {
            check_batch(&log(count), count, batch);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn logs_grow_by_any_batches(batches in vec(0..90_usize, 1..8)) {
        let mut log = log(0);
        let mut count = 0;
        for batch in batches {
            let sealed = check_batch(&log, count, batch);
            log.advance(&sealed).unwrap();
            count += batch;
        }
        prop_assert_eq!(log.frontier(), &frontier(count));
    }

    #[test]
    fn proofs_about_old_entries_are_those_of_rfc_6962(count in 1..300_usize, at in any::<prop::sample::Index>()) {
        let all = leaves(count);
        let index = at.index(count);
        let proof = prove_inclusion(&all, index).unwrap();
        let model = Model::of(count);
        prop_assert_eq!(&proof, &model.path(index));
        let (index, size) = (u64::try_from(index).unwrap(), u64::try_from(count).unwrap());
        prop_assert!(verify_inclusion(&all[at.index(count)], index, size, &proof, &model.root()).is_ok());
    }

    #[test]
    fn proofs_of_growth_are_those_of_rfc_6962(count in 1..300_usize, at in any::<prop::sample::Index>()) {
        let all = leaves(count);
        let old = at.index(count) + 1;
        let proof = prove_consistency(&all, old).unwrap();
        let model = Model::of(count);
        prop_assert_eq!(&proof, &model.growth(old));
        let (old_size, size) = (u64::try_from(old).unwrap(), u64::try_from(count).unwrap());
        let verdict = verify_consistency(old_size, &Model::of(old).root(), size, &model.root(), &proof);
        prop_assert!(verdict.is_ok());
    }

    #[test]
    fn no_entry_verifies_as_another(count in 0..60_usize, batch in 2..40_usize, at in any::<prop::sample::Index>()) {
        let sealed = log(count).seal(&leaves(count + batch)[count..]);
        let entries: Vec<_> = sealed.entries().collect();
        let claimed = at.index(batch);
        let public = public();
        for other in (0..batch).filter(|other| *other != claimed) {
            let verdict = entries[claimed].verify(&body(count + other), &LogKeyParts { origin: ORIGIN, key: &public });
            prop_assert_eq!(verdict.map_err(|error| error.code()), Err(Code::LogInclusionProof));
        }
    }
}

#[test]
fn there_is_no_proof_about_what_is_not_in_the_log() {
    let all = leaves(5);
    assert_eq!(prove_inclusion(&all, 5), None);
    assert_eq!(prove_inclusion(&[], 0), None);
    assert_eq!(prove_consistency(&all, 6), None);
    assert_eq!(prove_consistency(&all, 0), Some(Vec::new()));
}

#[test]
fn sealing_changes_nothing_until_the_batch_is_taken() {
    let mut log = log(3);
    let before = log.checkpoint();
    let sealed = log.seal(&leaves(5)[3..]);
    assert_eq!(log.checkpoint(), before);
    assert_eq!(log.seal(&leaves(5)[3..]), sealed);
    log.advance(&sealed).unwrap();
    assert_eq!((log.size(), log.checkpoint()), (5, sealed.checkpoint));
}

#[test]
fn rejects_a_batch_sealed_on_another_state() {
    let mut log = log(3);
    let (first, second) = (log.seal(&[Digest::of(b"a")]), log.seal(&[Digest::of(b"b")]));
    log.advance(&first).unwrap();
    for stale in [&first, &second] {
        assert_eq!(log.advance(stale).unwrap_err().code(), Code::EngineState);
    }
    assert_eq!(log.size(), 4);
}

#[test]
fn rejects_a_name_that_is_no_host() {
    for origin in ["", "log.example:8080", "log.example/path", "Log.example"] {
        let refused = Log::open(origin.to_owned(), key(), Frontier::new()).map(|log| log.size());
        assert_eq!(refused.unwrap_err().code(), Code::LogCheckpointMalformed);
    }
}

#[test]
fn a_log_resumes_at_its_newest_checkpoint_alone() {
    let resume = |count: usize, text: &str| {
        let resumed = Log::resume(ORIGIN.to_owned(), key(), frontier(count), text);
        resumed.map(|log| log.size()).map_err(|error| error.code())
    };
    let newest = log(7).checkpoint();
    let other_tree = Checkpoint { origin: ORIGIN.to_owned(), size: 7, root: Digest::of(b"other") }.sign(&key());
    let other_key = checkpoint(&newest).sign(&Ed25519Key::generate().unwrap());
    assert_eq!(resume(7, &newest), Ok(7));
    assert_eq!(resume(6, &newest), Err(Code::LogStateRegression));
    assert_eq!(resume(8, &newest), Err(Code::EngineState));
    assert_eq!(resume(7, &other_tree), Err(Code::LogConsistency));
    assert_eq!(resume(7, &other_key), Err(Code::LogCheckpointSignature));
    assert_eq!(resume(7, ""), Err(Code::LogCheckpointMalformed));
}

#[test]
fn a_log_behind_what_a_client_has_seen_says_so() {
    let log = log(7);
    let seen = |text: &str| log.check_seen(text).map_err(|error| error.code());
    let forked = Checkpoint { origin: ORIGIN.to_owned(), size: 7, root: Digest::of(b"fork") }.sign(&key());
    let foreign = Checkpoint { origin: "log.example".to_owned(), size: 7, root: Digest::of(b"x") }.sign(&key());
    assert_eq!(seen(&log.checkpoint()), Ok(()));
    assert_eq!(seen(&self::log(6).checkpoint()), Ok(()));
    assert_eq!(seen(&self::log(8).checkpoint()), Err(Code::LogStateRegression));
    assert_eq!(seen(&forked), Err(Code::LogConsistency));
    assert_eq!(seen(&foreign), Err(Code::LogOriginMismatch));
    assert_eq!(seen(&log.checkpoint().replace("\n7\n", "\n9\n")), Err(Code::LogCheckpointSignature));
}

#[test]
fn replaying_the_entries_leads_to_the_signed_root() {
    for count in 0..40 {
        let signed = checkpoint(&log(count).checkpoint());
        assert_eq!(root_of(bodies(count)), signed.root);
        for stored in count..count + 3 {
            let entries = bodies(stored).into_iter().map(StoredEntry::Body);
            assert_eq!(check_entries(entries, &signed), Ok(frontier(stored)));
        }
    }
}

#[test]
fn an_erased_entry_still_counts() {
    let signed = checkpoint(&log(9).checkpoint());
    let mut entries: Vec<_> = bodies(9).into_iter().map(StoredEntry::Body).collect();
    entries[4] = StoredEntry::Erased(leaf_hash(&body(4)));
    assert_eq!(check_entries(entries.clone(), &signed), Ok(frontier(9)));
    entries[4] = StoredEntry::Erased(leaf_hash(b"something else"));
    assert_eq!(check_entries(entries, &signed).unwrap_err().code(), Code::LogConsistency);
}

#[test]
fn rejects_entries_that_were_lost_altered_swapped_or_slipped_in() {
    let signed = checkpoint(&log(9).checkpoint());
    let code = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut stored = bodies(9);
        change(&mut stored);
        check_entries(stored.into_iter().map(StoredEntry::Body), &signed).unwrap_err().code()
    };
    assert_eq!(code(&|stored| drop(stored.pop())), Code::LogStateRegression);
    assert_eq!(code(&|stored| drop(stored.remove(0))), Code::LogStateRegression);
    assert_eq!(code(&Vec::clear), Code::LogStateRegression);
    assert_eq!(code(&|stored| stored[8].push(b' ')), Code::LogConsistency);
    assert_eq!(code(&|stored| stored.swap(2, 3)), Code::LogConsistency);
    assert_eq!(code(&|stored| stored.insert(0, body(0))), Code::LogConsistency);
    let nothing = checkpoint(&Checkpoint { size: 0, root: Digest::of(b"x"), ..signed.clone() }.sign(&key()));
    assert_eq!(check_entries([], &nothing).unwrap_err().code(), Code::LogConsistency);
}

#[test]
fn a_sealed_entry_survives_the_bundle_form() {
    let digest = Digest::of(b"signed attributes");
    let body = log_entry::body(&digest, b"signature", b"certificate").unwrap();
    let sealed = log(11).seal(&[leaf_hash(&body)]);
    let entry = sealed.entries().next().unwrap();
    let value = entry.to_bundle_json(&body).unwrap();
    assert_eq!(LogEntry::from_bundle_json(&value), Ok((entry, body)));
}
