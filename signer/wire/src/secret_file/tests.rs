use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, memfd_create};

use super::read;

fn file(folder: &tempfile::TempDir, text: &str, mode: u32) -> PathBuf {
    let path = folder.path().join(format!("{mode:o}"));
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

fn exposed(path: &Path) -> Option<String> {
    read(path, 4096).err().map(|error| error.code().to_owned())
}

#[test]
fn a_file_that_others_may_read_or_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o644, 0o640, 0o620, 0o604, 0o602] {
        let path = file(&folder, "own_secret\n", mode);
        assert_eq!(exposed(&path).as_deref(), Some("agent.credential_exposed"), "{mode:o}");
        assert!(read(&path, 4096).err().unwrap().help().contains("chmod 600 FILE"));
    }
}

#[test]
fn a_link_is_judged_by_the_file_it_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(file(&folder, "own_secret\n", 0o644), &link).unwrap();
    assert_eq!(exposed(&link).as_deref(), Some("agent.credential_exposed"));
}

#[test]
fn the_owners_own_file_gives_its_text_without_the_line_end() {
    let folder = tempfile::tempdir().unwrap();
    for (text, secret) in [("own_secret\n", "own_secret"), (" secret \r\n", " secret "), ("own_secret", "own_secret")] {
        for mode in [0o600, 0o400] {
            assert_eq!(read(&file(&folder, text, mode), 4096).unwrap().expose(), secret);
            fs::remove_file(folder.path().join(format!("{mode:o}"))).unwrap();
        }
    }
}

#[test]
fn a_pipe_and_a_file_without_a_name_are_nobody_elses() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(b"own_piped\n").unwrap();
    drop(writer);
    assert_eq!(read(&of_process(&reader), 4096).unwrap().expose(), "own_piped");

    let memory = memfd_create("owner", MemfdFlags::CLOEXEC).unwrap();
    let mut held = File::from(memory.try_clone().unwrap());
    held.write_all(b"own_held").unwrap();
    assert_eq!(read(&of_process(&memory), 4096).unwrap().expose(), "own_held");
}

#[test]
fn what_is_not_there_is_undetermined_and_names_the_path() {
    let missing = read(Path::new("/nowhere/owner"), 4096).err().unwrap();
    assert_eq!(missing.code(), "internal.io");
    assert!(missing.to_string().contains("/nowhere/owner"));
}

fn of_process(descriptor: &impl AsRawFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", descriptor.as_raw_fd()))
}
