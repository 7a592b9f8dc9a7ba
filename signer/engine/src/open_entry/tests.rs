//! Entries under open certificates, and everything that is no such entry: LOG-25, LOG-26, LOG-29 and the side doors of
//! every other purpose.

use signer_core::crypto::{P256Key, SignP256};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Purpose};
use signer_core::log_entry::{self, LogEntry};
use signer_core::reason::Code;

use super::{OpenEntry, Submission};
use crate::answer::Answer;
use crate::event::{Event, EventKind};
use crate::open_identity::{OpenIdentity, Possession, TokenUse};
use crate::world::{ORIGIN, Signer, World, certificate, countersignature};

/// A key with a certificate of the purpose `open`.
fn open_signer(world: &mut World) -> Signer {
    let key = P256Key::generate().unwrap();
    let identity = OpenIdentity {
        subject: "ada@example.org".parse().unwrap(),
        class: ActorClass::Person,
        issuer: "https://id.example.org".to_owned(),
        token_subject: "1234".to_owned(),
        challenge: "ada@example.org".to_owned(),
        token: Digest::of(key.public().point()),
        token_use: TokenUse::Once,
    };
    let possession = Possession::Request(csr::make(&key).unwrap());
    let (prepared, _) = world.engine.issue_open(&identity, &possession, world.now);
    let issued = world.commit(prepared);
    Signer { certificate: certificate(issued).certificate.0, key }
}

/// What a stock client sends for these bytes.
fn entry(signer: &Signer, message: &[u8]) -> OpenEntry {
    OpenEntry {
        digest: Digest::of(message),
        signature: signer.key.sign_p256(message).unwrap(),
        certificate: signer.certificate.clone(),
    }
}

/// Submits and, where there is something to record, records.
fn submit(world: &mut World, asked: &OpenEntry) -> Result<(Answer, Vec<u8>), Code> {
    match world.engine.submit_entry(asked, world.now) {
        Ok(Submission::New { prepared, body }) => world.commit(prepared).map(|answer| (answer, body)),
        Ok(Submission::Known(_)) => panic!("it is known"),
        Err(refusal) => Err(refusal.code()),
    }
}

fn logged(world: &mut World, asked: &OpenEntry) -> (LogEntry, Vec<u8>) {
    let (answer, body) = submit(world, asked).unwrap();
    (LogEntry::decode(&countersignature(Ok(answer)).entry.0).unwrap(), body)
}

fn refused(world: &mut World, asked: &OpenEntry) -> Code {
    submit(world, asked).err().expect("the entry was to be refused")
}

fn events(world: &World) -> Vec<Event> {
    let documents = world.engine.events(0, 1000).unwrap();
    documents.iter().map(|document| serde_json::from_slice(document).unwrap()).collect()
}

#[test]
fn an_open_entry_is_proven_into_the_log_with_its_canonical_body() {
    let mut world = World::new();
    let signer = open_signer(&mut world);
    let asked = entry(&signer, b"release.tar.gz");
    let (entry, body) = logged(&mut world, &asked);
    assert_eq!(body, log_entry::body(&asked.digest, &asked.signature, &asked.certificate).unwrap());
    let leaf = entry.verify(&body, &world.trust.log(ORIGIN).unwrap().parts()).unwrap();
    assert_eq!(world.engine.entries(entry.index, 1).unwrap().entries[0].0, body);
    let last = events(&world).pop().unwrap();
    assert_eq!((last.kind, last.about), (EventKind::OpenEntry, Some(leaf)));
}

// LOG-29: one entry has one place.
#[test]
fn a_repeated_entry_is_known_at_its_first_index() {
    let mut world = World::new();
    let signer = open_signer(&mut world);
    let asked = entry(&signer, b"release.tar.gz");
    let (first, _) = logged(&mut world, &asked);
    let size = world.ledger.size();
    for _ in 0..2 {
        let again = world.engine.submit_entry(&asked, world.now);
        assert!(matches!(again, Ok(Submission::Known(Answer::EntryKnown { index })) if index == first.index));
    }
    // Not even the certificate's end changes that.
    world.now = world.now.plus(3600);
    assert!(matches!(world.engine.submit_entry(&asked, world.now), Ok(Submission::Known(_))));
    assert_eq!(world.ledger.size(), size);
}

#[test]
fn the_same_entry_twice_at_once_has_one_place() {
    let mut world = World::new();
    let signer = open_signer(&mut world);
    let asked = entry(&signer, b"release.tar.gz");
    let size = world.ledger.size();
    let prepared = |world: &World| match world.engine.submit_entry(&asked, world.now) {
        Ok(Submission::New { prepared, .. }) => prepared,
        _ => panic!("nothing was logged yet"),
    };
    let batch = vec![prepared(&world), prepared(&world)];
    let mut answers = world.commit_all(batch);
    let second = answers.pop().unwrap();
    let first = LogEntry::decode(&countersignature(answers.remove(0)).entry.0).unwrap();
    // Rekor answers the second as it answers a later one.
    assert!(matches!(second, Ok(Answer::EntryKnown { index }) if index == first.index));
    assert_eq!(world.ledger.size(), size + 2, "one entry, one audit head");
}

#[test]
fn the_same_bytes_signed_twice_are_two_entries() {
    let mut world = World::new();
    let signer = open_signer(&mut world);
    let (first, _) = logged(&mut world, &entry(&signer, b"x"));
    let (second, _) = logged(&mut world, &entry(&signer, b"x"));
    assert!(first.index < second.index);
}

// Stock clients do not lower s.
#[test]
fn a_high_s_is_taken() {
    let mut world = World::new();
    let signer = open_signer(&mut world);
    let mut asked = entry(&signer, b"x");
    asked.signature = with_high_s(&asked.signature);
    assert!(signer.key.public().verify(b"x", &asked.signature).is_err());
    logged(&mut world, &asked);
}

// The side doors: a certificate of any other purpose gets nothing here, and the attempt is recorded.
#[test]
fn certificates_of_other_purposes_are_refused_and_recorded() {
    let mut world = World::peopled();
    let session = world.builder(1);
    for purpose in [Purpose::Commit, Purpose::Prompt, Purpose::Artifact, Purpose::Attestation] {
        let signer = world.signer(&session, purpose);
        let size = world.ledger.size();
        assert_eq!(refused(&mut world, &entry(&signer, b"x")), Code::X509Purpose, "{purpose}");
        assert_eq!(world.ledger.size(), size);
        let last = events(&world).pop().unwrap();
        assert_eq!((last.kind, last.code), (EventKind::Denial, Some(Code::X509Purpose)));
    }
}

#[test]
fn certificates_of_others_are_refused_without_a_record() {
    let (mut world, mut other) = (World::new(), World::new());
    let ours = open_signer(&mut world);
    let foreign = open_signer(&mut other);
    let before = events(&world).len();
    let mut altered = entry(&ours, b"x");
    altered.certificate[40] ^= 1;
    let mut longer = entry(&ours, b"x");
    longer.certificate.push(0);
    let mut huge = entry(&ours, b"x");
    huge.certificate = vec![0x30; 60_000];
    let mut root = entry(&ours, b"x");
    root.certificate = world.engine.issuing_chain().pop().unwrap().0;
    let mut none = entry(&ours, b"x");
    none.certificate.clear();
    for asked in [entry(&foreign, b"x"), altered, longer, huge, root, none] {
        assert_eq!(refused(&mut world, &asked), Code::LogEntryVerifier);
    }
    assert_eq!(events(&world).len(), before);
}

// LOG-26: nobody else's signature, and none at all.
#[test]
fn signatures_that_do_not_verify_are_refused_without_a_record() {
    let mut world = World::new();
    let (signer, other) = (open_signer(&mut world), open_signer(&mut world));
    let honest = entry(&signer, b"x");
    let with = |signature: Vec<u8>| OpenEntry { signature, ..honest.clone() };
    let mut flipped = honest.signature.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut trailing = honest.signature.clone();
    trailing.push(0);
    let before = events(&world).len();
    for asked in [
        with(entry(&other, b"x").signature),
        with(flipped),
        with(trailing),
        with(honest.signature[1..].to_vec()),
        with(Vec::new()),
        with(vec![0; 64]),
        with(vec![0x30; 10_000]),
        OpenEntry { digest: Digest::of(b"y"), ..honest.clone() },
        OpenEntry { certificate: other.certificate.clone(), ..honest.clone() },
    ] {
        assert_eq!(refused(&mut world, &asked), Code::LogEntrySignature);
    }
    assert_eq!(events(&world).len(), before);
    logged(&mut world, &honest);
}

#[test]
fn an_expired_certificate_is_refused() {
    let mut world = World::new();
    let signer = open_signer(&mut world);
    let asked = entry(&signer, b"x");
    world.now = world.now.plus(600);
    assert_eq!(refused(&mut world, &asked), Code::X509Expired);
}

#[test]
fn policy_is_asked() {
    let mut world = World::without("open-entry");
    let signer = open_signer(&mut world);
    let size = world.ledger.size();
    assert_eq!(refused(&mut world, &entry(&signer, b"x")), Code::PolicyDenied);
    assert_eq!(world.ledger.size(), size);
}

/// The other signature of the pair: s becomes the order less s.
fn with_high_s(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let r = &signature[4..4 + usize::from(signature[3])];
    let s = &signature[6 + r.len()..];
    let mut high = ORDER.to_vec();
    let mut borrow = 0_i16;
    for place in 0..32 {
        let low = s.len().checked_sub(place + 1).map_or(0, |at| i16::from(s[at]));
        let difference = i16::from(ORDER[31 - place]) - low - borrow;
        borrow = i16::from(difference < 0);
        high[31 - place] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    if high[0] & 0x80 != 0 {
        high.insert(0, 0);
    }
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let content = [&[2, length(r)], r, &[2, length(&high)], &high].concat();
    [vec![0x30, length(&content)], content].concat()
}
