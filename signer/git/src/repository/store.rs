//! The object store: packs first, then loose objects, of one `objects` directory and those it borrows from. It yields
//! kind and bytes.
//!
//! It is given directories and nothing else: no repository, hence no configuration, environment, refs, replacements or
//! owner checks. Whatever it yields was hashed here, SHA-1 with collision detection.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use signer_core::digest::Digest;

use crate::object::ObjectKind;
use crate::object_id::{ObjectFormat, ObjectId};
use crate::repository::pack::Packs;
use crate::repository::unpack::{Bytes, Unpacker, Wanted};
use crate::repository::{RepositoryError, alternates, loose};

/// Loose objects and packs. Handles share what is mapped, and each unpacks by itself.
pub(super) struct Store {
    places: Arc<[Place]>,
    format: ObjectFormat,
    unpacker: Mutex<Unpacker>,
}

struct Place {
    objects: PathBuf,
    packs: Packs,
}

impl Store {
    pub(super) fn open(objects: &Path, format: ObjectFormat) -> Result<Self, RepositoryError> {
        let open = |objects: PathBuf| Ok(Place { packs: Packs::open(&objects, format)?, objects });
        let places =
            alternates::with_borrowed(objects)?.into_iter().map(open).collect::<Result<_, RepositoryError>>()?;
        Ok(Self { places, format, unpacker: Mutex::default() })
    }

    /// Another handle on the same store.
    pub(super) fn reopen(&self) -> Self {
        Self { places: Arc::clone(&self.places), format: self.format, unpacker: Mutex::default() }
    }

    /// The object. Fails where it is absent, larger than `limit`, or does not hash to `id`.
    pub(super) fn read(&self, id: &ObjectId, limit: usize) -> Result<(ObjectKind, Bytes), RepositoryError> {
        self.check_format(id)?;
        let (kind, bytes) = match self.find(id, limit)? {
            Some(found) => found,
            // What was loose may have been packed in the meantime.
            None if self.refresh()? => self.find(id, limit)?.ok_or(RepositoryError::Missing { id: *id })?,
            None => return Err(RepositoryError::Missing { id: *id }),
        };
        if hash(kind, &bytes, self.format)? == *id {
            Ok((kind, bytes))
        } else {
            Err(RepositoryError::IdMismatch { id: *id })
        }
    }

    /// The bytes of an object of this kind. Fails as [`Self::read`], and where it is of another kind.
    pub(super) fn read_kind(&self, id: &ObjectId, kind: ObjectKind, limit: usize) -> Result<Bytes, RepositoryError> {
        match self.read(id, limit)? {
            (actual, bytes) if actual == kind => Ok(bytes),
            (actual, _) => Err(RepositoryError::WrongKind { id: *id, expected: kind, actual }),
        }
    }

    /// Whether the object is there; nothing is said about its bytes.
    pub(super) fn has(&self, id: &ObjectId) -> Result<bool, RepositoryError> {
        self.check_format(id)?;
        Ok(self.is_here(id)? || (self.refresh()? && self.is_here(id)?))
    }

    /// The one object whose id starts with these hexadecimal digits.
    pub(super) fn complete(&self, digits: &str) -> Result<Option<ObjectId>, RepositoryError> {
        self.refresh()?;
        let mut found = BTreeSet::new();
        for place in self.places.iter() {
            place.packs.complete(digits, &mut found);
            loose::complete(&place.objects, digits, self.format, &mut found)?;
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(RepositoryError::AmbiguousRevision { revision: digits.to_owned() }),
            (one, None) => Ok(one),
        }
    }

    fn find(&self, id: &ObjectId, limit: usize) -> Result<Option<(ObjectKind, Bytes)>, RepositoryError> {
        for place in self.places.iter() {
            if let Some((pack, offset)) = place.packs.find(id) {
                let mut unpacker = self.unpacker.lock().unwrap_or_else(PoisonError::into_inner);
                return unpacker.object(&pack, offset, Wanted { id: *id, limit }).map(Some);
            }
        }
        for place in self.places.iter() {
            if let Some((kind, bytes)) = loose::read(&place.objects, id, limit)? {
                return Ok(Some((kind, Arc::new(bytes))));
            }
        }
        Ok(None)
    }

    fn is_here(&self, id: &ObjectId) -> Result<bool, RepositoryError> {
        for place in self.places.iter() {
            if place.packs.find(id).is_some() || loose::has(&place.objects, id)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes packs in that came since; whether there are any.
    fn refresh(&self) -> Result<bool, RepositoryError> {
        let mut found = false;
        for place in self.places.iter() {
            found |= place.packs.refresh()?;
        }
        Ok(found)
    }

    fn check_format(&self, id: &ObjectId) -> Result<(), RepositoryError> {
        if id.format() == self.format { Ok(()) } else { Err(RepositoryError::WrongFormat { id: *id }) }
    }
}

/// The id git gives to these bytes. Fails on a SHA-1 collision attack.
pub(super) fn hash(kind: ObjectKind, bytes: &[u8], format: ObjectFormat) -> Result<ObjectId, RepositoryError> {
    let header = format!("{kind} {}\0", bytes.len());
    match format {
        ObjectFormat::Sha1 => sha1(&[header.as_bytes(), bytes]),
        ObjectFormat::Sha256 => Ok(ObjectId::Sha256(*Digest::of_parts(&[header.as_bytes(), bytes]).as_bytes())),
    }
}

fn sha1(parts: &[&[u8]]) -> Result<ObjectId, RepositoryError> {
    let mut hasher = sha1dc::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    match hasher.finalize() {
        Ok(digest) => Ok(ObjectId::Sha1(digest.into())),
        Err(collision) => Err(RepositoryError::Collision { id: ObjectId::Sha1(collision.digest().into()) }),
    }
}

#[cfg(test)]
mod tests;
