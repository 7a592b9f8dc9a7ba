//! Obtains certificates and countersignatures from the engine over HTTP.

pub mod credential;
pub mod engine;
pub mod error;
mod transport;

pub use credential::Credential;
pub use engine::Engine;
pub use error::ClientError;
