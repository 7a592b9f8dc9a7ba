//! The private keys of an engine as one sealed document: `magic`, then each key with its length before it.

use signer_core::crypto::{CryptoError, Ed25519Key, P256Key};
use signer_core::reason::{Code, Coded};
use signer_engine::keys::{Authority, Keys};
use zeroize::Zeroizing;

use crate::engine_file::Certificates;

const MAGIC: &[u8] = b"chancery keys v1\n";
/// More than all keys together, so that the buffer never moves and leaves nothing behind.
const CAPACITY: usize = 4096;

/// Every lasting private key of the running engine.
pub(crate) struct Keyring {
    pub(crate) issuing: P256Key,
    pub(crate) ct: P256Key,
    pub(crate) log: Ed25519Key,
    pub(crate) countersign: P256Key,
    pub(crate) time: P256Key,
    pub(crate) mac: Zeroizing<[u8; 32]>,
}

impl Keyring {
    /// Fresh keys.
    pub(crate) fn generate() -> Result<Self, KeyringError> {
        Ok(Self {
            issuing: P256Key::generate()?,
            ct: P256Key::generate()?,
            log: Ed25519Key::generate()?,
            countersign: P256Key::generate()?,
            time: P256Key::generate()?,
            mac: Zeroizing::new(signer_core::crypto::random()?),
        })
    }

    /// The document to seal.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let mut document = Zeroizing::new(Vec::with_capacity(CAPACITY));
        document.extend_from_slice(MAGIC);
        for key in [&self.issuing, &self.ct, &self.countersign, &self.time] {
            append(&mut document, &key.to_pkcs8()?);
        }
        append(&mut document, &self.log.to_pkcs8()?);
        append(&mut document, self.mac.as_slice());
        Ok(document)
    }

    /// Reads what [`Self::encode`] wrote and nothing else.
    pub(crate) fn decode(document: &[u8]) -> Result<Self, KeyringError> {
        let mut rest = document.strip_prefix(MAGIC).ok_or(KeyringError::Malformed)?;
        let issuing = P256Key::from_pkcs8(next(&mut rest)?)?;
        let ct = P256Key::from_pkcs8(next(&mut rest)?)?;
        let countersign = P256Key::from_pkcs8(next(&mut rest)?)?;
        let time = P256Key::from_pkcs8(next(&mut rest)?)?;
        let log = Ed25519Key::from_pkcs8(next(&mut rest)?)?;
        let mac = Zeroizing::new(next(&mut rest)?.try_into().map_err(|_| KeyringError::Malformed)?);
        if rest.is_empty() {
            Ok(Self { issuing, ct, log, countersign, time, mac })
        } else {
            Err(KeyringError::Malformed)
        }
    }

    /// The keys beside their certificates, as the engine takes them.
    pub(crate) fn into_keys(self, certificates: &Certificates) -> Keys {
        let authority = |key, certificate: &[u8]| Authority { key, certificate: certificate.to_vec() };
        Keys {
            root: certificates.root.0.clone(),
            issuing: authority(self.issuing, &certificates.issuing.0),
            ct: self.ct,
            log: self.log,
            countersign: authority(self.countersign, &certificates.countersigning.0),
            time: authority(self.time, &certificates.time.0),
            mac: self.mac,
        }
    }
}

fn append(document: &mut Vec<u8>, key: &[u8]) {
    let length = u16::try_from(key.len()).unwrap_or(u16::MAX);
    document.extend_from_slice(&length.to_be_bytes());
    document.extend_from_slice(key);
}

fn next<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], KeyringError> {
    let (length, after) = rest.split_first_chunk::<2>().ok_or(KeyringError::Malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (key, after) = after.split_at_checked(length).ok_or(KeyringError::Malformed)?;
    *rest = after;
    Ok(key)
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// A key is none.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Not this document.
    #[error("the unsealed keys are of another form than this version writes")]
    Malformed,
}

impl Coded for KeyringError {
    fn code(&self) -> Code {
        match self {
            Self::Crypto(CryptoError::Generation) => Code::Internal,
            Self::Crypto(_) | Self::Malformed => Code::EngineState,
        }
    }
}
