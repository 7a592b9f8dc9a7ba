//! Logs that were closed, in the one database: closing a log renames its tables, whatever their size, and empty ones take
//! their place. A reader of a closed log sees its tables under the names they had.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use signer_core::digest::Digest;
use signer_engine::store::StoreError;
use signer_engine::store::rows::{Batch, CheckpointRow, PastLogRow};

use super::columns::{Columns, number};
use super::writer::Rows;
use super::{SqliteReader, SqliteWriter, refused};

/// The tables that belong to one log; everything else belongs to the engine.
const OF_A_LOG: [&str; 4] = ["entries", "checkpoints", "nodes", "freeze"];

/// Made by the first rotation.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS past_logs (
    number INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, key BLOB NOT NULL, size INTEGER NOT NULL,
    root BLOB NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS rotations (id INTEGER PRIMARY KEY, trust_root BLOB NOT NULL UNIQUE) STRICT;
";

/// What a rotation changes in the database, all at once.
pub struct Rotation<'a> {
    /// The digest of the trust root that it brings, which says that it happened.
    pub trust_root: &'a Digest,
    /// Batches for the log that is in force.
    pub batches: &'a [Batch],
    /// The log that is closed after them, and the first batch of the one that follows.
    pub succession: Option<(&'a PastLogRow, &'a Batch)>,
}

impl SqliteWriter {
    /// Makes a whole rotation durable, or nothing of it.
    pub fn rotate(&mut self, rotation: &Rotation<'_>) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        transaction.execute_batch(TABLES).map_err(refused)?;
        let rows = Rows(&transaction);
        for batch in rotation.batches {
            rows.batch(batch)?;
        }
        if let Some((past, opening)) = rotation.succession {
            put_aside(&transaction, past.number)?;
            rows.execute(
                "INSERT INTO past_logs (number, origin, key, size, root, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    past.number,
                    past.origin,
                    past.key,
                    number(past.last.size)?,
                    past.last.root.as_bytes(),
                    past.last.note
                ],
            )?;
            rows.batch(opening)?;
        }
        rows.execute("INSERT INTO rotations (trust_root) VALUES (?1)", [rotation.trust_root.as_bytes().as_slice()])?;
        transaction.commit().map_err(refused)
    }

    /// Whether the rotation to this trust root happened.
    pub fn is_rotated_to(&self, trust_root: &Digest) -> Result<bool, StoreError> {
        if !has_table(&self.connection, "rotations")? {
            return Ok(false);
        }
        let sql = "SELECT 1 FROM rotations WHERE trust_root = ?1";
        let mut statement = self.connection.prepare(sql).map_err(refused)?;
        statement.exists([trust_root.as_bytes().as_slice()]).map_err(refused)
    }
}

impl SqliteReader {
    /// The closed logs, oldest first; none before the first was closed.
    pub(super) fn read_past_logs(&self) -> Result<Vec<PastLogRow>, StoreError> {
        if !self.has("past_logs")? {
            return Ok(Vec::new());
        }
        self.all("past_logs", "SELECT * FROM past_logs ORDER BY number", [], |columns: &Columns<'_>| {
            let last = CheckpointRow {
                size: columns.count("size")?,
                root: columns.digest("root")?,
                note: columns.value("note")?,
            };
            let number = u32::try_from(columns.count("number")?).map_err(|_| columns.corrupt())?;
            Ok(PastLogRow { number, origin: columns.value("origin")?, key: columns.value("key")?, last })
        })
    }
}

/// Lets a connection see a closed log's tables under their first names.
pub(super) fn look_back(connection: &Connection, log: u32) -> Result<(), StoreError> {
    // What is temporary is looked up before what is stored.
    let views = OF_A_LOG.map(|table| format!("CREATE TEMP VIEW {table} AS SELECT * FROM main.{table}_{log};"));
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(refused)?;
    connection.execute_batch(&views.concat()).map_err(refused)
}

fn put_aside(connection: &Connection, log: u32) -> Result<(), StoreError> {
    for table in OF_A_LOG {
        // The new table is whatever the old one was.
        let sql = "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?1";
        let made: Option<String> = connection.query_row(sql, [table], |row| row.get(0)).optional().map_err(refused)?;
        let made = made.ok_or(StoreError::Corrupt { table })?;
        connection.execute_batch(&format!("ALTER TABLE {table} RENAME TO {table}_{log}; {made};")).map_err(refused)?;
    }
    Ok(())
}

fn has_table(connection: &Connection, table: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?1";
    connection.prepare(sql).and_then(|mut statement| statement.exists([table])).map_err(refused)
}
