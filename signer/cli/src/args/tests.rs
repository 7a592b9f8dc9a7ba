use clap::CommandFactory as _;
use signer_core::reason::Code;

use super::Cli;

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The word of a command line that no command answers to.
fn unknown(line: &str) -> Option<&str> {
    let mut command = Cli::command();
    for word in line.split(' ').skip(1) {
        match command.find_subcommand(word) {
            Some(below) => command = below.clone(),
            None if command.has_subcommands() => return Some(word),
            None => return None,
        }
    }
    None
}

#[test]
fn every_command_that_help_names_is_there() {
    let lines = Code::ALL.iter().flat_map(|code| quoted(code.help()).filter(|line| line.starts_with("chancery ")));
    let missing: Vec<_> = lines.filter_map(|line| Some((line, unknown(line)?))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(unknown("chancery policy explain"), Some("explain"));
}

#[test]
fn definitions_hold_together() {
    Cli::command().debug_assert();
}
