//! Objects that are not what their name says.

use std::path::PathBuf;

use super::*;
use crate::world::ARMOR;

fn swap(left: &PathBuf, right: &PathBuf) {
    let (a, b) = (fs::read(left).unwrap(), fs::read(right).unwrap());
    for (path, bytes) in [(left, b), (right, a)] {
        fs::remove_file(path).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn names_bytes_as_git_does() {
    for format in FORMATS {
        let world = World::new(format);
        let id = world.commit("root");
        assert_eq!(object_id(ObjectKind::Commit, &world.raw("commit", &id), format).unwrap(), id);
    }
}

// HIST-04.
#[test]
fn a_missing_object_is_undetermined() {
    for format in FORMATS {
        let world = World::new(format);
        let (root, tip) = (world.commit("1"), world.commit("2"));
        fs::remove_file(world.loose_file(&root)).unwrap();
        let repository = world.open();
        assert_eq!(code(repository.read(&root)), Code::HistMissingObject);
        assert_eq!(code(repository.walk(&tip, &[])), Code::HistMissingObject);
        assert_eq!(code(repository.is_ancestor(&format.empty_tree(), &tip)), Code::HistMissingObject);
        assert_eq!(code(repository.merge_bases(&tip, &tip)), Code::HistMissingObject);
    }
}

#[test]
fn refuses_a_loose_object_under_another_id() {
    for format in FORMATS {
        let world = World::new(format);
        let (left, right) = (world.commit("1"), world.commit("2"));
        swap(&world.loose_file(&left), &world.loose_file(&right));
        for id in [left, right] {
            assert_eq!(code(world.open().read(&id)), Code::HistObjectIdMismatch);
            assert_eq!(code(world.open().walk(&id, &[])), Code::HistObjectIdMismatch);
        }
    }
}

#[test]
fn refuses_a_damaged_loose_object() {
    let world = World::new(FORMATS[0]);
    let id = world.commit("1");
    let file = world.loose_file(&id);
    let whole = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    for length in [0, 1, 10, whole.len() - 1] {
        fs::write(&file, &whole[..length]).unwrap();
        assert_eq!(code(world.open().read(&id)), Code::HistObjectIdMismatch, "{length}");
    }
    let mut flipped = whole.clone();
    for at in 0..whole.len() {
        flipped[at] ^= 0x10;
        fs::write(&file, &flipped).unwrap();
        if let Ok(object) = world.open().read(&id) {
            // Some bits of a zlib stream mean nothing.
            assert_eq!(object_id(object.kind, &object.bytes, FORMATS[0]).unwrap(), id);
        }
        flipped[at] ^= 0x10;
    }
}

/// A pack index that sends one id to another object's place.
#[test]
fn refuses_a_packed_object_under_another_id() {
    let world = World::new(FORMATS[0]);
    let (left, right) = (world.commit("1"), world.commit("2"));
    world.git(&["repack", "-q", "-a", "-d", "--depth=0"]);
    let packs = fs::read_dir(world.path().join(".git/objects/pack")).unwrap();
    let index = packs.map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "idx").unwrap();
    let mut bytes = fs::read(&index).unwrap();
    // Version 2: 8 bytes, 256 counts, ids, checksums, offsets of 4 bytes each.
    let count = usize::try_from(u32::from_be_bytes(bytes[8 + 255 * 4..8 + 256 * 4].try_into().unwrap())).unwrap();
    let ids = 8 + 256 * 4;
    let place = |id: &ObjectId| (0..count).find(|n| bytes[ids + n * 20..ids + n * 20 + 20] == *id.as_bytes()).unwrap();
    let offset = |n: usize| ids + count * 24 + n * 4;
    let (from, to) = (offset(place(&left)), offset(place(&right)));
    for byte in 0..4 {
        bytes.swap(from + byte, to + byte);
    }
    fs::remove_file(&index).unwrap();
    fs::write(&index, bytes).unwrap();
    for id in [left, right] {
        assert_eq!(code(world.open().read(&id)), Code::HistObjectIdMismatch);
    }
}

#[test]
fn refuses_a_kind_git_does_not_have() {
    let world = World::new(FORMATS[0]);
    let id = world.forge("commitment", b"x");
    assert_eq!(code(world.open().read(&id)), Code::HistObjectIdMismatch);
}

#[test]
fn refuses_an_object_of_another_kind_than_its_use() {
    let world = World::new(FORMATS[0]);
    world.write("file", "content");
    let commit = world.commit("1");
    let repository = world.open();
    assert_eq!(code(repository.commit(&world.id("HEAD^{tree}"))), Code::GitMalformedObjectType);
    assert_eq!(code(repository.tree(&commit)), Code::GitMalformedObjectType);
    assert_eq!(code(repository.tag(&commit)), Code::GitMalformedObjectType);
    assert_eq!(code(repository.linkage(&world.id("HEAD:file"))), Code::GitMalformedObjectType);
}

// HIST-30.
#[test]
fn refuses_an_id_of_the_other_format() {
    let world = World::new(FORMATS[0]);
    assert_eq!(code(world.open().read(&FORMATS[1].empty_tree())), Code::GitMalformedObjectId);
}

// GIT-28.
#[test]
fn refuses_an_object_over_the_limit_before_it_is_read() {
    let world = World::new(FORMATS[0]);
    let root = world.commit("1");
    let mut bytes = world.raw("commit", &root);
    bytes.resize(MAX_OBJECT + 1, b'x');
    let id = world.forge("commit", &bytes);
    let repository = world.open();
    assert_eq!(code(repository.commit(&id)), Code::LimitObjectSize);
    assert_eq!(code(repository.walk(&id, &[])), Code::LimitObjectSize);
    bytes.truncate(MAX_OBJECT);
    assert!(repository.commit(&world.forge("commit", &bytes)).is_ok());
}

#[test]
fn names_the_malformed_object() {
    let world = World::new(FORMATS[0]);
    let root = world.commit("1");
    let text = String::from_utf8(world.raw("commit", &root)).unwrap();
    let id = world.forge("commit", text.replacen("author", "tree 1\nauthor", 1).as_bytes());
    let error = world.open().commit(&id).unwrap_err();
    assert!(matches!(error, RepositoryError::Object { id: named, .. } if named == id));
    assert_eq!(error.code(), Code::GitMalformedDuplicateHeader);
}

#[test]
fn reads_files_by_path_and_nothing_else() {
    for format in FORMATS {
        let world = World::new(format);
        world.write("a.b", "1");
        world.write("a/x/y", "2");
        world.write("a/run", "3");
        std::os::unix::fs::symlink("x/y", world.path().join("a/link")).unwrap();
        world.git(&["add", "-A"]);
        world.git(&["update-index", "--chmod=+x", "a/run"]);
        world.git(&["commit", "-q", "-m", "files"]);
        let repository = world.open();
        let tree = repository.commit(&world.id("HEAD")).unwrap().tree;
        let read = |path: &str| repository.blob_at(&tree, path.as_bytes()).unwrap();
        assert_eq!(read("a.b").as_deref(), Some(b"1".as_slice()));
        assert_eq!(read("a/x/y").as_deref(), Some(b"2".as_slice()));
        assert_eq!(read("a/run").as_deref(), Some(b"3".as_slice()));
        for path in ["", "a", "a/", "/a.b", "a/link", "a/link/y", "a.b/c", "a/x/z", "A.b", "a/../a.b", "./a.b"] {
            assert_eq!(read(path), None, "{path}");
        }
        let entry = repository.entry_at(&tree, b"a/x").unwrap().unwrap();
        assert!(entry.mode.is_directory());
    }
}

#[test]
fn files_below_a_folder_are_named_from_it_and_are_not_without_end() {
    for format in FORMATS {
        let world = World::new(format);
        for path in ["p/b", "p/a/z", "p/a/y", "q"] {
            world.write(path, path);
        }
        let tree = world.open().linkage(&world.commit("files")).unwrap().tree;
        let files = world.open().files_below(&tree, b"p").unwrap();
        let expected = [("a/y", "p/a/y"), ("a/z", "p/a/z"), ("b", "p/b")];
        assert!(
            files
                .iter()
                .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
                .eq(expected.map(|(name, path)| (name, path.as_bytes())))
        );
        assert!(world.open().files_below(&tree, b"r").unwrap().is_empty());
        // Folders that hold themselves' twins and not one file.
        let mut twins = format.empty_tree();
        for _ in 0..40 {
            let entry = |name: &str| [format!("40000 {name}\0").as_bytes(), twins.as_bytes()].concat();
            twins = world.forge("tree", &[entry("a"), entry("b")].concat());
        }
        let root = world.forge("tree", &[b"40000 p\0", twins.as_bytes()].concat());
        assert_eq!(code(world.open().files_below(&root, b"p")), Code::LimitPolicy);
    }
}

#[test]
fn a_commit_that_git_makes_of_a_signature_is_known_before_it_is_read() {
    for format in FORMATS {
        let world = World::new(format);
        let root = world.commit("1");
        let given = world.sign_with(ARMOR);
        world.git(&["commit", "-q", "-S", "--allow-empty", "-m", "2"]);
        let signed = world.id("HEAD");
        let (repository, fresh) = (world.open(), world.open());
        let payload = fs::read(given).unwrap();
        assert_eq!(repository.remember_signed(&payload, ARMOR.as_bytes()), Some(signed));
        fs::remove_file(world.loose_file(&signed)).unwrap();
        assert_eq!(repository.linkage(&signed).unwrap().parents, [root]);
        assert_eq!(code(fresh.linkage(&signed)), Code::HistMissingObject);
        // Its bytes are the store's to give.
        assert_eq!(code(repository.read(&signed)), Code::HistMissingObject);
    }
}

#[test]
fn what_git_would_make_no_commit_of_is_not_remembered() {
    let world = World::new(FORMATS[0]);
    let payload = world.raw("commit", &world.commit("1"));
    let repository = world.open();
    let damaged = ARMOR.trim_end();
    for (payload, armor) in
        [(&payload[..], ""), (&payload[..], damaged), (&b""[..], ARMOR), (&b"object 1\n\n"[..], ARMOR)]
    {
        assert_eq!(repository.remember_signed(payload, armor.as_bytes()), None);
    }
}
