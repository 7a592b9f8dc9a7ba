//! Called by its other name: the program beside it signs, and what it says reaches git only where it is about this object.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::forge;
use crate::world::{Broker, World, copy_hook, fed, program, text};

const OBJECT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nMessage\n";

/// A folder of its own with the hook under both its names.
fn own(world: &World) -> PathBuf {
    let own = world.folder.path().join("own");
    fs::create_dir(&own).unwrap();
    copy_hook(&own.join("gitsign-hook"));
    symlink(own.join("gitsign-hook"), own.join("gitsign-elsewhere")).unwrap();
    own
}

/// The hook signs `OBJECT`, and `chancery` beside it answers with these words and this exit code.
fn signed(world: &World, answer: &str, exit: i32) -> Output {
    let own = own(world);
    fs::write(own.join("answer"), answer).unwrap();
    let words = format!("#!/bin/sh\n/bin/cat >/dev/null\n/bin/cat {}/answer\nexit {exit}\n", own.display());
    program(&own.join("chancery"), &words);
    fed(world.command(own.join("gitsign-elsewhere")).args(["--status-fd=2", "-bsau", "key"]), OBJECT)
}

fn document(armor: &str) -> String {
    let armor = armor.replace('\n', "\\n");
    format!(r#"{{"schema": "urn:chancery:git-signature:v1", "armor": "{armor}", "elsewhere": {{"identity": "b"}}}}"#)
}

#[test]
fn what_the_document_holds_is_printed_whole_and_nothing_else() {
    let world = World::new(Broker::Signs);
    let armor = forge::armored(OBJECT);
    let output = signed(&world, &document(&armor), 0);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), armor);
    assert!(text(&output.stderr).starts_with("[GNUPG:] BEGIN_SIGNING\n[GNUPG:] SIG_CREATED D 19 8 00 "));
    assert!(world.asked.try_recv().is_err(), "no broker is asked");
}

#[test]
fn a_signature_over_another_object_is_refused() {
    let world = World::new(Broker::Signs);
    let output = signed(&world, &document(&forge::armored(b"another")), 0);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("error[hook.answer_invalid]"));
}

#[test]
fn a_refusal_is_told_in_its_own_words_and_kept() {
    let refusals = [("reject", 1), ("undetermined", 3)];
    for (severity, exit) in refusals {
        let world = World::new(Broker::Signs);
        let reason = format!(
            r#"{{"code": "elsewhere.token", "severity": "{severity}", "message": "old\u001b]0;x", "help": "Get one."}}"#
        );
        let answer = format!(r#"{{"schema": "urn:chancery:error:v1", "reasons": [{reason}]}}"#);
        let output = signed(&world, &answer, exit);
        assert_eq!(output.status.code(), Some(exit));
        assert!(output.stdout.is_empty());
        let said = text(&output.stderr);
        assert!(said.contains("error[elsewhere.token]: old") && said.contains("help: Get one."), "{said}");
        assert!(!said.contains('\u{1b}'), "{said}");
        assert!(fs::read_to_string(world.home.join("last-refusal.json")).unwrap().contains("elsewhere.token"));
    }
}

#[test]
fn whatever_is_no_answer_leaves_git_with_nothing() {
    let armor = forge::armored(OBJECT);
    let answers = [
        (String::new(), 0),
        (armor.clone(), 0),
        (format!("Opening your browser\n{}", document(&armor)), 0),
        (document(&armor), 1),
        (r#"{"reasons": []}"#.to_owned(), 1),
    ];
    for (answer, exit) in answers {
        let output = signed(&World::new(Broker::Signs), &answer, exit);
        assert_eq!(output.status.code(), Some(3), "{answer}");
        assert!(output.stdout.is_empty() && text(&output.stderr).contains("error[hook.answer_invalid]"), "{answer}");
    }
}

#[test]
fn without_the_program_nothing_is_signed() {
    let world = World::new(Broker::Signs);
    let hook = own(&world).join("gitsign-elsewhere");
    let output = fed(world.command(hook).args(["--status-fd=2", "-bsau", "key"]), OBJECT);
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
}

#[test]
fn the_verifier_is_told_whose_word_gits_settings_let_count() {
    let world = World::new(Broker::Signs);
    let own = own(&world);
    program(&own.join("chancery-ci"), "#!/bin/sh\necho \"$@\"\n");
    let verify = |hook: &str| {
        let arguments = ["--status-fd=1", "--verify", "/tmp/s", "-"];
        text(&fed(world.command(own.join(hook)).args(arguments), b"payload").stdout)
    };
    let plain = format!("gpg-verify --home {} --status-fd 1", world.home.display());
    assert_eq!(verify("gitsign-elsewhere"), format!("{plain} --sigstore /tmp/s -\n"));
    let settings = [("trustedRoot", "public"), ("certificateIdentity", "a"), ("certificateIdentity", "b")];
    for (key, value) in settings.into_iter().chain([("certificateOidcIssuer", "-c")]) {
        world.git(&["config", "--add", &format!("chancery.{key}"), value], &world.repository);
    }
    let named = "--trusted-root=public --identity=a --identity=b --issuer=-c";
    assert_eq!(verify("gitsign-elsewhere"), format!("{plain} --sigstore {named} /tmp/s -\n"));
    // By its own name the anchor alone counts.
    assert_eq!(verify("gitsign-hook"), format!("{plain} /tmp/s -\n"));
}

fn value(world: &World, key: &str) -> String {
    text(&world.git(&["config", "--get", key], &world.repository)).trim_end().to_owned()
}

fn config(world: &World) -> String {
    fs::read_to_string(world.repository.join(".git/config")).unwrap()
}

#[test]
fn git_is_given_the_other_link_and_gets_its_configuration_back() {
    let world = World::new(Broker::Signs);
    let before = config(&world);
    assert_eq!(world.hook(&["install", "--elsewhere"]).status.code(), Some(0));
    assert_eq!(Path::new(&value(&world, "gpg.x509.program")), world.home.join("bin/gitsign-elsewhere"));
    let status = world.hook(&["status"]);
    assert_eq!(status.status.code(), Some(0));
    assert!(text(&status.stdout).contains("no engine decides"));
    assert_eq!(world.hook(&["uninstall"]).status.code(), Some(0));
    assert_eq!(config(&world), before);
}

#[test]
fn whoever_changes_the_way_afterwards_is_found_out() {
    let world = World::new(Broker::Signs);
    let before = config(&world);
    for (installed, other) in [("--elsewhere", "gitsign-hook"), ("--json", "gitsign-elsewhere")] {
        world.hook(&["install", "--elsewhere"]);
        world.hook(&["install"]);
        world.hook(&["install", installed]);
        let program = world.home.join("bin").join(other);
        world.git(&["config", "gpg.x509.program", program.to_str().unwrap()], &world.repository);
        let status = world.hook(&["status"]);
        assert_eq!(status.status.code(), Some(1), "{other}");
        assert!(text(&status.stdout).contains("hook.program_overridden"), "{other}");
        world.hook(&["install", installed]);
        world.hook(&["uninstall"]);
        assert_eq!(config(&world), before);
    }
}
