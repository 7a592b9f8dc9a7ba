//! What proves to the engine who asks: a session's bearer credential or the owner credential.

use signer_wire::Secret;
use ureq::http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::ClientError;

/// A credential, wiped when dropped. No `Debug`, no `Display`, no `Clone`; it goes into a question alone.
pub struct Credential(Zeroizing<String>);

impl Credential {
    /// Takes a text over. Fails where it is empty or cannot stand in a header.
    pub fn new(text: String) -> Result<Self, ClientError> {
        let text = Zeroizing::new(text);
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientError::Credential);
        }
        Ok(Self(text))
    }

    /// As `Authorization: Bearer` takes it.
    pub(crate) fn bearer(&self) -> Result<HeaderValue, ClientError> {
        sensitive(&Zeroizing::new(format!("Bearer {}", &*self.0)))
    }

    /// As a neighbour's question takes it.
    pub(crate) fn secret(&self) -> Secret {
        Secret::new((*self.0).clone())
    }

    /// As `Chancery-Owner` takes it.
    pub(crate) fn plain(&self) -> Result<HeaderValue, ClientError> {
        sensitive(&self.0)
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| ClientError::Credential)?;
    value.set_sensitive(true);
    Ok(value)
}
