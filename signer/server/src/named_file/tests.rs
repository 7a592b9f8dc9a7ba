//! Whatever a file holds, no more of it is read than may be.

use super::*;

#[test]
fn gives_what_fits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for held in ["", "four"] {
        std::fs::write(&path, held).unwrap();
        assert_eq!(text(&path, 4).unwrap(), held);
    }
}

#[test]
fn refuses_a_byte_too_many_and_a_file_without_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "four!").unwrap();
    for (path, most) in [(path.as_path(), 4), (Path::new("/dev/zero"), 65_536)] {
        let error = bytes(path, most).unwrap_err();
        assert!(matches!(error, FileError::TooLarge { .. }), "{error}");
        assert_eq!(error.code_or(Code::TimeAuthorities), Code::TimeAuthorities);
    }
}

#[test]
fn refuses_what_is_not_there_or_not_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert_eq!(bytes(&path, 4).unwrap_err().code_or(Code::TimeAuthorities), Code::InternalIo);
    assert_eq!(bytes(folder.path(), 4).unwrap_err().code_or(Code::TimeAuthorities), Code::InternalIo);
    std::fs::write(&path, [0xff]).unwrap();
    assert!(matches!(text(&path, 4), Err(FileError::Text { .. })));
    assert_eq!(bytes(&path, 4).unwrap(), [0xff]);
}
