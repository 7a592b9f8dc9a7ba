//! Where trust starts and how it moves on: by the keyholders and no other way (docs/formats.md F7).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chancery_tests::adoption::keyholder;
use chancery_tests::verdicts::{codes, is_accepted, refusals, row};
use chancery_tests::world::PERSON;
use chancery_tests::{Office, World};
use ci::run::Selection;
use signer_core::anchor::{self, AnchorTerms, RepositoryId};
use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::reason::Code;
use signer_core::repository_config::RepositoryConfig;
use signer_core::trust_root::{Parts, TrustRoot};
use signer_core::verdict::Trust;
use signer_git::ObjectFormat;
use signer_policy::PolicySet;

/// The policy without one rule, written into the work tree.
fn relaxed(world: &World, rule: &str) -> PolicySet {
    let policy = world.policy().clone().without_rule(rule).unwrap();
    for (name, content) in policy.files() {
        world.checkout.write(&format!(".chancery/policy/{name}"), content);
    }
    policy
}

/// The codes of a run over everything.
fn verdict(world: &World) -> Vec<Code> {
    codes(&world.verify())
}

#[test]
fn follows_a_second_and_a_third_anchor() {
    let world = World::new();
    let policy = relaxed(&world, "agent-no-ci");
    world.anchors(AnchorTerms { policy: policy.digest(), ..world.next_terms(1) });
    world.agent("builder").commits("src/lib.rs", "one\n");
    world.anchors(world.next_terms(2));
    world.person().commits("a", "a");
    for given in 1..=3 {
        let verdict = world.judge(&world.anchor_file(given), Selection::All);
        assert!(is_accepted(&verdict), "given version {given}: {verdict:#?}");
        assert_eq!(verdict.summary.accepted, 5);
        assert_eq!(verdict.policy, Some(policy.digest()));
    }
}

#[test]
fn judges_each_commit_by_the_policy_of_its_base() {
    let world = World::new();
    let strict = world.policy().digest();
    let policy = relaxed(&world, "person-tag");
    let anchored = world.anchors(AnchorTerms { policy: policy.digest(), ..world.next_terms(1) });
    assert_eq!(world.verify_tag("v0").verdict, signer_core::verdict::Outcome::Undetermined);
    world.person().tags("v1");
    assert_eq!(codes(&world.verify_tag("v1")), [Code::PolicyDenied], "no rule permits tags any longer");
    let verdict = world.verify();
    assert!(is_accepted(&verdict), "{verdict:#?}");
    assert_eq!(row(&verdict, &anchored.id).decision.as_ref().unwrap().policy, strict);
}

#[test]
fn starts_from_a_digest() {
    let world = World::new();
    world.person().commits("a", "a");
    let digest = Digest::of(&world.anchor(1)).to_string();
    assert!(is_accepted(&world.judge(&digest, Selection::All)));
    let other = Digest::of(b"another").to_string();
    assert_eq!(codes(&world.judge(&other, Selection::All)), [Code::AnchorMissing]);
}

#[test]
fn needs_the_keyholders_behind_the_given_anchor() {
    let world = World::new();
    let stranger = P256Key::generate().unwrap();
    let forged = anchor::sign(world.first_terms(), &[&stranger]).unwrap();
    world.keep_anchor(9, &forged);
    assert_eq!(codes(&world.judge(&world.anchor_file(9), Selection::All)), [Code::AnchorSignature]);
}

#[test]
fn refuses_anything_that_is_no_anchor() {
    let world = World::new();
    for bytes in [&b""[..], b"{}", b"{\"payload\":\"\"}", b"not json"] {
        world.keep_anchor(9, bytes);
        assert_eq!(codes(&world.judge(&world.anchor_file(9), Selection::All)), [Code::AnchorMalformed]);
    }
    assert_eq!(codes(&world.judge("/nowhere/anchor.json", Selection::All)), [Code::AnchorMissing]);
}

#[test]
fn refuses_every_bit_changed_in_a_given_anchor() {
    let world = World::new();
    let file = world.anchor(1);
    for at in (0..file.len() * 8).step_by(61) {
        let mut forged = file.clone();
        forged[at / 8] ^= 1 << (at % 8);
        let trusted = anchor::Anchor::parse(&forged).and_then(anchor::UntrustedAnchor::trust);
        assert!(trusted.is_err(), "bit {at}");
    }
}

#[test]
fn refuses_a_second_anchor_that_the_keyholders_before_did_not_sign() {
    let world = World::new();
    let usurper = P256Key::generate().unwrap();
    let terms = AnchorTerms { keyholders: vec![keyholder("eve", &usurper)], ..world.next_terms(1) };
    world.brings_anchor(2, &anchor::sign(terms, &[&usurper]).unwrap());
    assert_eq!(verdict(&world), [Code::AnchorChain]);
}

#[test]
fn refuses_a_second_anchor_that_its_own_keyholders_did_not_sign() {
    let world = World::new();
    let heir = P256Key::generate().unwrap();
    let terms = AnchorTerms { keyholders: vec![keyholder("eve", &heir)], ..world.next_terms(1) };
    world.brings_anchor(2, &anchor::sign(terms.clone(), &[&world.keyholder]).unwrap());
    assert_eq!(verdict(&world), [Code::AnchorSignature]);
    let world = World::new();
    let terms = AnchorTerms { keyholders: vec![keyholder("eve", &heir)], ..world.next_terms(1) };
    world.brings_anchor(2, &anchor::sign(terms, &[&world.keyholder, &heir]).unwrap());
    assert!(is_accepted(&world.verify()), "keyholders hand over: {:#?}", world.verify());
}

#[test]
fn counts_a_threshold_of_keyholders() {
    let world = World::new();
    let second = P256Key::generate().unwrap();
    let keyholders = vec![keyholder("ada", &world.keyholder), keyholder("bob", &second)];
    let terms = AnchorTerms { keyholders, threshold: 2, ..world.next_terms(1) };
    let file = anchor::sign(terms, &[&world.keyholder, &second]).unwrap();
    world.keep_anchor(2, &file);
    world.brings_anchor(2, &file);
    assert_eq!(world.judge(&world.anchor_file(2), Selection::All).trust, Some(Trust::Threshold));
    assert!(is_accepted(&world.verify()));
    world.anchors(world.next_terms(2));
    assert_eq!(verdict(&world), [Code::AnchorChain], "one of two signed the third");
}

#[test]
fn refuses_an_anchor_that_skips_a_version() {
    let world = World::new();
    world.anchors(AnchorTerms { version: 3, ..world.next_terms(1) });
    assert_eq!(verdict(&world), [Code::AnchorChain]);
}

#[test]
fn refuses_an_anchor_that_names_another_predecessor() {
    let world = World::new();
    world.anchors(AnchorTerms { previous: Some(Digest::of(b"another")), ..world.next_terms(1) });
    assert_eq!(verdict(&world), [Code::AnchorChain]);
}

#[test]
fn refuses_an_anchor_of_another_repository_or_adoption() {
    for alter in [
        (|terms: &mut AnchorTerms| terms.repository = RepositoryId::from_random([9; 16])) as fn(&mut AnchorTerms),
        |terms| terms.adoption = None,
        |terms| terms.adoption.as_mut().unwrap().sha256 = Digest::of(b"another"),
    ] {
        let world = World::new();
        let mut terms = world.next_terms(1);
        alter(&mut terms);
        world.anchors(terms);
        assert_eq!(verdict(&world), [Code::AnchorChain]);
    }
}

#[test]
fn refuses_an_anchor_under_another_file_name() {
    let world = World::new();
    let file = anchor::sign(world.next_terms(1), &[&world.keyholder]).unwrap();
    world.checkout.write(".chancery/anchor/3.json", &file);
    world.person().commits_all("Bring an anchor");
    assert!(matches!(verdict(&world).as_slice(), [Code::AnchorChain | Code::PolicySelfModification, ..]));
}

#[test]
fn refuses_a_policy_that_differs_from_the_anchors() {
    let world = World::new();
    relaxed(&world, "agent-no-ci");
    let commit = world.person().commits_all("Relax the policy");
    let verdict = world.verify_commit(&commit.id);
    let found = refusals(row(&verdict, &commit.id));
    assert!(found.contains(&Code::PolicyDenied) && found.contains(&Code::PolicyMismatch), "{found:?}");
}

#[test]
fn refuses_an_anchor_whose_policy_is_not_in_the_tree() {
    let world = World::new();
    let policy = world.policy().clone().without_rule("agent-no-ci").unwrap();
    let commit = world.anchors(AnchorTerms { policy: policy.digest(), ..world.next_terms(1) });
    assert_eq!(codes(&world.verify_commit(&commit.id)), [Code::PolicyMismatch]);
    assert_eq!(verdict(&world), [Code::PolicyMismatch]);
}

#[test]
fn refuses_to_change_the_configuration_without_an_anchor() {
    let world = World::new();
    let config = RepositoryConfig { repository: world.repository, target: "refs/heads/other".parse().unwrap() };
    let commit = world.person().commits(".chancery/config.toml", &config.to_toml());
    let found = refusals(row(&world.verify_commit(&commit.id), &commit.id));
    assert!(found.contains(&Code::PolicySelfModification), "{found:?}");
    assert!(found.contains(&Code::PolicyDenied), "{found:?}");
}

#[test]
fn refuses_to_add_a_file_beside_the_anchor_without_an_anchor() {
    let world = World::new();
    let commit = world.person().commits(".chancery/anchor/notes.txt", "Not an anchor.\n");
    let found = refusals(row(&world.verify_commit(&commit.id), &commit.id));
    assert_eq!(found, [Code::PolicySelfModification]);
}

#[test]
fn refuses_a_configuration_of_another_repository_or_none() {
    for config in [Some("repository = \"repo-00000000000000000000000000000000\"\ntarget = \"refs/heads/main\"\n"), None]
    {
        let world = World::new();
        let path = ".chancery/config.toml";
        match config {
            Some(text) => world.checkout.write(path, text),
            None => world.checkout.remove(path),
        }
        world.anchors(world.next_terms(1));
        assert_eq!(verdict(&world), [Code::AnchorChain]);
    }
}

#[test]
fn refuses_to_remove_the_governed_folder() {
    let world = World::new();
    let commit = world.person().removes(".chancery");
    let found = refusals(row(&world.verify_commit(&commit.id), &commit.id));
    assert!(found.contains(&Code::AnchorRollback), "{found:?}");
    world.person().commits("a", "a");
    assert!(!is_accepted(&world.verify()), "and nothing grows on top of it");
}

#[test]
fn refuses_to_take_an_anchor_back() {
    let world = World::new();
    let first = world.checkout.id("HEAD:.chancery");
    world.anchors(world.next_terms(1));
    world.checkout.git(&["rm", "-r", "-q", "--cached", ".chancery"]);
    world.checkout.git(&["read-tree", "--prefix=.chancery/", &first]);
    let tree = world.checkout.git(&["write-tree"]).trim().to_owned();
    let back = world.person().commits_tree(&tree, &[world.checkout.id("HEAD")], "Go back");
    let found = refusals(row(&world.verify_commit(&back.id), &back.id));
    assert!(found.contains(&Code::AnchorRollback), "{found:?}");
    let given = world.judge(&world.anchor_file(2), Selection::All);
    assert_eq!(codes(&given), [Code::AnchorRollback], "nor where the second anchor is given");
}

#[test]
fn refuses_an_agent_that_brings_the_keyholders_anchor() {
    let world = World::new();
    let file = anchor::sign(world.next_terms(1), &[&world.keyholder]).unwrap();
    let mut scope = world.scope();
    (scope.paths, scope.max_bytes) = (vec!["/".to_owned()], 1 << 20);
    let agent = world.agent_within("builder", scope);
    world.checkout.write(".chancery/anchor/2.json", &file);
    let payload =
        world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], PERSON, "Bring an anchor");
    assert_eq!(agent.signs(&payload).err(), Some(Code::PolicyDenied));
}

#[test]
fn refuses_signatures_of_an_engine_that_a_later_anchor_dropped() {
    let world = World::new();
    let successor = Office::new(world.now());
    let trust_root = String::from_utf8(successor.trust(world.now()).to_json()).unwrap();
    world.anchors(AnchorTerms { trust_root, ..world.next_terms(1) });
    assert!(is_accepted(&world.verify()), "what was signed before stays true");
    world.person().commits("a", "a");
    assert_eq!(verdict(&world), [Code::X509Untrusted]);
}

#[test]
fn refuses_an_anchor_with_a_trust_root_nobody_can_read() {
    let world = World::new();
    world.anchors(AnchorTerms { trust_root: "{}".to_owned(), ..world.next_terms(1) });
    let found = verdict(&world);
    assert!(found.contains(&Code::TrustMalformed), "{found:?}");
}

#[test]
fn refuses_history_before_the_adoption_that_is_not_the_anchors() {
    let world = World::new();
    let mut terms = world.first_terms();
    let adopted = world.checkout.id("HEAD~1");
    terms.adoption.as_mut().unwrap().commit = adopted.parse().unwrap();
    let file = anchor::sign(terms, &[&world.keyholder]).unwrap();
    world.keep_anchor(1, &file);
    assert_eq!(verdict(&world), [Code::AnchorChain], "bytes and files are another commit's");
}

#[test]
fn judges_nothing_that_was_never_adopted() {
    let (world, stranger) = (World::new(), World::unadopted(ObjectFormat::Sha1));
    stranger.checkout.write("a", "a");
    let payload = stranger.checkout.payload(&stranger.checkout.tree(), &[], PERSON, "Start");
    stranger.checkout.advance(&payload);
    let verdict = stranger.judge(&world.anchor_file(1), Selection::All);
    assert!(!is_accepted(&verdict), "{verdict:#?}");
}

#[test]
fn refuses_another_repositorys_anchor() {
    for (world, other) in [(World::new(), World::new()), (World::from_nothing(), World::from_nothing())] {
        let verdict = world.judge(&other.anchor_file(1), Selection::All);
        assert_eq!(codes(&verdict), [Code::AnchorChain]);
        let (of, here) = (other.repository, world.repository);
        let reason = &verdict.subjects[0].reasons[0];
        assert_eq!(reason.message, format!("the anchor is of repository {of}, this one is {here}"));
        assert!(reason.help.contains("--anchor"));
    }
}

#[test]
fn refuses_an_anchor_of_the_other_object_format() {
    let (world, other) = (World::in_format(ObjectFormat::Sha256), World::new());
    let verdict = world.judge(&other.anchor_file(1), Selection::All);
    assert_eq!(codes(&verdict), [Code::AnchorChain]);
    assert!(verdict.subjects[0].reasons[0].message.contains("object ids are sha1; here they are sha256"));
}

#[test]
fn names_the_anchors_repository_where_its_adoption_commit_is_not_here() {
    let (world, other) = (World::unadopted(ObjectFormat::Sha1), World::new());
    world.checkout.advance(&world.checkout.payload(&world.checkout.tree(), &[], PERSON, "Start"));
    let verdict = world.judge(&other.anchor_file(1), Selection::All);
    assert_eq!(codes(&verdict), [Code::HistMissingObject]);
    assert!(verdict.subjects[0].reasons[0].message.contains(&other.repository.to_string()));
}

#[test]
fn a_certificate_for_commits_signs_no_anchor() {
    let world = World::new();
    let by = world.person().certified(Purpose::Commit);
    let terms = AnchorTerms { keyholders: vec![keyholder("ada", &world.keyholder)], ..world.next_terms(1) };
    world.brings_anchor(2, &anchor::sign(terms, &[&*by.key]).unwrap());
    assert_eq!(verdict(&world), [Code::AnchorChain]);
}

#[test]
fn a_trust_root_names_each_authority_for_what_its_certificate_is() {
    let world = World::new();
    for alter in [
        (|parts: &mut Parts| {
            parts.time_authorities[0].certificate = parts.certificate_authorities[0].certificate.clone();
        }) as fn(&mut Parts),
        |parts| parts.certificate_authorities[0].certificate = parts.time_authorities[0].certificate.clone(),
        |parts| parts.logs.push(parts.logs[0].clone()),
        |parts| parts.certificate_authorities[0].root = parts.certificate_authorities[0].certificate.clone(),
    ] {
        let mut parts = world.office.trust_parts(world.now());
        alter(&mut parts);
        assert!(TrustRoot::new(parts).is_err());
    }
}

#[test]
fn refuses_to_change_the_configuration_by_touching_the_first_anchors_mode() {
    let world = World::new();
    let config = RepositoryConfig { repository: world.repository, target: "refs/heads/other".parse().unwrap() };
    world.checkout.write(".chancery/config.toml", config.to_toml());
    world.checkout.write(".chancery/anchor/notes.txt", "Not an anchor.\n");
    let anchor = world.checkout.path().join(".chancery/anchor/1.json");
    fs::set_permissions(anchor, fs::Permissions::from_mode(0o755)).unwrap();
    let commit = world.person().commits_all("Change the target");
    let found = refusals(row(&world.verify_commit(&commit.id), &commit.id));
    assert!(found.contains(&Code::PolicySelfModification), "{found:?}");
}

#[test]
fn refuses_the_governed_folder_in_other_letters() {
    let world = World::new();
    let commit = world.person().commits(".Chancery/config.toml", "x");
    let found = refusals(row(&world.verify_commit(&commit.id), &commit.id));
    assert!(!found.is_empty(), "git on a folding file system writes .chancery/config.toml");
}
