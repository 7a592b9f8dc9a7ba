//! Git objects, of both object formats.

use std::{fs, io};

use signer_git::commit::{self, linkage, take_apart};
use signer_git::{Commit, Ident, ObjectFormat, ObjectId, Repository, Tag, Tree, tag};
use tempfile::TempDir;

use crate::{Parser, as_text};

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "commit", takes: |bytes| both(|format| commit_of(bytes, format)) },
    Parser { name: "ident", takes: |bytes| as_text(bytes, |text| Ident::parse(text, "author").is_ok()) },
    Parser { name: "pack", takes: pack_of },
    Parser { name: "tag", takes: |bytes| both(|format| tag_of(bytes, format)) },
    Parser { name: "tree", takes: |bytes| both(|format| Tree::parse(bytes, format).is_ok()) },
];

fn both(takes: impl Fn(ObjectFormat) -> bool) -> bool {
    takes(ObjectFormat::Sha1) | takes(ObjectFormat::Sha256)
}

/// A signed commit put together again is the same commit, and what the strict reader takes, git's walk reads alike.
fn commit_of(bytes: &[u8], format: ObjectFormat) -> bool {
    let read = Commit::parse(bytes, format);
    if let Ok(commit) = &read {
        let links = linkage(bytes, format);
        assert!(links.is_ok_and(|links| links.tree == commit.tree && links.parents == commit.parents), "another walk");
    }
    if let Ok((_, signed)) = take_apart(bytes, format) {
        let again = commit::join(&signed.payload, &signed.armor, format);
        assert!(again.is_ok_and(|again| again == bytes), "another commit comes of its parts");
    }
    read.is_ok()
}

fn tag_of(bytes: &[u8], format: ObjectFormat) -> bool {
    if let Ok(signed) = tag::split_signature(bytes, format) {
        assert!([signed.payload, signed.armor].concat() == bytes, "another tag comes of its parts");
    }
    Tag::parse(bytes, format).is_ok()
}

/// An id, the length of a pack, the pack and its index: a repository that holds nothing else gives the object of this id.
fn pack_of(bytes: &[u8]) -> bool {
    let Some((id, rest)) = bytes.split_first_chunk::<20>() else { return false };
    let Some((length, rest)) = rest.split_first_chunk::<4>() else { return false };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let Some((pack, index)) = rest.split_at_checked(length) else { return false };
    // What is read was hashed to its id.
    stored(pack, index).is_ok_and(|folder| {
        Repository::open(folder.path()).is_ok_and(|repository| repository.read(&ObjectId::Sha1(*id)).is_ok())
    })
}

fn stored(pack: &[u8], index: &[u8]) -> io::Result<TempDir> {
    let folder = TempDir::new()?;
    fs::create_dir_all(folder.path().join("objects/pack"))?;
    fs::create_dir(folder.path().join("refs"))?;
    for (name, bytes) in [
        ("HEAD", b"ref: refs/heads/main\n".as_slice()),
        ("config", b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n"),
        ("objects/pack/pack-1.pack", pack),
        ("objects/pack/pack-1.idx", index),
    ] {
        fs::write(folder.path().join(name), bytes)?;
    }
    Ok(folder)
}
