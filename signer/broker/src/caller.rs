//! Who asks: an agent's session, by its handle or by descent, or somebody outside every session.

use std::sync::Arc;

use signer_wire::Secret;

use crate::error::BrokerError;
use crate::process::{Process, ProcessTable};
use crate::session::{AgentSession, Sessions};

/// Who asks.
pub(crate) enum Caller {
    /// A process of an agent's session.
    Agent(Arc<AgentSession>),
    /// A process of no session.
    Outside(Outside),
}

/// A process of no session: perhaps a person's, never proven to be.
pub(crate) struct Outside {
    /// The process and those above it, nearest first.
    lineage: Vec<Process>,
}

/// Finds out by descent who asks.
pub(crate) fn descend(processes: &ProcessTable, sessions: &Sessions, pid: u32) -> Caller {
    let mut lineage = Vec::new();
    // Upwards no further than needed: the kernel takes its time for every process it is asked about.
    let found = processes.climb(pid).find_map(|process| {
        lineage.push(process);
        sessions.rooted_at(&process)
    });
    found.map_or(Caller::Outside(Outside { lineage }), Caller::Agent)
}

/// Who asks, where `found` was found by descent and presents this handle. Fails on a handle of no session, and on one that
/// a process of another session presents.
pub(crate) fn attribute(found: Caller, sessions: &Sessions, handle: Option<&Secret>) -> Result<Caller, BrokerError> {
    let Some(handle) = handle else { return Ok(found) };
    let presented = sessions.of_handle(handle).ok_or(BrokerError::SessionUnknown)?;
    match found {
        Caller::Agent(own) if !Arc::ptr_eq(&own, &presented) => {
            Err(BrokerError::ForeignHandle { actual: own.identity.session.clone() })
        }
        Caller::Agent(_) | Caller::Outside(_) => Ok(Caller::Agent(presented)),
    }
}

impl Caller {
    /// The caller as one who may act for a person. Any sign of an agent forbids it; the absence of signs proves nothing.
    pub(crate) fn outside(self, processes: &ProcessTable, pid: u32) -> Result<Outside, BrokerError> {
        let outside = match self {
            Self::Agent(session) => {
                return Err(BrokerError::CallerNotPerson { session: session.identity.session.clone() });
            }
            Self::Outside(outside) => outside,
        };
        if outside.lineage.is_empty() {
            return Err(BrokerError::CallerUnseen { pid });
        }
        if outside.lineage.iter().any(|process| processes.carries_session(process.pid)) {
            return Err(BrokerError::CallerNotPerson { session: "unknown".to_owned() });
        }
        Ok(outside)
    }
}

impl Outside {
    /// The process itself.
    pub(crate) fn process(&self) -> Option<&Process> {
        self.lineage.first()
    }
}

#[cfg(test)]
mod tests;
