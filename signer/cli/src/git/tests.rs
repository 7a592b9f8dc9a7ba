use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::*;

const DROPPED: &str = "error: gpg failed to sign the data\nfatal: failed to write commit object\n";

fn kept(time: u64) -> LastRefusal {
    LastRefusal { code: "scope.target".into(), message: "no".into(), help: "ask".into(), time }
}

/// The code of a git that failed with these words.
fn code(said: &str, kept: Option<LastRefusal>) -> Code {
    let output = Output { status: ExitStatus::from_raw(128 << 8), stdout: Vec::new(), stderr: said.into() };
    checked(&output, || kept).unwrap_err().reasons.first().unwrap().code
}

#[test]
fn words_that_git_dropped_are_found_in_the_home() {
    assert_eq!(code(DROPPED, Some(kept(1))), Code::ScopeTarget);
    assert_eq!(code(DROPPED, None), Code::InternalIo);
    assert_eq!(code(DROPPED, Some(LastRefusal { code: "none.such".into(), ..kept(1) })), Code::InternalIo);
}

#[test]
fn words_that_git_passed_on_count_before_what_was_kept() {
    let said = format!("error[policy.denied]: no\nhelp: ask\n{DROPPED}");
    assert_eq!(code(&said, Some(kept(1))), Code::PolicyDenied);
}

#[test]
fn another_failure_of_git_is_not_the_hooks() {
    assert_eq!(code("fatal: not a git repository\n", Some(kept(1))), Code::InternalIo);
}

#[test]
fn what_was_kept_before_this_git_is_another_ones() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::of_process(Some(folder.path().to_path_buf())).unwrap();
    kept(1000).keep(&home).unwrap();
    let mut git = Command::new("git");
    assert_eq!(kept_since(0, &git), None, "no home was told");
    git.env("CHANCERY_HOME", folder.path());
    assert_eq!(kept_since(1000, &git), Some(kept(1000)));
    assert_eq!(kept_since(1001, &git), None);
}
