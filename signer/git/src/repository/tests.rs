use std::fs;

use signer_core::reason::{Code, Coded};

use crate::object::{MAX_OBJECT, ObjectKind};
use crate::object_id::ObjectId;
use crate::repository::{Head, Repository, RepositoryError, RepositoryPath, object_id};
use crate::world::{FORMATS, World};

mod adoption;
mod history;
mod libgit2;
mod objects;
mod packs;
mod revisions;
mod tags;

fn code<T>(result: Result<T, RepositoryError>) -> Code {
    result.err().expect("a refusal").code()
}

#[test]
fn opens_work_trees_git_directories_bare_and_linked_ones() {
    for format in FORMATS {
        let world = World::new(format);
        world.write("file", "content");
        let id = world.commit("root");
        let bare = world.beside("bare.git");
        world.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
        let linked = world.beside("linked");
        world.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
        for path in [world.path(), world.path().join(".git"), bare, linked] {
            let repository = Repository::open(&path).unwrap();
            assert_eq!((repository.format(), repository.head().unwrap().id()), (format, Some(&id)));
            assert_eq!(repository.commit(&id).unwrap().message, b"root\n");
        }
    }
}

#[test]
fn finds_the_work_tree_a_directory_lies_in_but_no_bare_repository() {
    let world = World::new(FORMATS[0]);
    let inside = world.path().join("embedded.git");
    world.commit("root");
    world.git(&["clone", "-q", "--bare", ".", inside.to_str().unwrap()]);
    assert_eq!(RepositoryPath::discover(&inside.join("refs")).unwrap().as_path(), world.path());
    assert_eq!(code(RepositoryPath::discover(&world.beside(""))), Code::HistUnsupportedRepository);
}

#[test]
fn refuses_what_is_no_repository() {
    let world = World::new(FORMATS[0]);
    let empty = world.beside("empty");
    fs::create_dir_all(&empty).unwrap();
    for path in [empty.clone(), world.beside("absent"), world.path().join(".git/objects")] {
        assert_eq!(code(Repository::open(&path)), Code::HistUnsupportedRepository, "{}", path.display());
    }
    for text in ["", "gitdir:x", "gitdir: ../absent\n"] {
        fs::write(empty.join(".git"), text).unwrap();
        assert_eq!(code(Repository::open(&empty)), Code::HistUnsupportedRepository, "{text:?}");
    }
}

#[test]
fn refuses_storage_formats_it_does_not_read() {
    let world = World::new(FORMATS[0]);
    let config = world.path().join(".git/config");
    for text in [
        "[core]\nrepositoryformatversion = 2\n",
        "[core]\nrepositoryformatversion = one\n",
        "[extensions]\nrefStorage = reftable\n",
        "[extensions] objectFormat = sha512\n",
        "[Extensions]\n\tcompatObjectFormat = \"sha256\" ; both\n",
        "[extensions]\nunheardOf\n",
    ] {
        fs::write(&config, text).unwrap();
        assert_eq!(code(Repository::open(&world.path())), Code::HistUnsupportedRepository, "{text}");
    }
    fs::write(&config, "[extensions] # ids\n\tOBJECTFORMAT = \"sha256\" ; long\n[core]\nbare = false\n").unwrap();
    assert_eq!(Repository::open(&world.path()).unwrap().format(), FORMATS[1]);
}

#[test]
fn takes_nothing_else_from_the_configuration() {
    let world = World::new(FORMATS[0]);
    let id = world.commit("root");
    let config = world.path().join(".git/config");
    let hostile = "[core]\nworktree = /\nbare = maybe\n[include]\npath = /dev/zero\n[gpg]\nprogram = false\n[[[\n= =\n";
    fs::write(&config, hostile).unwrap();
    assert!(world.open().commit(&id).is_ok());
    fs::write(&config, vec![b'#'; 2 * 1024 * 1024]).unwrap();
    assert_eq!(code(Repository::open(&world.path())), Code::InternalIo);
}

// HIST-01.
#[test]
fn reads_the_object_itself_where_a_replace_ref_stands() {
    let world = World::new(FORMATS[0]);
    let (unsigned, signed) = (world.commit("unsigned"), world.commit("signed"));
    for pack in [false, true] {
        world.git(&["replace", "-f", &unsigned.to_string(), &signed.to_string()]);
        if pack {
            world.git(&["pack-refs", "--all"]);
        }
        let repository = world.open();
        assert_eq!(repository.commit(&unsigned).unwrap().message, b"unsigned\n");
        assert_eq!(repository.walk(&signed, &[]).unwrap(), [unsigned, signed]);
        assert_eq!(repository.state().replace_refs, 1);
    }
    assert!(world.git(&["log", "--format=%s", &unsigned.to_string()]).starts_with("signed"), "git itself is misled");
}

// HIST-02.
#[test]
fn refuses_a_grafts_file_and_walks_past_it_where_told_to_open() {
    let world = World::new(FORMATS[0]);
    let (first, second, third) = (world.commit("1"), world.commit("2"), world.commit("3"));
    world.write(".git/info/grafts", format!("{third} {first}\n"));
    assert_eq!(code(Repository::open(&world.path())), Code::HistGraftsPresent);
    let repository = Repository::danger_open_incomplete(&world.path()).unwrap();
    assert!(repository.state().grafts);
    assert_eq!(repository.walk(&third, &[]).unwrap(), [first, second, third]);
}

// HIST-03.
#[test]
fn refuses_shallow_clones_made_or_forged() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    let tip = world.commit("2");
    let clone = world.beside("shallow");
    let url = format!("file://{}", world.path().display());
    world.git(&["clone", "-q", "--depth", "1", &url, clone.to_str().unwrap()]);
    assert_eq!(code(Repository::open(&clone)), Code::HistShallow);
    let repository = Repository::danger_open_incomplete(&clone).unwrap();
    assert!(repository.commit(&tip).is_ok());
    assert_eq!(code(repository.walk(&tip, &[])), Code::HistMissingObject);
    world.write(".git/shallow", format!("{tip}\n"));
    assert_eq!(code(Repository::open(&world.path())), Code::HistShallow);
    let forged = Repository::danger_open_incomplete(&world.path()).unwrap();
    assert_eq!(forged.walk(&tip, &[]).unwrap().len(), 2, "the forged edge hides nothing");
}

// HIST-04.
#[test]
fn a_partial_clone_is_undetermined_and_fetches_nothing() {
    let world = World::new(FORMATS[0]);
    world.write("file", "content");
    let tip = world.commit("1");
    world.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = world.beside("partial");
    let url = format!("file://{}", world.path().display());
    world.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, clone.to_str().unwrap()]);
    let repository = Repository::open(&clone).unwrap();
    let tree = repository.commit(&tip).unwrap().tree;
    assert_eq!(code(repository.blob_at(&tree, b"file")), Code::HistMissingObject);
}

// HIST-05.
#[test]
fn refuses_alternates() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    let clone = world.beside("shared");
    world.git(&["clone", "-q", "--shared", ".", clone.to_str().unwrap()]);
    assert_eq!(code(Repository::open(&clone)), Code::HistAlternates);
    assert!(Repository::danger_open_incomplete(&clone).unwrap().state().alternates);
    world.write(".git/objects/info/http-alternates", "http://127.0.0.1/objects\n");
    assert_eq!(code(Repository::open(&world.path())), Code::HistAlternates);
}
