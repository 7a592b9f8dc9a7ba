//! Raw git objects, strictly parsed; change lists; read access to repositories.
//!
//! Parsing is pure functions over bytes: what git itself would not write is refused, because two readers of a malformed
//! object see two different commits (docs/formats.md F3). Only `repository` touches a disk. No
//! environment, no git configuration beyond the object format, no network, no `git` process.

pub mod change;
pub mod commit;
mod generations;
mod header;
pub mod ident;
pub mod object;
pub mod object_id;
pub mod repository;
pub mod tag;
pub mod tree;

#[cfg(test)]
mod world;

pub use change::{ChangeListError, ChangeReader, change_list};
pub use commit::Commit;
pub use ident::Ident;
pub use object::{ObjectError, ObjectKind, RawObject};
pub use object_id::{ObjectFormat, ObjectId};
pub use repository::{Repository, RepositoryError, RepositoryPath, RepositoryState};
pub use tag::Tag;
pub use tree::{Tree, TreeEntry};
