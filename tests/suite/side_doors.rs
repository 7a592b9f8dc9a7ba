//! Every way into the log other than a decision about what is signed: each is shut, and nothing comes out of it.

use chancery_tests::actor::Credential;
use chancery_tests::{Actor, Parts, World};
use signer_core::attributes;
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, Purpose};
use signer_core::protocol::{Base64, CertificateRequest, CountersignRequest, Presence, RedeemGrant, StatementRequest};
use signer_core::provenance::Provenance;
use signer_core::reason::Code;
use signer_core::{csr, dsse, statement};
use signer_engine::answer::Answer;
use signer_engine::open_identity::{OpenIdentity, Possession, TokenUse};
use signer_git::ObjectFormat;

/// A request as an honest client makes it, for the commit the work tree would be.
fn request(world: &World, agent: &Actor<'_>, by: &Credential) -> CountersignRequest {
    let payload = world.payload();
    let changes = world.changes(&payload);
    let provenance = Provenance::Commit(agent.provenance(&changes)).encode().unwrap();
    let named = Digest::of(&by.certificate);
    let signed = attributes::encode(&Digest::of(&payload), world.now(), &named, &provenance).unwrap();
    CountersignRequest {
        signature: Base64(by.key.sign_p256(&signed).unwrap()),
        signed_attributes: Base64(signed),
        certificate: Base64(by.certificate.clone()),
        change_list: Some(Base64(changes.encode())),
        newest_checkpoint: None,
    }
}

fn countersigned(world: &World, agent: &Actor<'_>, request: &CountersignRequest) -> Result<Answer, Code> {
    world.ask(world.engine().countersign(&agent.session(), request, world.now()))
}

/// A world whose agent has written something within its scope.
fn written() -> World {
    let world = World::new();
    world.checkout.write("src/lib.rs", "one\n");
    world
}

#[test]
fn the_same_request_gets_the_same_bytes_and_one_entry() {
    let world = written();
    let agent = world.agent("builder");
    let request = request(&world, &agent, &agent.certified(Purpose::Commit));
    let Ok(Answer::Countersigned(first)) = countersigned(&world, &agent, &request) else { panic!("refused") };
    let logged = world.logged();
    world.passes(700);
    let Ok(Answer::Countersigned(second)) = countersigned(&world, &agent, &request) else { panic!("refused") };
    assert!(first == second && world.logged() == logged);
}

#[test]
fn no_certificate_of_another_session_purpose_or_engine() {
    let world = written();
    let (agent, helper, stranger) = (world.agent("builder"), world.agent("helper"), World::new());
    let code = |by: &Credential| countersigned(&world, &agent, &request(&world, &agent, by)).err();
    assert_eq!(code(&helper.certified(Purpose::Commit)), Some(Code::SignNotSession));
    assert_eq!(code(&world.person().certified(Purpose::Commit)), Some(Code::SignNotSession));
    assert_eq!(code(&agent.certified(Purpose::Artifact)), Some(Code::X509Purpose));
    assert_eq!(code(&stranger.agent("builder").certified(Purpose::Commit)), Some(Code::SignNotSession));
    let own = agent.certified(Purpose::Commit);
    let minted = world.certifies(&own, |_, _| ());
    assert_eq!(code(&minted), Some(Code::SignNotSession), "true, but never issued by this engine");
}

#[test]
fn no_expired_certificate() {
    let world = written();
    let agent = world.agent("builder");
    let by = agent.certified(Purpose::Commit);
    world.passes(600);
    assert_eq!(countersigned(&world, &agent, &request(&world, &agent, &by)).err(), Some(Code::X509Expired));
}

#[test]
fn no_session_after_its_end() {
    let world = written();
    let agent = world.agent("builder");
    let session = agent.session();
    let by = agent.certified(Purpose::Commit);
    let asked = request(&world, &agent, &by);
    world.passes(3600);
    for credential in [agent.credential(), "0000", ""] {
        let refused = world.engine().authenticate(credential, world.now()).err().map(|refusal| refusal.code());
        assert_eq!(refused, Some(Code::AgentSessionUnknown));
    }
    let refused = world.ask(world.engine().countersign(&session, &asked, world.now())).err();
    assert_eq!(refused, Some(Code::X509Expired));
    let key = CertificateRequest {
        purpose: Purpose::Commit,
        csr: Base64(csr::make(&P256Key::generate().unwrap()).unwrap()),
        presence: None,
    };
    let refused = world.ask(world.engine().issue_certificate(&session, &key, None, world.now())).err();
    assert!(matches!(refused, Some(Code::AgentSessionUnknown | Code::X509BadTime)), "{refused:?}");
}

#[test]
fn no_signature_that_does_not_verify() {
    let world = written();
    let agent = world.agent("builder");
    let by = agent.certified(Purpose::Commit);
    let honest = request(&world, &agent, &by);
    let other = Credential { key: std::rc::Rc::new(P256Key::generate().unwrap()), ..by.clone() };
    assert_eq!(countersigned(&world, &agent, &request(&world, &agent, &other)).err(), Some(Code::CmsSignatureInvalid));
    let empty = CountersignRequest { signature: Base64(Vec::new()), ..honest.clone() };
    assert_eq!(countersigned(&world, &agent, &empty).err(), Some(Code::CmsSignatureEncoding));
    let foreign = CountersignRequest { signed_attributes: Base64(b"DSSEv1 0  0 ".to_vec()), ..honest };
    assert!(countersigned(&world, &agent, &foreign).is_err());
}

#[test]
fn no_commit_without_its_change_list_and_no_other_list() {
    let world = written();
    let agent = world.agent("builder");
    let honest = request(&world, &agent, &agent.certified(Purpose::Commit));
    let with = |list: Option<Vec<u8>>| {
        let request = CountersignRequest { change_list: list.map(Base64), ..honest.clone() };
        countersigned(&world, &agent, &request).err()
    };
    assert_eq!(with(None), Some(Code::RequestMalformed));
    assert_eq!(with(Some(Vec::new())), Some(Code::ScopeClaimMismatch));
    let empty = signer_core::change::ChangeList::default().encode();
    assert_eq!(with(Some(empty)), Some(Code::ScopeClaimMismatch));
    let mut longer = honest.change_list.clone().unwrap().0;
    longer.push(0);
    assert_eq!(with(Some(longer)), Some(Code::ScopeClaimMismatch));
    assert_eq!(with(honest.change_list.clone().map(|list| list.0)), None, "the honest one goes through");
}

#[test]
fn no_tag_by_way_of_a_commit_and_no_commit_by_way_of_a_tag() {
    let world = World::new();
    let (head, person) = (world.checkout.id("HEAD"), world.person());
    let tag = person.signs_tag("v1", &head, "commit").unwrap();
    let commit = person.commits("a", "a");
    let parts = Parts::of(&commit.bytes, ObjectFormat::Sha1);
    let text = signer_git::tag::split_signature(&tag.bytes, ObjectFormat::Sha1).unwrap();
    let as_commit = Parts::with_payload(parts.payload.clone(), &text.armor, ObjectFormat::Sha1);
    let id = world.checkout.store("commit", &as_commit.object());
    assert_eq!(chancery_tests::verdicts::codes(&world.verify_commit(&id)), [Code::CmsDigest]);
}

#[test]
fn no_grant_by_way_of_a_statement_and_no_anchor_at_all() {
    let world = World::new();
    let person = world.person();
    for kind in [statement::GRANT, statement::ANCHOR, "urn:chancery:audit-head:v1", "urn:chancery:unheard:v1", ""] {
        let text = format!(
            "{{\"_type\":\"{}\",\"predicate\":{{}},\"predicateType\":\"{kind}\",\
             \"subject\":[{{\"digest\":{{\"sha256\":\"{}\"}},\"name\":\"x\"}}]}}",
            statement::STATEMENT_TYPE,
            "0".repeat(64)
        );
        for purpose in [Purpose::Attestation, Purpose::Artifact, Purpose::Prompt] {
            let refused = person.signs_statement(purpose, text.as_bytes()).err();
            assert!(
                matches!(refused, Some(Code::IntotoPredicateType | Code::IntotoMalformed)),
                "{kind} under {purpose}: {refused:?}"
            );
        }
    }
}

#[test]
fn no_presence_for_agents_and_no_certificate_without_it_for_people() {
    let world = World::new();
    let ask = |actor: &Actor<'_>, presence| {
        let csr = Base64(csr::make(&P256Key::generate().unwrap()).unwrap());
        let request = CertificateRequest { purpose: Purpose::Commit, csr, presence };
        world.ask(world.engine().issue_certificate(&actor.session(), &request, presence, world.now())).err()
    };
    assert_eq!(ask(&world.person(), None), Some(Code::AgentPresence));
    for presence in [Presence::Terminal, Presence::OwnerCredential] {
        assert_eq!(ask(&world.agent("builder"), Some(presence)), Some(Code::AgentCallerNotPerson));
        assert_eq!(ask(&world.person(), Some(presence)), None);
    }
}

#[test]
fn no_second_certificate_for_a_key() {
    let world = World::new();
    let key = P256Key::generate().unwrap();
    let ask = |actor: &Actor<'_>, purpose| {
        let request = CertificateRequest { purpose, csr: Base64(csr::make(&key).unwrap()), presence: None };
        world.ask(world.engine().issue_certificate(&actor.session(), &request, None, world.now())).err()
    };
    assert_eq!(ask(&world.agent("builder"), Purpose::Commit), None);
    assert_eq!(ask(&world.agent("builder"), Purpose::Artifact), Some(Code::IssueCsrKey));
    assert_eq!(ask(&world.agent("helper"), Purpose::Commit), Some(Code::IssueCsrKey));
}

#[test]
fn no_certificate_of_the_purpose_open() {
    let world = World::new();
    assert_eq!(world.person().asks_certificate(Purpose::Open).err(), Some(Code::IssuePurpose));
    let mut scope = world.scope();
    scope.purposes.push(Purpose::Open);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.agent_within("builder", scope)));
    assert!(refused.is_err(), "nobody delegates it");
}

/// What the token of an identity provider gets, for somebody who is registered here too.
fn open_credential(world: &World) -> Credential {
    let key = P256Key::generate().unwrap();
    let identity = OpenIdentity {
        subject: chancery_tests::world::PERSON.parse().unwrap(),
        class: ActorClass::Person,
        issuer: "https://idp.example.org".to_owned(),
        token_subject: "user-7".to_owned(),
        challenge: chancery_tests::world::PERSON.to_owned(),
        token: Digest::of(b"token"),
        token_use: TokenUse::Once,
    };
    let possession = Possession::Request(csr::make(&key).unwrap());
    let (prepared, bound) = world.engine().issue_open(&identity, &possession, world.now());
    let issued = bound.certificate(world.ask(prepared).unwrap_or_else(|code| panic!("{code}"))).unwrap();
    Credential { key: std::rc::Rc::new(key), certificate: issued.certificate.0 }
}

#[test]
fn no_countersignature_for_an_open_certificate_whoever_brings_it() {
    let world = written();
    let open = open_credential(&world);
    for actor in [world.agent("builder"), world.person()] {
        let refused = countersigned(&world, &actor, &request(&world, &actor, &open)).err();
        assert_eq!(refused, Some(Code::SignNotSession));
        let honest = actor.states(Purpose::Artifact, b"{}");
        let signature = open.key.sign_p256(&dsse::pae(&honest.payload_type, &honest.payload.0)).unwrap();
        let forged =
            StatementRequest { signature: Base64(signature), certificate: Base64(open.certificate.clone()), ..honest };
        for prepared in [
            world.engine().statement(&actor.session(), &forged, world.now()),
            world.engine().grant(&actor.session(), &forged, world.now()),
        ] {
            let refused = world.ask(prepared).err();
            assert!(matches!(refused, Some(Code::SignNotSession | Code::IntotoMalformed)), "{refused:?}");
        }
    }
}

#[test]
fn no_redemption_by_guessing() {
    let world = World::new();
    let grant = *world.agent("builder").session().row().grants.first().unwrap();
    for redemption in ["", "0000", &"0".repeat(64)] {
        for grant in [grant, Digest::of(b"another")] {
            let redemption = redemption.to_owned();
            let guess = RedeemGrant { grant, redemption, custody: Custody::Broker, claims: Vec::new() };
            let refused = world.ask(world.engine().redeem_grant(&guess, world.now())).err();
            assert_eq!(refused, Some(Code::IssueGrantUnknown), "the same answer, whatever is wrong");
        }
    }
}

#[test]
fn no_time_before_one_already_stamped() {
    let world = written();
    let agent = world.agent("builder");
    let asked = request(&world, &agent, &agent.certified(Purpose::Commit));
    let early = world.now().minus(1);
    let refused = world.ask_at(world.engine().countersign(&agent.session(), &asked, world.now()), early).err();
    assert_eq!(refused, Some(Code::TimeClockRegression));
}

#[test]
fn an_engine_behind_its_clients_says_so() {
    let (world, twin) = (written(), written());
    let agent = world.agent("builder");
    let foreign = twin.engine().checkpoint().unwrap();
    let honest = request(&world, &agent, &agent.certified(Purpose::Commit));
    let forged = CountersignRequest { newest_checkpoint: foreign, ..honest.clone() };
    assert_eq!(countersigned(&world, &agent, &forged).err(), Some(Code::LogCheckpointSignature));
    let newest = signer_core::checkpoint::Checkpoint {
        origin: chancery_tests::office::ORIGIN.to_owned(),
        size: 1 << 20,
        root: Digest::of(b"later"),
    };
    let seen = CountersignRequest { newest_checkpoint: Some(newest.sign(&world.office.log)), ..honest };
    assert_eq!(countersigned(&world, &agent, &seen).err(), Some(Code::LogStateRegression));
}
