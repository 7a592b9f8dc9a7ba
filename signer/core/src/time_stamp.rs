//! RFC 3161: what a plain time authority is asked, and what it answers; and how we ask somebody else's.
//!
//! A request is read strictly; whatever the authority does not do is refused with the failure that the RFC has for it.
//! Answers are under the plain policy `.5.0` alone, whatever the request names (docs/formats.md F12).

mod asked;
mod fields;
mod query;
mod reply;

pub(crate) use fields::TstFields;

pub use asked::{Asked, MAX_REPLY, ReplyError};
pub use query::{Query, Rejection};
pub use reply::{grant, reject};

#[cfg(test)]
mod tests;
