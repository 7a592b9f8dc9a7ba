use super::*;

#[test]
fn a_file_within_the_limit_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for length in [0, 1, 7, 8] {
        std::fs::write(&path, vec![b'x'; length]).unwrap();
        assert_eq!(read(&path, 8).unwrap().len(), length);
    }
}

#[test]
fn what_is_too_large_or_endless_shows_one_byte_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, vec![b'x'; 10_000]).unwrap();
    assert_eq!(read(&path, 8).unwrap().len(), 9);
    assert_eq!(read(Path::new("/dev/zero"), 8).unwrap().len(), 9);
}

#[test]
fn an_absent_file_and_a_folder_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read(&folder.path().join("absent"), 8).is_err());
    assert!(read(folder.path(), 8).is_err());
}
