//! Where a log is read: over HTTP, or from a directory that a mirror keeps. Both have the paths of C2SP tlog-tiles.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use signer_client::{Credential, LogReader};
use signer_core::checkpoint::MAX_PUBLISHED;
use signer_core::digest::Digest;
use signer_log::tile::{self, FULL_WIDTH, Tile, TileKind};
use signer_log::tiled::HashTiles;

use super::TlogError;
use crate::config::Config;
use crate::failure::Failure;

/// The path of the checkpoint.
const CHECKPOINT: &str = "checkpoint";
/// Most bytes of a tile of hashes.
const MAX_HASHES: u64 = 256 * 32;
/// Most bytes of an entry bundle: as many as 256 entries can have.
const MAX_ENTRIES: u64 = 256 * (65_535 + 2);
/// Most tiles that are remembered at a time.
const REMEMBERED: usize = 1024;

/// Where a log is read.
pub enum LogSource {
    /// A server.
    Http(LogReader),
    /// A directory.
    Directory(PathBuf),
}

impl LogSource {
    /// The log at a URL or in a directory; the engine's own where none is named. The owner credential of a script goes to
    /// servers on this machine alone.
    pub fn open(config: &Config, place: Option<&str>) -> Result<Self, Failure> {
        let url = match place {
            Some(place) if !place.starts_with("http://") && !place.starts_with("https://") => {
                return Self::directory(PathBuf::from(place));
            }
            Some(url) => url.to_owned(),
            None => config.engine_url()?,
        };
        // Its closed logs stand under its own address.
        let is_engine = config.engine_url().is_ok_and(|engine| {
            let rest = url.strip_prefix(engine.trim_end_matches('/'));
            rest.is_some_and(|rest| matches!(rest, "" | "/") || rest.starts_with("/log/"))
        });
        let owner = if is_engine { config.owner_for_scripts()? } else { None };
        let credential = owner.map(|owner| Credential::new(owner.expose().to_owned())).transpose()?;
        Ok(Self::Http(LogReader::new(&url, credential)?))
    }

    /// The mirror in a directory, which must be there.
    pub fn directory(folder: PathBuf) -> Result<Self, Failure> {
        std::fs::read_dir(&folder).map_err(|error| Failure::io(&folder, &error))?;
        Ok(Self::Directory(folder))
    }

    /// The checkpoint as it is published.
    pub fn checkpoint(&self) -> Result<String, TlogError> {
        let limit = u64::try_from(MAX_PUBLISHED).unwrap_or(u64::MAX);
        let bytes = self.get(CHECKPOINT, limit)?.ok_or(TlogError::Empty)?;
        String::from_utf8(bytes).map_err(|_| TlogError::Text)
    }

    /// The entries of a bundle.
    pub fn entries(&self, tile: &Tile) -> Result<Vec<Vec<u8>>, TlogError> {
        let (bytes, found) = self.tile(tile, MAX_ENTRIES)?;
        let mut entries = tile::decode_entries(&bytes, &found)?;
        entries.truncate(usize::from(tile.width()));
        Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
    }

    fn hashes(&self, tile: &Tile) -> Result<Vec<Digest>, TlogError> {
        let (bytes, found) = self.tile(tile, MAX_HASHES)?;
        let mut hashes = tile::decode_hashes(&bytes, &found)?;
        hashes.truncate(usize::from(tile.width()));
        Ok(hashes)
    }

    /// A tile, or the full one of its place: a log may drop partial tiles once they are full.
    fn tile(&self, tile: &Tile, limit: u64) -> Result<(Vec<u8>, Tile), TlogError> {
        if let Some(bytes) = self.get(&tile.to_string(), limit)? {
            return Ok((bytes, *tile));
        }
        let full = Tile::new(tile.kind(), tile.index(), FULL_WIDTH)?;
        match self.get(&full.to_string(), limit)? {
            Some(bytes) if !tile.is_full() => Ok((bytes, full)),
            Some(_) | None => Err(TlogError::Missing { tile: *tile }),
        }
    }

    fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, TlogError> {
        match self {
            Self::Http(reader) => Ok(reader.get(path, limit)?),
            Self::Directory(directory) => read(&directory.join(path), limit),
        }
    }
}

fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, TlogError> {
    let mut bytes = Vec::new();
    // One more than fits: a longer file is then no tile.
    match File::open(path).and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => Ok(None),
        Err(source) => Err(TlogError::Io { path: path.to_owned(), source }),
    }
}

/// Tiles of hashes, each fetched once.
pub struct Tiles<'a> {
    source: &'a LogSource,
    held: RefCell<HashMap<Tile, Vec<Digest>>>,
}

impl<'a> Tiles<'a> {
    /// Nothing is fetched yet.
    pub fn new(source: &'a LogSource) -> Self {
        Self { source, held: RefCell::default() }
    }

    /// Where they come from.
    pub const fn source(&self) -> &LogSource {
        self.source
    }
}

impl HashTiles for Tiles<'_> {
    type Error = TlogError;

    fn hashes(&self, tile: &Tile) -> Result<Vec<Digest>, TlogError> {
        if tile.kind() == TileKind::Entries {
            return Err(TlogError::Missing { tile: *tile });
        }
        if let Some(hashes) = self.held.borrow().get(tile) {
            return Ok(hashes.clone());
        }
        let hashes = self.source.hashes(tile)?;
        let mut held = self.held.borrow_mut();
        if held.len() == REMEMBERED {
            held.clear();
        }
        held.insert(*tile, hashes.clone());
        Ok(hashes)
    }
}
