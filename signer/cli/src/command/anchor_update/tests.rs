use super::*;

#[test]
fn a_policy_is_made_of_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    std::fs::write(folder.path().join("a/b.cedar"), "text").unwrap();
    let mut files = Vec::new();
    collect(folder.path(), "", &mut files).unwrap();
    assert_eq!(files, [("a/b.cedar".to_owned(), b"text".to_vec())]);
    std::os::unix::fs::symlink("b.cedar", folder.path().join("a/link.cedar")).unwrap();
    let refused = collect(folder.path(), "", &mut files).unwrap_err();
    assert_eq!(refused.reasons.first().unwrap().code, Code::PolicyMalformed);
}
