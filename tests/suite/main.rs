//! The hermetic suite: one binary, a fixed clock, worlds of their own, no network beyond loopback.

mod commits;
mod tidy;
