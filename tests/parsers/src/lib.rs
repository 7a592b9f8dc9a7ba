//! Every parser of the product behind one signature, with what must hold of whatever it takes: no input makes it panic,
//! and where a form has one spelling, writing what was read gives the same bytes again.
//!
//! The suite feeds them honest objects and altered ones; `tests/fuzz/run` feeds them what coverage suggests.

mod documents;
mod git;
mod log;
mod names;
mod signatures;
mod wire;

/// A parser under test.
#[derive(Clone, Copy)]
pub struct Parser {
    /// Its name on the command line.
    pub name: &'static str,
    /// Whether it takes the bytes. Panics where what it took does not have the properties it promises.
    pub takes: fn(&[u8]) -> bool,
}

/// All of them.
pub const PARSERS: &[&[Parser]] =
    &[signatures::PARSERS, documents::PARSERS, names::PARSERS, git::PARSERS, log::PARSERS, wire::PARSERS];

/// All of them, one after the other.
pub fn parsers() -> impl Iterator<Item = &'static Parser> {
    PARSERS.iter().copied().flatten()
}

/// The parser of this name.
pub fn parser(name: &str) -> Option<&'static Parser> {
    parsers().find(|parser| parser.name == name)
}

/// What was read, if it was; `write` must give the bytes back.
fn same_again<T, E, W: AsRef<[u8]>>(bytes: &[u8], read: Result<T, E>, write: impl FnOnce(&T) -> W) -> bool {
    let Ok(value) = read else { return false };
    assert!(write(&value).as_ref() == bytes, "what was taken is written in other bytes");
    true
}

/// Whether the bytes are text that `takes` takes.
fn as_text(bytes: &[u8], takes: impl FnOnce(&str) -> bool) -> bool {
    std::str::from_utf8(bytes).is_ok_and(takes)
}
