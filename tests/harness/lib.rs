//! The hermetic world of the suite: a fixed clock, an own engine in memory, an own repository made by the real `git`,
//! and the engine's keys at hand, so that forgeries can be signed by the real authorities.
//!
//! Nothing here asks a clock, a network or this machine's configuration. Worlds share nothing, so tests run in parallel.

pub mod actor;
pub mod adoption;
pub mod checkout;
pub mod der;
pub mod draft;
pub mod office;
pub mod paper;
pub mod parts;
pub mod revocation;
pub mod rotation;
pub mod verdicts;
pub mod world;

pub use actor::{Actor, Signed};
pub use checkout::Checkout;
pub use draft::Draft;
pub use office::Office;
pub use paper::Paper;
pub use parts::Parts;
pub use world::World;
