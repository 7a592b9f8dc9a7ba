//! `chancery log verify`: is this in the log? What carries its own proof is judged offline, and against the log as it is
//! published where one is named; a bare entry or leaf hash is looked up there.

use std::path::Path;

use serde_json::{Value, json};
use signer_core::armor;
use signer_core::checkpoint::Checkpoint;
use signer_core::cms::CommitSignature;
use signer_core::digest::Digest;
use signer_core::log_entry::{self, LogEntry, LogKeyParts};
use signer_core::merkle;
use signer_core::reason::Code;
use signer_git::commit;
use signer_log::tile::{Tile, TileKind};
use signer_log::tiled::{HashTiles as _, TiledTree};

use crate::args::log::LogVerify;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::named_file;
use crate::repository;
use crate::tlog::{LogSource, LogTrust, Shown, Tiles, prove_growth};

/// Most bytes of a bundle or an entry.
const MAX_FILE: usize = 1024 * 1024;

/// What is looked for.
enum Sought {
    /// An entry that carries its proof.
    Proven(Box<LogEntry>, Vec<u8>),
    /// An entry that the log must prove.
    Leaf(Digest),
}

/// Judges what the arguments name, and prints where it stands.
pub(crate) fn verify(config: &Config, arguments: &LogVerify) -> Result<Exit, Failure> {
    let trust = LogTrust::find(config, &arguments.trust)?;
    match sought(arguments)? {
        Sought::Proven(entry, body) => proven(config, arguments, &trust, &entry, &body),
        Sought::Leaf(leaf) => looked_up(config, arguments, &trust, &leaf),
    }
}

fn sought(arguments: &LogVerify) -> Result<Sought, Failure> {
    match (&arguments.file, &arguments.commit, &arguments.leaf) {
        (Some(file), None, None) => in_file(file),
        (None, Some(revision), None) => in_commit(&arguments.repo, revision),
        (None, None, Some(leaf)) => {
            Ok(Sought::Leaf(leaf.parse().map_err(|error| Failure::usage(format_args!("`{leaf}`: {error}")))?))
        }
        _ => Err(Failure::usage("name one of a file, `--commit` and `--leaf`")),
    }
}

/// A bundle, a `TransparencyLogEntry` as Rekor v2 answers it, or the body of an entry.
fn in_file(path: &Path) -> Result<Sought, Failure> {
    let bytes = named_file::read(path, MAX_FILE, Code::InternalIo)?;
    if bytes.len() > MAX_FILE {
        return Err(Failure::new(Code::BundleMalformed, format_args!("`{}` is too large", path.display())));
    }
    let mut document: Value =
        serde_json::from_slice(&bytes).map_err(|error| Failure::new(Code::BundleMalformed, error))?;
    if document.get("apiVersion").is_some() {
        return Ok(Sought::Leaf(merkle::leaf_hash(&bytes)));
    }
    let (entry, body) = if document.get("logIndex").is_some() {
        without_unpopulated(&mut document);
        LogEntry::from_bundle_json(&document)?
    } else {
        match document.pointer("/verificationMaterial/tlogEntries").and_then(Value::as_array).map(Vec::as_slice) {
            Some([entry]) => LogEntry::from_bundle_json(entry)?,
            Some(_) | None => {
                return Err(Failure::new(Code::LogEntryMissing, "the bundle does not hold exactly one log entry"));
            }
        }
    };
    Ok(Sought::Proven(Box::new(entry), body))
}

/// Rekor's gateway writes fields that have no value; bundles do not.
fn without_unpopulated(entry: &mut Value) {
    if let Some(fields) = entry.as_object_mut() {
        fields.retain(|name, value| {
            let is_empty = match name.as_str() {
                "integratedTime" => *value == json!("0"),
                "inclusionPromise" => value.is_null(),
                _ => false,
            };
            !is_empty
        });
    }
}

/// The entry that a commit's signature carries, with the body that its parts make.
fn in_commit(directory: &Path, revision: &str) -> Result<Sought, Failure> {
    let repository = repository::open(directory)?;
    let raw = repository.read(&repository.resolve_commit(revision)?)?;
    let signed = commit::split_signature(&raw.bytes, repository.format())?;
    let signature = CommitSignature::parse(&armor::decode(&signed.armor)?)?;
    let digest = Digest::of(signature.signed_attributes().der());
    let body = log_entry::body(&digest, signature.signature(), signature.certificate_der())?;
    Ok(Sought::Proven(Box::new(LogEntry::decode(signature.entry())?), body))
}

fn proven(
    config: &Config,
    arguments: &LogVerify,
    trust: &LogTrust,
    entry: &LogEntry,
    body: &[u8],
) -> Result<Exit, Failure> {
    let embedded = trust.verify_log(&entry.checkpoint)?;
    // Its cosignatures were judged with it; the proof ends in what the log signed.
    let plain = LogEntry { checkpoint: embedded.published.log_note(), ..entry.clone() };
    let leaf = plain.verify(body, &LogKeyParts { origin: embedded.log.name(), key: embedded.log.key() })?;
    let published = match &arguments.log {
        Some(place) => {
            let source = LogSource::open(config, Some(place))?;
            let shown = trust.verify(&source.checkpoint()?)?;
            let checkpoint = shown.published.checkpoint();
            if shown.log != embedded.log {
                let message = format_args!("`{}` is another log", checkpoint.origin);
                return Err(Failure::new(Code::LogOriginMismatch, message));
            }
            prove_growth(&Tiles::new(&source), entry.size, &entry.root, checkpoint)?;
            as_published(trust, &shown)
        }
        None => Value::Null,
    };
    let origin = embedded.log.name();
    Ok(answer(config, &Place { origin, index: entry.index, size: entry.size, root: entry.root, leaf }, &published))
}

/// Finds the leaf among the log's, and proves that it is.
fn looked_up(config: &Config, arguments: &LogVerify, trust: &LogTrust, leaf: &Digest) -> Result<Exit, Failure> {
    let source = LogSource::open(config, arguments.log.as_deref())?;
    let shown = trust.verify(&source.checkpoint()?)?;
    let checkpoint = shown.published.checkpoint();
    let tiles = Tiles::new(&source);
    let index = match arguments.index {
        Some(index) => Some(index),
        None => find(config, &tiles, checkpoint, leaf)?,
    };
    let proof = match index {
        Some(index) => TiledTree::new(&tiles, checkpoint.size).prove_inclusion(index)?.map(|proof| (index, proof)),
        None => None,
    };
    let Some((index, proof)) = proof else {
        let message = format_args!("none of the {} entries of `{}` is {leaf}", checkpoint.size, checkpoint.origin);
        return Err(Failure::new(Code::LogEntryMissing, message));
    };
    merkle::verify_inclusion(leaf, index, checkpoint.size, &proof, &checkpoint.root)?;
    let Checkpoint { origin, size, root } = checkpoint;
    let place = Place { origin, index, size: *size, root: *root, leaf: *leaf };
    Ok(answer(config, &place, &as_published(trust, &shown)))
}

/// The first index with this leaf hash, as the tiles say.
fn find(config: &Config, tiles: &Tiles<'_>, checkpoint: &Checkpoint, leaf: &Digest) -> Result<Option<u64>, Failure> {
    let size = checkpoint.size;
    for tile in Tile::holding(TileKind::Hashes { level: 0 }, 0..size, size) {
        let found = tile.nodes().zip(tiles.hashes(&tile)?).find(|(_, hash)| hash == leaf);
        if let Some((index, _)) = found {
            return Ok(Some(index));
        }
        config.output.progress("searched", tile.nodes().end, size);
    }
    Ok(None)
}

/// Where an entry stands.
struct Place<'a> {
    origin: &'a str,
    index: u64,
    size: u64,
    root: Digest,
    leaf: Digest,
}

fn as_published(trust: &LogTrust, shown: &Shown) -> Value {
    let cosigned = shown.published.cosignatures().iter();
    let witnesses: Vec<_> =
        cosigned.map(|found| json!({ "witness": trust.witness(found), "time": found.time })).collect();
    json!({ "size": shown.published.checkpoint().size, "witnesses": witnesses })
}

fn answer(config: &Config, place: &Place<'_>, published: &Value) -> Exit {
    let Place { origin, index, size, root, leaf } = place;
    let document = json!({
        "schema": "urn:chancery:log-verify:v1", "origin": origin, "index": index, "size": size, "root": root,
        "leaf": leaf, "published": published,
    });
    config.output.answer(&document, &format!("entry {index} of {origin}: {leaf}, in a tree of {size}"));
    Exit::Accepted
}

#[cfg(test)]
mod tests;
