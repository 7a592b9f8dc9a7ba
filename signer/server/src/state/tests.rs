//! The state directory: private, never overwritten, written whole.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use signer_core::reason::{Code, Coded as _};

use super::{ENGINE, StateDirectory, StateError, write_new};

fn code<T>(outcome: Result<T, StateError>) -> Code {
    outcome.err().expect("a refusal").code()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn makes_a_private_directory_with_private_files() {
    let parent = tempfile::tempdir().unwrap();
    let state = StateDirectory::create(&parent.path().join("a/b")).unwrap();
    state.write(ENGINE, b"{}").unwrap();
    drop(state.append("server.log").unwrap());
    assert_eq!(mode(state.path()), 0o700);
    assert_eq!((mode(&state.file(ENGINE)), mode(&state.file("server.log"))), (0o600, 0o600));
}

#[test]
fn refuses_to_make_what_is_not_empty() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("anything"), b"x").unwrap();
    assert_eq!(code(StateDirectory::create(parent.path())), Code::EngineExists);
    assert_eq!(fs::read(parent.path().join("anything")).unwrap(), b"x");
}

#[test]
fn refuses_a_directory_that_others_may_enter() {
    for mode in [0o755, 0o710, 0o701, 0o770] {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), Permissions::from_mode(mode)).unwrap();
        assert_eq!(code(StateDirectory::open(parent.path())), Code::EnginePermissions, "{mode:o}");
    }
}

#[test]
fn closes_an_empty_directory_to_others() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
    StateDirectory::create(parent.path()).unwrap();
    assert_eq!(mode(parent.path()), 0o700);
}

#[test]
fn refuses_a_file_that_others_may_read_or_write() {
    for mode in [0o644, 0o640, 0o602, 0o666] {
        let parent = tempfile::tempdir().unwrap();
        let state = StateDirectory::create(parent.path()).unwrap();
        state.write(ENGINE, b"{}").unwrap();
        fs::set_permissions(state.file(ENGINE), Permissions::from_mode(mode)).unwrap();
        assert_eq!(code(StateDirectory::open(parent.path())), Code::EnginePermissions, "{mode:o}");
    }
}

#[test]
fn refuses_links_to_files_elsewhere() {
    let (parent, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = elsewhere.path().join("keys");
    write_new(&target, b"x").unwrap();
    symlink(&target, parent.path().join("keys.sealed")).unwrap();
    assert_eq!(code(StateDirectory::open(parent.path())), Code::EnginePermissions);
}

#[test]
fn replaces_a_file_whole_and_leaves_no_draft() {
    let parent = tempfile::tempdir().unwrap();
    let state = StateDirectory::create(parent.path()).unwrap();
    // What a crash may have left.
    fs::write(state.file(".engine.json.new"), b"half").unwrap();
    state.write(ENGINE, b"first").unwrap();
    state.write(ENGINE, b"2nd").unwrap();
    assert_eq!(state.read(ENGINE, 64).unwrap(), b"2nd");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn refuses_a_file_over_its_limit() {
    let parent = tempfile::tempdir().unwrap();
    let state = StateDirectory::create(parent.path()).unwrap();
    state.write(ENGINE, b"12345").unwrap();
    assert_eq!(state.read(ENGINE, 5).unwrap(), b"12345");
    assert_eq!(code(state.read(ENGINE, 4)), Code::EngineState);
}

#[test]
fn names_a_file_that_is_absent() {
    let parent = tempfile::tempdir().unwrap();
    let state = StateDirectory::create(parent.path()).unwrap();
    assert!(matches!(state.read(ENGINE, 5), Err(StateError::Absent { file: ENGINE })));
    state.remove(ENGINE).unwrap();
}

#[test]
fn refuses_a_directory_that_is_not_there() {
    assert_eq!(code(StateDirectory::open(Path::new("/nonexistent/state"))), Code::InternalIo);
}

#[test]
fn writes_a_secret_into_a_new_file_only() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("owner");
    write_new(&path, b"first").unwrap();
    assert_eq!(code(write_new(&path, b"second")), Code::EngineExists);
    assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"first".to_vec(), 0o600));
}
