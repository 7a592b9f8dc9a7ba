//! DER as tags, lengths and contents: written from parts, read as spans of the input.
//!
//! The readers of CMS and tokens keep the bytes that were signed instead of decoding and encoding them again (a decoder
//! that re-sorts a SET would hide what differs). Headers are the `der` crate's: definite, minimal, at most 256 MiB.
//! Nothing here recurses, so nesting costs a reader nothing.

use der::{Decode, ErrorKind, Header, Reader as _, SliceReader, Tag};

/// INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// OCTET STRING, primitive.
pub(crate) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
/// SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// SET.
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// Writes one element whose content is `parts` one after the other.
#[expect(clippy::expect_used, reason = "a usize has at most eight bytes")]
pub(crate) fn write(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length.saturating_add(6));
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).expect("at most eight digits"));
            out.extend_from_slice(&digits);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// Writes a SET OF: elements in ascending order of their encodings (X.690 11.6).
pub(crate) fn write_set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    let parts: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    write(tag, &parts)
}

/// Writes the INTEGER of a big-endian number without sign: minimal, never negative (X.690 8.3).
pub(crate) fn write_unsigned(digits: &[u8]) -> Vec<u8> {
    let significant: Vec<u8> = digits.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign: &[u8] = if significant.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    write(INTEGER, &[sign, &significant])
}

/// One element: its tag, all of its bytes, and what is inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) whole: &'a [u8],
    pub(crate) content: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads what is inside.
    pub(crate) const fn open(&self) -> Reader<'a> {
        Reader::new(self.content)
    }
}

/// Reads elements one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, of any tag.
    pub(crate) fn element(&mut self) -> Result<Element<'a>, TlvError> {
        let (tag, content, after) = short(self.rest).map_or_else(|| split(self.rest), Ok)?;
        let size = self.rest.len().saturating_sub(after.len());
        let whole = self.rest.get(..size).ok_or(TlvError::NotDer)?;
        self.rest = after;
        Ok(Element { tag, whole, content })
    }

    /// The next element, which must have `tag`.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, TlvError> {
        let element = self.element()?;
        if element.tag == tag { Ok(element) } else { Err(TlvError::Tag { expected: tag, found: element.tag }) }
    }

    /// The next element where it has `tag`.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, TlvError> {
        if self.rest.first() == Some(&tag) { self.element().map(Some) } else { Ok(None) }
    }

    /// Fails where anything is left.
    pub(crate) const fn finish(self) -> Result<(), TlvError> {
        if self.rest.is_empty() { Ok(()) } else { Err(TlvError::Trailing { bytes: self.rest.len() }) }
    }
}

/// What [`split`] says of an element below 64 KiB, as nearly all are; nothing where there is more to judge.
fn short(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = match rest {
        [length @ ..=0x7f, rest @ ..] | [0x81, length @ 0x80..=0xff, rest @ ..] => (u16::from(*length), rest),
        [0x82, high @ 1..=0xff, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(usize::from(length))?;
    Tag::try_from(*tag).ok().map(|_| (*tag, content, after))
}

/// The tag at the start of `bytes`, the content, and what follows.
fn split(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), TlvError> {
    let refused = |error: der::Error| match error.kind() {
        ErrorKind::Overflow => TlvError::Length,
        _ => TlvError::NotDer,
    };
    let mut reader = SliceReader::new(bytes).map_err(refused)?;
    let header = Header::decode(&mut reader).map_err(refused)?;
    let content = reader.read_slice(header.length).map_err(refused)?;
    let after = reader.read_slice(reader.remaining_len()).map_err(refused)?;
    Ok((header.tag.octet(), content, after))
}

/// Reads a single element that must have `tag` and be all of `bytes`.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Result<Element<'_>, TlvError> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.finish()?;
    Ok(element)
}

/// Why bytes are not the expected elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    /// A length of more than 256 MiB.
    #[error("a length is over 256 MiB")]
    Length,
    /// Truncated, indefinite, not minimal, or of a tag DER does not have.
    #[error("a header is not DER, or its content is cut off")]
    NotDer,
    /// Another tag.
    #[error("tag {found:#04x} stands where {expected:#04x} must")]
    Tag {
        /// The tag the format has there.
        expected: u8,
        /// The tag found.
        found: u8,
    },
    /// Elements or bytes that the format does not have.
    #[error("{bytes} bytes follow the last element")]
    Trailing {
        /// How many.
        bytes: usize,
    },
}

#[cfg(test)]
mod tests;
