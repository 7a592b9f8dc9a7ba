use proptest::prelude::*;

use super::*;
use crate::crypto::P256Key;
use crate::nonce::Nonce;

struct World {
    alice: P256Key,
    bob: P256Key,
    mallory: P256Key,
}

fn world() -> World {
    let key = || P256Key::generate().unwrap();
    World { alice: key(), bob: key(), mallory: key() }
}

type Alteration = Box<dyn Fn(&mut AnchorTerms)>;

fn keyholder(name: &str, key: &P256Key) -> Keyholder {
    Keyholder { name: name.to_owned(), key: KeyholderKey(key.public()) }
}

impl World {
    fn terms(&self) -> AnchorTerms {
        AnchorTerms {
            version: 1,
            previous: None,
            repository: RepositoryId::from_random([3; 16]),
            object_format: ObjectFormat::Sha1,
            protected: vec!["refs/heads/main".parse().unwrap()],
            adoption: Some(Adoption {
                commit: "a".repeat(40).parse().unwrap(),
                sha256: Digest::of(b"commit"),
                manifest: Digest::of(b"tree"),
            }),
            trust_root: "{}".to_owned(),
            witnesses: None,
            time_authorities: None,
            policy: Digest::of(b"policy"),
            keyholders: vec![keyholder("alice@example.org", &self.alice), keyholder("bob@example.org", &self.bob)],
            threshold: 2,
        }
    }

    fn first(&self) -> Anchor {
        let file = sign(self.terms(), &[&self.alice, &self.bob]).unwrap();
        Anchor::parse(&file).unwrap().trust().unwrap()
    }

    /// What becomes of `alter`ed terms that follow `first`, signed by `keys`.
    fn follow(&self, first: &Anchor, keys: &[&P256Key], alter: impl FnOnce(&mut AnchorTerms)) -> Result<Anchor, Code> {
        let policy = Digest::of(b"stricter policy");
        let mut terms = AnchorTerms { version: 2, previous: Some(first.digest()), policy, ..self.terms() };
        alter(&mut terms);
        let keys: Vec<&dyn SignP256> = keys.iter().copied().map(|key| -> &dyn SignP256 { key }).collect();
        let file = sign(terms, &keys).unwrap();
        first.follow(Anchor::parse(&file).unwrap()).map_err(|error| error.code())
    }
}

#[test]
fn an_anchor_signed_to_its_threshold_is_trusted_as_given() {
    let world = world();
    let anchor = world.first();
    assert_eq!(*anchor.terms(), world.terms());
    assert_eq!(anchor.trust(), Trust::Threshold);
}

#[test]
fn a_single_keyholder_is_development_trust() {
    let world = world();
    let mut terms = world.terms();
    terms.threshold = 1;
    let file = sign(terms, &[&world.bob]).unwrap();
    assert_eq!(Anchor::parse(&file).unwrap().trust().unwrap().trust(), Trust::Development);
}

#[test]
fn keyholders_sign_one_after_the_other_in_any_order() {
    let world = world();
    let one = sign(world.terms(), &[&world.bob]).unwrap();
    assert!(Anchor::parse(&one).unwrap().trust().is_err());
    let two = cosign(&one, &world.alice).unwrap();
    Anchor::parse(&two).unwrap().trust().unwrap();
}

#[test]
fn rejects_an_anchor_below_its_threshold() {
    let world = world();
    let sets: [&[&dyn SignP256]; 3] =
        [&[&world.alice], &[&world.alice, &world.mallory], &[&world.alice, &world.alice, &world.alice]];
    for keys in sets {
        let file = sign(world.terms(), keys).unwrap();
        let refused = Anchor::parse(&file).unwrap().trust().unwrap_err();
        assert_eq!(refused.code(), Code::AnchorSignature);
    }
}

#[test]
fn rejects_an_anchor_without_a_signature() {
    let world = world();
    let refused = Anchor::parse(&sign(world.terms(), &[]).unwrap()).unwrap_err();
    assert_eq!(refused.code(), Code::AnchorMalformed);
}

#[test]
fn rejects_terms_altered_under_their_signatures() {
    let world = world();
    let mut altered = world.terms();
    altered.policy = Digest::of(b"lax policy");
    let mut envelope = Envelope::decode(&sign(world.terms(), &[&world.alice, &world.bob]).unwrap(), MAX_BYTES).unwrap();
    envelope.payload.0 = altered.into_statement().unwrap().encode().unwrap();
    let refused = Anchor::parse(&envelope.encode().unwrap()).unwrap().trust().unwrap_err();
    assert_eq!(refused.code(), Code::AnchorSignature);
}

#[test]
fn a_digest_trusts_the_file_it_names_and_no_other() {
    let world = world();
    let file = sign(world.terms(), &[&world.alice, &world.bob]).unwrap();
    let digest = Digest::of(&file);
    assert_eq!(Anchor::parse(&file).unwrap().trust_by_digest(&digest).unwrap().digest(), digest);
    let refused = Anchor::parse(&file).unwrap().trust_by_digest(&Digest::of(b"x")).unwrap_err();
    assert_eq!(refused.code(), Code::AnchorDigest);
}

#[test]
fn a_digest_does_not_replace_the_threshold() {
    let world = world();
    let file = sign(world.terms(), &[&world.alice]).unwrap();
    let refused = Anchor::parse(&file).unwrap().trust_by_digest(&Digest::of(&file)).unwrap_err();
    assert_eq!(refused.code(), Code::AnchorSignature);
}

#[test]
fn a_later_anchor_follows_when_both_thresholds_signed_it() {
    let world = world();
    let first = world.first();
    let second = world.follow(&first, &[&world.alice, &world.bob], |_| ()).unwrap();
    assert_eq!(second.terms().policy, Digest::of(b"stricter policy"));
    let handed_over = world.follow(&first, &[&world.alice, &world.bob, &world.mallory], |terms| {
        terms.keyholders = vec![keyholder("mallory", &world.mallory)];
        terms.threshold = 1;
    });
    assert!(handed_over.is_ok());
}

#[test]
fn rejects_a_later_anchor_that_the_keyholders_before_did_not_sign() {
    let world = world();
    let first = world.first();
    let taken_over = |terms: &mut AnchorTerms| {
        terms.keyholders = vec![keyholder("mallory", &world.mallory)];
        terms.threshold = 1;
    };
    assert_eq!(world.follow(&first, &[&world.mallory], taken_over).unwrap_err(), Code::AnchorChain);
    assert_eq!(world.follow(&first, &[&world.alice, &world.mallory], taken_over).unwrap_err(), Code::AnchorChain);
}

#[test]
fn rejects_a_later_anchor_that_its_own_keyholders_did_not_sign() {
    let world = world();
    let refused = world.follow(&world.first(), &[&world.alice, &world.bob], |terms| {
        terms.keyholders.push(keyholder("mallory", &world.mallory));
        terms.threshold = 3;
    });
    assert_eq!(refused.unwrap_err(), Code::AnchorSignature);
}

#[test]
fn rejects_a_version_that_repeats_or_skips() {
    let world = world();
    let both = [&world.alice, &world.bob];
    let first = world.first();
    let second = world.follow(&first, &both, |_| ()).unwrap();
    assert_eq!(world.follow(&second, &both, |_| ()).unwrap_err(), Code::AnchorRollback);
    assert_eq!(world.follow(&first, &both, |terms| terms.version = 3).unwrap_err(), Code::AnchorChain);
    let again = Anchor::parse(&sign(world.terms(), &[&world.alice, &world.bob]).unwrap()).unwrap();
    assert_eq!(second.follow(again).unwrap_err().code(), Code::AnchorRollback);
}

#[test]
fn rejects_a_successor_of_another_file_or_repository() {
    let world = world();
    let both = [&world.alice, &world.bob];
    let first = world.first();
    let alterations: [fn(&mut AnchorTerms); 4] = [
        |terms| terms.previous = Some(Digest::of(b"another file")),
        |terms| terms.repository = RepositoryId::from_random([4; 16]),
        |terms| terms.adoption = None,
        |terms| {
            terms.object_format = ObjectFormat::Sha256;
            terms.adoption = None;
        },
    ];
    for alter in alterations {
        assert_eq!(world.follow(&first, &both, alter).unwrap_err(), Code::AnchorChain);
    }
}

#[test]
fn rejects_terms_that_contradict_themselves() {
    let world = world();
    let twice = keyholder("carol", &world.alice);
    let same_name = keyholder("alice@example.org", &world.mallory);
    let cases: [(&str, Alteration); 14] = [
        ("version zero", Box::new(|terms| terms.version = 0)),
        ("a first anchor with a previous one", Box::new(|terms| terms.previous = Some(Digest::of(b"x")))),
        ("a later anchor without", Box::new(|terms| terms.version = 2)),
        ("no protected ref", Box::new(|terms| terms.protected.clear())),
        ("a repeated ref", Box::new(|terms| terms.protected.push("refs/heads/main".parse().unwrap()))),
        ("no keyholder", Box::new(|terms| terms.keyholders.clear())),
        ("one key under two names", Box::new(move |terms| terms.keyholders.push(twice.clone()))),
        ("one name for two keys", Box::new(move |terms| terms.keyholders.push(same_name.clone()))),
        ("an unreadable name", Box::new(|terms| terms.keyholders[0].name = "alice \u{202e}".to_owned())),
        ("threshold zero", Box::new(|terms| terms.threshold = 0)),
        ("a threshold out of reach", Box::new(|terms| terms.threshold = 3)),
        ("no trust root", Box::new(|terms| terms.trust_root.clear())),
        ("a huge trust root", Box::new(|terms| terms.trust_root = "x".repeat(MAX_TRUST_ROOT + 1))),
        ("an id of the other hash", Box::new(|terms| terms.object_format = ObjectFormat::Sha256)),
    ];
    for (what, alter) in cases {
        let mut terms = world.terms();
        alter(&mut terms);
        assert_eq!(sign(terms, &[&world.alice]).expect_err(what).code(), Code::AnchorMalformed, "{what}");
    }
}

#[test]
fn rejects_every_other_file() {
    let world = world();
    let good = String::from_utf8(sign(world.terms(), &[&world.alice, &world.bob]).unwrap()).unwrap();
    let cases = [
        ("trailing newline", format!("{good}\n")),
        ("unknown member", good.replacen('{', r#"{"_":1,"#, 1)),
        ("duplicate member", good.replacen('{', r#"{"payload":"","#, 1)),
        ("another payload type", good.replace("vnd.in-toto+json", "json")),
        ("truncated", good.trim_end_matches('}').to_owned()),
        ("huge", good.replacen('{', &format!("{{{}", " ".repeat(MAX_BYTES)), 1)),
        ("nothing", String::new()),
    ];
    for (what, file) in cases {
        assert_eq!(Anchor::parse(file.as_bytes()).expect_err(what).code(), Code::AnchorMalformed, "{what}");
    }
}

#[test]
fn rejects_another_kind_of_statement_in_an_anchors_place() {
    let world = world();
    let payload = world.terms().into_statement().unwrap().encode().unwrap();
    let other = String::from_utf8(payload).unwrap().replace("urn:chancery:anchor:v1", "urn:chancery:grant:v1");
    let mut envelope = Envelope::unsigned(other.into_bytes());
    add_signatures(&mut envelope, &[&world.alice, &world.bob]).unwrap();
    let refused = Anchor::parse(&envelope.encode().unwrap()).unwrap_err();
    assert!(matches!(refused, AnchorError::Statement(StatementError::PredicateType { .. })));
}

proptest! {
    #[test]
    fn every_repository_id_survives_its_text(bytes in any::<[u8; 16]>()) {
        let id = RepositoryId::from_random(bytes);
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!(Nonce::from_bytes(bytes).to_string().parse(), Ok(Nonce::from_bytes(bytes)));
    }

    #[test]
    fn every_anchor_survives_its_own_bytes(version in 1_u32.., threshold in 1_u8..=2, policy in any::<[u8; 32]>(), root in ".{1,60}") {
        let world = world();
        let mut terms = world.terms();
        terms.previous = (version > 1).then(|| Digest::of(b"before"));
        terms.version = version;
        terms.threshold = threshold;
        terms.policy = Digest::from_bytes(policy);
        terms.trust_root = root;
        let file = sign(terms.clone(), &[&world.alice, &world.bob]).unwrap();
        let anchor = Anchor::parse(&file).unwrap().trust().unwrap();
        prop_assert_eq!(anchor.terms(), &terms);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Anchor::parse(&bytes).is_err());
    }
}
