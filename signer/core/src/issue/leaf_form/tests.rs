//! What is not read again of a form's later leaves would have been accepted, and what would be refused is refused.

use super::*;
use crate::certificate::tests::world::*;
use crate::crypto::{P256Key, P256Public, SignP256};
use crate::issue::{self, Authority};
use crate::reason::{Code, Coded};
use crate::time::Window;

struct Desk {
    world: World,
    issuer: Issuer,
    form: LeafForm,
    subject: Subject,
    identity: LeafIdentity,
}

impl Desk {
    fn new(subject: Subject, identity: LeafIdentity) -> Self {
        let world = World::new();
        let issuer = Issuer::read(&world.issuing.authority()).unwrap();
        let form = LeafForm::new(&subject, &identity, ISSUER, &issuer).unwrap();
        Self { world, issuer, form, subject, identity }
    }

    fn agent() -> Self {
        Self::new(agent_subject(), agent())
    }

    /// A desk whose form has made a leaf.
    fn used() -> Self {
        let desk = Self::agent();
        desk.issue(&public(), life(), serial()).unwrap();
        desk
    }

    fn request<'a>(&'a self, public_key: &'a P256Public, window: Window, serial: [u8; 20]) -> LeafRequest<'a> {
        let (subject, identity) = (&self.subject, &self.identity);
        LeafRequest { subject, identity, public_key, window, serial, issuer_url: ISSUER }
    }

    fn issue(&self, key: &P256Public, window: Window, serial: [u8; 20]) -> Result<Vec<u8>, IssueError> {
        let request = self.request(key, window, serial);
        self.form.issue(&request, &self.issuer, &self.world.issuing.key, &self.world.ct, now().unix() * 1000)
    }

    fn refusal(&self, window: Window) -> Code {
        self.issue(&public(), window, serial()).unwrap_err().code()
    }
}

fn public() -> P256Public {
    P256Key::generate().unwrap().public()
}

#[test]
fn every_leaf_of_a_form_is_one_that_a_verifier_reads_and_certifies() {
    for desk in [Desk::agent(), Desk::new("alice@example.com".parse().unwrap(), person())] {
        let trust = desk.world.trust_root();
        for (length, random) in [(1, [0; 20]), (600, [0xff; 20]), (3600, serial()), (7, serial())] {
            let (key, window) = (public(), Window { start: now(), end: now().plus(length) });
            let leaf = Leaf::parse(&desk.issue(&key, window, random).unwrap()).unwrap();
            assert_eq!((leaf.subject(), leaf.identity()), (&desk.subject, &desk.identity));
            assert_eq!((leaf.public_key(), leaf.window(), leaf.issuer_name()), (&key, window, ISSUER));
            trust.certify(leaf).unwrap().valid_at(now()).unwrap();
        }
    }
}

#[test]
fn a_forms_leaf_is_signed_over_the_bytes_that_a_leaf_without_a_form_is() {
    let desk = Desk::used();
    let (key, random) = (public(), serial());
    let request = desk.request(&key, life(), random);
    let with = tbs_of(&desk.issue(&key, life(), random).unwrap());
    let without = issue::leaf(&request, &desk.world.issuing.authority(), &desk.world.ct, now().unix() * 1000).unwrap();
    let but_promise = |mut tbs: x509_cert::certificate::TbsCertificate| {
        tbs.extensions.as_mut().unwrap().retain(|extension| extension.extn_id != oid::SCT_LIST);
        tbs
    };
    assert_eq!(but_promise(with), but_promise(tbs_of(&without)));
}

#[test]
fn later_leaves_are_refused_the_lives_that_first_ones_are() {
    let (fresh, used) = (Desk::agent(), Desk::used());
    let lives = [
        (Window { start: now(), end: now() }, Code::X509BadTime),
        (Window { start: now().plus(1), end: now() }, Code::X509BadTime),
        (Window { start: now(), end: now().plus(3_601) }, Code::X509Lifetime),
        (Window { start: now().minus(11 * DAY), end: now().minus(11 * DAY).plus(600) }, Code::ScopeNotNarrower),
    ];
    for (window, code) in lives {
        assert_eq!(fresh.refusal(window), code, "{window:?}");
        assert!(used.refusal(window) == code || used.refusal(window) == Code::X509ExpiredChain, "{window:?}");
    }
    let person = Desk::new("alice@example.com".parse().unwrap(), person());
    person.issue(&public(), life(), serial()).unwrap();
    let before = Window { start: now().minus(11 * DAY), end: now().minus(11 * DAY).plus(600) };
    assert_eq!(person.refusal(before), Code::X509ExpiredChain);
}

#[test]
fn what_no_verifier_would_read_is_refused_by_its_form_each_time() {
    let wider = LeafIdentity { scope: scope(&["/"]), ..agent() };
    let desk = Desk::new(agent_subject(), wider);
    for _ in 0..3 {
        assert_eq!(desk.refusal(life()), Code::ScopeNotNarrower);
    }
}

#[test]
fn a_form_is_of_its_subject_identity_and_issuer_alone() {
    let desk = Desk::used();
    let key = public();
    let request = desk.request(&key, life(), serial());
    assert!(desk.form.is_of(&request));
    let (subject, identity) = ("alice@example.com".parse().unwrap(), LeafIdentity { session: "s".into(), ..agent() });
    assert!(!desk.form.is_of(&LeafRequest { subject: &subject, ..request }));
    assert!(!desk.form.is_of(&LeafRequest { identity: &identity, ..request }));
    assert!(!desk.form.is_of(&LeafRequest { issuer_url: "https://other.example", ..request }));
}

#[test]
fn a_form_issues_with_its_issuers_key_alone() {
    let desk = Desk::used();
    let key = public();
    let (request, other) = (desk.request(&key, life(), serial()), P256Key::generate().unwrap());
    let refused = desk.form.issue(&request, &desk.issuer, &other, &desk.world.ct, now().unix() * 1000);
    assert_eq!(refused, Err(IssueError::OtherKey));
    assert!(Issuer::read(&Authority { key: &other, certificate_der: &desk.world.issuing.certificate }).is_err());
}
