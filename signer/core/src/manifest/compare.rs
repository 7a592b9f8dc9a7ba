//! How an artifact differs from what was signed.

use std::cmp::Ordering;
use std::fmt;

use super::{Entry, Manifest, RelPath};
use crate::reason::{Code, Reason};

/// One way in which content is not what was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// Other bytes.
    Content {
        /// The file.
        path: RelPath,
    },
    /// A file that was not signed.
    Extra {
        /// The file.
        path: RelPath,
    },
    /// A file where a directory was signed, or the reverse.
    Kind,
    /// A signed file that is absent.
    Missing {
        /// The file.
        path: RelPath,
    },
    /// Executable where it was not, or the reverse.
    Mode {
        /// The file.
        path: RelPath,
    },
}

impl Difference {
    /// The difference as a reason.
    pub fn reason(&self) -> Reason {
        Reason::new(Code::ArtDiffers, self)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content { path } => write!(f, "`{path}` has other content than was signed"),
            Self::Extra { path } => write!(f, "`{path}` was not signed"),
            Self::Kind => f.write_str("a file stands where a directory was signed, or the reverse"),
            Self::Missing { path } => write!(f, "`{path}` was signed and is absent"),
            Self::Mode { path } => write!(f, "`{path}` differs in its executable bit"),
        }
    }
}

/// Every difference of `found` from `signed`, sorted by path.
pub fn compare(signed: &Manifest, found: &Manifest) -> Vec<Difference> {
    let mut differences = Vec::new();
    let (mut left, mut right) = (signed.entries().iter().peekable(), found.entries().iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return differences,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(signed), Some(found)) => signed.path.cmp(&found.path),
        };
        let signed = if order.is_le() { left.next() } else { None };
        let found = if order.is_ge() { right.next() } else { None };
        differences.extend(difference(signed, found));
    }
}

fn difference(signed: Option<&Entry>, found: Option<&Entry>) -> Option<Difference> {
    match (signed, found) {
        (Some(signed), Some(found)) if signed.sha256 != found.sha256 || signed.size != found.size => {
            Some(Difference::Content { path: found.path.clone() })
        }
        (Some(signed), Some(found)) if signed.executable != found.executable => {
            Some(Difference::Mode { path: found.path.clone() })
        }
        (Some(signed), None) => Some(Difference::Missing { path: signed.path.clone() }),
        (None, Some(found)) => Some(Difference::Extra { path: found.path.clone() }),
        (Some(_), Some(_)) | (None, None) => None,
    }
}
