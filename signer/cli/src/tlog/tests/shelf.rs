//! A log in a directory, as a static file server would publish it.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use signer_core::checkpoint::{Checkpoint, KeyRole, VerifierKey};
use signer_core::crypto::Ed25519Key;
use signer_core::digest::Digest;
use signer_core::merkle::{Frontier, leaf_hash};
use signer_log::NodeBuilder;
use signer_log::tile::{self, Tile, TileKind};
use tempfile::TempDir;

use crate::args::Global;
use crate::args::log::LogTrust as Arguments;
use crate::config::Config;
use crate::tlog::LogTrust;

/// The body of the entry at an index.
pub(crate) fn entry(index: u64) -> Vec<u8> {
    format!("entry {index} of a log that anybody may keep").into_bytes()
}

/// A log that grows on demand.
pub(crate) struct Shelf {
    folder: TempDir,
    key: Ed25519Key,
    origin: &'static str,
    size: Cell<u64>,
}

impl Shelf {
    pub(crate) fn of(size: u64) -> Self {
        Self::named("log.example", size)
    }

    pub(crate) fn named(origin: &'static str, size: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Self { folder, key: Ed25519Key::generate().unwrap(), origin, size: Cell::new(0) };
        shelf.grow(size);
        shelf
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// A folder of the caller's, gone with the log.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(size: u64) -> Digest {
        let mut frontier = Frontier::new();
        (0..size).for_each(|index| frontier.push(leaf_hash(&entry(index))));
        frontier.root()
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { origin: self.origin.to_owned(), size: self.size.get(), root: Self::root(self.size.get()) }
    }

    /// Writes every tile of the log at that size, and its checkpoint.
    pub(crate) fn grow(&self, size: u64) {
        self.size.set(size);
        let leaves: Vec<_> = (0..size).map(|index| leaf_hash(&entry(index))).collect();
        let mut builder = NodeBuilder::new();
        let nodes: Vec<_> = leaves.iter().flat_map(|leaf| builder.push(*leaf)).collect();
        for tile in Tile::holding(TileKind::Entries, 0..size, size) {
            let bodies: Vec<_> = tile.nodes().map(entry).collect();
            self.write(&tile.to_string(), &tile::encode_entries(&bodies).unwrap());
        }
        for level in 0..8_u8 {
            for tile in Tile::holding(TileKind::Hashes { level }, 0..size, size) {
                let hashes: Vec<_> = match level {
                    0 => tile.nodes().map(|index| leaf_hash(&entry(index))).collect(),
                    level => {
                        let held = nodes.iter().filter(|node| node.level == level);
                        held.filter(|node| tile.nodes().contains(&node.index)).map(|node| node.hash).collect()
                    }
                };
                self.write(&tile.to_string(), &tile::encode_hashes(&hashes));
            }
        }
        self.publish(&self.checkpoint());
    }

    /// Signs and publishes whatever checkpoint a test wants.
    pub(crate) fn publish(&self, checkpoint: &Checkpoint) {
        self.write("checkpoint", checkpoint.sign(&self.key).as_bytes());
    }

    /// The command line's trust in this log.
    pub(crate) fn arguments(&self) -> Arguments {
        let key = VerifierKey::new(self.origin, KeyRole::Log, self.key.public()).unwrap();
        Arguments { keys: vec![key.to_string()], policy: None, trust_root: None }
    }

    pub(crate) fn trust(&self) -> LogTrust {
        LogTrust::find(&self.config(), &self.arguments()).unwrap()
    }

    /// A command's surroundings: a home of its own and no engine.
    pub(crate) fn config(&self) -> Config {
        let global = Global {
            feed: None,
            home: Some(self.folder.path().join("home")),
            engine: Some("http://127.0.0.1:1".to_owned()),
            anchor: None,
            owner_file: None,
            json: true,
            quiet: true,
            verbose: false,
        };
        Config::new(&global).unwrap()
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
