use super::*;

fn read(text: &[u8]) -> Result<UserFile, Code> {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let file = UserFile::read(home.path()).map_err(|error| error.code())?;
    let named = file.elsewhere.as_ref().and_then(|table| table.ca.as_ref());
    assert!(named.is_none_or(|ca| *ca == home.path().join("ca.pem") || ca.starts_with("/etc")), "{named:?}");
    Ok(file)
}

#[test]
fn an_engine_and_a_sigstore_are_named_each_or_both() {
    assert_eq!(read(b"engine = \"http://127.0.0.1:1\"\n").unwrap().engine.unwrap(), "http://127.0.0.1:1");
    let both = read(b"engine = \"x\"\n[elsewhere]\nsigning_config = \"public\"\nca = \"ca.pem\"\n").unwrap();
    assert_eq!(both.elsewhere.unwrap().signing_config, Some(PathBuf::from("public")));
    assert!(read(b"[elsewhere]\nca = \"/etc/ca.pem\"\n").unwrap().engine.is_none());
    assert!(read(b"").unwrap().elsewhere.is_none());
    assert!(UserFile::read(Path::new("/nowhere")).unwrap().engine.is_none());
}

#[test]
fn a_file_that_makes_no_sense_is_what_is_to_be_mended() {
    let home = tempfile::tempdir().unwrap();
    for text in [&b"engine = "[..], b"\xff"] {
        std::fs::write(home.path().join("config.toml"), text).unwrap();
        assert!(UserFile::read(home.path()).unwrap_err().help().starts_with("Mend the file"));
    }
}

#[test]
fn nothing_else_is() {
    let long = [b"# ".as_slice(), &b"x".repeat(MAX_BYTES)].concat();
    let texts: [&[u8]; 6] =
        [b"engine = 1", b"[elsewhere]\ntoken = \"x\"", b"more = 1", b"engine = \"a\"\nengine = \"b\"", b"\xff", &long];
    for text in texts {
        assert_eq!(read(text).map(drop), Err(Code::Usage));
    }
}

#[test]
fn an_engine_is_named_before_what_the_file_says_and_taken_back_whole() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    for before in [None, Some("[elsewhere]\nca = \"/etc/ca.pem\"\n")] {
        if let Some(text) = before {
            std::fs::write(&file, text).unwrap();
        }
        let stood = UserFile::name_engine(home.path(), "http://127.0.0.1:1").unwrap();
        let named = UserFile::read(home.path()).unwrap();
        assert_eq!(named.engine.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(named.elsewhere.is_some(), before.is_some());
        stood.restore().unwrap();
        assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), before);
    }
}

#[test]
fn a_file_that_never_ends_is_no_text() {
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", home.path().join("config.toml")).unwrap();
    assert!(matches!(UserFile::read(home.path()), Err(UserFileError::NotText { .. })));
}
