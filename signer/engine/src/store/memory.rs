//! A store in memory: the port's reference, for tests and trials. Nothing survives the process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use signer_core::digest::Digest;
use signer_core::identity::{Name, Subject};
use signer_core::protocol::AgentRecord;
use signer_core::time::{Timestamp, Window};

use super::rows::{
    Batch, CertificateRow, CheckpointRow, GrantRow, PersonRow, PolicyRow, PromptRow, RevocationRow, SessionRow, State,
    StatementRow, Wanted, Write,
};
use super::{StoreError, StoreReader, StoreWriter, Unique};

/// Reader and writer of one store in memory; clones share it.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<RwLock<Rows>>);

#[derive(Clone, Default)]
struct Rows {
    state: Option<State>,
    persons: HashMap<Subject, PersonRow>,
    agents: BTreeMap<Name, AgentRecord>,
    sessions: HashMap<String, SessionRow>,
    /// Sessions in the order they were opened, grants in the order they were given.
    opened: Vec<String>,
    granted: Vec<Digest>,
    credentials: HashMap<Digest, String>,
    grants: HashMap<Digest, GrantRow>,
    certificates: HashMap<Digest, CertificateRow>,
    keys: HashSet<Digest>,
    prompts: HashMap<Digest, PromptRow>,
    nonces: HashSet<Digest>,
    answers: HashMap<Digest, Vec<u8>>,
    statements: HashMap<Digest, StatementRow>,
    checkpoints: BTreeMap<u64, CheckpointRow>,
    entries: BTreeMap<u64, Vec<u8>>,
    places: BTreeMap<u64, Digest>,
    nodes: BTreeMap<(u8, u64), Digest>,
    policies: Vec<PolicyRow>,
    revocations: Vec<RevocationRow>,
    frozen: Option<Timestamp>,
    events: BTreeMap<u64, Vec<u8>>,
}

impl MemoryStore {
    fn rows(&self) -> RwLockReadGuard<'_, Rows> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoreReader for MemoryStore {
    fn person(&self, subject: &Subject) -> Result<Option<PersonRow>, StoreError> {
        Ok(self.rows().persons.get(subject).cloned())
    }

    fn persons(&self) -> Result<Vec<PersonRow>, StoreError> {
        Ok(self.rows().persons.values().cloned().collect())
    }

    fn agent(&self, name: &Name) -> Result<Option<AgentRecord>, StoreError> {
        Ok(self.rows().agents.get(name).cloned())
    }

    fn agents(&self) -> Result<Vec<AgentRecord>, StoreError> {
        Ok(self.rows().agents.values().cloned().collect())
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.rows().sessions.get(id).cloned())
    }

    fn session_of(&self, credential: &Digest) -> Result<Option<SessionRow>, StoreError> {
        let rows = self.rows();
        Ok(rows.credentials.get(credential).and_then(|id| rows.sessions.get(id)).cloned())
    }

    fn grant(&self, leaf: &Digest) -> Result<Option<GrantRow>, StoreError> {
        Ok(self.rows().grants.get(leaf).cloned())
    }

    fn certificate(&self, digest: &Digest) -> Result<Option<CertificateRow>, StoreError> {
        Ok(self.rows().certificates.get(digest).cloned())
    }

    fn is_key_used(&self, key: &Digest) -> Result<bool, StoreError> {
        Ok(self.rows().keys.contains(key))
    }

    fn prompt(&self, leaf: &Digest) -> Result<Option<PromptRow>, StoreError> {
        Ok(self.rows().prompts.get(leaf).cloned())
    }

    fn is_nonce_burnt(&self, nonce: &Digest) -> Result<bool, StoreError> {
        Ok(self.rows().nonces.contains(nonce))
    }

    fn answer(&self, key: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows().answers.get(key).cloned())
    }

    fn names_after(&self, kind: Unique, last: &Digest, count: u64) -> Result<Vec<Digest>, StoreError> {
        let rows = self.rows();
        let mut names: Vec<Digest> = match kind {
            Unique::Answer => rows.answers.keys().copied().collect(),
            Unique::CertifiedKey => rows.keys.iter().copied().collect(),
        };
        names.retain(|name| name > last);
        names.sort_unstable();
        names.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        Ok(names)
    }

    fn statement(&self, leaf: &Digest) -> Result<Option<StatementRow>, StoreError> {
        Ok(self.rows().statements.get(leaf).cloned())
    }

    fn checkpoint(&self, size: u64) -> Result<Option<CheckpointRow>, StoreError> {
        Ok(self.rows().checkpoints.get(&size).cloned())
    }

    fn checkpoint_after(&self, size: u64) -> Result<Option<CheckpointRow>, StoreError> {
        Ok(self.rows().checkpoints.range(size.saturating_add(1)..).next().map(|(_, row)| row.clone()))
    }

    fn newest_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError> {
        Ok(self.rows().checkpoints.last_key_value().map(|(_, row)| row.clone()))
    }

    fn entries(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(page(&self.rows().entries, start, count))
    }

    fn leaves(&self, start: u64, count: u64) -> Result<Vec<Digest>, StoreError> {
        Ok(page(&self.rows().places, start, count))
    }

    fn nodes(&self, level: u8, start: u64, count: u64) -> Result<Vec<Digest>, StoreError> {
        let range = (level, start)..(level, start.saturating_add(count));
        Ok(self.rows().nodes.range(range).map(|(_, hash)| *hash).collect())
    }

    fn revocations(&self) -> Result<Vec<RevocationRow>, StoreError> {
        Ok(self.rows().revocations.clone())
    }

    fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        Ok(self.rows().policies.clone())
    }

    fn sessions(&self, wanted: &Wanted) -> Result<Vec<(u64, SessionRow)>, StoreError> {
        let rows = self.rows();
        let newest = rows.opened.iter().filter_map(|id| rows.sessions.get(id));
        Ok(chosen(newest, wanted, |row| (row.agent.as_ref().map(|agent| &agent.name), &row.sponsor, row.window)))
    }

    fn grants(&self, wanted: &Wanted) -> Result<Vec<(u64, GrantRow)>, StoreError> {
        let rows = self.rows();
        let newest = rows.granted.iter().filter_map(|leaf| rows.grants.get(leaf));
        Ok(chosen(newest, wanted, |row| (Some(&row.agent.name), &row.sponsor, row.window)))
    }

    fn frozen(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.rows().frozen)
    }

    fn events(&self, start: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(page(&self.rows().events, start, count))
    }
}

fn page<T: Clone>(rows: &BTreeMap<u64, T>, start: u64, count: u64) -> Vec<T> {
    rows.range(start..start.saturating_add(count)).map(|(_, row)| row.clone()).collect()
}

impl StoreWriter for MemoryStore {
    fn load(&mut self) -> Result<Option<State>, StoreError> {
        Ok(self.rows().state.clone())
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let mut rows = self.rows().clone();
        for write in &batch.writes {
            rows.write(write)?;
        }
        rows.state = Some(batch.state.clone());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = rows;
        Ok(())
    }
}

impl Rows {
    fn write(&mut self, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Acceptance { prompt, session, nonce } => {
                first(self.nonces.insert(*nonce))?;
                self.session(session)?.prompt = Some(*prompt);
                Ok(())
            }
            Write::Agent(row) => first(self.agents.insert(row.name.clone(), row.clone()).is_none()),
            Write::Answer(row) => first(self.answers.insert(row.key, row.document.clone()).is_none()),
            Write::Certificate(row) => {
                first(self.keys.insert(row.key))?;
                self.session(&row.session)?;
                first(self.certificates.insert(row.digest, row.clone()).is_none())
            }
            Write::Checkpoint(row) => first(self.checkpoints.insert(row.size, row.clone()).is_none()),
            Write::Entry(row) => {
                first(self.places.insert(row.index, row.leaf).is_none())?;
                first(self.entries.insert(row.index, row.body.clone()).is_none())
            }
            Write::Event(row) => first(self.events.insert(row.number, row.document.clone()).is_none()),
            Write::Freeze { at } => first(self.frozen.replace(*at).is_none()),
            Write::Grant(row) => {
                self.granted.push(row.leaf);
                first(self.grants.insert(row.leaf, row.clone()).is_none())
            }
            Write::Node(node) => first(self.nodes.insert((node.level, node.index), node.hash).is_none()),
            Write::Person(row) => first(self.persons.insert(row.subject.clone(), row.clone()).is_none()),
            Write::Policy(row) => {
                self.policies.push(*row);
                Ok(())
            }
            Write::Prompt(row) => first(self.prompts.insert(row.leaf, row.clone()).is_none()),
            Write::Redemption { grant, session } => self.redeem(grant, session),
            Write::Revocation(row) => {
                first(self.revocations.iter().all(|known| known.leaf != row.leaf))?;
                self.revocations.push(row.clone());
                Ok(())
            }
            Write::Session(row) => {
                self.opened.push(row.id.clone());
                first(self.credentials.insert(row.credential, row.id.clone()).is_none())?;
                first(self.sessions.insert(row.id.clone(), row.clone()).is_none())
            }
            Write::SessionEnd { session, at } => {
                self.session(session)?.window.end = *at;
                Ok(())
            }
            Write::Statement(row) => first(self.statements.insert(row.leaf, row.clone()).is_none()),
        }
    }

    fn session(&mut self, id: &str) -> Result<&mut SessionRow, StoreError> {
        self.sessions.get_mut(id).ok_or(StoreError::Conflict)
    }

    fn redeem(&mut self, grant: &Digest, session: &str) -> Result<(), StoreError> {
        self.session(session)?;
        let row = self.grants.get_mut(grant).ok_or(StoreError::Conflict)?;
        if row.redeemed.is_some() {
            return Err(StoreError::Conflict);
        }
        row.redeemed = Some(session.to_owned());
        Ok(())
    }
}

const fn first(is_first: bool) -> Result<(), StoreError> {
    if is_first { Ok(()) } else { Err(StoreError::Conflict) }
}

/// The wanted ones of rows in their order, each with its number from 1, last first.
fn chosen<'a, T: Clone + 'a>(
    rows: impl Iterator<Item = &'a T>,
    wanted: &Wanted,
    about: impl Fn(&'a T) -> (Option<&'a Name>, &'a Subject, Window),
) -> Vec<(u64, T)> {
    let is_wanted = |number: u64, row: &'a T| {
        let (agent, sponsor, window) = about(row);
        wanted.before.is_none_or(|before| number < before)
            && wanted.agent.as_ref().is_none_or(|wanted| agent == Some(wanted))
            && wanted.sponsor.as_ref().is_none_or(|wanted| sponsor == wanted)
            && wanted.at.is_none_or(|at| window.contains(at))
    };
    let mut found: Vec<(u64, T)> = (1..)
        .zip(rows)
        .filter(|(number, row)| is_wanted(*number, row))
        .map(|(number, row)| (number, row.clone()))
        .collect();
    found.reverse();
    found.truncate(usize::try_from(wanted.count).unwrap_or(usize::MAX));
    found
}

#[cfg(test)]
impl MemoryStore {
    /// A copy that shares nothing: a backup.
    pub(crate) fn copied(&self) -> Self {
        Self(Arc::new(RwLock::new(self.rows().clone())))
    }

    /// A row that is lost.
    pub(crate) fn forget_revocations(&self) {
        self.0.write().unwrap().revocations.clear();
    }

    /// What an older copy of the store would not know.
    pub(crate) fn forget_checkpoints(&self) {
        self.0.write().unwrap().checkpoints.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;
    use crate::store::contract;

    #[test]
    fn keeps_the_contract_of_every_store() {
        let store = MemoryStore::default();
        contract::check(&store, &mut store.clone()).unwrap();
    }
}
