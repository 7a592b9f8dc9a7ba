//! The claims of a token: one JSON object in which no name stands twice.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::OidcError;

/// Most claims of a token; CI systems send some thirty.
const MAX_CLAIMS: usize = 128;
/// Longest text of a claim that is read (OpenID Connect Core 2 has 255 for `sub`).
const MAX_TEXT: usize = 255;
/// What the reader says of a second claim of one name, so that the caller can tell.
pub(super) const DUPLICATE: &str = "a claim stands twice";

/// A token's claims, by name.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Claims(BTreeMap<String, Value>);

impl Claims {
    /// A claim that must be a text of 1 to 255 printable characters.
    pub(super) fn text(&self, claim: &str) -> Result<&str, OidcError> {
        let text = self.0.get(claim).and_then(Value::as_str);
        let text =
            text.filter(|text| !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control));
        text.ok_or_else(|| OidcError::Claim { claim: claim.to_owned() })
    }

    /// A time in whole seconds or with a fraction, which is dropped; `None` where it is absent.
    pub(super) fn time(&self, claim: &'static str) -> Result<Option<u64>, OidcError> {
        let Some(value) = self.0.get(claim) else { return Ok(None) };
        let malformed = || OidcError::Claim { claim: claim.to_owned() };
        if let Some(seconds) = value.as_u64() {
            return Ok(Some(seconds));
        }
        // RFC 7519 2: NumericDate may have a fraction. Its whole part is read from its text, without rounding.
        let text = value.is_f64().then(|| value.to_string()).ok_or_else(malformed)?;
        let whole = text.split_once('.').map(|(whole, _)| whole).ok_or_else(malformed)?;
        whole.parse().map(Some).map_err(|_| malformed())
    }

    /// A truth value; anything else is `None`, the text `"true"` too.
    pub(super) fn truth(&self, claim: &str) -> Option<bool> {
        self.0.get(claim).and_then(Value::as_bool)
    }

    /// A text, or a list of texts.
    pub(super) fn texts(&self, claim: &str) -> Option<Vec<&str>> {
        match self.0.get(claim)? {
            Value::String(text) => Some(vec![text]),
            Value::Array(list) => list.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// Whether the claim is there.
    pub(super) fn has(&self, claim: &str) -> bool {
        self.0.contains_key(claim)
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of claims")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.len() >= MAX_CLAIMS {
                        return Err(A::Error::custom("too many claims"));
                    }
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom(DUPLICATE));
                    }
                }
                Ok(Claims(claims))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
