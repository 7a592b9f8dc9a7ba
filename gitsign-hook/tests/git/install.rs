use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::world::{Broker, HOOK, World, program, text};

const ODD: &str = "# mine\n[core]\n\trepositoryformatversion = 0\n  bare=false ; here\n[GPG]\n    format = ssh\n[gpg \"x509\"]\n\tprogram = /usr/bin/gpgsm\n[commit]\n  gpgsign\n\n[alias]\n\tx = \"!echo a; \\\n b\"\n";

fn config(world: &World) -> PathBuf {
    world.repository.join(".git/config")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn value(world: &World, key: &str) -> String {
    text(&world.try_git(&["config", "--get", key], &world.repository).stdout).trim_end().to_owned()
}

fn done(world: &World, arguments: &[&str]) -> String {
    let output = world.hook(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn git_is_given_the_link_in_the_home_and_the_link_leads_to_the_real_program() {
    let world = World::installed(Broker::Signs);
    let link = world.home.join("bin/gitsign-hook");
    assert_eq!(value(&world, "gpg.x509.program"), link.to_str().unwrap());
    assert_eq!(fs::read_link(&link).unwrap(), fs::canonicalize(HOOK).unwrap());
    assert_eq!(value(&world, "gpg.format"), "x509");
    assert_eq!(value(&world, "commit.gpgsign"), "true");
    assert_eq!(value(&world, "tag.gpgsign"), "true");
}

#[test]
fn uninstalling_restores_the_file_byte_for_byte() {
    let world = World::new(Broker::Signs);
    fs::write(config(&world), ODD).unwrap();
    fs::set_permissions(config(&world), fs::Permissions::from_mode(0o640)).unwrap();
    done(&world, &["install"]);
    assert_ne!(read(&config(&world)), ODD);
    assert!(done(&world, &["uninstall", "--json"]).contains("\"restored\": \"bytes\""));
    assert_eq!(read(&config(&world)), ODD);
    assert_eq!(fs::metadata(config(&world)).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(!world.repository.join(".git/chancery").exists());
}

#[test]
fn a_second_installation_changes_nothing_and_keeps_the_first_record() {
    let world = World::new(Broker::Signs);
    fs::write(config(&world), ODD).unwrap();
    assert!(done(&world, &["install", "--json"]).contains("\"before\": [\n        \"ssh\"\n      ]"));
    let after = read(&config(&world));
    assert!(done(&world, &["install"]).contains("nothing to change"));
    assert_eq!(read(&config(&world)), after);
    done(&world, &["uninstall"]);
    assert_eq!(read(&config(&world)), ODD);
}

#[test]
fn other_peoples_later_changes_survive_uninstalling() {
    let world = World::new(Broker::Signs);
    fs::write(config(&world), ODD).unwrap();
    done(&world, &["install"]);
    world.git(&["config", "user.name", "Bob"], &world.repository);
    world.git(&["config", "tag.gpgsign", "false"], &world.repository);
    let answer = done(&world, &["uninstall"]);
    assert!(answer.contains("tag.gpgsign was changed by somebody else"));
    assert_eq!(value(&world, "user.name"), "Bob");
    assert_eq!(value(&world, "tag.gpgsign"), "false");
    assert_eq!(value(&world, "gpg.format"), "ssh");
    assert_eq!(value(&world, "gpg.x509.program"), "/usr/bin/gpgsm");
    assert_eq!(value(&world, "alias.x"), "!echo a;  b");
}

#[test]
fn several_values_of_one_key_come_back_in_order() {
    let world = World::new(Broker::Signs);
    for format in ["openpgp", "ssh"] {
        world.git(&["config", "--add", "gpg.format", format], &world.repository);
    }
    done(&world, &["install"]);
    world.git(&["config", "user.name", "Bob"], &world.repository);
    done(&world, &["uninstall"]);
    let values = world.git(&["config", "--get-all", "gpg.format"], &world.repository);
    assert_eq!(text(&values), "openpgp\nssh\n");
}

#[test]
fn the_users_configuration_is_changed_and_removed_where_it_did_not_exist() {
    let world = World::new(Broker::Signs);
    let file = world.folder.path().join(".gitconfig");
    let before = read(&config(&world));
    done(&world, &["install", "--global"]);
    assert!(read(&file).contains("x509"));
    assert_eq!(read(&config(&world)), before);
    done(&world, &["uninstall", "--global"]);
    assert!(!file.exists());
}

#[test]
fn a_managed_file_stays_a_link() {
    let world = World::new(Broker::Signs);
    let (file, real) = (world.folder.path().join(".gitconfig"), world.folder.path().join("managed"));
    fs::write(&real, ODD).unwrap();
    std::os::unix::fs::symlink(&real, &file).unwrap();
    done(&world, &["install", "--global"]);
    done(&world, &["uninstall", "--global"]);
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(read(&real), ODD);
}

#[test]
fn uninstalling_what_was_never_installed_is_named() {
    let world = World::new(Broker::Signs);
    let before = read(&config(&world));
    let output = world.hook(&["uninstall"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("error[hook.not_installed]"));
    assert_eq!(read(&config(&world)), before);
}

#[test]
fn outside_a_repository_nothing_is_changed() {
    let world = World::new(Broker::Signs);
    let output = world.command(HOOK).arg("install").current_dir(world.folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(!world.folder.path().join(".gitconfig").exists());
}

#[test]
fn an_installation_that_fails_leaves_nothing_of_itself() {
    let world = World::new(Broker::Signs);
    fs::write(config(&world), ODD).unwrap();
    let lock = world.repository.join(".git/config.lock");
    fs::write(&lock, "").unwrap();
    let output = world.hook(&["install"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("could not lock config file"), "{}", text(&output.stderr));
    assert!(!world.repository.join(".git/chancery").exists());
    assert!(!world.home.join("bin").exists());
    assert_eq!(read(&config(&world)), ODD);
    let output = world.hook(&["uninstall"]);
    assert!(text(&output.stderr).contains("error[hook.not_installed]"));
    fs::remove_file(lock).unwrap();
    done(&world, &["install"]);
    done(&world, &["uninstall"]);
    assert_eq!(read(&config(&world)), ODD);
}

#[test]
fn a_repetition_that_fails_keeps_what_uninstalling_needs() {
    let world = World::new(Broker::Signs);
    fs::write(config(&world), ODD).unwrap();
    done(&world, &["install"]);
    world.git(&["config", "commit.gpgsign", "false"], &world.repository);
    let lock = world.repository.join(".git/config.lock");
    fs::write(&lock, "").unwrap();
    assert_eq!(world.hook(&["install"]).status.code(), Some(3));
    assert!(world.repository.join(".git/chancery/install.json").exists());
    assert!(world.home.join("bin/gitsign-hook").exists());
    fs::remove_file(lock).unwrap();
    done(&world, &["uninstall"]);
    assert_eq!(value(&world, "gpg.x509.program"), "/usr/bin/gpgsm");
}

#[test]
fn a_repository_that_git_does_not_trust_is_named_with_what_to_do() {
    let world = World::new(Broker::Signs);
    // Only root gives a folder away.
    if std::os::unix::fs::chown(&world.repository, Some(65534), None).is_err() {
        return;
    }
    let error = text(&world.hook(&["install"]).stderr);
    assert!(error.contains("git does not trust the repository") && error.contains("safe.directory"), "{error}");
}

#[test]
fn another_git_on_the_path_is_never_started() {
    let world = World::new(Broker::Signs);
    let sentinel = world.folder.path().join("sentinel");
    let fake = world.repository.join("git");
    program(&fake, &format!("#!/bin/sh\ntouch {}\n", sentinel.display()));
    for verb in ["install", "status", "uninstall"] {
        let output = world.command(HOOK).arg(verb).env("PATH", &world.repository).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{verb}");
    }
    assert!(!sentinel.exists());
}

#[test]
fn a_file_in_the_links_place_is_not_overwritten() {
    let world = World::new(Broker::Signs);
    let place = world.home.join("bin/gitsign-hook");
    fs::create_dir(world.home.join("bin")).unwrap();
    fs::write(&place, "mine").unwrap();
    assert_eq!(world.hook(&["install"]).status.code(), Some(3));
    assert_eq!(read(&place), "mine");
}

#[test]
fn status_says_whether_git_signs() {
    let world = World::new(Broker::Signs);
    let output = world.hook(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("hook.not_installed"));
    done(&world, &["install"]);
    assert!(done(&world, &["status", "--json"]).contains("\"installed\": true"));
}

#[test]
fn status_sees_a_program_and_a_switch_that_only_the_environment_has() {
    let world = World::installed(Broker::Signs);
    for (key, value, code) in [
        ("gpg.x509.program", "/bin/true", "hook.program_overridden"),
        ("commit.gpgsign", "false", "hook.unsigned_commit"),
        ("gpg.format", "ssh", "hook.program_overridden"),
    ] {
        let mut command = world.command(HOOK);
        command.args(["status"]).env("GIT_CONFIG_COUNT", "1");
        command.env("GIT_CONFIG_KEY_0", key).env("GIT_CONFIG_VALUE_0", value);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{key}");
        let found = text(&output.stdout);
        assert!(found.contains(code), "{found}");
        assert!(found.contains("by the environment"), "{found}");
    }
}

#[test]
fn status_sees_files_that_the_environment_hides() {
    let world = World::new(Broker::Signs);
    let link = world.home.join("bin/gitsign-hook");
    done(&world, &["install"]);
    world.git(&["config", "gpg.x509.program", "/bin/true"], &world.repository);
    let mut command = world.command(HOOK);
    command.args(["status"]).env("GIT_CONFIG_COUNT", "1");
    command.env("GIT_CONFIG_KEY_0", "gpg.x509.program").env("GIT_CONFIG_VALUE_0", link);
    assert_eq!(command.output().unwrap().status.code(), Some(1));
}

#[test]
fn status_sees_a_dangling_link() {
    let world = World::installed(Broker::Signs);
    fs::remove_file(world.home.join("bin/gitsign-hook")).unwrap();
    assert_eq!(world.hook(&["status"]).status.code(), Some(1));
}

#[test]
fn a_global_file_that_the_environment_names_is_what_git_uses() {
    let world = World::new(Broker::Signs);
    let file = world.folder.path().join("elsewhere");
    for arguments in [["install", "--global"], ["status", "--global"], ["uninstall", "--global"]] {
        let output = world.command(HOOK).args(arguments).env("GIT_CONFIG_GLOBAL", &file).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stdout));
        assert!(!text(&output.stdout).contains("by the environment"));
    }
    assert!(!file.exists());
}

#[test]
fn what_is_no_regular_file_is_not_replaced() {
    let world = World::new(Broker::Signs);
    let (pipe, link) = (world.folder.path().join("pipe"), world.folder.path().join("link"));
    assert!(std::process::Command::new("/usr/bin/mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink(&world.repository, &link).unwrap();
    for odd in [&pipe, &link] {
        let mut command = world.command(HOOK);
        let output = command.args(["install", "--global"]).env("GIT_CONFIG_GLOBAL", odd).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert!(text(&output.stderr).contains("is not a regular file"));
        assert!(!world.home.join("bin").exists());
    }
    assert!(!fs::metadata(&pipe).unwrap().is_file());
    assert!(fs::metadata(&link).unwrap().is_dir());
}
