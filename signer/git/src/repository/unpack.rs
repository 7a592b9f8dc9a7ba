//! Objects out of packs: entries are inflated, deltas applied from the whole object up.
//!
//! What an entry says of its size is looked at before memory is taken for it, of every object on the way. A chain of deltas
//! has an end: git makes none of more than 4,095.

use std::sync::Arc;

use gix_pack::data::Entry;

use super::delta::{self, DeltaError};
use super::pack::{Kind, Pack};
use crate::generations::Generations;
use crate::object::ObjectKind;
use crate::object_id::ObjectId;
use crate::repository::RepositoryError;

/// The bytes of an object, for several holders.
pub(super) type Bytes = Arc<Vec<u8>>;

/// Most deltas between an object and the whole object it is made of.
const MAX_CHAIN: usize = 4096;
/// Most bytes of an object on the way, where the one that is wanted may not have more: an object may be made of a larger one.
const MAX_BASE: usize = 64 * 1024 * 1024;
/// Bytes of objects that each of two generations remembers: the next one is often made of the last.
const REMEMBERED: usize = 8 * 1024 * 1024;
/// Most bytes of one that is.
const MAX_REMEMBERED: usize = 1024 * 1024;

/// What remembering one costs beside its bytes.
const OVERHEAD: usize = 128;

/// What is asked for: under which name, and how large it may be.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) id: ObjectId,
    pub(super) limit: usize,
}

/// What unpacking needs beside the packs, for one object after the other.
pub(super) struct Unpacker {
    inflate: gix_zlib::Inflate,
    instructions: Vec<u8>,
    /// By number of pack and offset.
    made: Generations<(u64, u64), (ObjectKind, Bytes)>,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self { inflate: gix_zlib::Inflate::default(), instructions: Vec::new(), made: Generations::new(REMEMBERED) }
    }
}

impl Unpacker {
    /// Kind and bytes of the object at `offset`, not hashed yet. Fails on more bytes than wanted before they are allocated.
    pub(super) fn object(
        &mut self,
        pack: &Pack,
        mut offset: u64,
        wanted: Wanted,
    ) -> Result<(ObjectKind, Bytes), RepositoryError> {
        let mut deltas = Vec::new();
        let (kind, mut bytes) = loop {
            if let Some(made) = self.made.find(&(pack.number, offset)) {
                break made;
            }
            let entry = pack.entry(offset).ok_or_else(|| wanted.damaged("no entry where it should be"))?;
            match pack.kind(&entry, offset).ok_or_else(|| wanted.damaged("made of nothing"))? {
                Kind::Whole(kind) => {
                    let made = (kind, Arc::new(self.whole(pack, &entry, wanted.on_the_way(deltas.len()))?));
                    self.remember((pack.number, offset), &made);
                    break made;
                }
                Kind::DeltaOf(_) if deltas.len() == MAX_CHAIN => {
                    return Err(wanted.damaged("a chain of deltas without end"));
                }
                Kind::DeltaOf(base) => deltas.push((std::mem::replace(&mut offset, base), entry)),
            }
        };
        while let Some((offset, entry)) = deltas.pop() {
            bytes = Arc::new(self.apply(pack, &bytes, &entry, wanted.on_the_way(deltas.len()))?);
            self.remember((pack.number, offset), &(kind, Arc::clone(&bytes)));
        }
        wanted.check(bytes.len())?;
        Ok((kind, bytes))
    }

    fn whole(&mut self, pack: &Pack, entry: &Entry, wanted: Wanted) -> Result<Vec<u8>, RepositoryError> {
        let mut bytes = vec![0; wanted.size(entry)?];
        self.inflate(pack, entry, &mut bytes).ok_or_else(|| wanted.damaged("not a whole zlib stream"))?;
        Ok(bytes)
    }

    fn apply(&mut self, pack: &Pack, base: &[u8], entry: &Entry, wanted: Wanted) -> Result<Vec<u8>, RepositoryError> {
        let mut instructions = std::mem::take(&mut self.instructions);
        instructions.clear();
        instructions.resize(wanted.size(entry)?, 0);
        self.inflate(pack, entry, &mut instructions).ok_or_else(|| wanted.damaged("not a whole zlib stream"))?;
        let made = delta::apply(base, &instructions, wanted.limit);
        self.instructions = instructions;
        made.map_err(|error| match error {
            DeltaError::Malformed => wanted.damaged("not a delta of its base"),
            DeltaError::TooLarge { size } => wanted.too_large(size),
        })
    }

    /// Fills `bytes`. Nothing where the stream ends before or behind them.
    fn inflate(&mut self, pack: &Pack, entry: &Entry, bytes: &mut [u8]) -> Option<()> {
        pack.data.decompress_entry(entry, &mut self.inflate, bytes).ok().map(drop)
    }

    fn remember(&mut self, place: (u64, u64), made: &(ObjectKind, Bytes)) {
        if made.1.len() <= MAX_REMEMBERED {
            self.made.keep(place, made.clone(), made.1.len() + OVERHEAD);
        }
    }
}

impl Wanted {
    /// The same for an object before this many deltas.
    fn on_the_way(self, deltas: usize) -> Self {
        if deltas == 0 { self } else { Self { limit: self.limit.max(MAX_BASE), ..self } }
    }

    fn check(self, size: usize) -> Result<(), RepositoryError> {
        if size > self.limit { Err(self.too_large(size)) } else { Ok(()) }
    }

    /// How many bytes an entry inflates to.
    fn size(self, entry: &Entry) -> Result<usize, RepositoryError> {
        let size = usize::try_from(entry.decompressed_size).unwrap_or(usize::MAX);
        self.check(size)?;
        Ok(size)
    }

    const fn too_large(self, size: usize) -> RepositoryError {
        RepositoryError::TooLarge { id: self.id, size, limit: self.limit }
    }

    fn damaged(self, detail: &'static str) -> RepositoryError {
        RepositoryError::Damaged { id: self.id, detail }
    }
}
