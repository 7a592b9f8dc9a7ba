use std::ffi::OsStr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;

use tempfile::TempDir;

use super::*;
use crate::log_entry::LogEntry;
use crate::manifest::Difference;
use crate::reason::{Code, Coded};

/// A directory `dist` in a temporary place.
struct Disk {
    place: TempDir,
    root: PathBuf,
}

impl Disk {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = TempDir::new().unwrap();
        let root = place.path().join("dist");
        fs::create_dir(&root).unwrap();
        let disk = Self { place, root };
        for (path, content) in files {
            disk.write(path, content.as_bytes());
        }
        disk
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn walk(&self) -> Result<Artifact, Code> {
        walk(&self.root).map_err(|error| error.code())
    }
}

fn paths(artifact: &Artifact) -> Vec<&str> {
    artifact.terms.manifest.entries().iter().map(|entry| entry.path.as_str()).collect()
}

#[test]
fn a_directory_is_all_its_files_at_every_depth() {
    let disk = Disk::new(&[("b", "2"), ("a/deep/x", "1"), (".hidden", "3"), ("a/deep/empty", "")]);
    fs::create_dir(disk.root.join("no files")).unwrap();
    let artifact = disk.walk().unwrap();
    assert_eq!(artifact.name.as_str(), "dist");
    assert_eq!(artifact.terms.kind, ArtifactKind::Directory);
    assert_eq!(paths(&artifact), [".hidden", "a/deep/empty", "a/deep/x", "b"]);
    let entries = artifact.terms.manifest.entries();
    assert_eq!((entries[3].size, entries[3].sha256), (1, Digest::of(b"2")));
}

#[test]
fn a_single_file_is_an_artifact_under_its_own_name() {
    let disk = Disk::new(&[("app", "content")]);
    let artifact = walk(&disk.root.join("app")).unwrap();
    assert_eq!((artifact.name.as_str(), artifact.terms.kind), ("app", ArtifactKind::File));
    assert_eq!(paths(&artifact), ["app"]);
    assert_eq!(artifact.terms.digest().unwrap(), Digest::of(b"content"));
}

#[test]
fn content_over_many_buffers_is_hashed_whole() {
    let content = vec![7; BUFFER * 2 + 1];
    let disk = Disk::new(&[]);
    disk.write("large", &content);
    assert_eq!(disk.walk().unwrap().terms.manifest.entries()[0].sha256, Digest::of(&content));
}

#[test]
fn the_executable_bit_is_part_of_the_content() {
    let disk = Disk::new(&[("run", "#!/bin/sh\n")]);
    let signed = disk.walk().unwrap();
    fs::set_permissions(disk.root.join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    let differences = signed.terms.differences(&disk.walk().unwrap());
    assert_eq!(differences, [Difference::Mode { path: "run".parse().unwrap() }]);
}

#[test]
fn every_alteration_of_a_directory_is_a_difference() {
    let alterations: [fn(&Disk); 8] = [
        |disk| disk.write("a", b"altered"),
        |disk| disk.write("a", b"1 and more"),
        |disk| disk.write("a", b""),
        |disk| disk.write("new", b""),
        |disk| disk.write(".hidden", b""),
        |disk| fs::remove_file(disk.root.join("a")).unwrap(),
        |disk| fs::rename(disk.root.join("a"), disk.root.join("c")).unwrap(),
        |disk| {
            disk.write("a", b"2");
            disk.write("b", b"1");
        },
    ];
    for alter in alterations {
        let disk = Disk::new(&[("a", "1"), ("b", "2")]);
        let signed = disk.walk().unwrap();
        alter(&disk);
        assert_ne!(signed.terms.differences(&disk.walk().unwrap()), []);
    }
}

#[test]
fn rejects_symbolic_links_wherever_they_point() {
    for target in ["a", "sub", "missing", "/etc/passwd", "..", "link"] {
        let disk = Disk::new(&[("a", "1"), ("sub/b", "2")]);
        symlink(target, disk.root.join("link")).unwrap();
        assert_eq!(disk.walk().unwrap_err(), Code::ArtSymlink, "{target}");
    }
}

#[test]
fn rejects_an_artifact_that_is_itself_a_link() {
    let disk = Disk::new(&[("a", "1")]);
    for (name, target) in [("to-directory", disk.root.clone()), ("to-file", disk.root.join("a"))] {
        let link = disk.place.path().join(name);
        symlink(target, &link).unwrap();
        assert_eq!(walk(&link).unwrap_err().code(), Code::ArtSymlink, "{name}");
        let with_slash = link.join("");
        assert_eq!(walk(&with_slash).unwrap_err().code(), Code::ArtSymlink, "{name}/");
    }
}

#[test]
fn rejects_sockets_pipes_and_devices() {
    let disk = Disk::new(&[("a", "1")]);
    let listener = UnixListener::bind(disk.root.join("socket")).unwrap();
    assert_eq!(disk.walk().unwrap_err(), Code::ArtSpecialFile);
    drop(listener);
    assert_eq!(walk(Path::new("/dev/null")).unwrap_err().code(), Code::ArtSpecialFile);
    let disk = Disk::new(&[("a", "1")]);
    let made = std::process::Command::new("mkfifo").arg(disk.root.join("pipe")).status().unwrap();
    assert!(made.success());
    assert_eq!(disk.walk().unwrap_err(), Code::ArtSpecialFile);
}

#[test]
fn rejects_names_that_are_not_portable() {
    for name in ["a\\b", "a:b", "a\nb", "a\u{1b}[8m", "a\u{202e}b", "trailing.", "nul", "a*"] {
        let disk = Disk::new(&[(name, "1")]);
        assert_eq!(disk.walk().unwrap_err(), Code::ArtName, "{name}");
        assert_eq!(walk(&disk.root.join(name)).unwrap_err().code(), Code::ArtName, "{name}");
    }
    let disk = Disk::new(&[("good", "1")]);
    fs::write(disk.root.join(OsStr::from_bytes(b"bad\xff")), "1").unwrap();
    assert_eq!(disk.walk().unwrap_err(), Code::ArtName);
}

#[test]
fn rejects_names_that_collide_on_some_file_system() {
    assert_eq!(Disk::new(&[("A", "1"), ("a", "2")]).walk().unwrap_err(), Code::ArtCollision);
    assert_eq!(Disk::new(&[("D/x", "1"), ("d/y", "2")]).walk().unwrap_err(), Code::ArtCollision);
    assert_eq!(Disk::new(&[("\u{e9}", "1"), ("e\u{301}", "2")]).walk().unwrap_err(), Code::ArtCollision);
}

#[test]
fn rejects_nothing_at_all() {
    let disk = Disk::new(&[]);
    assert_eq!(disk.walk().unwrap_err(), Code::ArtEmpty);
    fs::create_dir_all(disk.root.join("only/directories")).unwrap();
    assert_eq!(disk.walk().unwrap_err(), Code::ArtEmpty);
    assert_eq!(walk(&disk.root.join("absent")).unwrap_err().code(), Code::InternalIo);
}

#[test]
fn rejects_a_sparse_file_over_the_limit_without_reading_it() {
    let disk = Disk::new(&[]);
    File::create(disk.root.join("sparse")).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(disk.walk().unwrap_err(), Code::ArtLimit);
}

#[test]
fn rejects_a_file_that_changes_between_listing_and_hashing() {
    let alterations: [fn(&Path); 5] = [
        |file| fs::write(file, "longer content").unwrap(),
        |file| fs::write(file, "x").unwrap(),
        |file| {
            // Replaced by an equal file: another inode, so not what was listed.
            let other = file.with_extension("new");
            fs::write(&other, "content").unwrap();
            fs::rename(&other, file).unwrap();
        },
        |file| fs::set_permissions(file, fs::Permissions::from_mode(0o700)).unwrap(),
        |file| {
            fs::remove_file(file).unwrap();
            symlink("/etc/hostname", file).unwrap();
        },
    ];
    for alter in alterations {
        let disk = Disk::new(&[("a", "content")]);
        let listed = list(&disk.root).unwrap();
        alter(&disk.root.join("a"));
        assert_eq!(hash(&listed[0]).unwrap_err().code(), Code::ArtRace);
    }
}

#[test]
fn a_listing_after_a_change_is_another_listing() {
    let disk = Disk::new(&[("a", "content")]);
    let before = list(&disk.root).unwrap();
    assert!(before == list(&disk.root).unwrap());
    disk.write("b", b"");
    assert!(before != list(&disk.root).unwrap());
}

#[test]
fn the_bundle_of_a_neighbour_is_left_out_and_whatever_only_looks_like_one_is_not() {
    let disk = Disk::new(&[("app", "1"), ("other", "2")]);
    disk.write("app.sigstore.json", &some_bundle());
    assert_eq!(paths(&disk.walk().unwrap()), ["app", "other"]);
    disk.write("alone.sigstore.json", &some_bundle());
    disk.write("other.sigstore.json", b"{\"payload\":\"anything\"}");
    disk.write("other.decision.json", &some_bundle());
    let expected = ["alone.sigstore.json", "app", "other", "other.decision.json", "other.sigstore.json"];
    assert_eq!(paths(&disk.walk().unwrap()), expected);
    let itself = walk(&disk.root.join("app.sigstore.json")).unwrap();
    assert_eq!(paths(&itself), ["app.sigstore.json"]);
}

fn some_bundle() -> Vec<u8> {
    let hash = Digest::of(b"x");
    let entry = LogEntry { index: 0, log_id: [0; 32], size: 1, root: hash, hashes: vec![], checkpoint: "c".to_owned() };
    let bundle = Bundle {
        certificate: vec![1],
        payload_type: "t".to_owned(),
        payload: vec![2],
        signature: vec![3],
        token: vec![0x30, 0],
        foreign: None,
        entry,
    };
    bundle.to_json().unwrap()
}
