use super::*;

fn here(folder: &Path) -> Surroundings {
    Surroundings { current: folder.to_path_buf(), ..Surroundings::default() }
}

#[test]
fn the_repository_is_that_of_the_current_folder_unless_git_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(here(folder.path()).directory().unwrap(), folder.path());
    let told = Surroundings { git_dir: Some("sub/.git".into()), ..here(folder.path()) };
    assert_eq!(told.directory().unwrap(), folder.path().join("sub/.git"));
}

#[test]
fn refuses_objects_and_refs_of_another_place() {
    let redirected = Surroundings { redirected: Some("GIT_OBJECT_DIRECTORY"), ..here(Path::new("/")) };
    assert_eq!(redirected.directory().unwrap_err().code(), "hook.env_inconsistent");
}

#[test]
fn refuses_a_work_tree_that_the_current_folder_is_not_in() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let foreign = Surroundings { work_tree: Some(other.path().into()), ..here(folder.path()) };
    assert_eq!(foreign.directory().unwrap_err().code(), "hook.env_inconsistent");
    let absent = Surroundings { work_tree: Some("/nowhere".into()), ..here(folder.path()) };
    assert_eq!(absent.directory().unwrap_err().code(), "hook.env_inconsistent");
    let own = Surroundings { work_tree: Some(".".into()), ..here(&std::fs::canonicalize(folder.path()).unwrap()) };
    assert!(own.directory().is_ok());
}

#[test]
fn an_object_over_the_limit_is_refused_with_bounded_memory() {
    let error = read_object(&mut io::repeat(b'x')).unwrap_err();
    assert_eq!(error.code(), "limit.object_size");
}
