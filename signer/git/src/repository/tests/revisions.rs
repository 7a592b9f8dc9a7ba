//! Refs and revisions.

use super::*;

#[test]
fn resolves_what_git_resolves() {
    for format in FORMATS {
        let world = World::new(format);
        world.commit("1");
        world.git(&["switch", "-q", "-c", "feature/x"]);
        world.commit("2");
        world.git(&["switch", "-q", "main"]);
        world.commit("3");
        world.git(&["merge", "-q", "-m", "4", "feature/x"]);
        world.git(&["tag", "light"]);
        world.git(&["tag", "-a", "-m", "annotated", "v1"]);
        world.git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
        for packed in [false, true] {
            if packed {
                world.git(&["pack-refs", "--all"]);
            }
            let repository = world.open();
            let full = world.id("HEAD").to_string();
            for revision in [
                "HEAD",
                "@",
                "main",
                "refs/heads/main",
                "feature/x",
                "light",
                "v1",
                "origin/main",
                "HEAD~",
                "HEAD^2",
                "HEAD^1~1",
                "main~2",
                "v1^0",
                "v1~1",
                "HEAD^^",
                &full,
                full.split_at(7).0,
                &format!("{}^2", full.split_at(12).0),
            ] {
                assert_eq!(repository.resolve(revision).unwrap(), world.id(revision), "{revision}");
            }
            assert_eq!(repository.resolve_commit("v1").unwrap(), world.id("v1^{commit}"));
            assert_eq!(repository.resolve("v1^{commit}~1").unwrap(), world.id("v1~1"));
        }
    }
}

#[test]
fn says_of_what_is_no_commit_that_it_names_none() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    let repository = world.open();
    for revision in ["HEAD^{tree}", "HEAD^{}x", "HEAD:file", "HEAD@{0}", "HEAD..HEAD", "HEAD~x"] {
        let error = repository.resolve(revision).unwrap_err();
        assert!(error.to_string().starts_with(&format!("`{revision}` names no commit")), "{error}");
    }
    assert!(repository.resolve("HEAD~1").unwrap_err().to_string().contains("does not exist"));
}

#[test]
fn refuses_what_names_nothing() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    let repository = world.open();
    let full = world.id("HEAD").to_string();
    let absent = "1".repeat(40);
    for revision in [
        "",
        "nothing",
        "refs/heads/nothing",
        "HEAD~1",
        "HEAD^1",
        "HEAD^2",
        "HEAD~99999999999999999999",
        "HEAD~x",
        "HEAD^{tree}",
        "HEAD:file",
        "HEAD@{0}",
        "HEAD..HEAD",
        "~",
        "^",
        "main x",
        "-x",
        "--all",
        "../config",
        "../../config",
        "a..b",
        "main.lock",
        "/main",
        "main/",
        ".",
        "\0",
        "main\n",
        full.split_at(6).0,
        &full.to_uppercase(),
        &absent,
        &"x".repeat(2000),
        &format!("{full}0"),
    ] {
        assert_eq!(code(repository.resolve(revision)), Code::HistUnknownRevision, "{revision:?}");
    }
}

// HIST-26.
#[test]
fn refuses_malformed_ref_names() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    for name in [
        "HEAD",
        "main",
        "refs/../HEAD",
        "refs/heads/../../HEAD",
        "refs/heads//main",
        "refs/heads/",
        "refs/a b",
        "refs/heads/.x",
        "refs/heads/x.lock",
        "refs/heads/a..b",
        "refs/heads/x~1",
        "refs/heads/\u{1}",
        "refs/heads/*",
    ] {
        assert_eq!(code(world.open().reference(name)), Code::HistBadRefname, "{name:?}");
    }
}

#[test]
fn refuses_a_short_name_of_two_objects() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    world.git(&["branch", "v1"]);
    world.commit("2");
    world.git(&["tag", "v1"]);
    let error = world.open().resolve("v1").unwrap_err();
    assert!(matches!(error, RepositoryError::AmbiguousRevision { .. }));
    assert_eq!(world.open().resolve("refs/heads/v1").unwrap(), world.id("HEAD~1"));
}

#[test]
fn lists_loose_and_packed_refs_once() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    world.git(&["branch", "b"]);
    world.git(&["tag", "-a", "-m", "x", "t"]);
    world.git(&["pack-refs", "--all"]);
    world.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    world.git(&["symbolic-ref", "refs/heads/dangling", "refs/heads/nothing"]);
    let moved = world.commit("2");
    let refs = world.open().refs("refs/heads/").unwrap();
    assert_eq!(refs.keys().collect::<Vec<_>>(), ["refs/heads/alias", "refs/heads/b", "refs/heads/main"]);
    assert_eq!((refs["refs/heads/main"], refs["refs/heads/alias"]), (moved, moved));
    assert_eq!(world.open().refs("refs/tags/").unwrap()["refs/tags/t"], world.id("refs/tags/t"));
}

#[test]
fn tells_branches_detached_and_unborn_heads_apart() {
    let world = World::new(FORMATS[0]);
    let name = || "refs/heads/main".to_owned();
    assert_eq!(world.open().head().unwrap(), Head::Unborn { name: name() });
    let id = world.commit("1");
    assert_eq!(world.open().head().unwrap(), Head::Branch { name: name(), id });
    world.git(&["switch", "-q", "--detach"]);
    assert_eq!(world.open().head().unwrap(), Head::Detached { id });
}

#[test]
fn refuses_refs_git_would_not_write() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    let short = "1".repeat(39);
    for text in ["", "x", "ref: HEAD", "ref: ../../../etc/passwd", "ref: ", &short, &"1".repeat(5000), &"A".repeat(40)]
    {
        world.write(".git/refs/heads/hostile", text);
        assert!(world.open().reference("refs/heads/hostile").is_err(), "{text}");
        world.write(".git/HEAD", text);
        assert!(world.open().head().is_err(), "{text}");
    }
    world.write(".git/refs/heads/a", "ref: refs/heads/b\n");
    world.write(".git/refs/heads/b", "ref: refs/heads/a\n");
    assert_eq!(code(world.open().reference("refs/heads/a")), Code::HistBadRefname);
    world.write(".git/packed-refs", "garbage\n");
    assert_eq!(code(Repository::open(&world.path())), Code::InternalIo);
}

#[test]
fn waits_on_no_pipe() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    let pipe = world.path().join(".git/refs/heads/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(code(world.open().reference("refs/heads/pipe")), Code::InternalIo);
    assert_eq!(code(world.open().refs("refs/heads/")), Code::InternalIo);
}
