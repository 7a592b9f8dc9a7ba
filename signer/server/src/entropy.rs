//! Whether the system gives randomness. Every key, nonce and ECDSA signature hangs on it, and the libraries that draw it abort
//! where they get none.

use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};
use signer_core::reason::{Code, Coded};

/// Bytes of a drawing.
const DRAWN: usize = 32;

/// Draws twice. Must come before anything else draws.
pub(crate) fn check() -> Result<(), EntropyError> {
    sound(|drawn| getrandom(drawn, GetRandomFlags::empty()))
}

/// Fails where a source gives nothing, the same again, or nothing but zeros: one that works does so once in 2^256 times.
fn sound(source: impl Fn(&mut [u8; DRAWN]) -> Result<usize, Errno>) -> Result<(), EntropyError> {
    let draw = || {
        let mut drawn = [0; DRAWN];
        match source(&mut drawn) {
            Ok(DRAWN) => Ok(drawn),
            Ok(_) => Err(EntropyError::Short),
            Err(source) => Err(EntropyError::Refused { source }),
        }
    };
    let (one, other) = (draw()?, draw()?);
    if one == other || one == [0; DRAWN] || other == [0; DRAWN] { Err(EntropyError::Constant) } else { Ok(()) }
}

/// Why there is no randomness.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EntropyError {
    /// Two drawings are equal, or nothing was written.
    #[error("the system's randomness repeats itself")]
    Constant,
    /// The system refuses.
    #[error("the system gives no randomness")]
    Refused {
        /// What it said.
        #[source]
        source: Errno,
    },
    /// Fewer bytes came than were asked for.
    #[error("the system gives less randomness than was asked for")]
    Short,
}

impl Coded for EntropyError {
    fn code(&self) -> Code {
        Code::InternalEntropy
    }
}

#[cfg(test)]
mod tests;
