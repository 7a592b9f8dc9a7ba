//! Members of a JSON object that protobuf writes: known by name, `null` as good as absent, bytes in base64, 64-bit
//! numbers as text.

use serde::Deserialize as _;
use serde_json::{Map, Value};
use signer_core::protocol::Base64;

use super::error::ForeignError;

/// An object of which every member is known.
pub(super) struct Members<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    /// Fails where `value`, standing at `at`, is no object, or has a member that `known` does not list.
    pub(super) fn of(at: &'static str, value: &'a Value, known: &[&str]) -> Result<Self, ForeignError> {
        let map = value.as_object().ok_or(ForeignError::MemberType { member: at })?;
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(ForeignError::MemberUnknown { object: at, member: unknown.clone() }),
            None => Ok(Self { map }),
        }
    }

    pub(super) fn optional(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, name: &'static str) -> Result<&'a Value, ForeignError> {
        self.optional(name).ok_or(ForeignError::MemberMissing { member: name })
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&'a str, ForeignError> {
        self.required(name)?.as_str().ok_or(ForeignError::MemberType { member: name })
    }

    /// Standard base64 with padding and no other form of it.
    pub(super) fn bytes(&self, name: &'static str) -> Result<Vec<u8>, ForeignError> {
        let text = self.required(name)?;
        if !text.is_string() {
            return Err(ForeignError::MemberType { member: name });
        }
        let Base64(bytes) = Base64::deserialize(text).map_err(|_| ForeignError::Base64 { member: name })?;
        Ok(bytes)
    }

    /// A whole number from 0 to 2^63 - 1, as text or bare; 0 where it is absent, as protobuf leaves out zeros.
    pub(super) fn number(&self, name: &'static str) -> Result<u64, ForeignError> {
        let malformed = ForeignError::Number { member: name };
        let number = match self.optional(name) {
            None => return Ok(0),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) if text == "0" || is_plain(text) => text.parse().ok(),
            Some(_) => None,
        };
        number.filter(|number| i64::try_from(*number).is_ok()).ok_or(malformed)
    }

    /// A list of at most `limit` elements, empty where it is absent.
    pub(super) fn list(&self, name: &'static str, limit: usize) -> Result<&'a [Value], ForeignError> {
        let Some(value) = self.optional(name) else { return Ok(&[]) };
        let list = value.as_array().ok_or(ForeignError::MemberType { member: name })?;
        if list.len() > limit {
            return Err(ForeignError::TooMany { member: name, limit, found: list.len() });
        }
        Ok(list)
    }
}

/// Decimal digits without a leading zero, sign or space.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0') && !text.is_empty()
}
