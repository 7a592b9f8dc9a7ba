//! C2SP verifier keys: `<name>+<8 hex digits>+<base64(type ‖ key)>`, the one-line form in which logs and witnesses are named.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CheckpointError, ED25519_TYPE, key_hash, key_id};
use crate::crypto::Ed25519Public;

/// Most bytes of a key's name.
const MAX_NAME: usize = 255;
/// C2SP signed-note: the signature type of timestamped Ed25519 cosignatures.
const COSIGNATURE_TYPE: u8 = 0x04;

/// What a key signs. Keys of other types are of other algorithms, which this software does not verify.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyRole {
    /// A log's notes: type 0x01.
    Log,
    /// A witness's cosignatures: type 0x04.
    Witness,
}

impl KeyRole {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => ED25519_TYPE,
            Self::Witness => COSIGNATURE_TYPE,
        }
    }
}

/// A name, a key, and what it signs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    name: String,
    role: KeyRole,
    key: Ed25519Public,
}

impl VerifierKey {
    /// Names a key. Fails where the name is empty, too long, or holds a space, a control character or `+`.
    pub fn new(name: &str, role: KeyRole, key: Ed25519Public) -> Result<Self, CheckpointError> {
        let sound = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(sound) {
            return Err(CheckpointError::KeyName { length: name.len() });
        }
        Ok(Self { name: name.to_owned(), role, key })
    }

    /// The name in signature lines; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub const fn role(&self) -> KeyRole {
        self.role
    }

    /// The key itself.
    pub const fn key(&self) -> &Ed25519Public {
        &self.key
    }

    /// The hint in its signature lines.
    pub fn hint(&self) -> [u8; 4] {
        key_hash(&key_id(&self.name, self.role.byte(), &self.key))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = STANDARD.encode([&[self.role.byte()], self.key.as_bytes().as_slice()].concat());
        write!(f, "{}+{}+{material}", self.name, hex::encode(self.hint()))
    }
}

impl FromStr for VerifierKey {
    type Err = CheckpointError;

    /// Reads the form that `Display` writes and no other. Fails on other key types and on a hint of another key.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_hint), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CheckpointError::VerifierKey);
        };
        let material = STANDARD.decode(material).map_err(|_| CheckpointError::VerifierKey)?;
        let (kind, key) = material.split_first().ok_or(CheckpointError::VerifierKey)?;
        let role = match *kind {
            ED25519_TYPE => KeyRole::Log,
            COSIGNATURE_TYPE => KeyRole::Witness,
            kind => return Err(CheckpointError::KeyType { kind }),
        };
        let key = <[u8; 32]>::try_from(key).map_err(|_| CheckpointError::VerifierKey)?;
        let read = Self::new(name, role, Ed25519Public::from_bytes(key))?;
        // The hint repeats the rest; another spelling of any part would be a second name of one key.
        if read.to_string() == text { Ok(read) } else { Err(CheckpointError::VerifierKey) }
    }
}
