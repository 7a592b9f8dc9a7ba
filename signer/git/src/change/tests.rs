use std::collections::BTreeMap;

use signer_core::change::{ChangeList, Edit, Side};
use signer_core::digest::Digest;
use signer_core::reason::{Code, Coded};

use crate::change::{ChangeReader, change_list};
use crate::object_id::ObjectId;
use crate::world::history::{Dice, History};
use crate::world::{FORMATS, World};

mod limits;

/// Path to old side and new side.
type Changes = BTreeMap<Vec<u8>, (Option<Side>, Option<Side>)>;

fn ours(list: &ChangeList) -> Changes {
    let sides = |edit: &Edit| match edit {
        Edit::Add(new) => (None, Some(new.side.clone())),
        Edit::Modify(old, new) => (Some(old.clone()), Some(new.side.clone())),
        Edit::Delete(old) => (Some(old.clone()), None),
    };
    list.entries().iter().map(|entry| (entry.path.clone(), sides(&entry.edit))).collect()
}

/// What `git diff-tree` says of every commit: against the parent, or combined against all.
fn gits(world: &World, ids: &[ObjectId]) -> BTreeMap<String, Changes> {
    let input = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") + "\n";
    let args = ["diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "--no-renames", "--no-abbrev", "--always"];
    let output = String::from_utf8(world.git_bytes(&args, input.as_bytes())).unwrap();
    let mut all = BTreeMap::new();
    let mut commit = String::new();
    for line in output.lines() {
        if !line.starts_with(':') {
            commit = line.to_owned();
            all.insert(commit.clone(), Changes::new());
            continue;
        }
        let (record, path) = line.split_once('\t').unwrap();
        let fields: Vec<_> = record.trim_start_matches(':').split(' ').collect();
        let parents = record.len() - record.trim_start_matches(':').len();
        let side = |place: usize| {
            let mode = u32::from_str_radix(fields[place], 8).unwrap();
            let id: ObjectId = fields[parents + 1 + place].parse().unwrap();
            (mode != 0).then(|| Side { mode, id: id.as_bytes().to_vec() })
        };
        all.get_mut(&commit).unwrap().insert(path.as_bytes().to_vec(), (side(0), side(parents)));
    }
    all
}

/// Every path of a tree, as `git ls-tree` says.
fn listed(world: &World, revision: &str) -> BTreeMap<Vec<u8>, Side> {
    let output = world.git(&["ls-tree", "-r", "--full-tree", revision]);
    let entry = |line: &str| {
        let (fields, path) = line.split_once('\t').unwrap();
        let fields: Vec<_> = fields.split(' ').collect();
        let id: ObjectId = fields[2].parse().unwrap();
        let mode = u32::from_str_radix(fields[0], 8).unwrap();
        (path.as_bytes().to_vec(), Side { mode, id: id.as_bytes().to_vec() })
    };
    output.lines().map(entry).collect()
}

/// What the signer of a merge answers for, path by path and without any shortcut: everything but what one parent has
/// where each other parent has it too, or has what all merge bases of the two have.
fn answered(world: &World, merge: &ObjectId, parents: &[ObjectId]) -> Changes {
    let new = listed(world, &merge.to_string());
    let sides: Vec<_> = parents.iter().map(|parent| listed(world, &parent.to_string())).collect();
    let bases = |left: usize, right: usize| -> Vec<BTreeMap<Vec<u8>, Side>> {
        let (left, right) = (parents[left].to_string(), parents[right].to_string());
        let mut command = world.command(&world.path());
        let output = command.args(["merge-base", "--all", &left, &right]).output().unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        let listed: Vec<_> = found.lines().map(|base| listed(world, base)).collect();
        if listed.is_empty() { vec![BTreeMap::new()] } else { listed }
    };
    let places = 0..parents.len();
    let bases: Vec<Vec<_>> = places
        .clone()
        .map(|left| places.clone().map(|right| if left == right { Vec::new() } else { bases(left, right) }).collect())
        .collect();
    let paths: std::collections::BTreeSet<_> = sides.iter().chain([&new]).flat_map(BTreeMap::keys).collect();
    let mut changes = Changes::new();
    for path in paths {
        let (wanted, theirs) = (new.get(path), |place: usize| sides[place].get(path));
        let is_free = places.clone().any(|kept| {
            theirs(kept) == wanted
                && places.clone().all(|other| {
                    let unchanged = bases[kept][other].iter().all(|base| base.get(path) == theirs(other));
                    other == kept || theirs(other) == wanted || unchanged
                })
        });
        if !is_free {
            let old = places.clone().map(theirs).find(|side| *side != wanted).flatten();
            changes.insert(path.clone(), (old.cloned(), wanted.cloned()));
        }
    }
    changes
}

#[test]
fn agrees_with_git_on_random_histories() {
    for format in FORMATS {
        for seed in 0..6 {
            let world = World::new(format);
            let history = History::import(&world, &mut Dice::new(seed), 40);
            let repository = world.open();
            let reader = ChangeReader::new(&repository);
            let expected = gits(&world, &history.ids);
            for id in &history.ids {
                let commit = repository.commit(id).unwrap();
                let list = reader.change_list(&commit).unwrap();
                let gits = &expected[&id.to_string()];
                if commit.parents.len() < 2 {
                    assert_eq!(ours(&list), *gits, "{format} seed {seed} commit {id}");
                } else {
                    assert_eq!(ours(&list), answered(&world, id, &commit.parents), "{format} seed {seed} merge {id}");
                    assert!(gits.keys().all(|path| ours(&list).contains_key(path)), "{format} seed {seed} merge {id}");
                }
                assert_eq!(ChangeList::decode(&list.encode()).unwrap(), list);
            }
        }
    }
}

#[test]
fn digests_the_content_of_files_and_links_and_nothing_for_submodules() {
    for format in FORMATS {
        let world = World::new(format);
        world.write("file", "content");
        world.write("empty", "");
        std::os::unix::fs::symlink("target", world.path().join("link")).unwrap();
        let submodule = format!("160000,{},module", "1".repeat(format.id_len() * 2));
        world.git(&["update-index", "--add", "--cacheinfo", &submodule]);
        world.git(&["add", "file", "empty", "link"]);
        world.git(&["commit", "-q", "-m", "all kinds"]);
        let repository = world.open();
        let list = change_list(&repository, &repository.commit(&world.id("HEAD")).unwrap()).unwrap();
        let found: Vec<_> = list
            .entries()
            .iter()
            .map(|entry| (entry.path.as_slice(), entry.content().map(|new| (new.side.mode, new.size, new.sha256))))
            .collect();
        let content = |mode, text: &str| Some((mode, u64::try_from(text.len()).unwrap(), Digest::of(text.as_bytes())));
        assert_eq!(
            found,
            [
                (b"empty".as_slice(), content(0o100_644, "")),
                (b"file", content(0o100_644, "content")),
                (b"link", content(0o120_000, "target")),
                (b"module", content(0o160_000, "")),
            ]
        );
    }
}

#[test]
fn an_empty_commit_changes_nothing() {
    for format in FORMATS {
        let world = World::new(format);
        let (root, child) = (world.commit("root"), world.commit("child"));
        let repository = world.open();
        for id in [root, child] {
            let list = change_list(&repository, &repository.commit(&id).unwrap()).unwrap();
            assert_eq!(list, ChangeList::default());
        }
        let reader = ChangeReader::new(&repository);
        assert_eq!(reader.manifest_digest(&format.empty_tree()).unwrap(), ChangeList::default().digest());
    }
}

// HIST-08: a line that neither parent has is a change of the merge; what a parent has is none.
#[test]
fn shows_what_an_evil_merge_adds_and_nothing_else() {
    let world = World::new(FORMATS[0]);
    world.write("shared", "base");
    world.commit("base");
    world.git(&["switch", "-q", "-c", "side"]);
    world.write("side", "side");
    world.commit("side");
    world.git(&["switch", "-q", "main"]);
    world.write("main", "main");
    world.commit("main");
    world.git(&["merge", "-q", "-m", "merge", "side"]);
    let repository = world.open();
    let honest = change_list(&repository, &repository.commit(&world.id("HEAD")).unwrap()).unwrap();
    assert_eq!(honest.entries(), []);
    world.write("shared", "base and evil");
    world.git(&["commit", "-q", "-a", "--amend", "-m", "evil"]);
    let evil = change_list(&repository, &repository.commit(&world.id("HEAD")).unwrap()).unwrap();
    assert_eq!(evil.entries().iter().map(|entry| entry.path.as_slice()).collect::<Vec<_>>(), [b"shared"]);
}

#[test]
fn a_merge_that_takes_back_what_the_other_side_changed_answers_for_it() {
    let world = World::new(FORMATS[0]);
    world.write("shared", "base");
    world.commit("base");
    world.git(&["switch", "-q", "-c", "side"]);
    world.write("side", "side");
    world.commit("side");
    world.git(&["switch", "-q", "main"]);
    world.write("shared", "fixed");
    world.commit("fix");
    world.git(&["switch", "-q", "side"]);
    world.git(&["merge", "-q", "-s", "ours", "-m", "merge", "main"]);
    let repository = world.open();
    let list = change_list(&repository, &repository.commit(&world.id("HEAD")).unwrap()).unwrap();
    assert_eq!(list.entries().iter().map(|entry| entry.path.as_slice()).collect::<Vec<_>>(), [b"shared"]);
}

#[test]
fn a_manifest_changes_with_content_mode_and_name() {
    let world = World::new(FORMATS[0]);
    let repository = world.open();
    let reader = ChangeReader::new(&repository);
    let mut seen = Vec::new();
    let mut look = || {
        world.commit("state");
        let digest = reader.manifest_digest(&world.id("HEAD^{tree}")).unwrap();
        assert!(!seen.contains(&digest));
        seen.push(digest);
    };
    world.write("run", "one");
    look();
    world.write("run", "two");
    look();
    world.git(&["update-index", "--chmod=+x", "run"]);
    world.git(&["commit", "-q", "-m", "mode"]);
    assert_eq!(reader.tree_paths(&world.id("HEAD^{tree}")).unwrap().entries().len(), 1);
    world.git(&["mv", "run", "walk"]);
    look();
}

#[test]
fn readers_may_be_shared_by_threads() {
    let world = World::new(FORMATS[0]);
    let history = History::import(&world, &mut Dice::new(77), 30);
    let repository = world.open();
    let reader = ChangeReader::new(&repository);
    let digest = |id| reader.change_list(&repository.commit(id).unwrap()).unwrap().digest();
    let alone: Vec<_> = history.ids.iter().map(digest).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(history.ids.iter().map(digest).collect::<Vec<_>>(), alone));
        }
    });
}

#[test]
fn a_missing_blob_or_tree_is_undetermined() {
    let world = World::new(FORMATS[0]);
    world.write("a/file", "content");
    let id = world.commit("root");
    for name in ["HEAD:a/file", "HEAD:a"] {
        std::fs::remove_file(world.loose_file(&world.id(name))).unwrap();
        let repository = world.open();
        let error = change_list(&repository, &repository.commit(&id).unwrap()).unwrap_err();
        assert_eq!(error.code(), Code::HistMissingObject, "{name}");
    }
}
