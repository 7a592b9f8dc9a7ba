//! The packs of one `objects` directory: where in which file an object lies (gitformat-pack).
//!
//! Files are mapped once for all handles on a repository. A pack that cannot be read is none: what it held is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use gix_pack::data::Entry;
use gix_pack::data::entry::Header;

use crate::object::ObjectKind;
use crate::object_id::{ObjectFormat, ObjectId};
use crate::repository::RepositoryError;
use crate::repository::layout::is_absent;

/// Numbers packs of a process, so that what is remembered of one is never taken for another's.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The packs that are known.
pub(super) struct Packs {
    folder: PathBuf,
    format: ObjectFormat,
    known: RwLock<Vec<Arc<Pack>>>,
}

/// One pack with its index.
pub(super) struct Pack {
    pub(super) number: u64,
    index: gix_pack::index::File,
    pub(super) data: gix_pack::data::File,
}

/// What an entry of a pack is.
pub(super) enum Kind {
    Whole(ObjectKind),
    /// Instructions that make it of the entry at this offset.
    DeltaOf(u64),
}

impl Packs {
    pub(super) fn open(objects: &Path, format: ObjectFormat) -> Result<Self, RepositoryError> {
        let packs = Self { folder: objects.join("pack"), format, known: RwLock::default() };
        packs.refresh()?;
        Ok(packs)
    }

    /// The pack that holds the object, and its offset there.
    pub(super) fn find(&self, id: &ObjectId) -> Option<(Arc<Pack>, u64)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find_map(|pack| Some((Arc::clone(pack), pack.offset(&named(id))?)))
    }

    /// Adds the ids that start with these hexadecimal digits.
    pub(super) fn complete(&self, digits: &str, found: &mut BTreeSet<ObjectId>) {
        let padded = format!("{digits:0<width$}", width = self.format.id_len() * 2);
        let Ok(first) = ObjectId::from_hex(padded.as_bytes(), self.format) else { return };
        let Ok(prefix) = gix_hash::Prefix::new(&named(&first), digits.len()) else { return };
        for pack in self.known.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let mut places = 0..0;
            pack.index.lookup_prefix(prefix, Some(&mut places));
            found.extend(places.filter_map(|at| ObjectId::from_bytes(pack.index.oid_at_index(at).as_bytes()).ok()));
        }
    }

    /// Takes packs in that came since; whether there are any.
    pub(super) fn refresh(&self) -> Result<bool, RepositoryError> {
        let failed = |source| RepositoryError::Io { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = known.len();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "idx")
                && !known.iter().any(|pack| pack.index.path() == path)
            {
                known.extend(Pack::open(&path, self.format).map(Arc::new));
            }
        }
        Ok(known.len() > before)
    }
}

impl Pack {
    fn open(index: &Path, format: ObjectFormat) -> Option<Self> {
        let data = index.with_extension("pack");
        // A pipe would make the reader wait for ever.
        let is_file = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        if !is_file(index) || !is_file(&data) {
            return None;
        }
        let hash = match format {
            ObjectFormat::Sha1 => gix_hash::Kind::Sha1,
            ObjectFormat::Sha256 => gix_hash::Kind::Sha256,
        };
        let index = gix_pack::index::File::at(index, hash).ok()?;
        let data = gix_pack::data::File::at(data, hash).ok()?;
        Some(Self { number: NEXT.fetch_add(1, Ordering::Relaxed), index, data })
    }

    fn offset(&self, id: &gix_hash::oid) -> Option<u64> {
        self.index.lookup(id).map(|at| self.index.pack_offset_at_index(at))
    }

    /// The entry that starts at `offset`; nothing where none does.
    pub(super) fn entry(&self, offset: u64) -> Option<Entry> {
        self.data.entry(offset).ok()
    }

    /// What an entry is; nothing where what it is made of is not in this pack.
    pub(super) fn kind(&self, entry: &Entry, offset: u64) -> Option<Kind> {
        Some(match entry.header {
            Header::Commit => Kind::Whole(ObjectKind::Commit),
            Header::Tree => Kind::Whole(ObjectKind::Tree),
            Header::Blob => Kind::Whole(ObjectKind::Blob),
            Header::Tag => Kind::Whole(ObjectKind::Tag),
            Header::OfsDelta { base_distance } => {
                Kind::DeltaOf(Header::verified_base_pack_offset(offset, base_distance)?)
            }
            Header::RefDelta { base_id } => Kind::DeltaOf(self.offset(&base_id)?),
        })
    }
}

fn named(id: &ObjectId) -> gix_hash::ObjectId {
    match id {
        ObjectId::Sha1(bytes) => gix_hash::ObjectId::Sha1(*bytes),
        ObjectId::Sha256(bytes) => gix_hash::ObjectId::Sha256(*bytes),
    }
}
