//! Values in columns: digests as 32 bytes, times as seconds, lists and scopes as JSON. Whatever does not read back is a
//! corrupt store, never a default.

use std::str::FromStr;

use rusqlite::Row;
use rusqlite::types::{FromSql, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use signer_core::digest::Digest;
use signer_core::time::{Timestamp, Window};
use signer_engine::store::StoreError;
use signer_engine::store::rows::AgentRow;

use super::refused;

/// A row on its way back into its type.
pub(super) struct Columns<'a> {
    pub(super) row: &'a Row<'a>,
    pub(super) table: &'static str,
}

impl Columns<'_> {
    pub(super) fn value<T: FromSql>(&self, name: &str) -> Result<T, StoreError> {
        self.row.get(name).map_err(refused)
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<T, StoreError> {
        self.value::<String>(name)?.parse().map_err(|_| self.corrupt())
    }

    pub(super) fn digest(&self, name: &str) -> Result<Digest, StoreError> {
        let bytes: Vec<u8> = self.value(name)?;
        Digest::try_from(bytes.as_slice()).map_err(|_| self.corrupt())
    }

    pub(super) fn optional_digest(&self, name: &str) -> Result<Option<Digest>, StoreError> {
        match self.value::<Option<Vec<u8>>>(name)? {
            Some(bytes) => Digest::try_from(bytes.as_slice()).map(Some).map_err(|_| self.corrupt()),
            None => Ok(None),
        }
    }

    /// A list of digests, one after the other.
    pub(super) fn digests(&self, name: &str) -> Result<Vec<Digest>, StoreError> {
        let bytes: Vec<u8> = self.value(name)?;
        let (digests, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() {
            Ok(digests.iter().copied().map(Digest::from_bytes).collect())
        } else {
            Err(self.corrupt())
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        Timestamp::from_unix(self.count(name)?).map_err(|_| self.corrupt())
    }

    pub(super) fn window(&self, start: &str, end: &str) -> Result<Window, StoreError> {
        Ok(Window { start: self.time(start)?, end: self.time(end)? })
    }

    pub(super) fn count(&self, name: &str) -> Result<u64, StoreError> {
        u64::try_from(self.value::<i64>(name)?).map_err(|_| self.corrupt())
    }

    pub(super) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.value::<String>(name)?).map_err(|_| self.corrupt())
    }

    /// A value of one of our closed vocabularies, by its name.
    pub(super) fn word<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        serde_json::from_value(serde_json::Value::String(self.value(name)?)).map_err(|_| self.corrupt())
    }

    pub(super) fn agent(&self) -> Result<AgentRow, StoreError> {
        Ok(AgentRow { name: self.parsed("agent")?, class: self.parsed("class")? })
    }

    pub(super) const fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { table: self.table }
    }
}

/// An unsigned number as `SQLite` keeps it.
pub(super) fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Conflict)
}

/// A time as `SQLite` keeps it.
pub(super) fn seconds(time: Timestamp) -> Result<i64, StoreError> {
    number(time.unix())
}

/// A list of digests as one blob.
pub(super) fn joined(digests: &[Digest]) -> Vec<u8> {
    digests.iter().flat_map(|digest| *digest.as_bytes()).collect()
}

/// A digest that may be absent.
pub(super) fn optional(digest: Option<&Digest>) -> Value {
    digest.map_or(Value::Null, |digest| Value::Blob(digest.as_bytes().to_vec()))
}

/// A value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Medium { source: Box::new(source) })
}
