//! The one writer: a batch is one transaction.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, Params, Transaction, TransactionBehavior, params};
use signer_engine::store::rows::{
    Batch, GrantRow, PolicyRow, PromptRow, RevocationRow, SessionRow, State, StatementRow, Write,
};
use signer_engine::store::{StoreError, StoreWriter};

use super::columns::{Columns, joined, json, number, optional, seconds};
use super::log_room::{self, LogAhead};
use super::schema::Log;
use super::{refused, schema};

/// Writes to one database, from one thread.
pub struct SqliteWriter {
    pub(super) connection: Connection,
    path: PathBuf,
    log: Log,
    page: u32,
    /// Where its log has room ahead.
    ahead: Option<Arc<LogAhead>>,
    /// Held as long as the writer lives.
    _lock: File,
}

impl SqliteWriter {
    /// Where less than `ample` bytes are free, the log goes into the database early and gets no room ahead.
    pub(super) fn open(path: &Path, lock: File, ample: u64) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path).map_err(refused)?;
        let free = log_room::free(path).map_err(|source| StoreError::Medium { source: Box::new(source) })?;
        let log = if free < ample { Log::Short } else { Log::Long };
        schema::prepare_writer(&mut connection, log)?;
        let page = schema::page_bytes(&connection)?;
        Ok(Self { connection, path: path.to_owned(), log, page, ahead: None, _lock: lock })
    }

    /// Gives the write-ahead log the length it will have anyway, where the disk has a gigabyte left: each sync is shorter
    /// then. Gives what asks for that room before it is written to. Fails without any effect on what is stored.
    pub fn make_room(&mut self) -> Result<Option<Arc<LogAhead>>, StoreError> {
        if matches!(self.log, Log::Short) {
            return Ok(None);
        }
        let failed = |source| StoreError::Medium { source: Box::new(source) };
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        log_room::make(Path::new(&log), schema::log_bytes(self.page, self.log)).map_err(failed)?;
        let ahead = Arc::new(LogAhead::of(Path::new(&log)).map_err(failed)?);
        ahead.moved(schema::log_next(&self.connection, self.page, self.log)?);
        self.ahead = Some(Arc::clone(&ahead));
        Ok(Some(ahead))
    }

    /// Gives up every guarantee for speed: no journal, no syncs, a gigabyte of pages in memory. For synthetic states that
    /// can be made again; the next who opens the store has a journal. Fails where anybody else has it open.
    pub fn danger_unsynced(&self) -> Result<(), StoreError> {
        let settings = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576;";
        self.connection.execute_batch(settings).map_err(refused)
    }
}

impl StoreWriter for SqliteWriter {
    fn load(&mut self) -> Result<Option<State>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM state WHERE id = 1").map_err(refused)?;
        let mut rows = statement.query([]).map_err(refused)?;
        let Some(row) = rows.next().map_err(refused)? else { return Ok(None) };
        let columns = Columns { row, table: "state" };
        let timed = columns.value::<Option<i64>>("last_time")?.is_some();
        Ok(Some(State {
            frontier: columns.value("frontier")?,
            last_time: if timed { Some(columns.time("last_time")?) } else { None },
            events: columns.count("events")?,
            event_head: columns.digest("event_head")?,
            feed: columns.count("feed")?,
        }))
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
        Rows(&transaction).batch(batch)?;
        transaction.commit().map_err(refused)?;
        if let Some(ahead) = &self.ahead {
            // What was committed stays so, wherever the next frame goes.
            if let Ok(next) = schema::log_next(&self.connection, self.page, self.log) {
                ahead.moved(next);
            }
        }
        Ok(())
    }
}

/// Writes rows inside a transaction. A row that changes nothing where it should is a conflict.
pub(super) struct Rows<'a>(pub(super) &'a Transaction<'a>);

impl Rows<'_> {
    pub(super) fn execute(&self, sql: &str, parameters: impl Params) -> Result<(), StoreError> {
        let changed = self.0.prepare_cached(sql).map_err(refused)?.execute(parameters).map_err(refused)?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    pub(super) fn batch(&self, batch: &Batch) -> Result<(), StoreError> {
        for write in &batch.writes {
            self.write(write)?;
        }
        self.state(&batch.state)
    }

    fn state(&self, state: &State) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO state (id, frontier, last_time, events, event_head, feed)
             VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            params![
                state.frontier,
                state.last_time.map(seconds).transpose()?,
                number(state.events)?,
                state.event_head.as_bytes(),
                number(state.feed)?,
            ],
        )
    }

    fn write(&self, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Acceptance { prompt, session, nonce } => {
                self.execute(
                    "INSERT INTO nonces (nonce, prompt, session) VALUES (?1, ?2, ?3)",
                    params![nonce.as_bytes(), prompt.as_bytes(), session],
                )?;
                self.execute("UPDATE sessions SET prompt = ?1 WHERE name = ?2", params![prompt.as_bytes(), session])
            }
            Write::Agent(row) => self.execute(
                "INSERT INTO agents (name, class, sponsor, registered) VALUES (?1, ?2, ?3, ?4)",
                params![row.name.as_str(), row.class.as_str(), row.sponsor.as_str(), seconds(row.registered)?],
            ),
            Write::Answer(row) => self.execute(
                "INSERT INTO answers (key, document) VALUES (?1, ?2)",
                params![row.key.as_bytes(), row.document],
            ),
            Write::Certificate(row) => self.execute(
                "INSERT INTO certificates (digest, session, key, der) VALUES (?1, ?2, ?3, ?4)",
                params![row.digest.as_bytes(), row.session, row.key.as_bytes(), row.der],
            ),
            Write::Checkpoint(row) => self.execute(
                "INSERT INTO checkpoints (size, root, note) VALUES (?1, ?2, ?3)",
                params![number(row.size)?, row.root.as_bytes(), row.note],
            ),
            Write::Entry(row) => self.execute(
                "INSERT INTO entries (place, leaf, body) VALUES (?1, ?2, ?3)",
                params![number(row.index)?, row.leaf.as_bytes(), row.body],
            ),
            Write::Event(row) => self.execute(
                "INSERT INTO events (number, digest, document) VALUES (?1, ?2, ?3)",
                params![number(row.number)?, row.digest.as_bytes(), row.document],
            ),
            Write::Freeze { at } => {
                self.execute("INSERT INTO freeze (id, since) VALUES (1, ?1)", params![seconds(*at)?])
            }
            Write::Grant(row) => self.grant(row),
            Write::Node(node) => self.execute(
                "INSERT INTO nodes (level, place, hash) VALUES (?1, ?2, ?3)",
                params![node.level, number(node.index)?, node.hash.as_bytes()],
            ),
            Write::Person(row) => self.execute(
                "INSERT INTO persons (subject, registered) VALUES (?1, ?2)",
                params![row.subject.as_str(), seconds(row.registered)?],
            ),
            Write::Policy(row) => self.policy(row),
            Write::Prompt(row) => self.prompt(row),
            Write::Redemption { grant, session } => self.execute(
                "UPDATE grants SET redeemed = ?1 WHERE leaf = ?2 AND redeemed IS NULL",
                params![session, grant.as_bytes()],
            ),
            Write::Revocation(row) => self.revocation(row),
            Write::Session(row) => self.session(row),
            Write::SessionEnd { session, at } => {
                self.execute("UPDATE sessions SET expires = ?1 WHERE name = ?2", params![seconds(*at)?, session])
            }
            Write::Statement(row) => self.statement(row),
        }
    }

    fn policy(&self, row: &PolicyRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO policies (digest, since) VALUES (?1, ?2)",
            params![row.digest.as_bytes(), seconds(row.since)?],
        )
    }

    fn revocation(&self, row: &RevocationRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO revocations (leaf, action, cause, selector) VALUES (?1, ?2, ?3, ?4)",
            params![row.leaf.as_bytes(), row.action.to_string(), row.cause.to_string(), row.selector.to_string()],
        )
    }

    fn session(&self, row: &SessionRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO sessions (name, credential, subject, agent, class, sponsor, scope, grants, custody, claims,
                                   opened, expires, prompt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                row.id,
                row.credential.as_bytes(),
                row.subject.as_str(),
                row.agent.as_ref().map(|agent| agent.name.as_str()),
                row.agent.as_ref().map(|agent| agent.class.as_str()),
                row.sponsor.as_str(),
                json(&row.scope)?,
                joined(&row.grants),
                row.custody.to_string(),
                json(&row.claims)?,
                seconds(row.window.start)?,
                seconds(row.window.end)?,
                optional(row.prompt.as_ref()),
            ],
        )
    }

    fn grant(&self, row: &GrantRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO grants (leaf, actor, actor_class, certificate, agent, class, sponsor, scope, opens, ends,
                                 depth, parents, redeemed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                row.leaf.as_bytes(),
                row.actor.as_str(),
                row.class.to_string(),
                row.certificate.as_bytes(),
                row.agent.name.as_str(),
                row.agent.class.as_str(),
                row.sponsor.as_str(),
                json(&row.scope)?,
                seconds(row.window.start)?,
                seconds(row.window.end)?,
                row.depth,
                joined(&row.parents),
                row.redeemed,
            ],
        )
    }

    fn prompt(&self, row: &PromptRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO prompts (leaf, signer, repository, target, session, expires, nonce, previous)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.leaf.as_bytes(),
                row.signer.as_str(),
                row.repository,
                row.target,
                row.session,
                seconds(row.expires)?,
                row.nonce.as_bytes(),
                optional(row.previous.as_ref()),
            ],
        )
    }

    fn statement(&self, row: &StatementRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO statements (leaf, payload_type, payload, signature, certificate)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![row.leaf.as_bytes(), row.payload_type, row.payload, row.signature, row.certificate.as_bytes()],
        )
    }
}
