use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn everything() -> Sources {
    Sources {
        flag: Some("/flag".into()),
        variable: Some("/variable".into()),
        program: Some("chancery".into()),
        state: Some("/state".into()),
        user: Some("/user".into()),
        current: "/here".into(),
    }
}

fn resolved(sources: Sources) -> PathBuf {
    Home::resolve(sources).unwrap().path().to_path_buf()
}

#[test]
fn the_flag_wins_then_the_variable_then_the_state_folder() {
    let mut sources = everything();
    assert_eq!(resolved(sources.clone()), Path::new("/flag"));
    sources.flag = None;
    assert_eq!(resolved(sources.clone()), Path::new("/variable"));
    sources.variable = None;
    assert_eq!(resolved(sources.clone()), Path::new("/state/chancery"));
    sources.state = None;
    assert_eq!(resolved(sources), Path::new("/user/.local/state/chancery"));
}

#[test]
fn a_relative_flag_is_taken_from_the_current_folder() {
    assert_eq!(resolved(Sources { flag: Some("state".into()), ..everything() }), Path::new("/here/state"));
}

#[test]
fn empty_variables_and_a_relative_state_folder_count_as_unset() {
    let sources = Sources { flag: None, variable: Some("".into()), state: Some("state".into()), ..everything() };
    assert_eq!(resolved(sources), Path::new("/user/.local/state/chancery"));
}

#[test]
fn the_link_that_git_calls_names_its_home() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    let link = folder.path().join("bin/gitsign-hook");
    symlink("/bin/true", &link).unwrap();
    let sources = Sources { flag: None, variable: None, program: Some(link.into()), ..everything() };
    assert_eq!(resolved(sources), folder.path());
}

#[test]
fn an_installed_program_that_is_no_link_names_no_home() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    let program = folder.path().join("bin/gitsign-hook");
    fs::write(&program, "").unwrap();
    let sources = Sources { flag: None, variable: None, program: Some(program.into()), ..everything() };
    assert_eq!(resolved(sources), Path::new("/state/chancery"));
}

#[test]
fn fails_where_nothing_names_a_home() {
    assert!(matches!(Home::resolve(Sources::default()), Err(WireError::HomeUnknown)));
    let relative = Sources { user: Some("me".into()), ..Sources::default() };
    assert!(matches!(Home::resolve(relative), Err(WireError::HomeUnknown)));
}

#[test]
fn refuses_a_home_that_others_may_write_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let home = Home(folder.path().to_path_buf());
    assert!(matches!(home.ensure(), Err(WireError::HomeUnsafe { .. })));
}

#[test]
fn a_folder_that_everybody_shares_is_no_home_and_not_to_be_taken_from_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    let shared = Home(folder.path().to_path_buf()).ensure().unwrap_err();
    assert_eq!(shared.code(), "agent.cache_peer");
    assert!(shared.help().contains("another --home") && !shared.help().contains("0700"));
    assert!(Home(folder.path().join("own")).ensure().is_ok());
}

#[test]
fn makes_the_home_for_this_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home(folder.path().join("a/b"));
    home.ensure().unwrap();
    assert_eq!(fs::metadata(home.path()).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_home_is_named_in_what_starts_its_engine_as_a_shell_takes_it() {
    let command = |home: &str| Home(PathBuf::from(home)).serve_command();
    assert_eq!(command("/tmp/state"), "chancery --home /tmp/state serve");
    assert_eq!(command("/tmp/my state"), "chancery --home '/tmp/my state' serve");
    assert_eq!(command("/tmp/o'clock"), r"chancery --home '/tmp/o'\''clock' serve");
    let platforms = Sources { program: None, flag: None, variable: None, ..Sources::of_process(None) };
    assert_eq!(Home::resolve(platforms).unwrap().serve_command(), "chancery serve");
}
