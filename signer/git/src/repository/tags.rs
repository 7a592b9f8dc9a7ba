//! Tags by ref and what they point to: a ref, a tag object and its target have to agree.

use crate::object::{ObjectError, ObjectKind, RawObject};
use crate::repository::{Repository, RepositoryError};
use crate::tag::Tag;

impl Repository {
    /// The tag object a ref such as `refs/tags/v1` points to. Fails for lightweight tags, and for a tag object of
    /// another name, which an older signed tag would be.
    pub fn tag_at(&self, reference: &str) -> Result<(RawObject, Tag), RepositoryError> {
        let unknown = || RepositoryError::UnknownRevision { revision: reference.to_owned() };
        let id = self.reference(reference)?.ok_or_else(unknown)?;
        let object = self.read(&id)?;
        let wrong = |source| RepositoryError::Object { id, source };
        if object.kind != ObjectKind::Tag {
            return Err(wrong(ObjectError::TagUnsigned));
        }
        let tag = Tag::parse(&object.bytes, self.format()).map_err(wrong)?;
        tag.check_name(reference).map_err(wrong)?;
        Ok((object, tag))
    }

    /// The object a tag points to. Fails unless it is of the kind the tag says, or where that is a tag again.
    pub fn tagged(&self, tag: &Tag) -> Result<RawObject, RepositoryError> {
        let object = self.read(&tag.object)?;
        if object.kind != tag.kind {
            return Err(RepositoryError::TagType { id: tag.object, expected: tag.kind, actual: object.kind });
        }
        if object.kind == ObjectKind::Tag {
            return Err(RepositoryError::Object { id: tag.object, source: ObjectError::TagNested });
        }
        Ok(object)
    }
}
