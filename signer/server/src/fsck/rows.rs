//! The tables of the registry against the rows that events and statements make.

use std::collections::{BTreeMap, HashSet};

use signer_core::canonical;
use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_engine::event::{Event, EventKind, MAX_EVENT};
use signer_engine::rebuild::Registry;
use signer_engine::store::{StoreError, StoreReader as _};

use super::chain::Explained;
use super::difference::Differences;
use crate::store::{Keyed, Named, SqliteReader};

/// Events read at once.
const PAGE: u64 = 1000;

/// Names every row that is otherwise than recorded, gone, or explained by nothing.
pub(super) fn check(
    snapshot: &SqliteReader,
    registry: Registry,
    explained: &Explained,
    differences: &mut Differences,
) -> Result<(), StoreError> {
    compare("persons", registry.persons, snapshot.all_persons()?, differences);
    compare("agents", registry.agents, snapshot.all_agents()?, differences);
    compare("sessions", registry.sessions, snapshot.all_sessions()?, differences);
    compare("grants", registry.grants, snapshot.all_grants()?, differences);
    compare("prompts", registry.prompts, snapshot.all_prompts()?, differences);
    compare("policies", numbered(registry.policies), snapshot.all_policies()?, differences);
    compare("revocations", numbered(registry.revocations), snapshot.all_revocations()?, differences);
    compare("nonces", registry.nonces, snapshot.all_nonces()?, differences);
    if snapshot.frozen()? != registry.frozen {
        differences.tell(Code::EngineRowAltered, "freeze", 1, "the log is frozen by no event, or no longer");
    }
    for (table, explained) in [
        (Keyed::Answers, explained.answers),
        (Keyed::Certificates, explained.certificates),
        (Keyed::Statements, explained.statements),
    ] {
        if snapshot.count(table)? > explained {
            name_unfounded(snapshot, table, differences)?;
        }
    }
    Ok(())
}

/// Rows by their place, from 1.
fn numbered<T>(rows: Vec<T>) -> BTreeMap<String, T> {
    (1_u64..).zip(rows).map(|(number, row)| (number.to_string(), row)).collect()
}

fn compare<T: PartialEq>(
    table: &'static str,
    mut recorded: BTreeMap<String, T>,
    found: Vec<Named<T>>,
    differences: &mut Differences,
) {
    for (name, row) in found {
        match (recorded.remove(&name), row) {
            (Some(recorded), Some(row)) if recorded == row => {}
            (Some(_), Some(_)) => differences.tell(Code::EngineRowAltered, table, name, "the log says otherwise"),
            (Some(_), None) => differences.tell(Code::EngineRowAltered, table, name, "the row does not read back"),
            (None, _) => differences.tell(Code::EngineRowUnfounded, table, name, "nothing in the log says so"),
        }
    }
    for name in recorded.into_keys() {
        differences.tell(Code::EngineRowMissing, table, name, "the log says that it was there");
    }
}

/// Reads the events once more for the names that they explain: in a sound store nobody needs them all at once.
fn name_unfounded(snapshot: &SqliteReader, table: Keyed, differences: &mut Differences) -> Result<(), StoreError> {
    let mut explained: HashSet<Digest> = HashSet::new();
    let mut start = 0;
    loop {
        let page = snapshot.events(start, PAGE)?;
        if page.is_empty() {
            break;
        }
        start = start.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        let events = page.iter().filter_map(|document| canonical::from_slice::<Event>(document, MAX_EVENT).ok());
        explained.extend(events.filter_map(|event| match table {
            Keyed::Answers => event.answer.map(|mark| mark.key),
            Keyed::Certificates => event.about.filter(|_| event.kind == EventKind::Issuance),
            Keyed::Statements => event.about.filter(|_| event.statement.is_some()),
        }));
    }
    if table == Keyed::Statements {
        let mut size = 0;
        while let Some(row) = snapshot.checkpoints_after(size, 1)?.pop() {
            explained.extend(snapshot.leaves(row.size.saturating_sub(1), 1)?);
            size = row.size;
        }
    }
    for key in snapshot.keys(table)? {
        if !explained.contains(&key) {
            differences.tell(Code::EngineRowUnfounded, table.table(), key, "nothing in the log says so");
        }
    }
    Ok(())
}
