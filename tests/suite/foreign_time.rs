//! A foreign authority's token beside the engine's: whose counts, when its time fits, and that policy can demand it.

use chancery_tests::verdicts::{codes, is_accepted, row};
use chancery_tests::{Office, Parts, Signed, World};
use ci::run::Selection;
use serde_json::json;
use signer_core::anchor::AnchorTerms;
use signer_core::certificate::Leaf;
use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::foreign_time::ForeignAuthorities;
use signer_core::identity::Purpose;
use signer_core::manifest::walk::walk;
use signer_core::pem;
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Window;
use signer_core::verdict::TimeAssurance;
use signer_core::verify::{Signed as _, Verifier};
use signer_policy::PolicySet;

/// The rule that policies/README.md gives for this.
const FOREIGN: &str = r#"@id("foreign-time")
@reason("a clock that somebody else runs stands behind every commit")
forbid (principal, action == Action::"accept", resource is Change)
unless { context.time == TimeAssurance::"foreign" };
"#;

/// A file that trusts this office's plain time authority.
fn file(office: &Office) -> serde_json::Value {
    let chain = [&office.time.certificate, &office.root.certificate].map(|der| pem::certificate(der).unwrap());
    json!({ "authorities": [{ "url": "https://time.example/stamp", "chain": chain.concat() }] })
}

fn verifier(world: &World, file: Option<&serde_json::Value>) -> Verifier {
    let authorities = file.map(|file| ForeignAuthorities::parse(&file.to_string()).unwrap());
    world.verifier().with_time_authorities(authorities)
}

fn parts(commit: &Signed, world: &World) -> Parts {
    Parts::of(&commit.bytes, world.checkout.format())
}

fn with(commit: &Signed, world: &World, foreign: Vec<u8>) -> Vec<u8> {
    Parts { foreign: Some(foreign), ..parts(commit, world) }.object()
}

fn judged(world: &World, file: Option<&serde_json::Value>, object: &[u8]) -> Result<TimeAssurance, Code> {
    let judged = world.check_with(&verifier(world, file), object).map_err(|error| error.code())?;
    Ok(judged.get().countersigned().time_assurance)
}

fn window(parts: &Parts) -> Window {
    Leaf::parse(&parts.certificate).unwrap().window()
}

#[test]
fn a_token_of_the_anchors_authority_makes_the_time_foreign() {
    let world = World::new();
    let (office, commit) = (Office::new(world.now()), world.person().commits("a", "a"));
    let token = office.stamp(&parts(&commit, &world).signature, world.now());
    let object = with(&commit, &world, token);
    assert_eq!(judged(&world, Some(&file(&office)), &object), Ok(TimeAssurance::Foreign));
    assert_eq!(judged(&world, Some(&file(&office)), &commit.bytes), Ok(TimeAssurance::Own), "without it");
    // TIME-02: somebody whom the anchor does not name, and an anchor that names nobody.
    let other = Office::new(world.now());
    assert!(matches!(judged(&world, Some(&file(&other)), &object), Err(Code::TimeTsaUntrusted | Code::TimeTsaSigner)));
    assert_eq!(judged(&world, None, &object), Err(Code::TimeTsaUntrusted));
}

#[test]
fn refuses_a_token_over_anything_but_this_signature() {
    // TIME-01.
    let world = World::new();
    let (office, commit) = (Office::new(world.now()), world.person().commits("a", "a"));
    let other = world.person().commits("b", "b");
    let here = parts(&commit, &world);
    let digest = Digest::of(&here.signature);
    for message in
        [&here.attributes, &here.payload, &here.token, &parts(&other, &world).signature, &digest.as_bytes().to_vec()]
    {
        let object = with(&commit, &world, office.stamp(message, world.now()));
        assert_eq!(judged(&world, Some(&file(&office)), &object), Err(Code::TimeImprintMismatch));
    }
}

#[test]
fn every_time_must_fit_what_signed() {
    // TIME-12, TIME-16, TIME-17: the engine's own time fits, and does not excuse the other.
    let world = World::new();
    let (office, commit) = (Office::new(world.now()), world.person().commits("a", "a"));
    let here = parts(&commit, &world);
    let life = window(&here);
    let at = |time| {
        let object = with(&commit, &world, office.stamp(&here.signature, time));
        judged(&world, Some(&file(&office)), &object)
    };
    assert_eq!(at(life.start), Ok(TimeAssurance::Foreign));
    assert_eq!(at(life.start.minus(1)), Err(Code::TimeConflict));
    // TIME-18: as far before the verifier's clock as a clock may be, and further.
    assert_eq!(at(world.now().plus(300)), Ok(TimeAssurance::Foreign));
    assert_eq!(at(world.now().plus(301)), Err(Code::TimeFuture));
    world.passes(life.end.unix() - world.now().unix());
    assert_eq!(at(life.end.minus(1)), Ok(TimeAssurance::Foreign));
    assert_eq!(at(life.end), Err(Code::TimeConflict));
    assert_eq!(judged(&world, None, &commit.bytes), Ok(TimeAssurance::Own), "the commit without it");
}

#[test]
fn a_token_counts_inside_its_authoritys_window() {
    // TIME-11.
    let world = World::new();
    let (office, commit) = (Office::new(world.now()), world.person().commits("a", "a"));
    let object = with(&commit, &world, office.stamp(&parts(&commit, &world).signature, world.now()));
    let mut during = file(&office);
    during["authorities"][0]["valid_for"] = json!({ "start": world.now(), "end": world.now().plus(1) });
    assert_eq!(judged(&world, Some(&during), &object), Ok(TimeAssurance::Foreign));
    during["authorities"][0]["valid_for"] = json!({ "start": world.now().minus(1), "end": world.now() });
    assert_eq!(judged(&world, Some(&during), &object), Err(Code::TimeOutsideWindow));
}

#[test]
fn the_engines_own_key_is_nobody_else() {
    let world = World::new();
    let commit = world.person().commits("a", "a");
    let object = with(&commit, &world, world.office.stamp(&parts(&commit, &world).signature, world.now()));
    assert_eq!(judged(&world, Some(&file(&world.office)), &object), Ok(TimeAssurance::Own));
    // Nor is another authority under the engine's root.
    let mut sibling = Office::new(world.now());
    sibling.root = world.office.copied().root;
    let key = P256Key::generate().unwrap();
    let root = signer_core::issue::Authority { key: &sibling.root.key, certificate_der: &sibling.root.certificate };
    let life = Window { start: world.now(), end: world.now().plus(86_400) };
    let public = signer_core::crypto::SignP256::public(&key);
    sibling.time.certificate = signer_core::issue::time_authority(&public, life, [9; 20], &root).unwrap();
    sibling.time.key = key;
    let object = with(&commit, &world, sibling.stamp(&parts(&commit, &world).signature, world.now()));
    assert_eq!(judged(&world, Some(&file(&sibling)), &object), Ok(TimeAssurance::Own));
}

#[test]
fn refuses_surplus_tokens_and_other_forms_of_one() {
    // TIME-13.
    let world = World::new();
    let (office, commit) = (Office::new(world.now()), world.person().commits("a", "a"));
    let here = parts(&commit, &world);
    let token = office.stamp(&here.signature, world.now());
    let trusted = file(&office);
    let refused = |foreign: &[u8]| judged(&world, Some(&trusted), &with(&commit, &world, foreign.to_vec()));
    assert_eq!(refused(&here.token), Err(Code::TimeDuplicate), "the engine's twice");
    let decision = Digest::of(&here.decision);
    let again = world.office.countersign(&here.signature, world.now(), &decision);
    assert_eq!(refused(&again), Err(Code::TimeDuplicate), "two of the engine's");
    assert_eq!(refused(&[0x30, 0]), Err(Code::TimeMalformed));
    let two = [token.clone(), office.stamp(&here.signature, world.now())].concat();
    assert_eq!(refused(&two), Err(Code::LimitTimestamps));
    for place in 0..token.len() {
        let mut altered = token.clone();
        altered[place] ^= 0x20;
        assert!(refused(&altered).is_err(), "{place}");
    }
}

#[test]
fn a_bundle_carries_it_as_a_second_time_stamp() {
    let world = World::new();
    let office = Office::new(world.now());
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "content").unwrap();
    let mut paper = world.person().signs_artifact(walk(folder.path()).unwrap());
    let statement = |paper: &chancery_tests::Paper, file: Option<&serde_json::Value>| {
        let bundle = signer_core::bundle::Bundle::from_json(&paper.bundle.to_json().unwrap()).unwrap();
        let judged = verifier(&world, file).statement(&bundle, &paper.decision, Purpose::Artifact);
        judged.map(|statement| statement.get().countersigned().time_assurance).map_err(|error| error.code())
    };
    assert_eq!(statement(&paper, Some(&file(&office))), Ok(TimeAssurance::Own));
    paper.bundle.foreign = Some(office.stamp(&paper.bundle.signature, world.now()));
    assert_eq!(statement(&paper, Some(&file(&office))), Ok(TimeAssurance::Foreign));
    assert_eq!(statement(&paper, None), Err(Code::TimeTsaUntrusted));
    paper.bundle.foreign = Some(office.stamp(&paper.bundle.payload, world.now()));
    assert_eq!(statement(&paper, Some(&file(&office))), Err(Code::TimeImprintMismatch));
}

#[test]
fn policy_can_demand_it_and_says_what_is_missing() {
    let (world, office) = {
        let world = World::new();
        let office = Office::new(world.now());
        (world, office)
    };
    let mut files = world.policy().files().to_vec();
    files.push(("zz-foreign.cedar".to_owned(), FOREIGN.as_bytes().to_vec()));
    let strict = PolicySet::from_files(&files).unwrap();
    for (name, content) in &files {
        world.checkout.write(&format!(".chancery/policy/{name}"), content);
    }
    let time_authorities = Some(file(&office).to_string());
    world.anchors(AnchorTerms { policy: strict.digest(), time_authorities, ..world.next_terms(1) });
    let tip = world.checkout.id("HEAD");
    let commit = world.person().commits("a", "a");
    let verdict = world.judge(&world.anchor_file(2), Selection::Commit(commit.id.clone()));
    assert_eq!(codes(&verdict), [Code::PolicyDenied, Code::TimeForeignMissing]);
    assert_eq!(row(&verdict, &commit.id).time_assurance, Some(TimeAssurance::Own));
    world.checkout.point("refs/heads/main", &tip);
    let token = office.stamp(&parts(&commit, &world).signature, world.now());
    let id = world.checkout.store("commit", &with(&commit, &world, token));
    world.checkout.point("refs/heads/main", &id);
    let verdict = world.judge(&world.anchor_file(2), Selection::Commit(id.clone()));
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(row(&verdict, &id).time_assurance, Some(TimeAssurance::Foreign));
}

#[test]
fn refuses_an_anchor_whose_authorities_are_none() {
    // TIME-04.
    let world = World::new();
    for text in ["", "{}", r#"{"authorities":[]}"#] {
        let terms = AnchorTerms { time_authorities: Some(text.to_owned()), ..world.next_terms(1) };
        let signed = signer_core::anchor::sign(terms, &[&world.keyholder]);
        assert_eq!(signed.map(drop).map_err(|error| error.code()), Err(Code::AnchorMalformed), "{text:?}");
    }
}
