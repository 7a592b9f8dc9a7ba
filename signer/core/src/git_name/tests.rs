use super::*;

#[test]
fn takes_full_names_and_full_ids() {
    for name in ["refs/heads/main", "refs/heads/feature/x-1", "refs/tags/v1.0", "refs/heads/ä"] {
        assert_eq!(name.parse::<RefName>().unwrap().as_str(), name);
    }
    for id in ["0".repeat(40), "9f".repeat(32)] {
        assert_eq!(id.parse::<CommitId>().unwrap().as_str(), id);
    }
}

#[test]
fn rejects_names_that_git_would_not_give() {
    let long = format!("refs/heads/{}", "x".repeat(MAX_REF));
    let names = [
        "",
        "main",
        "heads/main",
        "refs/",
        "refs//main",
        "refs/heads/",
        "refs/heads/.main",
        "refs/heads/main.lock",
        "refs/heads/a..b",
        "refs/heads/a b",
        "refs/heads/a~1",
        "refs/heads/a^",
        "refs/heads/a:b",
        "refs/heads/a?",
        "refs/heads/*",
        "refs/heads/[a",
        "refs/heads/a\\b",
        "refs/heads/a\n",
        "refs/heads/a\u{1b}[8m",
        "refs/heads/@{1}",
        "refs/heads/main.",
        "/refs/heads/main",
        &long,
    ];
    for name in names {
        assert_eq!(name.parse::<RefName>(), Err(GitNameError::Ref), "{name}");
    }
}

#[test]
fn rejects_ids_that_are_short_upper_case_or_names() {
    for id in ["", "HEAD", &"a".repeat(39), &"a".repeat(41), &"A".repeat(40), &"g".repeat(40), &"a".repeat(63)] {
        assert_eq!(id.parse::<CommitId>(), Err(GitNameError::CommitId), "{id}");
    }
}
