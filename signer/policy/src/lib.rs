//! Whether what is true is acceptable: one Cedar policy set for certifying, delegating, countersigning and accepting
//! (docs/formats.md F6).
//!
//! Pure: files come in as bytes, facts as values, answers go out as [`signer_core::decision::Decision`]. No rule, no
//! permission; a rule that cannot be evaluated denies, although Cedar alone would skip it. Who the actor is and what
//! the change holds was established before anybody asks here.

mod actor;
mod baseline;
mod case;
mod explanation;
mod files;
mod group;
mod matter;
mod memory;
mod nesting;
mod question;
mod request;
mod rule;
mod set;
mod slice;
mod vocabulary;

pub use actor::Actor;
pub use case::{Case, CaseError, Expected, Mismatch};
pub use explanation::{Answer, Explanation, Failure};
pub use files::{MAX_BYTES, MAX_FILES, MAX_RULES, PolicyError};
pub use group::{Group, GroupError};
pub use matter::{ChangeFacts, ChangeKind, Matter, ScopeFacts};
pub use question::{AcceptContext, Action, GrantFacts, Question, SelectorKind};
pub use rule::{Effect, Rule, RuleError};
pub use set::PolicySet;
