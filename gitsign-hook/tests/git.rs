//! The hook as git calls it: the real git, the real program, a broker that answers what the test says.

#[cfg(test)]
#[path = "git/elsewhere.rs"]
mod elsewhere;
#[cfg(test)]
#[path = "../src/check/forge.rs"]
mod forge;
#[cfg(test)]
#[path = "git/install.rs"]
mod install;
#[cfg(test)]
#[path = "git/protocol.rs"]
mod protocol;
#[cfg(test)]
#[path = "git/world.rs"]
mod world;
