//! Anchors of a world, and the commits that bring them.

use std::fs;

use signer_core::anchor::{self, Adoption, AnchorTerms, Keyholder, KeyholderKey, ObjectFormat};
use signer_core::crypto::SignP256;
use signer_core::digest::Digest;
use signer_core::repository_config::RepositoryConfig;
use signer_git::ChangeReader;

use crate::actor::Signed;
use crate::world::World;

/// The ref that is protected.
pub const TARGET: &str = "refs/heads/main";

impl World {
    /// Adopts the repository as it is; the anchor file lies outside as [`World::anchor_file`] of version 1.
    pub fn adopts(&self) {
        let file = anchor::sign(self.first_terms(), &[&self.keyholder]).unwrap();
        self.keep_anchor(1, &file);
        let target = TARGET.parse().unwrap();
        let config = RepositoryConfig { repository: self.repository, target };
        self.checkout.write(".chancery/config.toml", config.to_toml());
        self.checkout.write(".chancery/anchor/1.json", &file);
        for (name, content) in self.policy().files() {
            self.checkout.write(&format!(".chancery/policy/{name}"), content);
        }
        self.person().commits_all("Adopt the repository");
    }

    /// Where an anchor file lies outside the repository.
    pub fn anchor_file(&self, version: u32) -> String {
        self.checkout.beside(&format!("anchor-{version}.json")).display().to_string()
    }

    /// The bytes of an anchor that was kept.
    pub fn anchor(&self, version: u32) -> Vec<u8> {
        fs::read(self.anchor_file(version)).unwrap()
    }

    /// Keeps an anchor file outside the repository.
    pub fn keep_anchor(&self, version: u32, file: &[u8]) {
        fs::write(self.anchor_file(version), file).unwrap();
    }

    /// The terms of the first anchor for the repository as it is.
    pub fn first_terms(&self) -> AnchorTerms {
        AnchorTerms {
            version: 1,
            previous: None,
            repository: self.repository,
            object_format: match self.checkout.format() {
                signer_git::ObjectFormat::Sha1 => ObjectFormat::Sha1,
                signer_git::ObjectFormat::Sha256 => ObjectFormat::Sha256,
            },
            protected: vec![TARGET.parse().unwrap()],
            adoption: self.checkout.head().map(|head| self.adoption(&head)),
            trust_root: String::from_utf8(self.office.trust(self.now()).to_json()).unwrap(),
            witnesses: None,
            time_authorities: None,
            policy: self.policy().digest(),
            keyholders: vec![keyholder("ada", &self.keyholder)],
            threshold: 1,
        }
    }

    /// The terms that follow an anchor that was kept.
    pub fn next_terms(&self, version: u32) -> AnchorTerms {
        let before = self.anchor(version);
        let anchor = anchor::Anchor::parse(&before).unwrap().trust().unwrap();
        AnchorTerms { version: version + 1, previous: Some(Digest::of(&before)), ..anchor.terms().clone() }
    }

    /// Signs terms as the keyholder, keeps the file, and has Ada commit it and whatever else the work tree holds.
    pub fn anchors(&self, terms: AnchorTerms) -> Signed {
        let version = terms.version;
        let file = anchor::sign(terms, &[&self.keyholder]).unwrap();
        self.keep_anchor(version, &file);
        self.brings_anchor(version, &file)
    }

    /// Has Ada commit an anchor file, whoever signed it.
    pub fn brings_anchor(&self, version: u32, file: &[u8]) -> Signed {
        self.checkout.write(&format!(".chancery/anchor/{version}.json"), file);
        self.person().commits_all("Bring an anchor")
    }

    fn adoption(&self, head: &str) -> Adoption {
        let repository = self.checkout.open();
        let id = repository.resolve_commit(head).unwrap();
        let tree = repository.linkage(&id).unwrap().tree;
        Adoption {
            commit: head.parse().unwrap(),
            sha256: Digest::of(&repository.read(&id).unwrap().bytes),
            manifest: ChangeReader::new(&repository).manifest_digest(&tree).unwrap(),
        }
    }
}

/// Somebody who may sign anchors.
pub fn keyholder(name: &str, key: &dyn SignP256) -> Keyholder {
    Keyholder { name: name.to_owned(), key: KeyholderKey(key.public()) }
}
