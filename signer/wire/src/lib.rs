//! What the broker and its callers say to each other: length-framed JSON over a Unix stream socket.
//!
//! A leaf: two callers need nothing else of ours. Reason codes travel as text because the table lives in the core.

pub mod bytes;
pub mod client;
pub mod error;
pub mod escape;
pub mod frame;
pub mod home;
pub mod last_refusal;
pub mod message;
pub mod near;
pub mod seats;
pub mod secret;
pub mod secret_file;
pub mod socket;
pub mod start;
pub mod whole_file;

pub use client::Client;
pub use error::WireError;
pub use home::Home;
pub use last_refusal::LastRefusal;
pub use secret::Secret;
