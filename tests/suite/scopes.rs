//! What a grant does not allow is refused twice: by the engine, and by the verifier where an engine had countersigned it
//! all the same.

use chancery_tests::verdicts::{codes, is_accepted};
use chancery_tests::{Actor, World};
use signer_core::identity::Purpose;
use signer_core::provenance::CommitProvenance;
use signer_core::reason::{Code, Coded as _};
use signer_core::scope::{Operation, Scope};

/// The code with which engine and verifier refuse what the work tree holds.
fn refused(world: &World, agent: &Actor<'_>) -> Code {
    refused_saying(world, agent, |_| ())
}

fn refused_saying(world: &World, agent: &Actor<'_>, say: fn(&mut CommitProvenance)) -> Code {
    let payload = world.payload();
    let by_engine = agent.signs_saying(&payload, say).err().expect("the engine was to refuse");
    let forged = world.drafts(agent, &agent.certified(Purpose::Commit), payload).saying(say).object();
    let by_verifier = world.check(&forged).expect_err("the verifier was to refuse").code();
    assert_eq!(by_engine, by_verifier);
    let id = world.checkout.store("commit", &forged);
    assert_eq!(codes(&world.verify_commit(&id)), [by_verifier]);
    by_engine
}

fn within(world: &World, alter: impl FnOnce(&mut Scope)) -> Actor<'_> {
    let mut scope = world.scope();
    alter(&mut scope);
    world.agent_within("builder", scope)
}

/// A world in which Ada has written a file of the agent's and one of her own.
fn world() -> World {
    let world = World::new();
    world.person().commits("src/lib.rs", "one\n");
    world.person().commits("ops/run.sh", "one\n");
    world
}

#[test]
fn holds_an_agent_to_its_paths() {
    for path in ["src-y/lib.rs", "src", "Src/lib.rs", "ops/run.sh", "lib/src/a.rs", "README.md", "srcs/a.rs"] {
        let world = World::new();
        world.checkout.write(path, "new\n");
        assert_eq!(refused(&world, &world.agent("builder")), Code::ScopePath, "{path}");
    }
}

#[test]
fn one_path_outside_spoils_the_whole_change() {
    let world = world();
    world.checkout.write("src/lib.rs", "two\n");
    world.checkout.write("zzz", "two\n");
    assert_eq!(refused(&world, &world.agent("builder")), Code::ScopePath);
}

#[test]
fn moving_a_file_out_of_the_scope_is_writing_there() {
    let world = world();
    world.checkout.remove("src/lib.rs");
    world.checkout.write("ops/lib.rs", "one\n");
    assert_eq!(refused(&world, &world.agent("builder")), Code::ScopePath);
}

#[test]
fn a_literal_path_is_that_path_alone() {
    for (path, allowed) in
        [("src/lib.rs", true), ("src/lib.rs.bak", false), ("src/lib", false), ("src/lib.rs/x", false)]
    {
        let world = World::new();
        let agent = within(&world, |scope| scope.paths = vec!["src/lib.rs".to_owned()]);
        world.checkout.write(path, "new\n");
        if allowed {
            assert!(agent.signs(&world.payload()).is_ok());
        } else {
            assert_eq!(refused(&world, &agent), Code::ScopePath, "{path}");
        }
    }
}

#[test]
fn holds_an_agent_to_its_operations() {
    let only = |operation| {
        let world = world();
        within(&world, |scope| scope.operations = vec![operation]);
        world
    };
    let world = only(Operation::Add);
    world.checkout.write("src/lib.rs", "two\n");
    assert_eq!(refused(&world, &world.agent("builder")), Code::ScopeOperation, "modify");
    let world = only(Operation::Modify);
    world.checkout.write("src/new.rs", "new\n");
    assert_eq!(refused(&world, &world.agent("builder")), Code::ScopeOperation, "add");
    let world = only(Operation::Modify);
    world.checkout.remove("src/lib.rs");
    assert_eq!(refused(&world, &world.agent("builder")), Code::ScopeOperation, "delete");
    let world = only(Operation::Delete);
    world.checkout.git(&["update-index", "--chmod=+x", "src/lib.rs"]);
    let tree = world.checkout.git(&["write-tree"]).trim().to_owned();
    let payload = world.checkout.payload(&tree, &[world.checkout.id("HEAD")], "ada@example.org", "Mode");
    assert_eq!(world.agent("builder").signs(&payload).err(), Some(Code::ScopeOperation), "a mode is a change");
}

#[test]
fn holds_an_agent_to_its_repository_and_target() {
    let world = World::new();
    world.checkout.write("src/lib.rs", "one\n");
    let agent = within(&world, |scope| scope.repositories = vec!["repo-00".to_owned()]);
    assert_eq!(refused(&world, &agent), Code::ScopeRepository);
    let agent = within(&world, |scope| scope.targets = vec!["refs/heads/other".to_owned()]);
    assert_eq!(refused(&world, &agent), Code::ScopeTarget);
    let agent = within(&world, |scope| scope.targets = vec!["refs/heads/main/".to_owned()]);
    assert_eq!(refused(&world, &agent), Code::ScopeTarget);
}

#[test]
fn naming_another_target_does_not_help() {
    let world = World::new();
    world.checkout.write("src/lib.rs", "one\n");
    let agent = within(&world, |scope| scope.targets = vec!["refs/heads/main".to_owned()]);
    assert_eq!(refused_saying(&world, &agent, |commit| commit.target = "refs/tags/v1".to_owned()), Code::ScopeTarget);
    assert_eq!(refused_saying(&world, &agent, |commit| commit.target = String::new()), Code::ScopeTarget);
}

#[test]
fn holds_an_agent_to_the_size_of_a_change() {
    let world = World::new();
    let agent = within(&world, |scope| (scope.max_paths, scope.max_bytes) = (2, 10));
    for path in ["src/a", "src/b"] {
        world.checkout.write(path, "12345");
    }
    assert!(agent.signs(&world.payload()).is_ok(), "exactly the limit");
    world.checkout.write("src/b", "123456");
    assert_eq!(refused(&world, &agent), Code::ScopeLimit, "a byte too many");
    world.checkout.write("src/b", "");
    world.checkout.write("src/c", "");
    assert_eq!(refused(&world, &agent), Code::ScopeLimit, "a path too many");
}

#[test]
fn an_empty_list_allows_nothing() {
    let world = World::new();
    world.checkout.write("src/lib.rs", "one\n");
    let payload = world.payload();
    let agent = world.agent("builder");
    let honest = agent.certified(Purpose::Commit);
    for (alter, expected) in [
        ((|scope: &mut Scope| scope.paths.clear()) as fn(&mut Scope), Code::ScopePath),
        (|scope| scope.targets.clear(), Code::ScopeTarget),
        (|scope| scope.repositories.clear(), Code::ScopeRepository),
        (|scope| scope.operations.clear(), Code::ScopeOperation),
        (|scope| scope.purposes.clear(), Code::ScopePurpose),
        (|scope| scope.max_paths = 0, Code::ScopeLimit),
        (|scope| scope.max_bytes = 0, Code::ScopeLimit),
    ] {
        let by = world.certifies(&honest, |identity, _| alter(&mut identity.scope));
        let forged = world.drafts(&agent, &by, payload.clone()).object();
        assert_eq!(world.check(&forged).unwrap_err().code(), expected);
    }
}

#[test]
fn holds_an_agent_to_its_purposes() {
    let world = World::new();
    let agent = within(&world, |scope| scope.purposes = vec![Purpose::Commit]);
    for purpose in [Purpose::Prompt, Purpose::Artifact, Purpose::Attestation, Purpose::Open] {
        assert_eq!(agent.asks_certificate(purpose).err(), Some(Code::IssuePurpose));
    }
    let agent = within(&world, |scope| scope.purposes = vec![Purpose::Artifact]);
    assert_eq!(agent.asks_certificate(Purpose::Commit).err(), Some(Code::IssuePurpose));
    let by = world.certifies(&agent.certified(Purpose::Artifact), |identity, _| identity.purpose = Purpose::Commit);
    world.checkout.write("src/lib.rs", "one\n");
    let forged = world.drafts(&agent, &by, world.payload()).object();
    assert_eq!(world.check(&forged).unwrap_err().code(), Code::ScopePurpose);
}

#[test]
fn a_tag_needs_the_operation_and_its_ref() {
    let world = World::new();
    let head = world.checkout.id("HEAD");
    assert_eq!(world.agent("builder").signs_tag("v1", &head, "commit").err(), Some(Code::ScopeOperation));
    let agent = within(&world, |scope| scope.operations.push(Operation::Tag));
    assert_eq!(agent.signs_tag("v1", &head, "commit").err(), Some(Code::ScopeTarget));
    let agent = within(&world, |scope| {
        scope.operations.push(Operation::Tag);
        scope.targets.push("refs/tags/nightly-".to_owned());
    });
    assert_eq!(
        agent.signs_tag("nightly-1", &head, "commit").err(),
        Some(Code::ScopeTarget),
        "no prefix without a slash"
    );
    let agent = within(&world, |scope| {
        scope.operations.push(Operation::Tag);
        scope.targets.push("refs/tags/nightly/".to_owned());
    });
    assert_eq!(agent.signs_tag("nightly/1", &head, "commit").err(), Some(Code::PolicyDenied), "persons tag releases");
}

#[test]
fn everything_is_named_by_a_slash_and_policy_still_decides() {
    let world = World::new();
    let agent = within(&world, |scope| scope.paths = vec!["/".to_owned()]);
    agent.commits("anywhere/at/all", "one\n");
    assert!(is_accepted(&world.verify()));
    for path in [".github/workflows/ci.yml", ".chancery/config.toml", "CODEOWNERS", "CLAUDE.md"] {
        world.checkout.write(path, "changed\n");
        assert_eq!(agent.signs(&world.payload()).err(), Some(Code::PolicyDenied), "{path}");
        world.checkout.git(&["reset", "-q", "--hard"]);
    }
}
