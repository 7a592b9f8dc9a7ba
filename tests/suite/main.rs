//! The hermetic suite: one binary, a fixed clock, worlds of their own, no network beyond loopback.

mod anchors;
mod artifacts;
mod commits;
mod cosignatures;
mod every_bit;
mod foreign_time;
mod git_protocol;
mod history;
mod judges;
mod oracles;
mod parsers;
mod prompts;
mod reasons;
mod reencodings;
mod revocations;
mod rotation;
mod scopes;
mod side_doors;
mod signed_elsewhere;
mod steps;
mod tidy;
