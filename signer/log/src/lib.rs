//! The transparency log: entries get positions, trees get checkpoints.
//!
//! Pure: no clock, no disk, no driver. The engine seals a batch, makes it durable, and only then advances
//! (docs/formats.md F6). Trees are RFC 6962, checkpoints and tiles C2SP; `signer-core` defines the first two and checks
//! them, [`tile`] the third.

mod batch;
mod node;
mod proof;
mod replay;
mod sequence;
#[cfg(test)]
mod tests;
pub mod tile;
pub mod tiled;

pub use node::{Node, NodeBuilder};
pub use proof::{prove_consistency, prove_inclusion};
pub use replay::{ReplayError, StoredEntry, check_entries, root_of};
pub use sequence::{Log, Sealed, SequenceError};
