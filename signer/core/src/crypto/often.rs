//! An Ed25519 key under which much is signed, as a log's: a table of its multiples halves the time that a signature takes.
//!
//! The table answers the one question of RFC 8032, 5.1.7, as the library does it: whether sB − kA, encoded, is the R that
//! was signed with, byte for byte, where s is below the order. There is no cofactor, no batch and no chance in it, so that
//! it accepts what the library accepts. What it does not accept the library decides about.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::digest::{Context, SHA512};
use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsBasepointTable};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::BasepointTable as _;

/// After so many signatures a table is made, which takes as long as they do: whoever verifies one pays for none.
const OFTEN: u32 = 64;

/// How often a key was used, and from some time on its table.
#[derive(Default)]
pub(super) struct Often {
    uses: AtomicU32,
    table: OnceLock<Option<Table>>,
}

/// Multiples of the negated key, 30 KiB.
struct Table(Box<EdwardsBasepointTable>);

impl Often {
    pub(super) const fn new() -> Self {
        Self { uses: AtomicU32::new(0), table: OnceLock::new() }
    }

    /// Whether the table says that `signature` is this key's over `message`. Without a table nothing is.
    pub(super) fn accepts(&self, key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
        if let Some(table) = self.table.get() {
            return table.as_ref().is_some_and(|table| table.accepts(key, message, signature));
        }
        if self.uses.fetch_add(1, Ordering::Relaxed) == OFTEN {
            // Others ask the library meanwhile.
            let _told = self.table.set(Table::new(key));
        }
        false
    }
}

impl Table {
    /// Nothing for a key that is not the one encoding of a point of prime order: on others implementations differ.
    fn new(key: &[u8; 32]) -> Option<Self> {
        let encoded = CompressedEdwardsY(*key);
        let point = encoded.decompress()?;
        let sound = point.compress() == encoded && point.is_torsion_free() && !point.is_small_order();
        sound.then(|| Self(Box::new(EdwardsBasepointTable::create(&-point))))
    }

    fn accepts(&self, key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
        let Some((r, s)) = signature.split_first_chunk::<32>() else { return false };
        let Ok(s) = <[u8; 32]>::try_from(s) else { return false };
        // RFC 8032, 5.1.7: s outside 0 to L − 1 is a second spelling.
        let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else { return false };
        let mut hash = Context::new(&SHA512);
        for part in [r.as_slice(), key, message] {
            hash.update(part);
        }
        let Ok(hash) = <[u8; 64]>::try_from(hash.finish().as_ref()) else { return false };
        let k = Scalar::from_bytes_mod_order_wide(&hash);
        (ED25519_BASEPOINT_TABLE.mul_base(&s) + self.0.mul_base(&k)).compress().as_bytes() == r
    }
}

impl fmt::Debug for Often {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Often")
    }
}

#[cfg(test)]
mod tests;
