//! V13 to V15: what a signature says of itself, what its signer may, what policy permits; and tags and statements.

use chancery_tests::verdicts::codes;
use chancery_tests::{World, der};
use signer_core::change::ChangeList;
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::decision::DecisionRecord;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::identity::Purpose;
use signer_core::leaf::LeafIdentity;
use signer_core::provenance::{Counts, Provenance, TagProvenance};
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Window;
use signer_core::verify::{Tagged, VerifyError};
use signer_git::ObjectFormat;

use super::{code, parts, refusal, signed};

#[test]
fn v13_refuses_provenance_in_another_form() {
    let (world, commit) = signed();
    for text in [&b"{}"[..], b"", b"{\"kind\":\"commit\"}", b"null"] {
        let mut draft = world.forges(&commit);
        draft.provenance = text.to_vec();
        assert_refused!(world, draft.object(), VerifyError::Provenance { .. }, Code::CmsProvenance);
    }
    let mut draft = world.forges(&commit);
    draft.provenance.insert(1, b' ');
    assert_refused!(world, draft.object(), VerifyError::Provenance { .. }, Code::CmsProvenance);
}

#[test]
fn v13_refuses_a_tags_provenance_in_a_commit() {
    let (world, commit) = signed();
    let mut draft = world.forges(&commit);
    draft.provenance = tag_provenance(&world).encode().unwrap();
    assert_refused!(world, draft.object(), VerifyError::OtherKind, Code::ScopeKind);
}

#[test]
fn v13_refuses_a_commit_of_another_repository() {
    let (world, commit) = signed();
    let forged = world.forges(&commit).saying(|commit| commit.repository = "repo-00".to_owned()).object();
    assert_refused!(world, forged, VerifyError::OtherRepository { .. }, Code::ScopeRepository);
}

#[test]
fn v13_refuses_a_lie_about_the_change() {
    let (world, commit) = signed();
    let draft = || world.forges(&commit);
    for forged in [
        draft().saying(|commit| commit.change = ChangeList::default().digest()),
        draft().saying(|commit| commit.counts.added += 1),
        draft().saying(|commit| commit.counts.bytes = 0),
    ] {
        assert_refused!(world, forged.object(), VerifyError::OtherChange, Code::ScopeClaimMismatch);
    }
}

#[test]
fn v13_refuses_a_decision_that_contradicts_the_provenance() {
    let (world, commit) = signed();
    let forge = |alter: fn(&mut DecisionRecord)| parts(&commit).decided(&world.office, world.now(), alter).object();
    for (named, object) in [
        ("repository", forge(|record| record.repository = None)),
        ("repository", forge(|record| record.repository = Some("repo-00".to_owned()))),
        ("target", forge(|record| record.target = Some("refs/heads/other".to_owned()))),
        ("change", forge(|record| record.change = Some(Digest::of(b"another")))),
        ("prompt", forge(|record| record.prompt = Some(Digest::of(b"another")))),
        ("grant", world.forges(&commit).saying(|commit| commit.grant = None).object()),
    ] {
        let error = refusal(&world, &object);
        assert!(matches!(error, VerifyError::Contradiction { field } if field == named), "{error:?}");
        assert_eq!(code(&world, &object), Code::DecisionContradiction);
    }
}

#[test]
fn v14_refuses_a_change_outside_the_certificates_scope() {
    let (world, commit) = signed();
    let by = world.certifies(&commit.by, |identity, _| identity.scope.paths = vec!["src/main.rs".to_owned()]);
    let forged = world.forges(&commit).signed_by(&by).object();
    assert_refused!(world, forged, VerifyError::Rights(_), Code::ScopePath);
}

#[test]
fn v15_refuses_what_the_policy_of_the_base_does_not_permit() {
    let world = World::new();
    world.checkout.write(".github/workflows/build.yml", "on: push\n");
    let payload =
        world.checkout.payload(&world.checkout.tree(), &[world.checkout.id("HEAD")], "builder@example.org", "Build");
    let mut scope = world.scope();
    scope.paths = vec!["/".to_owned()];
    let agent = world.agent_within("builder", scope);
    assert_eq!(agent.signs(&payload).err(), Some(Code::PolicyDenied), "the engine refuses, too");
    let honest = agent.commits_tree(&world.checkout.id("HEAD^{tree}"), &[world.checkout.id("HEAD")], "Nothing");
    let changes = world.changes(&payload);
    let forged = world.forges(&honest).over(payload).saying(|commit| {
        commit.change = changes.digest();
        commit.counts = Counts::of(&changes);
    });
    let object = forged.object();
    assert!(world.check(&object).is_ok(), "everything it says is true");
    let id = world.checkout.store("commit", &object);
    assert_eq!(codes(&world.verify_commit(&id)), [Code::PolicyDenied]);
}

#[test]
fn a_tag_is_held_to_the_same_steps() {
    let world = World::new();
    let tag = world.person().tags("v1");
    let signed = signer_git::tag::split_signature(&tag.bytes, ObjectFormat::Sha1).unwrap();
    let head = world.checkout.id("HEAD");
    let honest = Tagged { name: "v1", object: &head, kind: "commit" };
    let check = |payload: &[u8], repository: &str, tagged: &Tagged<'_>| {
        world.verifier().tag(payload, &signed.armor, repository, tagged).map(drop)
    };
    let repository = world.repository.to_string();
    assert!(check(&signed.payload, &repository, &honest).is_ok());
    let other = check(b"object x", &repository, &honest).unwrap_err();
    assert!(matches!(other, VerifyError::OtherPayload), "{other:?}");
    let foreign = check(&signed.payload, "repo-00", &honest).unwrap_err();
    assert!(matches!(foreign, VerifyError::OtherRepository { .. }), "{foreign:?}");
    for tagged in
        [Tagged { name: "v2", ..honest }, Tagged { object: "0000", ..honest }, Tagged { kind: "tree", ..honest }]
    {
        let error = check(&signed.payload, &repository, &tagged).unwrap_err();
        assert!(matches!(error, VerifyError::OtherTag), "{error:?}");
        assert_eq!(error.code(), Code::ScopeTagMismatch);
    }
    let kind = world.verifier().commit(&signed.payload, &signed.armor, &repository, &ChangeList::default());
    assert!(matches!(kind.unwrap_err(), VerifyError::OtherKind));
}

#[test]
fn a_statement_is_held_to_the_same_steps() {
    let world = World::new();
    let person = world.person();
    let by = person.certified(Purpose::Prompt);
    let honest = world.forges_paper(&by, b"{}", world.now());
    assert!(world.reads(&honest, Purpose::Prompt).is_ok());
    let typed = world.forges_paper_deciding(&by, "text/plain", b"{}", world.now(), |_| ());
    let purpose = world.reads(&honest, Purpose::Artifact).unwrap_err();
    assert!(matches!(purpose, VerifyError::OtherPurpose { .. }), "{purpose:?}");
    let typed = world.reads(&typed, Purpose::Prompt).unwrap_err();
    assert!(matches!(typed, VerifyError::PayloadType { .. }), "{typed:?}");
    assert_eq!(typed.code(), Code::DssePayloadType);
    let mut unsigned = honest.clone();
    unsigned.bundle.signature = P256Key::generate().unwrap().sign_p256(b"x").unwrap();
    let unsigned = world.reads(&unsigned, Purpose::Prompt).unwrap_err();
    assert!(matches!(unsigned, VerifyError::EnvelopeSignature { .. }), "{unsigned:?}");
    assert_eq!(unsigned.code(), Code::DsseSignatureInvalid);
    let no_prompt = world.reads_prompt(b"text", &honest).unwrap_err();
    assert!(matches!(no_prompt, VerifyError::Prompt(_)), "{no_prompt:?}");
}

#[test]
fn a_statement_needs_its_own_token_entry_and_decision() {
    let world = World::new();
    let by = world.person().certified(Purpose::Artifact);
    let (one, other) = (world.forges_paper(&by, b"1", world.now()), world.forges_paper(&by, b"2", world.now()));
    let code = |alter: &dyn Fn(&mut chancery_tests::Paper)| {
        let mut forged = one.clone();
        alter(&mut forged);
        world.reads(&forged, Purpose::Artifact).unwrap_err().code()
    };
    assert_eq!(code(&|paper| paper.bundle.token = other.bundle.token.clone()), Code::TimeImprintMismatch);
    assert_eq!(code(&|paper| paper.bundle.entry = other.bundle.entry.clone()), Code::LogInclusionProof);
    assert_eq!(code(&|paper| paper.decision = other.decision.clone()), Code::TimeDecision);
    assert_eq!(code(&|paper| paper.bundle.payload = other.bundle.payload.clone()), Code::DsseSignatureInvalid);
    let plain = world.office.stamp(&one.bundle.signature, world.now());
    assert_eq!(code(&|paper| paper.bundle.token = plain.clone()), Code::TimePolicy);
}

#[test]
fn the_pre_authentication_encoding_is_not_signed_attributes_nor_the_reverse() {
    let (world, commit) = signed();
    let by = world.certifies(&commit.by, |_, _| ());
    let pae = dsse::pae(dsse::PAYLOAD_TYPE, &parts(&commit).payload);
    let mut forged = world.forges(&commit).signed_by(&by).parts();
    forged.signature = by.key.sign_p256(&pae).unwrap();
    let forged = forged.stamped(&world.office, world.now());
    assert_eq!(code(&world, &forged.object()), Code::CmsSignatureInvalid);
    assert_eq!(der::element(der::SET, &[])[0], parts(&commit).attributes[0]);
}

fn tag_provenance(world: &World) -> Provenance {
    Provenance::Tag(TagProvenance {
        repository: world.repository.to_string(),
        name: "v1".to_owned(),
        object: "00".to_owned(),
        object_type: "commit".to_owned(),
        grant: None,
        salt: chancery_tests::actor::salt(),
    })
}

#[test]
fn a_leaf_never_outlives_what_its_hops_allow() {
    let (world, commit) = signed();
    let hops = |alter: fn(&mut LeafIdentity, &mut Window)| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.certifies(&commit.by, alter))).is_err()
    };
    assert!(hops(|identity, _| identity.scope.paths = vec!["/".to_owned()]), "wider than the grant");
    assert!(hops(|identity, _| identity.hops.clear()), "an agent without a grant");
    assert!(hops(|_, window| window.end = window.end.plus(3600)), "longer than a leaf lives");
}
