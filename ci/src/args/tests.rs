//! Which words go together.

use clap::{CommandFactory as _, Parser as _};

use super::{Cli, Command};

const WORD: &str = "--trusted-root public --identity a --issuer b";

fn parsed(words: &str) -> Option<Command> {
    let words = ["chancery-ci"].into_iter().chain(words.split_whitespace());
    Cli::try_parse_from(words).ok().map(|cli| cli.command)
}

#[test]
fn definitions_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn the_words_of_other_clients_are_understood() {
    let words = "verify --sigstore --trusted-root public --certificate-identity a --certificate-identity c --certificate-oidc-issuer b";
    let Some(Command::Verify(arguments)) = parsed(words) else { panic!("refused") };
    assert_eq!((arguments.word.identity, arguments.word.issuer), (vec!["a".into(), "c".into()], vec!["b".into()]));
}

#[test]
fn what_was_signed_elsewhere_needs_the_whole_word_and_nothing_else_takes_it() {
    assert!(parsed(&format!("verify --sigstore {WORD} --all")).is_some());
    for words in [
        "verify --sigstore".to_owned(),
        "verify --sigstore --trusted-root public --identity a".to_owned(),
        "verify --sigstore --trusted-root public --issuer b".to_owned(),
        "verify --sigstore --identity a --issuer b".to_owned(),
        format!("verify {WORD}"),
        // A feed is an engine's, and would strike nothing here.
        format!("verify --sigstore {WORD} --feed file"),
        format!("gpg-verify --home /h {WORD} file -"),
    ] {
        assert!(parsed(&words).is_none(), "{words}");
    }
}

#[test]
fn git_may_ask_before_it_was_told_whose_word_counts() {
    assert!(parsed("gpg-verify --home /h --sigstore --status-fd 1 file -").is_some());
    assert!(parsed(&format!("gpg-verify --home /h --sigstore {WORD} file -")).is_some());
}
