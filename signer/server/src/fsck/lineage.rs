//! The logs that this engine's log has followed: each tree against its own key, and the row that keeps its last checkpoint
//! against the tree.

use signer_core::checkpoint::Checkpoint;
use signer_core::reason::{Code, Coded as _};
use signer_core::trust_root::{self, LogKey, TrustRoot};
use signer_engine::store::StoreReader as _;
use signer_engine::store::rows::PastLogRow;

use super::difference::Differences;
use super::{FsckError, tree};
use crate::state::{self, StateDirectory};
use crate::store::SqliteReader;

/// A closed log and reads of its tables.
pub(super) struct PastLog {
    pub(super) row: PastLogRow,
    pub(super) reader: SqliteReader,
}

/// Checks the tree of every closed log, oldest first.
pub(super) fn check(
    state: &StateDirectory,
    snapshot: &SqliteReader,
    differences: &mut Differences,
) -> Result<Vec<PastLog>, FsckError> {
    let rows = snapshot.past_logs()?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let trust = TrustRoot::from_json(&state.read(state::TRUST_ROOT, trust_root::MAX_BYTES)?)?;
    let mut logs = Vec::with_capacity(rows.len());
    for row in rows {
        let reader = snapshot.of_past_log(row.number);
        match trust.log(&row.origin).filter(|log| log.key.as_bytes().as_slice() == row.key) {
            Some(log) => check_one(&row, log, &reader, differences)?,
            None => differences.tell(Code::EngineRowAltered, "past_logs", row.number, "the trust root has no such log"),
        }
        logs.push(PastLog { row, reader });
    }
    Ok(logs)
}

fn check_one(
    row: &PastLogRow,
    log: &LogKey,
    reader: &SqliteReader,
    differences: &mut Differences,
) -> Result<(), FsckError> {
    match Checkpoint::verify(&row.last.note, &log.origin, &log.key) {
        Ok(signed) if (signed.size, signed.root) == (row.last.size, row.last.root) => {}
        Ok(_) => differences.tell(Code::EngineRowAltered, "past_logs", row.number, "note and row differ"),
        Err(error) => differences.tell(error.code(), "past_logs", row.number, error),
    }
    if reader.newest_checkpoint()?.as_ref() != Some(&row.last) {
        let message = "the log does not end at the checkpoint that closed it";
        differences.tell(Code::EngineRowAltered, "past_logs", row.number, message);
    }
    let frontier = tree::check(reader, log, row.last.size, differences)?;
    if !reader.leaves(frontier.size(), 1)?.is_empty() {
        differences.tell(
            Code::EngineRowUnfounded,
            "entries",
            frontier.size(),
            "no checkpoint of the closed log names it",
        );
    }
    Ok(())
}
