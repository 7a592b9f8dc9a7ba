//! Names, numbers and instants in their one spelling.

use std::fmt::Display;
use std::str::FromStr;

use signer_core::anchor::RepositoryId;
use signer_core::digest::Digest;
use signer_core::git_name::{CommitId, RefName};
use signer_core::identity::{Name, Subject};
use signer_core::manifest::RelPath;
use signer_core::nonce::Nonce;
use signer_core::revocation::Selector;
use signer_core::time::Timestamp;
use signer_log::tile::Tile;

use crate::{Parser, as_text, same_again};

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "commit-id", takes: spelled_once::<CommitId> },
    Parser { name: "digest", takes: spelled_once::<Digest> },
    Parser { name: "name", takes: spelled_once::<Name> },
    Parser { name: "nonce", takes: spelled_once::<Nonce> },
    Parser { name: "path", takes: spelled_once::<RelPath> },
    Parser { name: "reference", takes: spelled_once::<RefName> },
    Parser { name: "repository-id", takes: spelled_once::<RepositoryId> },
    Parser { name: "selector", takes: spelled_once::<Selector> },
    Parser { name: "subject", takes: spelled_once::<Subject> },
    Parser { name: "tile", takes: spelled_once::<Tile> },
    Parser { name: "timestamp", takes: spelled_once::<Timestamp> },
];

fn spelled_once<T: FromStr + Display>(bytes: &[u8]) -> bool {
    as_text(bytes, |text| same_again(bytes, text.parse::<T>(), T::to_string))
}
