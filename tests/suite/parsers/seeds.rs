//! Honest objects for every parser, all from one world.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chancery_tests::revocation::revocation;
use chancery_tests::world::PERSON;
use chancery_tests::{Parts, World};
use signer_core::attributes::{ForeignAttributes, SignedAttributes};
use signer_core::certificate::Leaf;
use signer_core::checkpoint::{Checkpoint, KeyRole, VerifierKey};
use signer_core::cms::{CommitSignature, ForeignSignature};
use signer_core::crypto::{Ed25519Key, P256Key, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::dsse::Envelope;
use signer_core::grant::{Grant, Grantee};
use signer_core::identity::Purpose;
use signer_core::log_entry::ForeignEntry;
use signer_core::merkle::Frontier;
use signer_core::nonce::Nonce;
use signer_core::revocation::{Action, Cause};
use signer_core::time::Window;
use signer_core::witness::Submission;
use signer_core::{armor, csr};
use signer_git::ObjectFormat;
use signer_wire::frame;
use signer_wire::message::{Answer, Request};

/// Objects by the name of their parser.
pub(super) type Seeds = BTreeMap<&'static str, Vec<Vec<u8>>>;

/// All of them.
pub(super) fn seeds() -> Seeds {
    let world = World::new();
    let mut seeds = Seeds::new();
    signatures(&world, &mut seeds);
    statements(&world, &mut seeds);
    log(&mut seeds);
    names(&world, &mut seeds);
    wire(&mut seeds);
    seeds
}

fn pem_of(label: &'static str, der: &[u8]) -> Vec<u8> {
    ::der::pem::encode_string(label, ::der::pem::LineEnding::LF, der).unwrap().into_bytes()
}

fn leaf_of(world: &World) -> Leaf {
    Leaf::parse(&world.person().certified(Purpose::Commit).certificate).unwrap()
}

fn grant(world: &World) -> Grant {
    Grant {
        grantee: Grantee { agent: "builder".parse().unwrap(), class: None },
        scope: world.scope(),
        window: Window { start: world.now(), end: world.now().plus(60) },
        depth: 0,
        task: None,
        salt: Nonce::from_bytes([9; 16]),
    }
}

/// The evidence of an engine's signature in one that was made without an engine.
fn foreign(der: &[u8]) -> Vec<u8> {
    let signed = CommitSignature::parse(der).unwrap();
    let (object, time) = (signed.signed_attributes().message_digest(), signed.signed_attributes().signing_time());
    let certificate = signed.certificate_der().to_vec();
    let attributes = ForeignAttributes::new(*object, time, Some(Digest::of(&certificate))).unwrap();
    let entry = ForeignEntry::decode(signed.entry()).unwrap();
    let (signature, token) = (signed.signature().to_vec(), Some(signed.token().to_vec()));
    ForeignSignature { attributes, signature, certificate, token, entry }.write().unwrap()
}

/// A `TimeStampReq` over 32 zero bytes, with a nonce and the wish for a certificate.
fn query() -> Vec<u8> {
    let mut query = hex::decode("3000020101303130 0d06096086480165030402010500 0420".replace(' ', "")).unwrap();
    query.extend([0; 32]);
    query.extend([0x02, 0x01, 0x07, 0x01, 0x01, 0xff]);
    query[1] = u8::try_from(query.len() - 2).unwrap();
    query
}

/// Writes them where the fuzzer looks for them, if it asks.
pub(super) fn keep(seeds: &Seeds) {
    let Some(place) = std::env::var_os("CHANCERY_FUZZ_SEEDS") else { return };
    for (name, objects) in seeds {
        let folder = Path::new(&place).join(name);
        fs::create_dir_all(&folder).unwrap();
        for object in objects {
            fs::write(folder.join(Digest::of(object).to_string().replace(':', "-")), object).unwrap();
        }
    }
}

fn signatures(world: &World, seeds: &mut Seeds) {
    let (agent, person) = (world.agent("builder"), world.person());
    let commit = agent.commits("src/lib.rs", "one\n");
    let tag = person.tags("v1");
    let parts = Parts::of(&commit.bytes, ObjectFormat::Sha1);
    let leaf = Leaf::parse(&parts.certificate).unwrap();
    let key = P256Key::generate().unwrap();
    let request = csr::make(&key).unwrap();
    seeds.insert("armor", vec![armor::encode(&parts.der()).into_bytes()]);
    seeds.insert("cms", vec![parts.der()]);
    seeds.insert("cms-foreign", vec![foreign(&parts.der())]);
    seeds.insert("signed-attributes", vec![parts.attributes.clone()]);
    seeds.insert("certificate", vec![leaf.der().to_vec()]);
    seeds.insert("leaf-identity", vec![leaf.identity().to_der().unwrap()]);
    seeds.insert("time-stamp-token", vec![parts.token.clone()]);
    seeds.insert("log-entry", vec![parts.entry.clone()]);
    seeds.insert("decision", vec![parts.decision.clone()]);
    seeds.insert("foreign-form", vec![b"Plain text.\n".to_vec()]);
    seeds.insert("pem-certificate-request", vec![pem_of("CERTIFICATE REQUEST", &request)]);
    seeds.insert("certificate-request", vec![request]);
    seeds.insert("pem-public-key", vec![pem_of("PUBLIC KEY", &key.public().to_spki_der().unwrap())]);
    seeds.insert("time-stamp-query", vec![query()]);
    let asked =
        format!(r#"{{"artifactHash":"{}=","hashAlgorithm":"sha256","nonce":7,"certificates":true}}"#, "A".repeat(43));
    seeds.insert("time-stamp-query-json", vec![asked.into_bytes()]);
    seeds.insert("commit", vec![commit.bytes.clone(), world.payload()]);
    seeds.insert("tag", vec![tag.bytes]);
    seeds.insert("tree", vec![world.checkout.raw("tree", &world.checkout.tree())]);
    seeds.insert("pack", packed(world));
    seeds.insert("change-list", vec![world.changes(&commit.bytes).encode()]);
    seeds.insert("provenance", vec![SignedAttributes::parse(&parts.attributes).unwrap().provenance_bytes().to_vec()]);
    seeds.insert("ident", vec![format!("{PERSON} <{PERSON}> 1795000000 +0000").into_bytes()]);
}

/// Two objects of the pack that git makes for a clone: one that is whole there, and one that is a delta.
fn packed(world: &World) -> Vec<Vec<u8>> {
    let clone = world.checkout.beside("packed.git");
    world.checkout.git(&["clone", "-q", "--bare", "--no-local", ".", clone.to_str().unwrap()]);
    let files = fs::read_dir(clone.join("objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    let index = files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "idx")).unwrap();
    let pack = fs::read(index.with_extension("pack")).unwrap();
    let length = u32::try_from(pack.len()).unwrap().to_be_bytes();
    let listed = world.checkout.git(&["verify-pack", "-v", index.to_str().unwrap()]);
    let with_columns = |columns| listed.lines().find(|line| line.split_whitespace().count() == columns);
    let seed = |line: &str| {
        let id = hex::decode(line.split_once(' ').unwrap().0).unwrap();
        [&id, length.as_slice(), &pack, &fs::read(&index).unwrap()].concat()
    };
    [with_columns(5), with_columns(7)].map(|line| seed(line.unwrap())).to_vec()
}

fn statements(world: &World, seeds: &mut Seeds) {
    let paper = world.person().signs_prompt("Add a parser.\n");
    let mut envelope = Envelope::unsigned(paper.bundle.payload.clone());
    envelope.add(paper.bundle.signature.clone());
    seeds.insert("bundle", vec![paper.bundle.to_json().unwrap()]);
    seeds.insert("statement-header", vec![paper.bundle.payload.clone()]);
    seeds.insert("statement-prompt", vec![paper.bundle.payload.clone()]);
    seeds.insert("statement-grant", vec![grant(world).into_statement().unwrap().encode().unwrap()]);
    world.person().revokes("model:m-1");
    seeds.insert("feed", vec![world.feed()]);
    let known = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let known = Ed25519Key::from_pkcs8(&hex::decode(known).unwrap()).unwrap();
    let head = world.reads_feed(&world.feed()).unwrap().head().clone();
    seeds.insert("feed-head", vec![head.sign(&known).into_bytes()]);
    seeds.insert("selector", vec![b"agent:builder".to_vec(), b"sponsor:ada@example.org".to_vec()]);
    let said = revocation(Action::Hold, Cause::Misuse, "agent:builder");
    seeds.insert("statement-revocation", vec![said]);
    seeds.insert("envelope", vec![envelope.encode().unwrap()]);
    seeds.insert("anchor", vec![world.anchor(1)]);
    seeds.insert("prompt", vec![b"Add a parser.\n".to_vec()]);
    seeds.insert("repository-config", vec![fs::read(world.checkout.path().join(".chancery/config.toml")).unwrap()]);
    seeds.insert("trust-root", vec![world.office.trust(world.now()).to_json()]);
}

fn log(seeds: &mut Seeds) {
    let (key, other) = (Ed25519Key::generate().unwrap(), Ed25519Key::generate().unwrap());
    let root = Digest::of(b"root");
    let note = Checkpoint { origin: "log.example.org".to_owned(), size: 3, root }.sign(&key);
    let witness = VerifierKey::new("witness.example.org", KeyRole::Witness, other.public()).unwrap();
    let mut frontier = Frontier::default();
    (0..5_u8).for_each(|leaf| frontier.push(Digest::of(&[leaf])));
    let submission = Submission { old_size: 2, proof: vec![root, root], note: &note };
    seeds.insert("submission", vec![submission.to_body().into_bytes()]);
    seeds.insert("checkpoint", vec![note.into_bytes()]);
    seeds.insert("frontier", vec![frontier.encode()]);
    seeds.insert("entries", vec![b"\x02\x00\x01a\x00\x02bc".to_vec()]);
    seeds.insert("hashes", vec![[&[1][..], root.as_bytes()].concat()]);
    let log = VerifierKey::new("log.example.org", KeyRole::Log, key.public()).unwrap();
    let policy = format!("log {log}\nwitness w1 {witness}\nquorum w1\n");
    seeds.insert("witness-policy", vec![policy.into_bytes()]);
    seeds.insert("verifier-key", vec![witness.to_string().into_bytes()]);
}

fn names(world: &World, seeds: &mut Seeds) {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    seeds.insert("commit-id", texts(&[&"0a".repeat(20), &"0b".repeat(32)]));
    seeds.insert("digest", texts(&[&Digest::of(b"a").to_string()]));
    seeds.insert("name", texts(&["builder", "build-bot-2"]));
    seeds.insert("nonce", texts(&[&Nonce::from_bytes([9; 16]).to_string()]));
    seeds.insert("path", texts(&["src/lib.rs", "a"]));
    seeds.insert("reference", texts(&["refs/heads/main", "refs/tags/v1.0"]));
    seeds.insert("repository-id", texts(&[&world.repository.to_string()]));
    seeds.insert("subject", texts(&[&leaf_of(world).subject().to_string(), PERSON]));
    seeds.insert("tile", texts(&["tile/0/x001/234", "tile/entries/000.p/7"]));
    seeds.insert("timestamp", texts(&[&world.now().to_string()]));
}

fn wire(seeds: &mut Seeds) {
    let mut request = Vec::new();
    frame::write(&mut request, &Request::Status).unwrap();
    let mut answer = Vec::new();
    frame::write(&mut answer, &Answer::Done).unwrap();
    seeds.insert("broker-request", vec![request]);
    seeds.insert("broker-answer", vec![answer]);
    seeds.insert("arguments", vec![b"--status-fd=2\n-bsau\nada@example.org".to_vec(), b"install\n--global".to_vec()]);
}
