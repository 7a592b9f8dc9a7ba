//! Commits: the header block git writes (`commit.c`, `commit_tree_extended`), the message, and the signature that stands
//! as the last header (docs/formats.md F3).

use crate::header::{self, Block};
use crate::ident::Ident;
use crate::object::{MAX_ARMOR, MAX_PARENTS, ObjectError, Signed};
use crate::object_id::{ObjectFormat, ObjectId};

/// A commit that git would have written byte for byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// The tree.
    pub tree: ObjectId,
    /// The parents, none for a root, each once.
    pub parents: Vec<ObjectId>,
    /// Who wrote the change: a claim.
    pub author: Ident,
    /// Who made the commit: a claim.
    pub committer: Ident,
    /// The declared encoding of the message; absent for UTF-8.
    pub encoding: Option<String>,
    /// Headers git does not know, in order; `mergetag` is one of them.
    pub extra: Vec<(String, String)>,
    /// The message: bytes without NUL.
    pub message: Vec<u8>,
    /// Whether a signature header is present; nothing is said about what it holds.
    pub has_signature: bool,
}

impl Commit {
    /// Reads a commit, signed or not. Fails on anything git would not write.
    pub fn parse(bytes: &[u8], format: ObjectFormat) -> Result<Self, ObjectError> {
        Self::read(&Block::split(bytes)?, format)
    }

    fn read(block: &Block<'_>, format: ObjectFormat) -> Result<Self, ObjectError> {
        let has_signature = block.signature(format)?.is_some();
        let mut headers = block.cursor();
        let tree = ObjectId::from_hex(headers.take("tree")?.as_bytes(), format)?;
        let mut parents = Vec::new();
        while let Some(parent) = headers.take_if("parent") {
            add_parent(&mut parents, ObjectId::from_hex(parent.as_bytes(), format)?)?;
        }
        let author = Ident::parse(headers.take("author")?, "author")?;
        let committer = Ident::parse(headers.take("committer")?, "committer")?;
        let encoding = headers.take_if("encoding").map(parse_encoding).transpose()?;
        let extra = headers.extra()?.iter().filter(|extra| !header::is_signature(extra.key));
        let extra = extra.map(|extra| (extra.key.to_owned(), extra.value.to_owned())).collect();
        if block.body.contains(&0) {
            return Err(ObjectError::NulInMessage);
        }
        let message = block.body.to_vec();
        Ok(Self { tree, parents, author, committer, encoding, extra, message, has_signature })
    }

    /// Whether viewers may show other text than the bytes of the message (`git.encoding_unusual`).
    pub fn has_unusual_encoding(&self) -> bool {
        self.encoding.as_ref().is_some_and(|name| !matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8"))
    }
}

/// Reads a signed commit and takes it apart: [`Commit::parse`] and [`split_signature`] of the same bytes.
pub fn take_apart(bytes: &[u8], format: ObjectFormat) -> Result<(Commit, Signed), ObjectError> {
    let block = Block::split(bytes)?;
    Ok((Commit::read(&block, format)?, split(&block, bytes, format)?))
}

/// Takes a signed commit apart into what git hands to the signing program and the signature it got back. Fails on what
/// [`join`] would not put together again, so that nothing unsigned hides beside the signature.
pub fn split_signature(bytes: &[u8], format: ObjectFormat) -> Result<Signed, ObjectError> {
    split(&Block::split(bytes)?, bytes, format)
}

fn split(block: &Block<'_>, bytes: &[u8], format: ObjectFormat) -> Result<Signed, ObjectError> {
    let value = block.signature(format)?.ok_or(ObjectError::Unsigned)?;
    if value.is_empty() {
        return Err(ObjectError::SignatureEmpty);
    }
    let armor = unfolded(value);
    check_armor(&armor)?;
    let line = folded(&armor, format);
    let end = block.end + 1;
    let start = end.checked_sub(line.len()).ok_or(ObjectError::Header)?;
    let payload = [bytes.get(..start).unwrap_or_default(), bytes.get(end..).unwrap_or_default()].concat();
    // What `join` would make of these two, compared without being made.
    let at = header::separator(&payload).ok_or(ObjectError::NoBodySeparator)? + 1;
    let (head, tail) = payload.split_at_checked(at).ok_or(ObjectError::NoBodySeparator)?;
    let rest = bytes.strip_prefix(head).and_then(|rest| rest.strip_prefix(line.as_slice()));
    if rest == Some(tail) { Ok(Signed { payload, armor }) } else { Err(ObjectError::Header) }
}

/// The object git makes of a payload and the signing program's answer (`commit.c`, `sign_with_header`): the signature
/// becomes the last header. Fails where git would make an object that reads back differently.
pub fn join(payload: &[u8], armor: &[u8], format: ObjectFormat) -> Result<Vec<u8>, ObjectError> {
    if armor.is_empty() {
        return Err(ObjectError::SignatureEmpty);
    }
    check_armor(armor)?;
    let at = header::separator(payload).ok_or(ObjectError::NoBodySeparator)? + 1;
    let (head, tail) = payload.split_at_checked(at).ok_or(ObjectError::NoBodySeparator)?;
    Ok([head, &folded(armor, format), tail].concat())
}

/// The tree and parents of a commit as git-core reads them for its walks, whatever the other headers are: history that
/// is older than the adoption need not be well-formed, and what is judged is parsed strictly besides.
pub fn linkage(bytes: &[u8], format: ObjectFormat) -> Result<Linkage, ObjectError> {
    let mut lines = bytes.split(|byte| *byte == b'\n').peekable();
    let tree = lines.next().and_then(|line| line.strip_prefix(b"tree "));
    let tree = ObjectId::from_hex(tree.ok_or(ObjectError::MissingHeader { header: "tree" })?, format)?;
    let mut parents = Vec::new();
    for line in lines {
        let Some(parent) = line.strip_prefix(b"parent ") else { break };
        parents.push(ObjectId::from_hex(parent, format)?);
        if parents.len() > MAX_PARENTS {
            return Err(ObjectError::TooManyParents);
        }
    }
    Ok(Linkage { tree, parents })
}

/// What a commit points to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Linkage {
    /// The tree.
    pub tree: ObjectId,
    /// The parents, in order.
    pub parents: Vec<ObjectId>,
}

/// What any signing program must print for git to make a readable object: lines, the last one ended, one block.
pub(crate) fn check_armor(armor: &[u8]) -> Result<(), ObjectError> {
    if armor.len() > MAX_ARMOR {
        return Err(ObjectError::SignatureSize { actual: armor.len() });
    }
    // Git drops CR before LF from the program's answer, so none is left in an object.
    if !armor.ends_with(b"\n") || memchr::memchr2(0, b'\r', armor).is_some() {
        return Err(ObjectError::SignatureArmor);
    }
    let starts_line = |at: &usize| at.checked_sub(1).is_none_or(|before| armor.get(before) == Some(&b'\n'));
    if memchr::memmem::find_iter(armor, b"-----BEGIN ").filter(starts_line).count() > 1 {
        return Err(ObjectError::SignatureBlocks);
    }
    Ok(())
}

/// The header whose value is `armor`: every further line starts with a space.
fn folded(armor: &[u8], format: ObjectFormat) -> Vec<u8> {
    let header = format.signature_header().as_bytes();
    let mut line = Vec::with_capacity(header.len() + armor.len() + armor.len() / 32);
    line.extend_from_slice(header);
    for part in lines(armor) {
        line.push(b' ');
        line.extend_from_slice(part);
    }
    line
}

/// The armour whose header has this value, with the line feed that ended the header.
fn unfolded(value: &str) -> Vec<u8> {
    let mut armor = Vec::with_capacity(value.len() + 1);
    for (index, part) in lines(value.as_bytes()).enumerate() {
        armor.extend_from_slice(if index == 0 { part } else { part.strip_prefix(b" ").unwrap_or(part) });
    }
    armor.push(b'\n');
    armor
}

/// Lines, each with its line feed.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', text).map(|at| at + 1).chain([text.len()]);
    ends.scan(0, |start, end| text.get(std::mem::replace(start, end)..end)).filter(|line| !line.is_empty())
}

fn add_parent(parents: &mut Vec<ObjectId>, parent: ObjectId) -> Result<(), ObjectError> {
    if parents.contains(&parent) {
        return Err(ObjectError::DuplicateParent { parent });
    }
    parents.push(parent);
    Ok(())
}

fn parse_encoding(value: &str) -> Result<String, ObjectError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte);
    if value.is_empty() || value.len() > 64 || !value.bytes().all(plain) {
        return Err(ObjectError::Encoding);
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests;
