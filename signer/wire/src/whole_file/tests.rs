use super::*;

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_takes_the_place_of_the_one_before_and_leaves_no_draft() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(draft(&path), b"left behind").unwrap();
    replace(&path, b"one").unwrap();
    replace(&path, b"two").unwrap();
    assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"two".to_vec(), vec!["file".to_owned()]));
}

#[test]
fn a_secret_that_is_there_is_never_replaced_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    make(&path, b"one").unwrap();
    assert_eq!(make(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!((fs::read(&path).unwrap(), names(folder.path())), (b"one".to_vec(), vec!["secret".to_owned()]));
}

#[test]
fn a_file_that_cannot_be_written_to_its_end_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let full = |_: &Path| Err(io::Error::from(io::ErrorKind::StorageFull));
    assert_eq!(drafted(&path, b"one", full).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(names(folder.path()).is_empty());
}
