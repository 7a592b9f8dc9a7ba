//! The keyholder's key: signs anchors and nothing else. Sealed under the owner credential, opened for one signature.

use signer_core::crypto::{self, P256Key};
use signer_core::reason::Code;
use signer_wire::{Secret, whole_file};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::failure::Failure;
use crate::named_file;

/// Most bytes of the sealed key.
const MAX_SEALED: usize = 4096;

/// Authenticated with the sealed bytes, so that no other sealed file passes for this one.
const CONTEXT: &[u8] = b"chancery keyholder key v1";

/// Opens the keyholder's key, or makes it where there is none.
pub fn open_or_make(config: &Config, owner: &Secret) -> Result<P256Key, Failure> {
    let path = config.home.path().join("keyholder.sealed");
    if path.exists() {
        let sealed = named_file::read(&path, MAX_SEALED, Code::InternalIo)?;
        let wrong = |_| Failure::new(Code::EngineSealed, "the keyholder's key does not open under this credential");
        let pkcs8 = crypto::unseal(&sealing_key(owner), CONTEXT, &sealed).map_err(wrong)?;
        return P256Key::from_pkcs8(&pkcs8).map_err(Failure::crypto);
    }
    let key = P256Key::generate().map_err(Failure::crypto)?;
    let pkcs8 = key.to_pkcs8().map_err(Failure::crypto)?;
    let sealed = crypto::seal(&sealing_key(owner), CONTEXT, &pkcs8).map_err(Failure::crypto)?;
    config.home.ensure().map_err(Failure::wire)?;
    whole_file::make(&path, &sealed).map_err(|error| Failure::io(&path, &error))?;
    Ok(key)
}

/// The owner credential holds 256 random bits: one keyed hash separates this use from every other.
fn sealing_key(owner: &Secret) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(crypto::mac(owner.expose().as_bytes(), CONTEXT))
}
