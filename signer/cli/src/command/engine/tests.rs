use super::*;

fn told(command: &str, passed: &[&str], json: bool) -> Vec<String> {
    let passed: Vec<OsString> = passed.iter().map(OsString::from).collect();
    let told = arguments(command, &passed, Path::new("/home"), None, json);
    told.into_iter().map(|argument| argument.into_string().unwrap()).collect()
}

#[test]
fn the_engine_is_that_of_the_home_where_none_is_named() {
    assert_eq!(told("init", &[], false), ["--state", "/home/engine"]);
    assert_eq!(told("serve", &["--public-log"], false), ["--public-log", "--state", "/home/engine"]);
}

#[test]
fn an_engine_that_is_named_counts() {
    assert_eq!(told("serve", &["--state", "x"], false), ["--state", "x"]);
    assert_eq!(told("serve", &["--state=x"], false), ["--state=x"]);
    assert_eq!(told("init", &["--help"], false), ["--help"]);
}

#[test]
fn a_flag_before_the_command_means_the_same_as_after_it() {
    assert_eq!(told("serve", &["--state=x"], true), ["--state=x", "--json"]);
    assert_eq!(told("serve", &["--state=x", "--json"], true), ["--state=x", "--json"]);
    assert_eq!(told("witness", &["init"], true), ["init", "--json"]);
}

#[test]
fn the_homes_engine_listens_where_the_home_looks_for_it_unless_told() {
    let home = tempfile::tempdir().unwrap();
    let named = |line: &str| {
        std::fs::write(home.path().join("config.toml"), line).unwrap();
        address(home.path()).unwrap()
    };
    let address = named("engine = \"http://127.0.0.1:7443\"\n");
    assert_eq!(named("engine = \"http://localhost:7443/\"\n"), address);
    assert_eq!(named("engine = \"http://127.0.0.1\"\n"), None);
    assert_eq!(named(""), None);
    let served = |passed: &[&str]| {
        let passed: Vec<OsString> = passed.iter().map(OsString::from).collect();
        arguments("serve", &passed, Path::new("/home"), address, false).join(std::ffi::OsStr::new(" "))
    };
    assert_eq!(served(&[]), "--state /home/engine --listen 127.0.0.1:7443");
    assert_eq!(served(&["--listen=127.0.0.1:1"]), "--listen=127.0.0.1:1 --state /home/engine");
    assert_eq!(served(&["--state", "x"]), "--state x");
}
