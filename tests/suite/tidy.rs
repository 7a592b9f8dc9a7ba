//! The shape of the project, held by tests: who may depend on whom, where evidence is made, how files look.

mod bans;
mod dependencies;
mod evidence;
mod shape;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace exists")
}

/// Files git tracks, as path and text; files that are not text are left out.
fn tracked(suffix: &str) -> Vec<(String, String)> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().expect("git runs");
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    let files: Vec<_> = names
        .split_terminator('\0')
        .filter(|name| name.ends_with(suffix))
        .filter_map(|name| Some((name.to_owned(), std::fs::read_to_string(root().join(name)).ok()?)))
        .collect();
    assert!(!files.is_empty(), "no tracked file ends in `{suffix}`");
    files
}

/// Rust sources that ship: not tests, not the suite.
fn sources() -> Vec<(String, String)> {
    tracked(".rs").into_iter().filter(|(name, _)| !is_test(name)).collect()
}

fn is_test(name: &str) -> bool {
    name.starts_with("tests/") || name.ends_with("/tests.rs") || name.contains("/tests/") || name.contains("/src/forge")
}
