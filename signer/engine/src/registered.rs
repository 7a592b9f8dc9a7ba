//! What there is to revoke: agents, grants and sessions, one by its name or many in pages, and how each stands. The owner
//! reads everything, a person what that person answers for, an agent nothing of it.

use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Name, Subject};
use signer_core::protocol::{
    AgentStanding, GrantRecord, GrantShown, Listing, MAX_LISTED, Page, SessionRecord, SessionShown, StruckBy,
};
use signer_core::reason::Code;
use signer_core::revocation::{Chain, Selector, SelectorKind, Struck};
use signer_core::time::Timestamp;

use crate::engine::Engine;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::standing::chain_of;
use crate::store::rows::{GrantRow, SessionRow, Wanted};

/// Who reads.
pub enum Reading {
    /// The owner.
    Everything,
    /// A person.
    Sponsored(Subject),
}

impl Reading {
    /// What a session may read. Fails where it is an agent's.
    pub fn of(session: &Session) -> Result<Self, Refusal> {
        match session.class() {
            ActorClass::Person => Ok(Self::Sponsored(session.subject().clone())),
            ActorClass::Agent | ActorClass::Workload => {
                Err(Refusal::new(Code::AgentCallerNotPerson, "grants and sessions are listed to people"))
            }
        }
    }

    fn may_see(&self, sponsor: &Subject) -> bool {
        match self {
            Self::Everything => true,
            Self::Sponsored(person) => person == sponsor,
        }
    }

    /// Fails where somebody else's are asked for.
    fn wanted(&self, listing: &Listing, now: Timestamp) -> Result<Wanted, Refusal> {
        let sponsor = match (self, &listing.sponsor) {
            (Self::Sponsored(person), Some(other)) if person != other => {
                return Err(Refusal::new(
                    Code::IssueUnauthorized,
                    format!("what `{other}` answers for is the owner's"),
                ));
            }
            (Self::Sponsored(person), _) => Some(person.clone()),
            (Self::Everything, named) => named.clone(),
        };
        Ok(Wanted {
            agent: listing.agent.clone(),
            sponsor,
            at: listing.live.then_some(now),
            before: listing.before,
            count: listing.count.clamp(1, MAX_LISTED),
        })
    }
}

impl Engine {
    /// An agent by its name. Fails where there is none.
    pub fn agent_named(&self, name: &Name) -> Result<AgentStanding, Refusal> {
        let unknown = || Refusal::new(Code::AgentUnknown, format!("this engine knows no agent `{name}`"));
        let agent = self.reader.agent(name)?.ok_or_else(unknown)?;
        let mut chain = Chain::default();
        chain.add_agent(&agent.name, &agent.class);
        chain.add_sponsor(&agent.sponsor);
        let selector = Selector::new(SelectorKind::Agent, name.as_str())?;
        Ok(AgentStanding { selector, struck: self.struck(&chain), agent })
    }

    /// A page of sessions.
    pub fn sessions_listed(
        &self,
        reading: &Reading,
        listing: &Listing,
        now: Timestamp,
    ) -> Result<Page<SessionRecord>, Refusal> {
        let wanted = reading.wanted(listing, now)?;
        page(self.reader.sessions(&wanted)?, &wanted, |row| self.session_record(row, now), |record| record.live)
    }

    /// A session by its id. Fails where there is none, or it is none of this reader's.
    pub fn session_named(&self, reading: &Reading, id: &str, now: Timestamp) -> Result<SessionShown, Refusal> {
        let row = self.reader.session(id)?.filter(|row| reading.may_see(&row.sponsor));
        let unknown = || Refusal::new(Code::AgentSessionUnknown, "this engine knows no such session");
        let row = row.ok_or_else(unknown)?;
        let (scope, claims, prompt) = (row.scope.clone(), row.claims.clone(), row.prompt);
        Ok(SessionShown { session: self.session_record(row, now)?, scope, claims, prompt })
    }

    /// A page of grants.
    pub fn grants_listed(
        &self,
        reading: &Reading,
        listing: &Listing,
        now: Timestamp,
    ) -> Result<Page<GrantRecord>, Refusal> {
        let wanted = reading.wanted(listing, now)?;
        page(self.reader.grants(&wanted)?, &wanted, |row| self.grant_record(row, now), |record| record.live)
    }

    /// A grant by its leaf hash. Fails where there is none, or it is none of this reader's.
    pub fn grant_named(&self, reading: &Reading, leaf: &Digest, now: Timestamp) -> Result<GrantShown, Refusal> {
        let row = self.reader.grant(leaf)?.filter(|row| reading.may_see(&row.sponsor));
        let row = row.ok_or_else(|| Refusal::new(Code::IssueGrantUnknown, "this engine knows no such grant"))?;
        let (scope, depth, parents) = (row.scope.clone(), row.depth, row.parents.clone());
        Ok(GrantShown { grant: self.grant_record(row, now)?, scope, depth, parents })
    }

    fn session_record(&self, row: SessionRow, now: Timestamp) -> Result<SessionRecord, Refusal> {
        let struck = self.struck(&chain_of(&row, &self.hops(&row.grants)?));
        Ok(SessionRecord {
            selector: Selector::new(SelectorKind::Session, row.id.as_str())?,
            live: struck.is_none() && row.window.contains(now),
            session: row.id,
            subject: row.subject,
            agent: row.agent.map(|agent| agent.name),
            sponsor: row.sponsor,
            custody: row.custody,
            grants: row.grants,
            opened: row.window.start,
            expires: row.window.end,
            struck,
        })
    }

    fn grant_record(&self, row: GrantRow, now: Timestamp) -> Result<GrantRecord, Refusal> {
        let mut chain = Chain::default();
        chain.add_agent(&row.agent.name, &row.agent.class);
        chain.add_sponsor(&row.sponsor);
        for hop in self.hops(&row.parents)?.iter().chain(&self.hops(&[row.leaf])?) {
            chain.add_hop(hop);
        }
        let struck = self.struck(&chain);
        Ok(GrantRecord {
            selector: Selector::digest(SelectorKind::Grant, &row.leaf),
            grant: row.leaf,
            actor: row.actor,
            agent: row.agent.name,
            sponsor: row.sponsor,
            start: row.window.start,
            end: row.window.end,
            redeemed: row.redeemed,
            live: struck.is_none() && row.window.contains(now),
            struck,
        })
    }

    fn struck(&self, chain: &Chain) -> Option<StruckBy> {
        let Struck { selector, action, cause, .. } = self.standing.check(chain).err()?;
        Some(StruckBy { selector, action, cause })
    }
}

/// The page that was found. Of what the store takes for live, whatever rests on something held or revoked is not.
fn page<R, T>(
    found: Vec<(u64, R)>,
    wanted: &Wanted,
    record: impl Fn(R) -> Result<T, Refusal>,
    is_live: impl Fn(&T) -> bool,
) -> Result<Page<T>, Refusal> {
    let is_full = u64::try_from(found.len()).is_ok_and(|count| count >= wanted.count);
    let next = found.last().filter(|_| is_full).map(|(number, _)| *number);
    let mut rows = found.into_iter().map(|(_, row)| record(row)).collect::<Result<Vec<_>, _>>()?;
    if wanted.at.is_some() {
        rows.retain(is_live);
    }
    Ok(Page { rows, next })
}

#[cfg(test)]
mod tests;
