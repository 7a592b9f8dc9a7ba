//! Reads: every thread takes an idle read-only connection and gives it back.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, Params};
use signer_core::digest::Digest;
use signer_core::identity::{Name, Subject};
use signer_core::protocol::AgentRecord;
use signer_core::time::Timestamp;
use signer_engine::store::rows::{
    CertificateRow, CheckpointRow, GrantRow, PastLogRow, PersonRow, PolicyRow, PromptRow, RevocationRow, SessionRow,
    StatementRow, Wanted,
};
use signer_engine::store::{StoreError, StoreReader, Unique};

use super::columns::{Columns, number, seconds};
use super::{past, refused, schema};

/// Most connections kept for the next reader.
const MAX_IDLE: usize = 16;

/// Reads of one database from any thread.
pub struct SqliteReader {
    path: PathBuf,
    /// Number of the closed log whose tables are read, where it is not the one in force.
    past: Option<u32>,
    idle: Mutex<Vec<Connection>>,
}

impl SqliteReader {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, past: None, idle: Mutex::new(Vec::new()) }
    }

    /// A reader that has a connection already, and uses it again and again as long as one thread asks at a time.
    pub(super) fn pinned(path: PathBuf, connection: Connection) -> Self {
        Self { path, past: None, idle: Mutex::new(vec![connection]) }
    }

    /// Another reader of the same database and log, with connections of its own.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { path: self.path.clone(), past: self.past, idle: Mutex::new(Vec::new()) }
    }

    /// A reader of a closed log of the same database.
    #[must_use]
    pub fn of_past_log(&self, number: u32) -> Self {
        Self { past: Some(number), ..self.again() }
    }

    fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection()?;
        let answer = read(&connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
        answer
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(refused)?;
        if let Some(log) = self.past {
            past::look_back(&connection, log)?;
        }
        schema::prepare_reader(&connection)?;
        Ok(connection)
    }

    /// Every row of a query.
    pub(super) fn all<T>(
        &self,
        table: &'static str,
        sql: &str,
        parameters: impl Params,
        read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(table, sql, parameters, |columns| {
            found.push(read(columns)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Shows every row of a query, one after the other.
    pub(super) fn each(
        &self,
        table: &'static str,
        sql: &str,
        parameters: impl Params,
        mut show: impl FnMut(&Columns<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql).map_err(refused)?;
            let mut rows = statement.query(parameters).map_err(refused)?;
            while let Some(row) = rows.next().map_err(refused)? {
                show(&Columns { row, table })?;
            }
            Ok(())
        })
    }

    /// The one row of a query over a unique column.
    fn one<T>(
        &self,
        table: &'static str,
        sql: &str,
        parameters: impl Params,
        read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(table, sql, parameters, read)?.into_iter().next())
    }

    /// Whether the database has such a table: older versions made fewer.
    pub(super) fn has(&self, table: &str) -> Result<bool, StoreError> {
        let sql = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name = ?1";
        Ok(self.one("sqlite_master", sql, [table], |_| Ok(()))?.is_some())
    }

    fn exists(&self, table: &'static str, sql: &str, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.one(table, sql, [digest.as_bytes().as_slice()], |_| Ok(()))?.is_some())
    }
}

impl StoreReader for SqliteReader {
    fn person(&self, subject: &Subject) -> Result<Option<PersonRow>, StoreError> {
        self.one("persons", "SELECT * FROM persons WHERE subject = ?1", [subject.as_str()], read_person)
    }

    fn persons(&self) -> Result<Vec<PersonRow>, StoreError> {
        self.all("persons", "SELECT * FROM persons ORDER BY subject", [], read_person)
    }

    fn agent(&self, name: &Name) -> Result<Option<AgentRecord>, StoreError> {
        self.one("agents", "SELECT * FROM agents WHERE name = ?1", [name.as_str()], read_agent)
    }

    fn agents(&self) -> Result<Vec<AgentRecord>, StoreError> {
        self.all("agents", "SELECT * FROM agents ORDER BY name", [], read_agent)
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        self.one("sessions", "SELECT * FROM sessions WHERE name = ?1", [id], read_session)
    }

    fn sessions(&self, wanted: &Wanted) -> Result<Vec<(u64, SessionRow)>, StoreError> {
        let sql = "SELECT * FROM sessions WHERE id < ?1 AND (?2 IS NULL OR agent = ?2) AND (?3 IS NULL OR sponsor = ?3)
                   AND (?4 IS NULL OR (opened <= ?4 AND expires > ?4)) ORDER BY id DESC LIMIT ?5";
        self.all("sessions", sql, choosing(wanted)?, |columns| Ok((columns.count("id")?, read_session(columns)?)))
    }

    fn grants(&self, wanted: &Wanted) -> Result<Vec<(u64, GrantRow)>, StoreError> {
        let sql = "SELECT * FROM grants WHERE id < ?1 AND (?2 IS NULL OR agent = ?2) AND (?3 IS NULL OR sponsor = ?3)
                   AND (?4 IS NULL OR (opens <= ?4 AND ends > ?4)) ORDER BY id DESC LIMIT ?5";
        self.all("grants", sql, choosing(wanted)?, |columns| Ok((columns.count("id")?, read_grant(columns)?)))
    }

    fn revocations(&self) -> Result<Vec<RevocationRow>, StoreError> {
        // A state that was last opened before there were revocations.
        if !self.has("revocations")? {
            return Ok(Vec::new());
        }
        self.all("revocations", "SELECT * FROM revocations ORDER BY number", [], read_revocation)
    }

    fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        if !self.has("policies")? {
            return Ok(Vec::new());
        }
        self.all("policies", "SELECT * FROM policies ORDER BY number", [], read_policy)
    }

    fn session_of(&self, credential: &Digest) -> Result<Option<SessionRow>, StoreError> {
        let sql = "SELECT * FROM sessions WHERE credential = ?1";
        self.one("sessions", sql, [credential.as_bytes().as_slice()], read_session)
    }

    fn grant(&self, leaf: &Digest) -> Result<Option<GrantRow>, StoreError> {
        self.one("grants", "SELECT * FROM grants WHERE leaf = ?1", [leaf.as_bytes().as_slice()], read_grant)
    }

    fn certificate(&self, digest: &Digest) -> Result<Option<CertificateRow>, StoreError> {
        let sql = "SELECT * FROM certificates WHERE digest = ?1";
        self.one("certificates", sql, [digest.as_bytes().as_slice()], |columns| {
            Ok(CertificateRow {
                digest: columns.digest("digest")?,
                session: columns.value("session")?,
                key: columns.digest("key")?,
                der: columns.value("der")?,
            })
        })
    }

    fn is_key_used(&self, key: &Digest) -> Result<bool, StoreError> {
        self.exists("certificates", "SELECT 1 FROM certificates WHERE key = ?1", key)
    }

    fn prompt(&self, leaf: &Digest) -> Result<Option<PromptRow>, StoreError> {
        self.one("prompts", "SELECT * FROM prompts WHERE leaf = ?1", [leaf.as_bytes().as_slice()], read_prompt)
    }

    fn is_nonce_burnt(&self, nonce: &Digest) -> Result<bool, StoreError> {
        self.exists("nonces", "SELECT 1 FROM nonces WHERE nonce = ?1", nonce)
    }

    fn answer(&self, key: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT document FROM answers WHERE key = ?1";
        self.one("answers", sql, [key.as_bytes().as_slice()], |columns| columns.value("document"))
    }

    fn names_after(&self, kind: Unique, last: &Digest, count: u64) -> Result<Vec<Digest>, StoreError> {
        let (table, sql) = match kind {
            Unique::Answer => ("answers", "SELECT key FROM answers WHERE key > ?1 ORDER BY key LIMIT ?2"),
            Unique::CertifiedKey => {
                ("certificates", "SELECT key FROM certificates WHERE key > ?1 ORDER BY key LIMIT ?2")
            }
        };
        self.all(table, sql, (last.as_bytes().as_slice(), number(count)?), |columns| columns.digest("key"))
    }

    fn statement(&self, leaf: &Digest) -> Result<Option<StatementRow>, StoreError> {
        let sql = "SELECT * FROM statements WHERE leaf = ?1";
        self.one("statements", sql, [leaf.as_bytes().as_slice()], |columns| {
            Ok(StatementRow {
                leaf: columns.digest("leaf")?,
                payload_type: columns.value("payload_type")?,
                payload: columns.value("payload")?,
                signature: columns.value("signature")?,
                certificate: columns.digest("certificate")?,
            })
        })
    }

    fn checkpoint(&self, size: u64) -> Result<Option<CheckpointRow>, StoreError> {
        let Ok(size) = number(size) else { return Ok(None) };
        self.one("checkpoints", "SELECT * FROM checkpoints WHERE size = ?1", [size], read_checkpoint)
    }

    fn checkpoint_after(&self, size: u64) -> Result<Option<CheckpointRow>, StoreError> {
        let Ok(size) = number(size) else { return Ok(None) };
        let sql = "SELECT * FROM checkpoints WHERE size > ?1 ORDER BY size LIMIT 1";
        self.one("checkpoints", sql, [size], read_checkpoint)
    }

    fn newest_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError> {
        self.one("checkpoints", "SELECT * FROM checkpoints ORDER BY size DESC LIMIT 1", [], read_checkpoint)
    }

    fn entries(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let (Ok(start), Ok(count)) = (number(start), number(count)) else { return Ok(Vec::new()) };
        let sql = "SELECT body FROM entries WHERE place >= ?1 ORDER BY place LIMIT ?2";
        self.all("entries", sql, [start, count], |columns| columns.value("body"))
    }

    fn leaves(&self, start: u64, count: u64) -> Result<Vec<Digest>, StoreError> {
        let (Ok(start), Ok(count)) = (number(start), number(count)) else { return Ok(Vec::new()) };
        let sql = "SELECT leaf FROM entries WHERE place >= ?1 ORDER BY place LIMIT ?2";
        self.all("entries", sql, [start, count], |columns| columns.digest("leaf"))
    }

    fn nodes(&self, level: u8, start: u64, count: u64) -> Result<Vec<Digest>, StoreError> {
        let (Ok(start), Ok(count)) = (number(start), number(count)) else { return Ok(Vec::new()) };
        let sql = "SELECT hash FROM nodes WHERE level = ?1 AND place >= ?2 ORDER BY place LIMIT ?3";
        self.all("nodes", sql, [i64::from(level), start, count], |columns| columns.digest("hash"))
    }

    fn frozen(&self) -> Result<Option<Timestamp>, StoreError> {
        self.one("freeze", "SELECT since FROM freeze WHERE id = 1", [], |columns| columns.time("since"))
    }

    fn events(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let (Ok(start), Ok(count)) = (number(start), number(count)) else { return Ok(Vec::new()) };
        let sql = "SELECT document FROM events WHERE number >= ?1 ORDER BY number LIMIT ?2";
        self.all("events", sql, [start, count], |columns| columns.value("document"))
    }

    fn past_logs(&self) -> Result<Vec<PastLogRow>, StoreError> {
        self.read_past_logs()
    }

    fn past_log(&self, number: u32) -> Option<Arc<dyn StoreReader>> {
        Some(Arc::new(self.of_past_log(number)))
    }
}

/// What is wanted, as the queries of lists take it: before, agent, sponsor, time, count.
fn choosing(wanted: &Wanted) -> Result<impl Params + '_, StoreError> {
    Ok((
        wanted.before.map_or(Ok(i64::MAX), number)?,
        wanted.agent.as_ref().map(Name::as_str),
        wanted.sponsor.as_ref().map(Subject::as_str),
        wanted.at.map(seconds).transpose()?,
        number(wanted.count)?,
    ))
}

pub(super) fn read_person(columns: &Columns<'_>) -> Result<PersonRow, StoreError> {
    Ok(PersonRow { subject: columns.parsed("subject")?, registered: columns.time("registered")? })
}

pub(super) fn read_prompt(columns: &Columns<'_>) -> Result<PromptRow, StoreError> {
    Ok(PromptRow {
        leaf: columns.digest("leaf")?,
        signer: columns.parsed("signer")?,
        repository: columns.value("repository")?,
        target: columns.value("target")?,
        session: columns.value("session")?,
        expires: columns.time("expires")?,
        nonce: columns.digest("nonce")?,
        previous: columns.optional_digest("previous")?,
    })
}

pub(super) fn read_agent(columns: &Columns<'_>) -> Result<AgentRecord, StoreError> {
    Ok(AgentRecord {
        name: columns.parsed("name")?,
        class: columns.parsed("class")?,
        sponsor: columns.parsed("sponsor")?,
        registered: columns.time("registered")?,
    })
}

pub(super) fn read_session(columns: &Columns<'_>) -> Result<SessionRow, StoreError> {
    let is_agent = columns.value::<Option<String>>("agent")?.is_some();
    Ok(SessionRow {
        id: columns.value("name")?,
        credential: columns.digest("credential")?,
        subject: columns.parsed("subject")?,
        agent: if is_agent { Some(columns.agent()?) } else { None },
        sponsor: columns.parsed("sponsor")?,
        scope: columns.json("scope")?,
        grants: columns.digests("grants")?,
        custody: columns.word("custody")?,
        claims: columns.json("claims")?,
        window: columns.window("opened", "expires")?,
        prompt: columns.optional_digest("prompt")?,
    })
}

pub(super) fn read_grant(columns: &Columns<'_>) -> Result<GrantRow, StoreError> {
    Ok(GrantRow {
        leaf: columns.digest("leaf")?,
        actor: columns.parsed("actor")?,
        class: columns.word("actor_class")?,
        certificate: columns.digest("certificate")?,
        agent: columns.agent()?,
        sponsor: columns.parsed("sponsor")?,
        scope: columns.json("scope")?,
        window: columns.window("opens", "ends")?,
        depth: u8::try_from(columns.count("depth")?).map_err(|_| columns.corrupt())?,
        parents: columns.digests("parents")?,
        redeemed: columns.value("redeemed")?,
    })
}

pub(super) fn read_policy(columns: &Columns<'_>) -> Result<PolicyRow, StoreError> {
    Ok(PolicyRow { digest: columns.digest("digest")?, since: columns.time("since")? })
}

pub(super) fn read_revocation(columns: &Columns<'_>) -> Result<RevocationRow, StoreError> {
    Ok(RevocationRow {
        leaf: columns.digest("leaf")?,
        action: columns.word("action")?,
        cause: columns.word("cause")?,
        selector: columns.parsed("selector")?,
    })
}

pub(super) fn read_checkpoint(columns: &Columns<'_>) -> Result<CheckpointRow, StoreError> {
    Ok(CheckpointRow { size: columns.count("size")?, root: columns.digest("root")?, note: columns.value("note")? })
}
