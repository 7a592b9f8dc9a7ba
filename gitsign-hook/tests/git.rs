//! The hook as git calls it: the real git, the real program, a broker that answers what the test says.

#[path = "../src/check/forge.rs"]
mod forge;
#[path = "git/install.rs"]
mod install;
#[path = "git/protocol.rs"]
mod protocol;
#[path = "git/world.rs"]
mod world;
