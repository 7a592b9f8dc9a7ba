use proptest::prelude::*;

use super::*;

const GOOD: &str = "repository = \"repo-00112233445566778899aabbccddeeff\"\ntarget = \"refs/heads/main\"\n";

#[test]
fn reads_what_it_writes() {
    let config = RepositoryConfig::parse(GOOD.as_bytes()).unwrap();
    assert_eq!(config.to_toml(), GOOD);
    assert_eq!(config.target.as_str(), "refs/heads/main");
}

#[test]
fn rejects_whatever_would_widen_or_confuse() {
    let cases = [
        ("an engine", format!("{GOOD}engine = \"http://evil.example\"\n")),
        ("a table", format!("{GOOD}[trust]\nroot = \"x\"\n")),
        ("a repeated key", format!("{GOOD}target = \"refs/heads/other\"\n")),
        ("no target", GOOD.replace("target", "tarqet")),
        ("a short ref name", GOOD.replace("refs/heads/main", "main")),
        ("a ref that climbs", GOOD.replace("refs/heads/main", "refs/heads/../main")),
        ("an upper-case id", GOOD.replace("aabb", "AABB")),
        ("an id of another length", GOOD.replace("ccddeeff", "ccddee")),
        ("a ref of control characters", GOOD.replace("main", "ma\\u001bin")),
        ("nothing", String::new()),
    ];
    for (what, text) in cases {
        let refused = RepositoryConfig::parse(text.as_bytes()).expect_err(what);
        assert_eq!(refused.code(), Code::RepositoryConfig, "{what}");
    }
}

#[test]
fn rejects_bytes_that_are_not_text_and_files_over_the_limit() {
    assert!(matches!(RepositoryConfig::parse(&[0xff, 0xfe]), Err(ConfigError::NotText)));
    let long = format!("{GOOD}#{}", "x".repeat(MAX_BYTES));
    assert!(matches!(RepositoryConfig::parse(long.as_bytes()), Err(ConfigError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn every_configuration_survives_its_own_text(id in "[0-9a-f]{32}", name in "[a-z0-9]{1,20}(/[a-z0-9]{1,20}){0,2}") {
        let config = RepositoryConfig { repository: format!("repo-{id}").parse().unwrap(), target: format!("refs/heads/{name}").parse().unwrap() };
        prop_assert_eq!(RepositoryConfig::parse(config.to_toml().as_bytes()).unwrap(), config);
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}") {
        prop_assert!(RepositoryConfig::parse(text.as_bytes()).is_err());
    }
}
