//! Whole tables, for `fsck`: in one snapshot, with rows that do not read back named and not fatal.

use std::ops::Range;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use signer_core::digest::Digest;
use signer_core::protocol::AgentRecord;
use signer_engine::store::StoreError;
use signer_engine::store::rows::{
    CheckpointRow, GrantRow, PersonRow, PolicyRow, PromptRow, RevocationRow, SessionRow, State,
};

use super::columns::{Columns, number};
use super::reader::{
    SqliteReader, read_agent, read_checkpoint, read_grant, read_person, read_policy, read_prompt, read_revocation,
    read_session,
};
use super::{DATABASE, refused, schema};

/// A row with its name; none where it does not read back.
pub type Named<T> = (String, Option<T>);

/// Tables whose rows are looked up one by one, and the column that names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keyed {
    /// Kept answers, by idempotency key.
    Answers,
    /// Certificates, by digest.
    Certificates,
    /// Statements, by leaf hash.
    Statements,
}

impl Keyed {
    /// Its name in the schema.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Certificates => "certificates",
            Self::Statements => "statements",
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Answers => "key",
            Self::Certificates => "digest",
            Self::Statements => "leaf",
        }
    }
}

/// Reads that see the database as it was when the first of them was made, whatever a running engine adds.
pub fn snapshot(directory: &Path) -> Result<SqliteReader, StoreError> {
    let path = directory.join(DATABASE);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(refused)?;
    schema::prepare_reader(&connection)?;
    connection.execute_batch("BEGIN; SELECT count(*) FROM state;").map_err(refused)?;
    Ok(SqliteReader::pinned(path, connection))
}

impl SqliteReader {
    /// Every person.
    pub fn all_persons(&self) -> Result<Vec<Named<PersonRow>>, StoreError> {
        self.named("persons", "SELECT * FROM persons", "subject", read_person)
    }

    /// Every agent.
    pub fn all_agents(&self) -> Result<Vec<Named<AgentRecord>>, StoreError> {
        self.named("agents", "SELECT * FROM agents", "name", read_agent)
    }

    /// Every session.
    pub fn all_sessions(&self) -> Result<Vec<Named<SessionRow>>, StoreError> {
        self.named("sessions", "SELECT * FROM sessions", "name", read_session)
    }

    /// Every grant.
    pub fn all_grants(&self) -> Result<Vec<Named<GrantRow>>, StoreError> {
        self.named("grants", "SELECT * FROM grants", "leaf", read_grant)
    }

    /// Every policy set that was in force, under its number.
    pub fn all_policies(&self) -> Result<Vec<Named<PolicyRow>>, StoreError> {
        if !self.has("policies")? {
            return Ok(Vec::new());
        }
        self.named("policies", "SELECT * FROM policies", "number", read_policy)
    }

    /// Every revocation, under its number.
    pub fn all_revocations(&self) -> Result<Vec<Named<RevocationRow>>, StoreError> {
        if !self.has("revocations")? {
            return Ok(Vec::new());
        }
        self.named("revocations", "SELECT * FROM revocations", "number", read_revocation)
    }

    /// Every prompt.
    pub fn all_prompts(&self) -> Result<Vec<Named<PromptRow>>, StoreError> {
        self.named("prompts", "SELECT * FROM prompts", "leaf", read_prompt)
    }

    /// Every burnt nonce, with its prompt and session.
    pub fn all_nonces(&self) -> Result<Vec<Named<(Digest, String)>>, StoreError> {
        self.named("nonces", "SELECT * FROM nonces", "nonce", |columns| {
            Ok((columns.digest("prompt")?, columns.value("session")?))
        })
    }

    /// Checkpoints over more than `size` entries, in order, at most `count`.
    pub fn checkpoints_after(&self, size: u64, count: u64) -> Result<Vec<CheckpointRow>, StoreError> {
        let sql = "SELECT * FROM checkpoints WHERE size > ?1 ORDER BY size LIMIT ?2";
        self.all("checkpoints", sql, [number(size)?, number(count)?], read_checkpoint)
    }

    /// Checkpoints over more than `start` and at most `end` entries, in order.
    pub fn checkpoints_between(&self, start: u64, end: u64) -> Result<Vec<CheckpointRow>, StoreError> {
        let sql = "SELECT * FROM checkpoints WHERE size > ?1 AND size <= ?2 ORDER BY size";
        self.all("checkpoints", sql, [number(start)?, number(end)?], read_checkpoint)
    }

    /// The number after the last event.
    pub fn events_end(&self) -> Result<u64, StoreError> {
        let sql = "SELECT ifnull(max(number) + 1, 0) AS number FROM events";
        Ok(self.all("events", sql, [], |columns| columns.count("number"))?.into_iter().next().unwrap_or_default())
    }

    /// Shows place, stored leaf hash and body of each of these entries, in order, where `SQLite` holds them: a copy of each
    /// body would cost as much as its hash.
    pub fn each_entry(&self, places: Range<u64>, show: impl FnMut(u64, &[u8], &[u8])) -> Result<(), StoreError> {
        let sql = "SELECT place, leaf, body FROM entries WHERE place >= ?1 AND place < ?2 ORDER BY place";
        self.each_of("entries", sql, places, show)
    }

    /// Shows number, stored digest and document of each of these events, in order.
    pub fn each_event(&self, numbers: Range<u64>, show: impl FnMut(u64, &[u8], &[u8])) -> Result<(), StoreError> {
        let sql = "SELECT number, digest, document FROM events WHERE number >= ?1 AND number < ?2 ORDER BY number";
        self.each_of("events", sql, numbers, show)
    }

    /// Places and stored leaf hashes of these entries, in order.
    pub fn leaf_rows(&self, places: Range<u64>) -> Result<Vec<(u64, Digest)>, StoreError> {
        let sql = "SELECT place, leaf FROM entries WHERE place >= ?1 AND place < ?2 ORDER BY place";
        self.all("entries", sql, ends(places)?, |columns| Ok((columns.count("place")?, columns.digest("leaf")?)))
    }

    fn each_of(
        &self,
        table: &'static str,
        sql: &str,
        numbers: Range<u64>,
        mut show: impl FnMut(u64, &[u8], &[u8]),
    ) -> Result<(), StoreError> {
        self.each(table, sql, ends(numbers)?, |columns| {
            let blob = |at: usize| match columns.row.get_ref(at).map_err(refused)? {
                ValueRef::Blob(bytes) => Ok(bytes),
                _ => Err(columns.corrupt()),
            };
            let number = columns.row.get::<_, i64>(0).map_err(refused)?;
            show(u64::try_from(number).map_err(|_| columns.corrupt())?, blob(1)?, blob(2)?);
            Ok(())
        })
    }

    /// The state after the last batch.
    pub fn state(&self) -> Result<Option<State>, StoreError> {
        let rows = self.all("state", "SELECT * FROM state WHERE id = 1", [], |columns| {
            let is_timed = columns.value::<Option<i64>>("last_time")?.is_some();
            Ok(State {
                frontier: columns.value("frontier")?,
                last_time: if is_timed { Some(columns.time("last_time")?) } else { None },
                events: columns.count("events")?,
                event_head: columns.digest("event_head")?,
                feed: columns.count("feed")?,
            })
        })?;
        Ok(rows.into_iter().next())
    }

    /// How many rows a table has.
    pub fn count(&self, table: Keyed) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) AS number FROM {}", table.table());
        let counts = self.all(table.table(), &sql, [], |columns| columns.count("number"))?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }

    /// The names of all its rows.
    pub fn keys(&self, table: Keyed) -> Result<Vec<Digest>, StoreError> {
        let sql = format!("SELECT {} AS key FROM {}", table.column(), table.table());
        self.all(table.table(), &sql, [], |columns| columns.digest("key"))
    }

    fn named<T>(
        &self,
        table: &'static str,
        sql: &str,
        name: &str,
        read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<Named<T>>, StoreError> {
        self.all(table, sql, [], |columns| {
            let name = match columns.row.get_ref(name).map_err(refused)? {
                ValueRef::Blob(bytes) => {
                    Digest::try_from(bytes).map_or_else(|_| hex::encode(bytes), |digest| digest.to_string())
                }
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Null | ValueRef::Real(_) => "?".to_owned(),
            };
            Ok((name, read(columns).ok()))
        })
    }
}

/// Where a range begins and ends, as `SQLite` keeps numbers.
fn ends(numbers: Range<u64>) -> Result<[i64; 2], StoreError> {
    Ok([number(numbers.start)?, number(numbers.end)?])
}
