//! The object store: the only code that names libgit2. It yields id, kind and bytes.
//!
//! libgit2 reads packs and hashes. It is given the `objects` directory and nothing else: no repository, hence no
//! configuration, environment, refs, replacements or owner checks. Its strict hash verification, on by default and never
//! turned off here, re-hashes what it reads from packs; loose objects are re-hashed here. SHA-1 comes with collision
//! detection.

use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode, ObjectType, Odb, OdbObject, Oid};

use crate::object::{ObjectKind, RawObject};
use crate::object_id::{ObjectFormat, ObjectId};
use crate::repository::{RepositoryError, loose};

/// Loose objects and packs of one `objects` directory.
pub(super) struct Store {
    objects: PathBuf,
    odb: Odb<'static>,
    format: ObjectFormat,
}

enum Found<'a> {
    Loose(ObjectKind, Vec<u8>),
    Packed(ObjectKind, OdbObject<'a>),
}

impl Store {
    pub(super) fn open(objects: &Path, format: ObjectFormat) -> Result<Self, RepositoryError> {
        let path = objects.to_str().ok_or_else(|| RepositoryError::StrangeFile { path: objects.to_owned() })?;
        let odb = Odb::new_ext(format.into()).map_err(|error| unusable(&error))?;
        odb.add_disk_alternate(path).map_err(|error| unusable(&error))?;
        Ok(Self { objects: objects.to_owned(), odb, format })
    }

    /// The object. Fails where it is absent, larger than `limit`, or does not hash to `id`.
    pub(super) fn read(&self, id: &ObjectId, limit: usize) -> Result<RawObject, RepositoryError> {
        match self.find(id, limit)? {
            Found::Loose(kind, bytes) => Ok(RawObject { id: *id, kind, bytes }),
            Found::Packed(kind, object) => Ok(RawObject { id: *id, kind, bytes: object.data().to_vec() }),
        }
    }

    /// Shows the object's bytes without copying them. Fails as [`Self::read`], and where it is of another kind.
    pub(super) fn with<T>(
        &self,
        id: &ObjectId,
        expected: ObjectKind,
        limit: usize,
        show: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, RepositoryError> {
        match self.find(id, limit)? {
            Found::Loose(actual, bytes) if actual == expected => Ok(show(&bytes)),
            Found::Packed(actual, object) if actual == expected => Ok(show(object.data())),
            Found::Loose(actual, _) | Found::Packed(actual, _) => {
                Err(RepositoryError::WrongKind { id: *id, expected, actual })
            }
        }
    }

    /// Whether the object is there; nothing is said about its bytes.
    pub(super) fn has(&self, id: &ObjectId) -> Result<bool, RepositoryError> {
        Ok(self.odb.exists(self.oid(id)?))
    }

    /// The one object whose id starts with these hexadecimal digits.
    pub(super) fn complete(&self, digits: &str) -> Result<Option<ObjectId>, RepositoryError> {
        let ambiguous = || RepositoryError::AmbiguousRevision { revision: digits.to_owned() };
        let Ok(prefix) = Oid::from_str_ext(digits, self.format.into()) else { return Ok(None) };
        match self.odb.exists_prefix(prefix, digits.len()) {
            Ok(oid) => ObjectId::from_bytes(oid.as_bytes()).map(Some).map_err(|_| ambiguous()),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) if error.code() == ErrorCode::Ambiguous => Err(ambiguous()),
            Err(error) => Err(unusable(&error)),
        }
    }

    fn find(&self, id: &ObjectId, limit: usize) -> Result<Found<'_>, RepositoryError> {
        let oid = self.oid(id)?;
        if let Some((kind, bytes)) = loose::read(&self.objects, id, limit)? {
            let actual = Oid::hash_object_ext(kind.into(), &bytes, self.format.into());
            if actual.map_err(|error| unreadable(*id, &error))? != oid {
                return Err(RepositoryError::IdMismatch { id: *id });
            }
            return Ok(Found::Loose(kind, bytes));
        }
        // The header tells the size before anything of that size is allocated.
        let (size, _) = self.odb.read_header(oid).map_err(|error| unreadable(*id, &error))?;
        if size > limit {
            return Err(RepositoryError::TooLarge { id: *id, size, limit });
        }
        let object = self.odb.read(oid).map_err(|error| unreadable(*id, &error))?;
        Ok(Found::Packed(kind(*id, object.kind())?, object))
    }

    fn oid(&self, id: &ObjectId) -> Result<Oid, RepositoryError> {
        if id.format() != self.format {
            return Err(RepositoryError::WrongFormat { id: *id });
        }
        Oid::from_bytes(id.as_bytes()).map_err(|error| unreadable(*id, &error))
    }
}

/// The id git gives to these bytes.
pub(super) fn hash(kind: ObjectKind, bytes: &[u8], format: ObjectFormat) -> Result<ObjectId, RepositoryError> {
    let oid = Oid::hash_object_ext(kind.into(), bytes, format.into()).map_err(|error| unusable(&error))?;
    ObjectId::from_bytes(oid.as_bytes()).map_err(|_| RepositoryError::Store { detail: "id length".to_owned() })
}

fn unusable(error: &git2::Error) -> RepositoryError {
    RepositoryError::Store { detail: error.message().to_owned() }
}

fn unreadable(id: ObjectId, error: &git2::Error) -> RepositoryError {
    match (error.code(), error.class()) {
        (ErrorCode::NotFound, _) => RepositoryError::Missing { id },
        (ErrorCode::HashsumMismatch, _) => RepositoryError::IdMismatch { id },
        (_, ErrorClass::Sha1) => RepositoryError::Collision { id },
        _ => RepositoryError::Damaged { id, detail: error.message().to_owned() },
    }
}

fn kind(id: ObjectId, kind: ObjectType) -> Result<ObjectKind, RepositoryError> {
    match kind {
        ObjectType::Commit => Ok(ObjectKind::Commit),
        ObjectType::Tree => Ok(ObjectKind::Tree),
        ObjectType::Blob => Ok(ObjectKind::Blob),
        ObjectType::Tag => Ok(ObjectKind::Tag),
        ObjectType::Any => Err(RepositoryError::Damaged { id, detail: "unknown type".to_owned() }),
    }
}

impl From<ObjectKind> for ObjectType {
    fn from(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Commit => Self::Commit,
            ObjectKind::Tree => Self::Tree,
            ObjectKind::Blob => Self::Blob,
            ObjectKind::Tag => Self::Tag,
        }
    }
}

impl From<ObjectFormat> for git2::ObjectFormat {
    fn from(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1,
            ObjectFormat::Sha256 => Self::Sha256,
        }
    }
}
