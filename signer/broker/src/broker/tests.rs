//! Whole requests against an engine that answers what the test wants, in repositories made by the real git.

mod fake_engine;
mod git;
mod lifecycle;
mod statements;
mod world;
