//! Foreign tokens by the SHA-256 of the signature they stamp: what stood in an answer stands in every repeat of it, after a
//! restart too.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use signer_core::digest::Digest;
use signer_engine::store::StoreError;

use crate::beside::{self, failed};

/// The file in the state.
pub(crate) const FILE: &str = "stamped.sqlite";

/// Tokens in their embedded form.
pub(super) struct Stamped(Mutex<Connection>);

impl Stamped {
    /// Opens the file, or makes it, for its owner alone.
    pub(super) fn open(state: &Path) -> Result<Self, StoreError> {
        let table = "CREATE TABLE IF NOT EXISTS stamped (
                         imprint BLOB NOT NULL PRIMARY KEY, token BLOB NOT NULL
                     ) STRICT, WITHOUT ROWID";
        Ok(Self(Mutex::new(beside::open(state, FILE, table)?)))
    }

    /// Keeps a token, durably; the first of its signature stays.
    pub(super) fn keep(&self, imprint: &Digest, token: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO stamped (imprint, token) VALUES (?1, ?2)";
        self.lock().execute(sql, params![imprint.as_bytes(), token]).map(drop).map_err(failed)
    }

    /// The token of a signature.
    pub(super) fn find(&self, imprint: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT token FROM stamped WHERE imprint = ?1").map_err(failed)?;
        statement.query_row(params![imprint.as_bytes()], |row| row.get(0)).optional().map_err(failed)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
