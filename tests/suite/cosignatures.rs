//! Cosignatures in an embedded checkpoint: the log's line, then witnesses of the anchor in its order, and nothing else.

use chancery_tests::verdicts::{codes, is_accepted, row};
use chancery_tests::{Parts, Signed, World};
use ci::run::Selection;
use signer_core::anchor::AnchorTerms;
use signer_core::checkpoint::{KeyRole, VerifierKey, cosign};
use signer_core::crypto::Ed25519Key;
use signer_core::log_entry::LogEntry;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_core::verdict::TimeAssurance;
use signer_core::verify::Signed as _;
use signer_core::witness_policy::WitnessPolicy;
use signer_policy::PolicySet;

/// The rule that policies/README.md gives for this.
const WITNESSED: &str = r#"@id("witnessed-time")
@reason("a clock that is not the engine's own stands behind every commit")
forbid (principal, action == Action::"accept", resource is Change)
when { context.time == TimeAssurance::"self" };
"#;

struct Witness {
    key: Ed25519Key,
    name: VerifierKey,
}

impl Witness {
    fn new(name: &str) -> Self {
        let key = Ed25519Key::generate().unwrap();
        Self { name: VerifierKey::new(name, KeyRole::Witness, key.public()).unwrap(), key }
    }

    fn line(&self, commit: &Signed, world: &World, time: Timestamp) -> String {
        let note = LogEntry::decode(&parts(commit, world).entry).unwrap().checkpoint;
        let (text, _) = note.split_once("\n\n").unwrap();
        cosign(&format!("{text}\n"), &self.name, &self.key, time)
    }
}

/// Two of three.
fn policy(witnesses: &[Witness; 3]) -> String {
    let [first, second, third] = witnesses;
    format!(
        "witness a {}\nwitness b {}\nwitness c {}\ngroup two 2 a b c\nquorum two\n",
        first.name, second.name, third.name
    )
}

fn witnesses() -> [Witness; 3] {
    ["w1.example", "w2.example", "w3.example"].map(Witness::new)
}

fn parts(commit: &Signed, world: &World) -> Parts {
    Parts::of(&commit.bytes, world.checkout.format())
}

/// The commit with these lines after the log's.
fn with_lines(commit: &Signed, world: &World, lines: &str) -> Vec<u8> {
    let mut parts = parts(commit, world);
    let entry = LogEntry::decode(&parts.entry).unwrap();
    let checkpoint = format!("{}{lines}", entry.checkpoint);
    parts.entry = LogEntry { checkpoint, ..entry }.encode().unwrap();
    parts.object()
}

fn judged(world: &World, policy: Option<&str>, object: &[u8]) -> Result<TimeAssurance, Code> {
    let verifier = world.verifier().with_witnesses(policy.map(|text| WitnessPolicy::parse(text).unwrap()));
    let judged = world.check_with(&verifier, object).map_err(|error| error.code())?;
    Ok(judged.get().countersigned().time_assurance)
}

#[test]
fn a_quorum_of_the_anchors_witnesses_makes_the_time_witnessed() {
    let (world, known) = (World::new(), witnesses());
    let commit = world.person().commits("a", "a");
    let lines = known.each_ref().map(|witness| witness.line(&commit, &world, world.now()));
    let policy = policy(&known);
    for (chosen, expected) in [
        (vec![0, 1, 2], TimeAssurance::Witnessed),
        (vec![0, 2], TimeAssurance::Witnessed),
        (vec![1], TimeAssurance::Own),
        (vec![], TimeAssurance::Own),
    ] {
        let text: String = chosen.iter().map(|place| lines[*place].as_str()).collect();
        assert_eq!(judged(&world, Some(&policy), &with_lines(&commit, &world, &text)), Ok(expected), "{chosen:?}");
    }
}

#[test]
fn refuses_every_line_but_the_known_witnesses_in_their_order() {
    // LOG-10, LOG-11, LOG-17.
    let (world, known) = (World::new(), witnesses());
    let commit = world.person().commits("a", "a");
    let [a, b, c] = known.each_ref().map(|witness| witness.line(&commit, &world, world.now()));
    let policy = policy(&known);
    let stranger = Witness::new("w9.example").line(&commit, &world, world.now());
    let namesake = Witness::new("w1.example").line(&commit, &world, world.now());
    let other = world.person().commits("b", "b");
    let elsewhere = known[0].line(&other, &world, world.now());
    let log = parts(&commit, &world);
    let again = LogEntry::decode(&log.entry).unwrap().checkpoint.split_once("\n\n").unwrap().1.to_owned();
    for (lines, code) in [
        (format!("{b}{a}"), Code::LogCheckpointMalformed),
        (format!("{a}{a}"), Code::LogCheckpointMalformed),
        (format!("{a}{c}{b}"), Code::LogCheckpointMalformed),
        (format!("{a}{stranger}"), Code::LogCheckpointMalformed),
        (stranger, Code::LogCheckpointMalformed),
        (namesake, Code::LogCheckpointMalformed),
        (format!("{a}{again}"), Code::LogCheckpointMalformed),
        (elsewhere, Code::LogWitnessSignature),
        (format!("{a}\n"), Code::LogCheckpointMalformed),
    ] {
        let object = with_lines(&commit, &world, &lines);
        assert_eq!(judged(&world, Some(&policy), &object), Err(code), "{lines}");
    }
    let cosigned = with_lines(&commit, &world, &format!("{a}{b}"));
    assert_eq!(judged(&world, None, &cosigned), Err(Code::LogCheckpointMalformed), "an anchor without witnesses");
}

#[test]
fn refuses_a_cosignature_from_the_future_and_counts_no_log_as_its_own_witness() {
    // LOG-20, TIME-12.
    let (world, known) = (World::new(), witnesses());
    let commit = world.person().commits("a", "a");
    let text = policy(&known);
    let late = known[0].line(&commit, &world, world.now().plus(301));
    assert_eq!(judged(&world, Some(&text), &with_lines(&commit, &world, &late)), Err(Code::TimeFuture));
    let own = VerifierKey::new("w.example", KeyRole::Witness, world.office.log.public()).unwrap();
    let note = LogEntry::decode(&parts(&commit, &world).entry).unwrap().checkpoint;
    let line = cosign(&format!("{}\n", note.split_once("\n\n").unwrap().0), &own, &world.office.log, world.now());
    let alone = format!("witness w {own}\nquorum w\n");
    assert_eq!(judged(&world, Some(&alone), &with_lines(&commit, &world, &line)), Ok(TimeAssurance::Own));
    let other = VerifierKey::new("log-00.example", KeyRole::Log, Ed25519Key::generate().unwrap().public()).unwrap();
    let both: String = known[..2].iter().map(|witness| witness.line(&commit, &world, world.now())).collect();
    let elsewhere = format!("log {other}\n{text}");
    assert_eq!(judged(&world, Some(&elsewhere), &with_lines(&commit, &world, &both)), Ok(TimeAssurance::Own));
}

#[test]
fn policy_can_demand_witnesses_and_says_what_is_missing() {
    let (world, known) = (World::new(), witnesses());
    let mut files = world.policy().files().to_vec();
    files.push(("zz-witnessed.cedar".to_owned(), WITNESSED.as_bytes().to_vec()));
    let strict = PolicySet::from_files(&files).unwrap();
    for (name, content) in &files {
        world.checkout.write(&format!(".chancery/policy/{name}"), content);
    }
    let witnesses = Some(policy(&known));
    world.anchors(AnchorTerms { policy: strict.digest(), witnesses, ..world.next_terms(1) });
    let tip = world.checkout.id("HEAD");
    let commit = world.person().commits("a", "a");
    let verdict = world.judge(&world.anchor_file(2), Selection::Commit(commit.id.clone()));
    assert_eq!(codes(&verdict), [Code::PolicyDenied, Code::LogWitnessQuorum]);
    assert_eq!(row(&verdict, &commit.id).time_assurance, Some(TimeAssurance::Own));
    world.checkout.point("refs/heads/main", &tip);
    let both: String = known[1..].iter().map(|witness| witness.line(&commit, &world, world.now())).collect();
    let id = world.checkout.store("commit", &with_lines(&commit, &world, &both));
    world.checkout.point("refs/heads/main", &id);
    let verdict = world.judge(&world.anchor_file(2), Selection::Commit(id.clone()));
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(row(&verdict, &id).time_assurance, Some(TimeAssurance::Witnessed));
}

#[test]
fn refuses_an_anchor_whose_witnesses_are_no_policy() {
    let world = World::new();
    for text in ["", "witness", "quorum nobody\n", "witness a b c\nquorum a\n"] {
        let terms = AnchorTerms { witnesses: Some(text.to_owned()), ..world.next_terms(1) };
        let signed = signer_core::anchor::sign(terms, &[&world.keyholder]);
        assert_eq!(signed.map(drop).map_err(|error| error.code()), Err(Code::AnchorMalformed), "{text:?}");
    }
}
