//! Obtains certificates and countersignatures from the engine over HTTP.

pub mod credential;
pub mod engine;
pub mod error;
pub mod log_reader;
mod near;
mod transport;
mod whole;

pub use credential::Credential;
pub use engine::Engine;
pub use error::ClientError;
pub use log_reader::LogReader;
