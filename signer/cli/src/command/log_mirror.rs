//! `chancery log mirror DIR`: a copy of a log in the layout of C2SP tlog-tiles, which any static file server can publish.
//!
//! Every bundle is proven to be part of the newest tree before it is written, the tiles of hashes are computed from the
//! entries, and the checkpoint comes last: a copy that was interrupted is a whole copy of an earlier tree.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde_json::json;
use signer_core::digest::Digest;
use signer_core::merkle::{self, Frontier};
use signer_core::reason::Code;
use signer_log::tile::{self, FULL_WIDTH, Tile, TileKind};
use signer_log::tiled::{HashTiles as _, TiledTree};

use crate::args::log::LogMirror;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::tlog::{Bundle, LogSource, LogTrust, Replay, Shown, Tiles, TlogError, prove_growth};

/// Brings the copy up to date.
pub(crate) fn mirror(config: &Config, arguments: &LogMirror) -> Result<Exit, Failure> {
    let source = LogSource::open(config, arguments.log.as_deref())?;
    let trust = LogTrust::find(config, &arguments.trust)?;
    let shown = trust.verify(&source.checkpoint()?)?;
    let checkpoint = shown.published.checkpoint();
    let tiles = Tiles::new(&source);
    let copy = Copy { directory: &arguments.directory };
    let held = copy.held(&trust, &shown, &tiles)?;
    let mut replay = Replay::new(&tiles, checkpoint, held)?;
    while let Some(bundle) = replay.next_bundle()? {
        copy.bundle(&bundle)?;
        config.output.progress("copied", replay.size(), checkpoint.size);
    }
    copy.upper_levels(checkpoint.size, held)?;
    copy.check_whole(&shown)?;
    copy.write("checkpoint", shown.note.as_bytes())?;
    let document = json!({
        "schema": "urn:chancery:log-mirror:v1", "origin": checkpoint.origin, "size": checkpoint.size,
        "added": checkpoint.size.saturating_sub(held), "directory": output::shown(&arguments.directory),
    });
    let text =
        format!("{} entries of {}, {} new", checkpoint.size, checkpoint.origin, checkpoint.size.saturating_sub(held));
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// The directory that is written.
struct Copy<'a> {
    directory: &'a Path,
}

impl Copy<'_> {
    /// How many entries are there already. Fails where the log shows a tree that does not hold them.
    fn held(&self, trust: &LogTrust, shown: &Shown, tiles: &Tiles<'_>) -> Result<u64, Failure> {
        let note = match self.source().checkpoint() {
            Err(TlogError::Empty) => return Ok(0),
            note => note?,
        };
        let held = trust.verify_log(&note)?;
        let (held, newest) = (held.published.checkpoint(), shown.published.checkpoint());
        if held.origin != newest.origin {
            let message = format_args!("the directory holds `{}`, the log is `{}`", held.origin, newest.origin);
            return Err(Failure::new(Code::LogOriginMismatch, message));
        }
        if held.size > newest.size {
            let message = format_args!("the directory holds {} entries, the log shows {}", held.size, newest.size);
            return Err(Failure::new(Code::LogRollback, message));
        }
        prove_growth(tiles, held.size, &held.root, newest)?;
        Ok(held.size)
    }

    /// A bundle that was proven, and the tile of its leaves.
    fn bundle(&self, bundle: &Bundle) -> Result<(), Failure> {
        let leaves: Vec<_> = bundle.bodies.iter().map(|body| merkle::leaf_hash(body)).collect();
        let tile = Tile::new(TileKind::Hashes { level: 0 }, bundle.tile.index(), bundle.tile.width())?;
        self.tile(&bundle.tile, &tile::encode_entries(&bundle.bodies)?)?;
        self.tile(&tile, &tile::encode_hashes(&leaves))
    }

    /// The tiles above the leaves that new entries have changed, each from the full tiles below it.
    fn upper_levels(&self, size: u64, held: u64) -> Result<(), Failure> {
        let source = self.source();
        let below = Tiles::new(&source);
        for level in 1_u8..64 {
            let shift = 8 * u32::from(level);
            let (first, end) = (held.checked_shr(shift).unwrap_or(0), size.checked_shr(shift).unwrap_or(0));
            if end == 0 {
                return Ok(());
            }
            for tile in Tile::holding(TileKind::Hashes { level }, first..end, size) {
                let mut hashes = Vec::with_capacity(usize::from(tile.width()));
                for index in tile.nodes() {
                    let full = Tile::new(TileKind::Hashes { level: level - 1 }, index, FULL_WIDTH)?;
                    hashes.push(root(&below.hashes(&full)?));
                }
                self.tile(&tile, &tile::encode_hashes(&hashes))?;
            }
        }
        Ok(())
    }

    /// Holds what was written against the checkpoint that is about to be written.
    fn check_whole(&self, shown: &Shown) -> Result<(), Failure> {
        let source = self.source();
        let checkpoint = shown.published.checkpoint();
        if TiledTree::new(&Tiles::new(&source), checkpoint.size).root()? == checkpoint.root {
            return Ok(());
        }
        Err(Failure::new(Code::LogConsistency, "the directory's older tiles were altered; copy into an empty one"))
    }

    fn source(&self) -> LogSource {
        LogSource::Directory(self.directory.to_path_buf())
    }

    fn tile(&self, tile: &Tile, bytes: &[u8]) -> Result<(), Failure> {
        let path = tile.to_string();
        self.write(&path, bytes)?;
        if tile.is_full() {
            // Nobody needs the narrower ones any more (C2SP tlog-tiles, partial tiles).
            let partial = self.directory.join(format!("{path}.p"));
            match fs::remove_dir_all(&partial) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::io(&partial, &error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// After a crash the old or the new file is there, whole.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let (path, draft) = (self.directory.join(path), self.directory.join(".new"));
        let written = || {
            fs::create_dir_all(path.parent().unwrap_or(self.directory))?;
            let mut file = File::create(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        written().map_err(|error| Failure::io(&path, &error))
    }
}

fn root(nodes: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    for node in nodes {
        frontier.push(*node);
    }
    frontier.root()
}

#[cfg(test)]
mod tests;
