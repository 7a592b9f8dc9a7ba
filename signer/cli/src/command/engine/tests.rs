use super::*;

fn told(command: &str, passed: &[&str], json: bool) -> Vec<String> {
    let passed: Vec<OsString> = passed.iter().map(OsString::from).collect();
    let told = arguments(command, &passed, Path::new("/home"), json);
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
