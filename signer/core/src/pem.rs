//! PEM, as stock clients write and read keys, requests and certificates (RFC 7468). Nothing of ours is kept in it.

use der::pem::{self, LineEnding};

use crate::reason::{Code, Coded};

/// Most bytes of a text that is read.
pub const MAX_BYTES: usize = 16 * 1024;
/// Label of a certificate.
const CERTIFICATE: &str = "CERTIFICATE";
/// Label of a `SubjectPublicKeyInfo`.
const PUBLIC_KEY: &str = "PUBLIC KEY";
/// Label of a PKCS#10 request.
const CERTIFICATE_REQUEST: &str = "CERTIFICATE REQUEST";

/// A certificate as PEM, with a newline at the end.
pub fn certificate(der: &[u8]) -> Result<String, PemError> {
    pem::encode_string(CERTIFICATE, LineEnding::LF, der).map_err(PemError::Form)
}

/// A public key as PEM, with a newline at the end.
pub fn public_key(spki: &[u8]) -> Result<String, PemError> {
    pem::encode_string(PUBLIC_KEY, LineEnding::LF, spki).map_err(PemError::Form)
}

/// A PKCS#10 request as PEM, with a newline at the end.
pub fn certificate_request(der: &[u8]) -> Result<String, PemError> {
    pem::encode_string(CERTIFICATE_REQUEST, LineEnding::LF, der).map_err(PemError::Form)
}

/// The `SubjectPublicKeyInfo` in a text of at most 16 KiB.
pub fn read_public_key(text: &[u8]) -> Result<Vec<u8>, PemError> {
    read(text, PUBLIC_KEY)
}

/// The certificate in a text of at most 16 KiB.
pub fn read_certificate(text: &[u8]) -> Result<Vec<u8>, PemError> {
    read(text, CERTIFICATE)
}

/// At most `most` certificates, one after the other, with nothing but white space between them.
pub fn read_certificates(text: &[u8], most: usize) -> Result<Vec<Vec<u8>>, PemError> {
    let end = format!("-----END {CERTIFICATE}-----");
    let text = std::str::from_utf8(text).map_err(|_| PemError::Form(pem::Error::CharacterEncoding))?;
    let mut found = Vec::new();
    for one in text.split_inclusive(&end).filter(|one| !one.trim().is_empty()) {
        if found.len() == most {
            return Err(PemError::TooMany { most });
        }
        found.push(read(one.trim().as_bytes(), CERTIFICATE)?);
    }
    Ok(found)
}

/// The PKCS#10 request in a text of at most 16 KiB.
pub fn read_certificate_request(text: &[u8]) -> Result<Vec<u8>, PemError> {
    read(text, CERTIFICATE_REQUEST)
}

fn read(text: &[u8], label: &'static str) -> Result<Vec<u8>, PemError> {
    if text.len() > MAX_BYTES {
        return Err(PemError::TooLarge { actual: text.len() });
    }
    match pem::decode_vec(text).map_err(PemError::Form)? {
        (found, der) if found == label => Ok(der),
        _ => Err(PemError::Label { expected: label }),
    }
}

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// Not PEM.
    #[error("the text is not PEM: {0}")]
    Form(pem::Error),
    /// PEM of something else.
    #[error("the PEM is no `{expected}`")]
    Label {
        /// What it must be.
        expected: &'static str,
    },
    /// Too many bytes.
    #[error("the PEM has {actual} bytes, at most {MAX_BYTES} are read")]
    TooLarge {
        /// Bytes found.
        actual: usize,
    },
    /// Too many of them.
    #[error("the text holds more than {most} certificates")]
    TooMany {
        /// Most that are read.
        most: usize,
    },
}

impl Coded for PemError {
    fn code(&self) -> Code {
        Code::IssueCsrMalformed
    }
}

#[cfg(test)]
mod tests;
