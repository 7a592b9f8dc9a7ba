use super::*;

fn parsed(words: &str) -> Result<Command, UsageError> {
    parse(words.split_whitespace().map(OsString::from))
}

fn sign(status: Option<u32>) -> Command {
    Command::Sign { status, home: None }
}

#[test]
fn reads_what_git_calls_to_sign() {
    // The key is one argument even where it holds spaces.
    let git = ["--status-fd=2", "-bsau", "Alice <alice@example.org>"].map(OsString::from);
    assert_eq!(parse(git.into_iter()), Ok(sign(Some(2))));
    assert_eq!(parsed("--status-fd 3 --detach-sign --armor --local-user k"), Ok(sign(Some(3))));
    assert_eq!(parsed("--sign -b --armor --local-user=k"), Ok(sign(None)));
    assert_eq!(parsed("-bsaukey"), Ok(sign(None)));
}

#[test]
fn reads_what_git_calls_to_verify() {
    let wanted = Command::Verify { status: Some(1), signature: "/tmp/.git_vtag".into(), home: None };
    assert_eq!(parsed("--status-fd=1 --verify /tmp/.git_vtag -"), Ok(wanted));
}

#[test]
fn reads_the_commands_for_people() {
    let place = Place { global: true, way: Way::Engine, home: Some("/h".into()), json: true };
    assert_eq!(parsed("install --global --home /h --json"), Ok(Command::Install(place)));
    let elsewhere = Place { way: Way::Elsewhere, ..Place::default() };
    assert_eq!(parsed("install --elsewhere"), Ok(Command::Install(elsewhere)));
    assert_eq!(parsed("uninstall"), Ok(Command::Uninstall(Place::default())));
    assert_eq!(parsed("status --home=/h"), Ok(Command::Status(Place { home: Some("/h".into()), ..Place::default() })));
    assert_eq!(parsed("--help"), Ok(Command::Help));
    assert_eq!(parsed("--version"), Ok(Command::Version));
}

#[test]
fn refuses_signatures_of_another_kind() {
    for words in ["-s", "-sau k", "-bs", "--sign", "--sign --armor"] {
        assert_eq!(parsed(words), Err(UsageError::NotDetached), "{words}");
    }
}

#[test]
fn refuses_to_do_nothing_or_both() {
    for words in ["", "--status-fd=2", "file", "-bsau k --verify f -", "-bsau k file"] {
        assert_eq!(parsed(words), Err(UsageError::Nothing), "{words}");
    }
}

#[test]
fn refuses_to_verify_without_both_files() {
    for words in ["--verify", "--verify f", "--verify - f", "--verify f - -", "--verify f g"] {
        assert_eq!(parsed(words), Err(UsageError::VerifyFiles), "{words}");
    }
}

#[test]
fn refuses_what_it_does_not_know() {
    for words in [
        "--clearsign",
        "-bsaz k",
        "-x",
        "install --force",
        "status x",
        "status --elsewhere",
        "uninstall --elsewhere",
        "install --json=1",
        "--armor=1 -bs",
    ] {
        assert!(matches!(parsed(words), Err(UsageError::Unknown { .. })), "{words}");
    }
}

#[test]
fn refuses_descriptors_that_are_none() {
    for value in ["", "0", "-1", "+2", "2x", "1025", "99999999999999999999", "0x2", " 2"] {
        let words = [format!("--status-fd={value}"), "-bsau".into(), "k".into()].map(OsString::from);
        assert!(matches!(parse(words.into_iter()), Err(UsageError::Descriptor { .. })), "`{value}`");
    }
}

#[test]
fn refuses_options_without_their_value() {
    assert_eq!(parsed("-bsau"), Err(UsageError::Value { option: "-u" }));
    assert_eq!(parsed("-bsau k --status-fd"), Err(UsageError::Value { option: "--status-fd" }));
    assert_eq!(parsed("install --home"), Err(UsageError::Value { option: "--home" }));
}

#[test]
fn arguments_that_are_not_text_are_refused_and_never_panic() {
    for bytes in [b"\xff".as_slice(), b"--\xff", b"-\xff", b"--status-fd=\xff", b"--=", b"--", b"-"] {
        assert!(parse(std::iter::once(OsString::from_vec(bytes.to_vec()))).is_err(), "{bytes:?}");
    }
}
