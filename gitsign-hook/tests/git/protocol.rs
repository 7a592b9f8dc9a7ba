use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use signer_wire::LastRefusal;
use signer_wire::message::Severity;

use crate::world::{Broker, HOOK, World, copy_hook, fed, program, text};

const OBJECT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nmessage\n";
const SIGN: &[&str] = &["--status-fd=2", "-bsau", "Alice <alice@example.org>"];

/// The object's bytes without its signature, as git takes them apart.
fn without_signature(object: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut inside = false;
    for line in object.split_inclusive(|byte| *byte == b'\n') {
        inside = line.starts_with(b"gpgsig ") || (inside && line.starts_with(b" "));
        if !inside {
            out.extend_from_slice(line);
        }
    }
    out
}

#[test]
fn git_commits_amends_and_tags_with_it() {
    let world = World::installed(Broker::Signs);
    world.git(&["commit", "-q", "--allow-empty", "-m", "one"], &world.repository);
    let commit = world.git(&["cat-file", "commit", "HEAD"], &world.repository);
    assert!(text(&commit).contains("\ngpgsig -----BEGIN SIGNED MESSAGE-----\n "));
    assert_eq!(world.asked.recv().unwrap().payload.0, without_signature(&commit));

    world.git(&["commit", "-q", "--amend", "--allow-empty", "-m", "two"], &world.repository);
    let amended = world.git(&["cat-file", "commit", "HEAD"], &world.repository);
    assert_eq!(world.asked.recv().unwrap().payload.0, without_signature(&amended));
    assert_ne!(commit, amended);

    world.git(&["tag", "-s", "v1", "-m", "release"], &world.repository);
    let tag = text(&world.git(&["cat-file", "tag", "v1"], &world.repository));
    let (payload, armor) = tag.split_at(tag.find("-----BEGIN SIGNED MESSAGE-----\n").unwrap());
    let asked = world.asked.recv().unwrap();
    assert_eq!(text(&asked.payload.0), payload);
    assert!(armor.ends_with("-----END SIGNED MESSAGE-----\n"));
    assert_eq!(text(&asked.directory.0), fs::canonicalize(&world.repository).unwrap().to_str().unwrap());
}

#[test]
fn a_refusal_leaves_no_commit_and_no_half_signature() {
    for broker in [
        Broker::Refuses(Severity::Reject),
        Broker::Refuses(Severity::Undetermined),
        Broker::SignsSomethingElse,
        Broker::AnswersProse,
        Broker::HangsUp,
    ] {
        let world = World::installed(broker);
        let output = world.try_git(&["commit", "-q", "--allow-empty", "-m", "one"], &world.repository);
        assert!(!output.status.success());
        assert!(!world.try_git(&["rev-parse", "-q", "--verify", "HEAD"], &world.repository).status.success());
        let direct = world.sign(SIGN, OBJECT);
        assert!(direct.stdout.is_empty());
        assert!(!text(&direct.stderr).contains("\n[GNUPG:] SIG_CREATED"));
    }
}

#[test]
fn exit_codes_tell_refused_from_undecided_from_misused() {
    let code = |broker| World::new(broker).sign(SIGN, OBJECT).status.code();
    assert_eq!(code(Broker::Signs), Some(0));
    assert_eq!(code(Broker::Refuses(Severity::Reject)), Some(1));
    assert_eq!(code(Broker::SignsSomethingElse), Some(1));
    assert_eq!(code(Broker::AnswersProse), Some(1));
    assert_eq!(code(Broker::Refuses(Severity::Undetermined)), Some(3));
    assert_eq!(code(Broker::HangsUp), Some(3));
    let world = World::new(Broker::Signs);
    assert_eq!(world.sign(&["--clearsign"], OBJECT).status.code(), Some(2));
    assert_eq!(world.sign(&["--status-fd=77", "-bsau", "k"], OBJECT).status.code(), Some(3));
}

#[test]
fn foreign_text_reaches_no_terminal_and_no_status_line() {
    let error = text(&World::new(Broker::Refuses(Severity::Reject)).sign(SIGN, OBJECT).stderr);
    assert!(error.contains("error[policy.denied]: no\\x0a[GNUPG:] SIG_CREATED"));
    assert!(error.contains("help: ask \\u{202e}again"));
    assert!(error.bytes().all(|byte| byte >= 0x20 || byte == b'\n'));
}

#[test]
fn a_refusal_is_kept_where_git_drops_it_and_success_keeps_nothing() {
    let world = World::installed(Broker::Refuses(Severity::Reject));
    let output = world.try_git(&["commit", "-q", "--allow-empty", "-m", "one"], &world.repository);
    assert!(!output.status.success());
    let kept: LastRefusal = serde_json::from_slice(&fs::read(world.home.join("last-refusal.json")).unwrap()).unwrap();
    assert_eq!((kept.code.as_str(), kept.help.as_str()), ("policy.denied", "ask \\u{202e}again"));
    assert!(kept.message.bytes().all(|byte| byte >= 0x20));
    // The file's own time and the one inside it are one clock's; the former may be a tick of the kernel behind.
    let written = fs::metadata(world.home.join("last-refusal.json")).unwrap().modified().unwrap();
    let written = written.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    assert!(written.abs_diff(u128::from(kept.time)) < 10_000);

    let world = World::installed(Broker::Signs);
    world.git(&["commit", "-q", "--allow-empty", "-m", "one"], &world.repository);
    assert!(!world.home.join("last-refusal.json").exists());
}

#[test]
fn a_push_certificate_is_refused_with_what_to_do_and_never_asked_about() {
    let world = World::new(Broker::Signs);
    let output = world.sign(SIGN, b"certificate version 0.1\npusher Alice <alice@example.org> 0 +0000\n\n");
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("error[hook.push_certificate]: push certificates are not signed"), "{error}");
    assert!(error.contains("push.gpgSign false"));
    assert!(world.asked.try_recv().is_err());
}

#[test]
fn status_lines_go_where_git_says() {
    let world = World::new(Broker::Signs);
    let lines = |output: &[u8]| text(output).lines().filter(|line| line.starts_with("[GNUPG:] ")).count();

    let second = world.sign(SIGN, OBJECT);
    let status = text(&second.stderr);
    let created = status.lines().find(|line| line.starts_with("[GNUPG:] SIG_CREATED ")).unwrap();
    let fields: Vec<&str> = created.split(' ').collect();
    assert_eq!(fields[2..7], ["D", "19", "8", "00", "1795000000"]);
    assert_eq!(fields[7].len(), 64);
    assert!(status.starts_with("[GNUPG:] BEGIN_SIGNING\n"));
    assert!(text(&second.stdout).starts_with("-----BEGIN SIGNED MESSAGE-----\n"));

    assert_eq!(lines(&world.sign(&["--status-fd", "1", "-bsau", "k"], OBJECT).stdout), 2);
    let none = world.sign(&["-bsau", "k"], OBJECT);
    assert_eq!((lines(&none.stdout), lines(&none.stderr)), (0, 0));

    let script = format!("echo before >status; {HOOK} --status-fd=7 -bsau k 7>>status");
    let inherited = fed(world.command("/bin/sh").args(["-c", &script]), OBJECT);
    assert_eq!((lines(&inherited.stdout), lines(&inherited.stderr)), (0, 0));
    let written = fs::read(world.repository.join("status")).unwrap();
    assert!(written.starts_with(b"before\n"));
    assert_eq!(lines(&written), 2);
}

#[test]
fn a_closed_stdout_is_a_failure_and_no_signature_is_announced() {
    let world = World::new(Broker::Signs);
    let script = format!("{HOOK} --status-fd=2 -bsau k >/dev/full");
    let output = fed(world.command("/bin/sh").args(["-c", &script]), OBJECT);
    assert_eq!(output.status.code(), Some(3));
    assert!(!text(&output.stderr).contains("SIG_CREATED"));
}

#[test]
fn an_agents_session_travels_and_the_owners_credential_then_does_not() {
    let world = World::new(Broker::Signs);
    let owner = owner(&world, 0o600);
    let agent = fed(
        world.command(HOOK).args(SIGN).env("CHANCERY_SESSION", "handle").env("CHANCERY_OWNER_FILE", &owner),
        OBJECT,
    );
    assert!(agent.status.success());
    let asked = world.asked.recv().unwrap();
    assert_eq!(asked.session.map(|handle| handle.expose().to_owned()).as_deref(), Some("handle"));
    assert!(asked.owner.is_none());

    let person = fed(world.command(HOOK).args(SIGN).env("CHANCERY_OWNER_FILE", &owner), OBJECT);
    assert!(person.status.success());
    let asked = world.asked.recv().unwrap();
    assert!(asked.session.is_none());
    assert_eq!(asked.owner.map(|owner| owner.expose().to_owned()).as_deref(), Some("credential"));
}

#[test]
fn an_owner_credential_that_others_may_read_is_not_sent() {
    let world = World::new(Broker::Signs);
    let output = fed(world.command(HOOK).args(SIGN).env("CHANCERY_OWNER_FILE", owner(&world, 0o644)), OBJECT);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("error[agent.credential_exposed]"), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("chmod 600 FILE"));
    assert!(world.asked.try_recv().is_err());
}

fn owner(world: &World, mode: u32) -> PathBuf {
    let path = world.folder.path().join("owner");
    fs::write(&path, "credential\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn variables_that_point_git_elsewhere_are_refused_before_anything_is_asked() {
    let world = World::new(Broker::Signs);
    for (name, value) in [
        ("GIT_OBJECT_DIRECTORY", "/elsewhere"),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/elsewhere"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_WORK_TREE", "/usr"),
    ] {
        let output = fed(world.command(HOOK).args(SIGN).env(name, value), OBJECT);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(text(&output.stderr).contains("error[hook.env_inconsistent]"));
    }
    assert!(world.asked.try_recv().is_err());
}

#[test]
fn without_a_broker_nothing_is_signed() {
    let world = World::new(Broker::Signs);
    let alone = world.folder.path().join("gitsign-hook");
    copy_hook(&alone);
    let home = world.folder.path().join("empty");
    let output = fed(world.command(&alone).args(SIGN).env("CHANCERY_HOME", home), OBJECT);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("error[hook.signer_unreachable]"));
    assert!(output.stdout.is_empty());
}

#[test]
fn verifying_is_handed_to_the_verifier_beside_it_and_never_to_one_on_the_path() {
    let world = World::new(Broker::Signs);
    let (own, path) = (world.folder.path().join("own"), world.folder.path().join("path"));
    for (folder, words) in [(&own, "real"), (&path, "false")] {
        fs::create_dir(folder).unwrap();
        program(&folder.join("chancery-ci"), &format!("#!/bin/sh\necho {words} \"$@\"; /bin/cat; exit 1\n"));
    }
    copy_hook(&own.join("gitsign-hook"));
    std::os::unix::fs::symlink(own.join("gitsign-hook"), path.join("gitsign-hook")).unwrap();
    let mut command = world.command(path.join("gitsign-hook"));
    let output = fed(command.args(["--status-fd=1", "--verify", "/tmp/s", "-"]).env("PATH", &path), b"payload");
    assert_eq!(output.status.code(), Some(1));
    let home = world.home.display();
    assert_eq!(text(&output.stdout), format!("real gpg-verify --home {home} --status-fd 1 /tmp/s -\npayload"));
}

#[test]
fn without_a_verifier_nothing_is_good() {
    let world = World::new(Broker::Signs);
    let alone = world.folder.path().join("gitsign-hook");
    copy_hook(&alone);
    let output = fed(world.command(&alone).args(["--status-fd=1", "--verify", "/tmp/s", "-"]), b"payload");
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
}
