//! Which checkpoint is cosigned next. Witnesses cosign a log in the order in which it grows: one that was passed over can
//! never be had. So where answers carry cosignatures, no checkpoint that an answer ends in is passed over, whoever asked
//! for it and whether the server was restarted meanwhile; the store says which those are.

use signer_engine::store::rows::CheckpointRow;
use signer_engine::store::{StoreError, StoreReader};

/// A checkpoint to be cosigned.
pub(super) struct Turn {
    pub(super) row: Option<CheckpointRow>,
    /// Up to which size no answer waits.
    pub(super) free: u64,
}

/// The newest checkpoint of a log.
pub(super) fn newest(reader: &dyn StoreReader) -> Result<Turn, StoreError> {
    Ok(Turn { row: reader.newest_checkpoint()?, free: 0 })
}

/// The first checkpoint above `free` that an answer ends in, else the newest; that over `free` where none is newer. A batch adds its answers' entries and one
/// audit head, so that a checkpoint one above the last holds no answer.
pub(super) fn in_order(reader: &dyn StoreReader, free: u64) -> Result<Turn, StoreError> {
    let mut turn = Turn { row: None, free };
    let mut size = free;
    while let Some(row) = reader.checkpoint_after(size)? {
        let holds_an_answer = row.size.saturating_sub(size) > 1;
        turn = Turn { free: size, row: Some(row.clone()) };
        if holds_an_answer {
            break;
        }
        size = row.size;
    }
    if turn.row.is_none() {
        turn.row = reader.checkpoint(free)?;
    }
    Ok(turn)
}
