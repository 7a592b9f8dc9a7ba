//! Somebody with a session: signs commits, tags and statements the way broker and hook do, and asks the engine.

use std::rc::Rc;

use signer_core::change::ChangeList;
use signer_core::crypto::{self, P256Key, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::identity::Purpose;
use signer_core::protocol::{
    Base64, CertificateRequest, CountersignRequest, Countersignature, Presence, SessionOpened, StatementRequest,
};
use signer_core::provenance::{CommitProvenance, Counts, Provenance, TagProvenance};
use signer_core::reason::Code;
use signer_core::{armor, attributes, cms, csr};
use signer_engine::answer::Answer;
use signer_engine::session::Session;

use crate::adoption::TARGET;
use crate::world::{PERSON, World};

/// A person or agent in a session.
pub struct Actor<'w> {
    pub(crate) world: &'w World,
    opened: SessionOpened,
}

/// A key with its certificate.
#[derive(Clone)]
pub struct Credential {
    /// The key.
    pub key: Rc<P256Key>,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
}

/// A signed commit or tag.
#[derive(Clone)]
pub struct Signed {
    /// Its id.
    pub id: String,
    /// The object.
    pub bytes: Vec<u8>,
    /// What it was signed with.
    pub by: Credential,
}

impl<'w> Actor<'w> {
    pub(crate) const fn new(world: &'w World, opened: SessionOpened) -> Self {
        Self { world, opened }
    }

    /// The credential of the session.
    pub fn credential(&self) -> &str {
        &self.opened.credential
    }

    /// The session, as the engine has it at this moment.
    pub fn session(&self) -> Session {
        self.world.engine.authenticate(&self.opened.credential, self.world.now()).unwrap()
    }

    /// A fresh key with a certificate for `purpose`.
    pub fn certified(&self, purpose: Purpose) -> Credential {
        self.asks_certificate(purpose).unwrap()
    }

    /// Asks for a certificate.
    pub fn asks_certificate(&self, purpose: Purpose) -> Result<Credential, Code> {
        let key = P256Key::generate().unwrap();
        let presence = self.opened.agent.is_none().then_some(Presence::Terminal);
        let request = CertificateRequest { purpose, csr: Base64(csr::make(&key).unwrap()), presence };
        let world = self.world;
        match world.ask(world.engine.issue_certificate(&self.session(), &request, presence, world.now()))? {
            Answer::Certificate(issued) => Ok(Credential { key: Rc::new(key), certificate: issued.certificate.0 }),
            _ => panic!("no certificate"),
        }
    }

    /// Writes a file and commits it on top of `HEAD`.
    pub fn commits(&self, path: &str, text: &str) -> Signed {
        self.world.checkout.write(path, text);
        self.commits_all(&format!("Write {path}"))
    }

    /// Removes a file or folder and commits that.
    pub fn removes(&self, path: &str) -> Signed {
        self.world.checkout.remove(path);
        self.commits_all(&format!("Remove {path}"))
    }

    /// Commits whatever the work tree holds on top of `HEAD`.
    pub fn commits_all(&self, message: &str) -> Signed {
        let parents: Vec<String> = self.world.checkout.head().into_iter().collect();
        self.commits_tree(&self.world.checkout.tree(), &parents, message)
    }

    /// Commits a tree on top of any parents and makes it `HEAD`.
    pub fn commits_tree(&self, tree: &str, parents: &[String], message: &str) -> Signed {
        let payload = self.world.checkout.payload(tree, parents, PERSON, message);
        let signed = self.signs(&payload).unwrap();
        self.world.checkout.advance(&signed.bytes);
        signed
    }

    /// Merges `branch` into what is checked out, with git's own merge of the trees, and signs the result.
    pub fn merges(&self, branch: &str) -> Signed {
        let checkout = &self.world.checkout;
        let parents = [checkout.id("HEAD"), checkout.id(branch)];
        checkout.git(&["merge", "-q", "--no-commit", "--no-ff", branch]);
        let tree = checkout.tree();
        std::fs::remove_file(checkout.path().join(".git/MERGE_HEAD")).unwrap();
        self.commits_tree(&tree, &parents, "Merge")
    }

    /// Signs the bytes of a commit and has the engine countersign it; stores nothing.
    pub fn signs(&self, payload: &[u8]) -> Result<Signed, Code> {
        self.signs_saying(payload, |_| ())
    }

    /// The same with another provenance than the honest one.
    pub fn signs_saying(&self, payload: &[u8], say: impl FnOnce(&mut CommitProvenance)) -> Result<Signed, Code> {
        let changes = self.world.changes(payload);
        let mut provenance = self.provenance(&changes);
        say(&mut provenance);
        let provenance = Provenance::Commit(provenance).encode().unwrap();
        let (armor, by) = self.countersigned(payload, &provenance, Some(&changes))?;
        let bytes = signer_git::commit::join(payload, armor.as_bytes(), self.world.checkout.format()).unwrap();
        Ok(Signed { id: self.world.checkout.store("commit", &bytes), bytes, by })
    }

    /// What a commit of this session honestly says of itself.
    pub fn provenance(&self, changes: &ChangeList) -> CommitProvenance {
        let session = self.session();
        CommitProvenance {
            repository: self.world.repository.to_string(),
            target: TARGET.to_owned(),
            change: changes.digest(),
            counts: Counts::of(changes),
            grant: session.row().grants.last().copied(),
            prompt: session.row().prompt,
            instructions: None,
            tools: None,
            attribution: None,
            derived: Vec::new(),
            salt: salt(),
        }
    }

    /// Tags `HEAD` and points the ref at the tag.
    pub fn tags(&self, name: &str) -> Signed {
        let signed = self.signs_tag(name, &self.world.checkout.id("HEAD"), "commit").unwrap();
        self.world.checkout.point(&format!("refs/tags/{name}"), &signed.id);
        signed
    }

    /// Signs a tag of any object; points no ref at it.
    pub fn signs_tag(&self, name: &str, object: &str, kind: &str) -> Result<Signed, Code> {
        self.signs_tag_saying(name, object, kind, |_| ())
    }

    /// The same with another provenance than the honest one.
    pub fn signs_tag_saying(
        &self,
        name: &str,
        object: &str,
        kind: &str,
        say: impl FnOnce(&mut TagProvenance),
    ) -> Result<Signed, Code> {
        let mut provenance = TagProvenance {
            repository: self.world.repository.to_string(),
            name: name.to_owned(),
            object: object.to_owned(),
            object_type: kind.to_owned(),
            grant: self.session().row().grants.last().copied(),
            salt: salt(),
        };
        say(&mut provenance);
        let payload = tag_payload(name, object, kind);
        let provenance = Provenance::Tag(provenance).encode().unwrap();
        let (armor, by) = self.countersigned(&payload, &provenance, None)?;
        let bytes = signer_git::tag::join(&payload, armor.as_bytes(), self.world.checkout.format()).unwrap();
        Ok(Signed { id: self.world.checkout.store("tag", &bytes), bytes, by })
    }

    /// A request to countersign a statement under a fresh certificate.
    pub fn states(&self, purpose: Purpose, payload: &[u8]) -> StatementRequest {
        let by = self.certified(purpose);
        StatementRequest {
            payload_type: dsse::PAYLOAD_TYPE.to_owned(),
            payload: Base64(payload.to_vec()),
            signature: Base64(by.key.sign_p256(&dsse::pae(dsse::PAYLOAD_TYPE, payload)).unwrap()),
            certificate: Base64(by.certificate),
            newest_checkpoint: None,
        }
    }

    /// Accepts a prompt by its leaf hash; commits of this session name it from then on.
    pub fn accepts(&self, prompt: &Digest) {
        let answer = self.world.ask(self.world.engine.accept_prompt(&self.session(), prompt, self.world.now()));
        assert!(answer.is_ok(), "{:?}", answer.err());
    }

    fn countersigned(
        &self,
        payload: &[u8],
        provenance: &[u8],
        changes: Option<&ChangeList>,
    ) -> Result<(String, Credential), Code> {
        let (world, by) = (self.world, self.asks_certificate(Purpose::Commit)?);
        let request = self.request(&by, payload, provenance, changes);
        let (signed, signature) = (request.signed_attributes.0.clone(), request.signature.0.clone());
        let answer = world.ask(world.engine.countersign(&self.session(), &request, world.now()))?;
        let Answer::Countersigned(Countersignature { token, entry, decision, foreign: None }) = answer else {
            panic!("no countersignature");
        };
        let evidence = cms::Evidence { token: token.0, entry: entry.0, decision: decision.0, foreign: None };
        let der = cms::assemble(&signed, &signature, &by.certificate, &evidence).unwrap();
        Ok((armor::encode(&der), by))
    }
}

impl Actor<'_> {
    /// The request for the countersignature of a commit, signed and not sent.
    pub fn asks_for(&self, payload: &[u8]) -> CountersignRequest {
        let changes = self.world.changes(payload);
        let provenance = Provenance::Commit(self.provenance(&changes)).encode().unwrap();
        self.request(&self.certified(Purpose::Commit), payload, &provenance, Some(&changes))
    }

    fn request(
        &self,
        by: &Credential,
        payload: &[u8],
        provenance: &[u8],
        changes: Option<&ChangeList>,
    ) -> CountersignRequest {
        let named = Digest::of(&by.certificate);
        let signed = attributes::encode(&Digest::of(payload), self.world.now(), &named, provenance).unwrap();
        let signature = by.key.sign_p256(&signed).unwrap();
        CountersignRequest {
            signed_attributes: Base64(signed),
            signature: Base64(signature),
            certificate: Base64(by.certificate.clone()),
            change_list: changes.map(|changes| Base64(changes.encode())),
            newest_checkpoint: None,
        }
    }
}

/// The bytes of a tag that nobody has signed.
pub fn tag_payload(name: &str, object: &str, kind: &str) -> Vec<u8> {
    format!("object {object}\ntype {kind}\ntag {name}\ntagger ada <{PERSON}> 1795000000 +0000\n\nA release.\n")
        .into_bytes()
}

/// Sixteen random bytes in hexadecimal.
pub fn salt() -> String {
    hex::encode(crypto::random::<16>().unwrap())
}
