//! Revocations: people who revoke, the engine's feed, and verdicts that are given by it.

use std::fs;

use ci::run::{self, Request, Selection};
use signer_core::crypto;
use signer_core::feed::{Feed, FeedError, FeedFile, FeedHead};
use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::reason::Code;
use signer_core::revocation::{Action, Cause, Revocation};
use signer_core::verdict::Verdict;

use crate::actor::Actor;
use crate::office::ORIGIN;
use crate::world::World;

/// A revocation with a salt of its own.
pub fn revocation(action: Action, cause: Cause, selector: &str) -> Vec<u8> {
    let salt = Nonce::from_bytes(crypto::random().unwrap());
    let revocation = Revocation { action, cause, salt, selector: selector.parse().unwrap() };
    revocation.into_statement().unwrap().encode().unwrap()
}

impl Actor<'_> {
    /// Says that something no longer counts, or counts again.
    pub fn says(&self, action: Action, cause: Cause, selector: &str) -> Result<(), Code> {
        let request = self.states(Purpose::Attestation, &revocation(action, cause, selector));
        let world = self.world;
        world.ask(world.engine.revoke(&self.session(), &request, world.now())).map(drop)
    }

    /// Revokes something.
    pub fn revokes(&self, selector: &str) {
        self.says(Action::Revoke, Cause::Misuse, selector).unwrap();
    }
}

impl World {
    /// The engine's feed as it is now.
    pub fn feed(&self) -> Vec<u8> {
        self.engine.feed_file(self.now()).unwrap()
    }

    /// The feed under another head, signed by the log's own key.
    pub fn feed_saying(&self, alter: impl FnOnce(&mut FeedHead)) -> Vec<u8> {
        let file = FeedFile::decode(&self.feed()).unwrap();
        let key = self.office.keys().log;
        let mut head = FeedHead::verify(&file.head, ORIGIN, &key.public()).unwrap();
        alter(&mut head);
        FeedFile { head: head.sign(&key), ..file }.encode().unwrap()
    }

    /// What a verifier at the world's time makes of a feed.
    pub fn reads_feed(&self, feed: &[u8]) -> Result<Feed, FeedError> {
        self.verifier().feed(feed)
    }

    /// The verdict over everything since the adoption, by a feed.
    pub fn verify_by(&self, feed: &[u8]) -> Verdict {
        self.judge_by(feed, Selection::All)
    }

    /// The verdict over a selection, by a feed.
    pub fn judge_by(&self, feed: &[u8], selection: Selection) -> Verdict {
        let path = self.checkout.beside("feed.json");
        fs::write(&path, feed).unwrap();
        let (repository, anchor) = (self.checkout.path(), self.anchor_file(1));
        run::verify(&Request { repository, anchor, selection, feed: Some(path), fail_fast: false, now: self.now() })
    }
}
