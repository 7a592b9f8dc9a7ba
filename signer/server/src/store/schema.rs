//! Tables, their version, and what a connection must be told.

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use signer_engine::store::StoreError;

use super::refused;

/// The version of the tables below.
const VERSION: u32 = 3;
/// Bytes of a page in a store that is made by this version; older ones keep theirs. What is appended takes half as many
/// pages as with half the size, and a page costs more than its bytes: two calls to write it and a place in memory.
const PAGE: u32 = 8 * 1024;
/// Bytes of the log's own header, and of a page's in it.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// How far the write-ahead log grows before its rows go into the database.
#[derive(Debug, Clone, Copy)]
pub(super) enum Log {
    /// Pages of random keys are written back once for many transactions.
    Long,
    /// Where space is short it belongs to the rows: a log holds the same page once for each transaction.
    Short,
}

impl Log {
    /// Pages of `page` bytes in a log that is full.
    const fn pages(self, page: u32) -> u32 {
        let bytes: u32 = match self {
            Self::Long => 16 * 1024 * 1024,
            Self::Short => 1024 * 1024,
        };
        bytes / if page == 0 { PAGE } else { page }
    }
}

const TABLES: &str = "
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1), frontier BLOB NOT NULL, last_time INTEGER, events INTEGER NOT NULL,
    event_head BLOB NOT NULL, feed INTEGER NOT NULL
) STRICT;
CREATE TABLE persons (id INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE, registered INTEGER NOT NULL) STRICT;
CREATE TABLE agents (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, class TEXT NOT NULL,
    sponsor TEXT NOT NULL REFERENCES persons (subject), registered INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, credential BLOB NOT NULL UNIQUE, subject TEXT NOT NULL,
    agent TEXT, class TEXT, sponsor TEXT NOT NULL, scope TEXT NOT NULL, grants BLOB NOT NULL, custody TEXT NOT NULL,
    claims TEXT NOT NULL, opened INTEGER NOT NULL, expires INTEGER NOT NULL, prompt BLOB,
    CHECK ((agent IS NULL) = (class IS NULL))
) STRICT;
CREATE TABLE grants (
    id INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, actor TEXT NOT NULL, actor_class TEXT NOT NULL,
    certificate BLOB NOT NULL, agent TEXT NOT NULL REFERENCES agents (name), class TEXT NOT NULL,
    sponsor TEXT NOT NULL, scope TEXT NOT NULL, opens INTEGER NOT NULL, ends INTEGER NOT NULL, depth INTEGER NOT NULL,
    parents BLOB NOT NULL, redeemed TEXT REFERENCES sessions (name)
) STRICT;
CREATE TABLE certificates (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, session TEXT NOT NULL REFERENCES sessions (name),
    key BLOB NOT NULL UNIQUE, der BLOB NOT NULL
) STRICT;
CREATE TABLE entries (place INTEGER PRIMARY KEY, leaf BLOB NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE statements (
    id INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, payload_type TEXT NOT NULL, payload BLOB NOT NULL,
    signature BLOB NOT NULL, certificate BLOB NOT NULL
) STRICT;
CREATE TABLE prompts (
    id INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, signer TEXT NOT NULL, repository TEXT NOT NULL,
    target TEXT NOT NULL, session TEXT, expires INTEGER NOT NULL, nonce BLOB NOT NULL, previous BLOB
) STRICT;
CREATE TABLE nonces (
    id INTEGER PRIMARY KEY, nonce BLOB NOT NULL UNIQUE, prompt BLOB NOT NULL REFERENCES prompts (leaf),
    session TEXT NOT NULL REFERENCES sessions (name)
) STRICT;
CREATE TABLE answers (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, document BLOB NOT NULL) STRICT;
CREATE TABLE events (number INTEGER PRIMARY KEY, digest BLOB NOT NULL, document BLOB NOT NULL) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE nodes (
    level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE freeze (id INTEGER PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL) STRICT;
";

/// What states of before these tables get when they are opened.
const LATER_TABLES: &str = "
CREATE TABLE IF NOT EXISTS policies (number INTEGER PRIMARY KEY, digest BLOB NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS revocations (
    number INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, action TEXT NOT NULL, cause TEXT NOT NULL,
    selector TEXT NOT NULL
) STRICT;
";

/// Keeps a statement's plan for as long as its connection lives. Plans that look at values are made again whenever another
/// number is bound to a `LIMIT`, which takes ten times as long as the reads that this store makes.
fn keep_plans(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(refused)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Prepares the writer's connection and makes the tables of a fresh store. Fails on another version's.
pub(super) fn prepare_writer(connection: &mut Connection, log: Log) -> Result<(), StoreError> {
    // A store that holds anything passes over it.
    connection.pragma_update(None, "page_size", PAGE).map_err(refused)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(refused)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(refused)?;
    connection.pragma_update(None, "wal_autocheckpoint", log.pages(page_bytes(connection)?)).map_err(refused)?;
    // As much as a long log holds is kept in memory.
    connection.pragma_update(None, "cache_size", -16 * 1024).map_err(refused)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(refused)?;
    keep_plans(connection)?;
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(refused)?;
    match found {
        VERSION => connection.execute_batch(LATER_TABLES).map_err(refused),
        0 => {
            let transaction = connection.transaction().map_err(refused)?;
            transaction.execute_batch(TABLES).map_err(refused)?;
            transaction.execute_batch(LATER_TABLES).map_err(refused)?;
            transaction.pragma_update(None, "user_version", VERSION).map_err(refused)?;
            transaction.commit().map_err(refused)
        }
        actual => Err(StoreError::Version { expected: VERSION, actual }),
    }
}

/// Prepares a reader's connection: it can change nothing.
pub(super) fn prepare_reader(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "query_only", true).map_err(refused)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(refused)?;
    keep_plans(connection)?;
    Ok(())
}

/// Bytes of a log that is full.
pub(super) fn log_bytes(page: u32, log: Log) -> u64 {
    log_end(page, log.pages(page))
}

/// Where the next frame of the log goes. Asking changes nothing (`SQLITE_CHECKPOINT_NOOP`).
pub(super) fn log_next(connection: &Connection, page: u32, log: Log) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)").map_err(refused)?;
    let pages: u32 = statement.query_row([], |row| row.get(1)).map_err(refused)?;
    // One that is full goes into the database, and begins again.
    Ok(if pages < log.pages(page) { log_end(page, pages) } else { 0 })
}

/// Bytes of a log of so many pages.
fn log_end(page: u32, pages: u32) -> u64 {
    LOG_HEADER + (FRAME_HEADER + u64::from(page)) * u64::from(pages)
}

/// Bytes of a page of this store.
pub(super) fn page_bytes(connection: &Connection) -> Result<u32, StoreError> {
    connection.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(refused)
}
