//! Holds session keys where the agent works, knows its callers, and signs for them.
//!
//! Keys exist in this process's memory alone. Who a caller is comes from the kernel and from handles this process gave
//! out, never from what a request says. Whether a signature is allowed is the engine's decision.

mod broker;
mod caller;
mod checkpoint_memory;
mod clock;
mod connections;
mod engine_address;
mod engine_trust;
mod error;
mod evidence;
mod git_object;
mod governed_memory;
mod grant_memory;
mod identity;
mod inherited;
mod keeper;
mod lifecycle;
mod lookout;
mod made;
mod person;
mod process;
mod repository_memory;
pub mod serve;
mod session;
mod shield;
mod sign_git;
mod sign_statement;
mod terminal;

pub use broker::Broker;
pub use error::BrokerError;
