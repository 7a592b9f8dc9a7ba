//! Object ids: 20 bytes in SHA-1 repositories, 32 in SHA-256 ones, always written in full lower-case hexadecimal.
//!
//! Abbreviations have no spelling here; a revision a person types is resolved once, in `repository`.

use std::fmt;
use std::str::FromStr;

use crate::object::ObjectError;

/// The hash a repository names its objects by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ObjectFormat {
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// Bytes of an id.
    pub const fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The name git gives it in `extensions.objectFormat`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The header a commit of this format carries its signature in.
    pub const fn signature_header(self) -> &'static str {
        match self {
            Self::Sha1 => "gpgsig",
            Self::Sha256 => "gpgsig-sha256",
        }
    }

    /// The id of the tree without entries, which git knows without storing it.
    pub const fn empty_tree(self) -> ObjectId {
        match self {
            Self::Sha1 => ObjectId::Sha1(EMPTY_TREE_SHA1),
            Self::Sha256 => ObjectId::Sha256(EMPTY_TREE_SHA256),
        }
    }
}

impl fmt::Display for ObjectFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ObjectFormat {
    type Err = ObjectError;

    fn from_str(text: &str) -> Result<Self, ObjectError> {
        match text {
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            _ => Err(ObjectError::ObjectFormat),
        }
    }
}

/// The name of an object: the hash of its kind, length and bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectId {
    /// In a SHA-1 repository.
    Sha1([u8; 20]),
    /// In a SHA-256 repository.
    Sha256([u8; 32]),
}

impl ObjectId {
    /// The hash this id was made with.
    pub const fn format(&self) -> ObjectFormat {
        match self {
            Self::Sha1(_) => ObjectFormat::Sha1,
            Self::Sha256(_) => ObjectFormat::Sha256,
        }
    }

    /// The 20 or 32 bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }

    /// Whether all bytes are zero, which names no object.
    pub fn is_null(&self) -> bool {
        self.as_bytes().iter().all(|byte| *byte == 0)
    }

    /// Takes raw bytes. Fails unless there are 20 or 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ObjectError> {
        bytes
            .try_into()
            .map(Self::Sha1)
            .or_else(|_| bytes.try_into().map(Self::Sha256))
            .map_err(|_| ObjectError::ObjectId)
    }

    /// Reads the full lower-case hexadecimal form of one format. Fails on any other text.
    pub fn from_hex(hex: &[u8], format: ObjectFormat) -> Result<Self, ObjectError> {
        match format {
            ObjectFormat::Sha1 => decode(hex).map(Self::Sha1),
            ObjectFormat::Sha256 => decode(hex).map(Self::Sha256),
        }
    }
}

fn decode<const N: usize>(hex: &[u8]) -> Result<[u8; N], ObjectError> {
    let (pairs, rest) = hex.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(ObjectError::ObjectId);
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
    }
    Ok(bytes)
}

const fn nibble(digit: u8) -> Result<u8, ObjectError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(ObjectError::ObjectId),
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = ObjectError;

    fn from_str(text: &str) -> Result<Self, ObjectError> {
        let format = if text.len() == 40 { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 };
        Self::from_hex(text.as_bytes(), format)
    }
}

const EMPTY_TREE_SHA1: [u8; 20] = [
    0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88, 0xfb, 0xee, 0x49,
    0x04,
];
const EMPTY_TREE_SHA256: [u8; 32] = [
    0x6e, 0xf1, 0x9b, 0x41, 0x22, 0x5c, 0x53, 0x69, 0xf1, 0xc1, 0x04, 0xd4, 0x5d, 0x8d, 0x85, 0xef, 0xa9, 0xb0, 0x57,
    0xb5, 0x3b, 0x14, 0xb4, 0xb9, 0xb9, 0x39, 0xdd, 0x74, 0xde, 0xcc, 0x53, 0x21,
];

#[cfg(test)]
mod tests;
