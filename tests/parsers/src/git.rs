//! Git objects, of both object formats.

use signer_git::commit::{self, linkage, take_apart};
use signer_git::{Commit, Ident, ObjectFormat, Tag, Tree, tag};

use crate::{Parser, as_text};

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "commit", takes: |bytes| both(|format| commit_of(bytes, format)) },
    Parser { name: "ident", takes: |bytes| as_text(bytes, |text| Ident::parse(text, "author").is_ok()) },
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
