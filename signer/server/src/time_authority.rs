//! A clock that somebody else runs: before a signature is recorded, a foreign RFC 3161 authority stamps it
//! (docs/formats.md F15, docs/decisions/0015-a-foreign-clock-stamps-first.md).
//!
//! The authority is asked outside the ledger, within bounds, and judged as every verifier will judge it. Without a token
//! that counts nothing is recorded; with one, it is durable before the entry is, so that every repeat carries the same.

mod ask;
mod error;
mod stamped;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use signer_core::foreign_time::{ForeignAuthorities, MAX_FILE};
use signer_core::protocol::{Base64, Countersignature};
use signer_core::reason::{Code, Coded as _};
use signer_core::token::Token;
use signer_core::trust_root::TrustRoot;
use signer_engine::answer::Answer;
use signer_engine::prepared::{Prepared, Unstamped};
use signer_engine::refusal::Refusal;
use signer_outbound::{Origin, Outbound, Roots};
use tokio::sync::Semaphore;
use tokio::task;

use crate::named_file;

pub use error::TimeAuthorityError;
pub(crate) use stamped::FILE as STAMPED;

use ask::Question;
use stamped::Stamped;

/// How long one authority may take to answer.
pub const LIMIT: Duration = Duration::from_secs(5);
/// How long a request waits for a token; the gate lets a request last longer than that.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Most questions at a time; others wait for their turn.
const MOST: usize = 32;

/// The foreign authorities that an engine asks.
pub struct TimeAuthorities(Arc<Inner>);

struct Inner {
    authorities: ForeignAuthorities,
    trust: TrustRoot,
    outbound: Outbound,
    stamped: Stamped,
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// Reads the file of authorities.
pub(crate) fn read(path: &Path) -> Result<ForeignAuthorities, TimeAuthorityError> {
    Ok(ForeignAuthorities::parse(&named_file::text(path, MAX_FILE)?)?)
}

impl TimeAuthorities {
    /// Prepares to ask. Tokens are kept in `state`.
    ///
    /// Fails where an authority's address may not be asked, and where one holds a key of the engine's own trust root.
    pub(crate) fn open(
        authorities: ForeignAuthorities,
        trust: TrustRoot,
        roots: Roots,
        state: &Path,
        patience: Duration,
    ) -> Result<Self, TimeAuthorityError> {
        if let Some(own) = authorities.own(&trust) {
            return Err(TimeAuthorityError::Own { url: own.url().to_owned() });
        }
        if let Some(other) = authorities.list().iter().find(|authority| Origin::of(authority.url()).is_none()) {
            return Err(TimeAuthorityError::Address { url: other.url().to_owned() });
        }
        let (outbound, stamped) = (Outbound::new(roots, LIMIT), Stamped::open(state)?);
        let turns = Arc::new(Semaphore::new(MOST));
        Ok(Self(Arc::new(Inner { authorities, trust, outbound, stamped, turns, patience })))
    }

    /// Sees to it that what is about to be recorded has a token, if it needs one; says whether it does.
    ///
    /// Fails with `time.foreign_missing` where no authority gives one in time that counts.
    pub(crate) async fn stamp(&self, prepared: &Prepared) -> Result<bool, Refusal> {
        let Some(Unstamped { signature, window }) = prepared.unstamped() else { return Ok(false) };
        self.stamp_question(Question { signature: signature.to_vec(), window }).await.map(|()| true)
    }

    async fn stamp_question(&self, question: Question) -> Result<(), Refusal> {
        if self.0.stamped.find(&question.imprint())?.is_some() {
            return Ok(());
        }
        let asked = tokio::time::timeout(self.0.patience, self.ask(question)).await;
        asked.unwrap_or_else(|_| Err(missing(&"no time authority answered in time")))
    }

    async fn ask(&self, question: Question) -> Result<(), Refusal> {
        let inner = Arc::clone(&self.0);
        let turn = Arc::clone(&inner.turns).acquire_owned().await.map_err(|error| missing(&error))?;
        let asked = task::spawn_blocking(move || {
            let token = question.ask(&inner.authorities, &inner.outbound, &inner.trust);
            // Kept although the caller may have given up: a repeat then finds it.
            let kept = token.map(|token| inner.stamped.keep(&question.imprint(), &token));
            drop(turn);
            kept
        });
        match asked.await.map_err(|error| missing(&error))? {
            Ok(kept) => Ok(kept?),
            Err(failed) => {
                tracing::warn!(code = %failed.code(), error = %failed.reason().message, "no time authority vouches");
                Err(missing(&format_args!("{} ({})", failed.reason().message, failed.code())))
            }
        }
    }

    /// The answer with the token of its signature, if there is one. Fails where there must be.
    pub(crate) fn attach(&self, answer: Answer, is_required: bool) -> Result<Answer, Refusal> {
        Ok(match answer {
            Answer::Countersigned(given) => Answer::Countersigned(self.stamped(given, is_required)?),
            Answer::Grant(mut recorded) => {
                recorded.countersignature = self.stamped(recorded.countersignature, is_required)?;
                Answer::Grant(recorded)
            }
            other => other,
        })
    }

    fn stamped(&self, given: Countersignature, is_required: bool) -> Result<Countersignature, Refusal> {
        match self.0.stamped.find(Token::parse(&given.token.0)?.imprint())? {
            Some(token) => Ok(Countersignature { foreign: Some(Base64(token)), ..given }),
            None if is_required => Err(missing(&"the token was not kept")),
            None => Ok(given),
        }
    }
}

fn missing(why: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(Code::TimeForeignMissing, why)
}
