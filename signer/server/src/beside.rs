//! Databases beside the store: other people's words, which stand in answers and are no part of what the engine recorded.
//! `fsck` does not judge them; a backup holds them.

use std::path::Path;

use rusqlite::Connection;
use signer_engine::store::StoreError;

use crate::time_authority::STAMPED;
use crate::witnessing::COSIGNED;

/// Their files in the state.
pub(crate) const FILES: [&str; 2] = [COSIGNED, STAMPED];

/// Opens a file, or makes it with its table, for its owner alone. What is written to it is durable.
pub(crate) fn open(state: &Path, file: &str, table: &str) -> Result<Connection, StoreError> {
    let path = state.join(file);
    crate::store::private(&path)?;
    let connection = Connection::open(&path).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.execute_batch(table).map_err(failed)?;
    Ok(connection)
}

pub(crate) fn failed(error: rusqlite::Error) -> StoreError {
    StoreError::Medium { source: Box::new(error) }
}
