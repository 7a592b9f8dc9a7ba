//! The header block of commits and tags: lines of key, space and value, continued by lines that start with a space,
//! ended by a blank line.

use crate::object::{MAX_HEADERS, MAX_OBJECT, MAX_PARENTS, ObjectError};
use crate::object_id::ObjectFormat;

/// One header. The value keeps its continuation lines, each still with its leading space.
pub(crate) struct Header<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

/// Headers in the order of the object, and what follows the blank line.
pub(crate) struct Block<'a> {
    headers: Vec<Header<'a>>,
    /// Bytes of the headers, without the line feed of the last one.
    pub(crate) end: usize,
    pub(crate) body: &'a [u8],
}

/// Headers git knows; each stands once, except `parent` and `mergetag`.
const KNOWN: [&str; 9] = ["tree", "parent", "author", "committer", "encoding", "object", "type", "tag", "tagger"];

impl<'a> Block<'a> {
    /// Takes an object apart. Fails over the limits and on lines git would not write.
    pub(crate) fn split(bytes: &'a [u8]) -> Result<Self, ObjectError> {
        if bytes.len() > MAX_OBJECT {
            return Err(ObjectError::TooLarge { actual: bytes.len() });
        }
        let end = separator(bytes).ok_or(ObjectError::NoBodySeparator)?;
        let (head, body) = bytes.split_at_checked(end).ok_or(ObjectError::NoBodySeparator)?;
        if head.contains(&0) {
            return Err(ObjectError::NulInHeader);
        }
        let text = str::from_utf8(head).map_err(|_| ObjectError::Utf8)?;
        let block = Self { headers: headers(text)?, end, body: body.strip_prefix(b"\n\n").unwrap_or_default() };
        block.refuse_repetition()?;
        Ok(block)
    }

    /// The headers, to be read in order.
    pub(crate) fn cursor(&self) -> Cursor<'_, 'a> {
        Cursor { rest: &self.headers }
    }

    /// The signature header of `format`, which git writes last. Fails on a second one and on one of the other hash.
    pub(crate) fn signature(&self, format: ObjectFormat) -> Result<Option<&'a str>, ObjectError> {
        let mut found = self.headers.iter().enumerate().filter(|(_, header)| is_signature(header.key));
        let Some((index, header)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(ObjectError::SignatureDuplicate);
        }
        if header.key != format.signature_header() {
            return Err(ObjectError::SignatureHash);
        }
        if index + 1 != self.headers.len() {
            return Err(ObjectError::HeaderOrder { header: format.signature_header() });
        }
        Ok(Some(header.value))
    }

    fn refuse_repetition(&self) -> Result<(), ObjectError> {
        for (index, header) in self.headers.iter().enumerate() {
            let mut later = self.headers.iter().skip(index + 1);
            if matches!(header.key, "parent" | "mergetag") || !later.any(|other| other.key == header.key) {
                continue;
            }
            if is_signature(header.key) {
                return Err(ObjectError::SignatureDuplicate);
            }
            let known = KNOWN.iter().find(|known| **known == header.key);
            return Err(ObjectError::DuplicateHeader { header: known.copied().unwrap_or("extra") });
        }
        Ok(())
    }
}

/// Reads headers in git's order.
pub(crate) struct Cursor<'b, 'a> {
    rest: &'b [Header<'a>],
}

impl<'b, 'a> Cursor<'b, 'a> {
    /// The value of the next header, which must be `key`. Fails where it is elsewhere or nowhere.
    pub(crate) fn take(&mut self, key: &'static str) -> Result<&'a str, ObjectError> {
        if let Some(value) = self.take_if(key) {
            return Ok(value);
        }
        if self.rest.iter().any(|header| header.key == key) {
            return Err(ObjectError::HeaderOrder { header: key });
        }
        Err(ObjectError::MissingHeader { header: key })
    }

    /// The value of the next header if it is `key`.
    pub(crate) fn take_if(&mut self, key: &str) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        if first.key != key {
            return None;
        }
        self.rest = rest;
        Some(first.value)
    }

    /// What is left: headers git does not know. Fails on known ones, which have a place of their own.
    pub(crate) fn extra(self) -> Result<&'b [Header<'a>], ObjectError> {
        let known = |header: &Header<'_>| KNOWN.into_iter().find(|known| *known == header.key);
        match self.rest.iter().find_map(known) {
            Some(header) => Err(ObjectError::HeaderOrder { header }),
            None => Ok(self.rest),
        }
    }
}

/// Whether a key is a signature header of either hash.
pub(crate) fn is_signature(key: &str) -> bool {
    matches!(key, "gpgsig" | "gpgsig-sha256")
}

/// Where the first blank line's two line feeds start.
pub(crate) fn separator(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\n\n")
}

fn headers(text: &str) -> Result<Vec<Header<'_>>, ObjectError> {
    let mut rest = Some(text);
    let (mut found, mut parents) = (Vec::new(), 0);
    while let Some(text) = rest {
        let (line, tail) = logical_line(text);
        rest = tail;
        let (key, value) = line.split_once(' ').ok_or(ObjectError::Header)?;
        if key.is_empty() || key.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return Err(ObjectError::Header);
        }
        parents += usize::from(key == "parent");
        found.push(Header { key, value });
        if parents > MAX_PARENTS {
            return Err(ObjectError::TooManyParents);
        }
        if found.len() - parents > MAX_HEADERS {
            return Err(ObjectError::TooManyHeaders);
        }
    }
    Ok(found)
}

/// The first line with its continuation lines, and what follows its line feed.
fn logical_line(text: &str) -> (&str, Option<&str>) {
    let ends = |at: usize| text.as_bytes().get(at + 1) != Some(&b' ');
    let Some((at, _)) = text.match_indices('\n').find(|(at, _)| ends(*at)) else { return (text, None) };
    text.split_at_checked(at).map_or((text, None), |(line, tail)| (line, tail.strip_prefix('\n')))
}
