//! Walks, against git and against the plainest model.

use std::fmt::Write as _;

use super::*;
use crate::world::history::{Dice, History};

fn numbers(history: &History, ids: &[ObjectId]) -> Vec<usize> {
    ids.iter().map(|id| history.ids.iter().position(|known| known == id).unwrap()).collect()
}

// HIST-06, HIST-07.
#[test]
fn walks_every_commit_that_is_reachable_and_not_excluded_parents_first() {
    for format in FORMATS {
        let world = World::new(format);
        let mut dice = Dice::new(5);
        let history = History::import(&world, &mut dice, 60);
        let repository = world.open();
        for _ in 0..150 {
            let head = dice.roll(60);
            let excluded: Vec<_> = (0..dice.roll(4)).map(|_| dice.roll(60)).collect();
            let ids: Vec<_> = excluded.iter().map(|number| history.ids[*number]).collect();
            let walked = numbers(&history, &repository.walk(&history.ids[head], &ids).unwrap());
            let (above, below) = (history.closure(&[head]), history.closure(&excluded));
            let expected: Vec<_> = (0..60).filter(|number| above[*number] && !below[*number]).collect();
            let mut sorted = walked.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, expected, "{head} without {excluded:?}");
            for (place, number) in walked.iter().enumerate() {
                let parents = history.parents[*number].iter().filter(|parent| expected.contains(parent));
                parents.for_each(|parent| assert!(walked[..place].contains(parent)));
            }
        }
    }
}

#[test]
fn finds_ancestors_and_merge_bases_as_git_does() {
    let world = World::new(FORMATS[0]);
    let mut dice = Dice::new(9);
    let history = History::import(&world, &mut dice, 40);
    let repository = world.open();
    for _ in 0..60 {
        let (left, right) = (dice.roll(40), dice.roll(40));
        let (a, b) = (history.ids[left], history.ids[right]);
        assert_eq!(repository.is_ancestor(&a, &b).unwrap(), history.closure(&[right])[left]);
        let command = ["merge-base", "--all", &a.to_string(), &b.to_string()].map(str::to_owned);
        let output = world.command(&world.path()).args(command).output().unwrap().stdout;
        let mut expected: Vec<ObjectId> =
            String::from_utf8(output).unwrap().lines().map(|line| line.parse().unwrap()).collect();
        expected.sort_unstable();
        assert_eq!(repository.merge_bases(&a, &b).unwrap(), expected, "{left} and {right}");
    }
}

#[test]
fn follows_first_parents_to_the_root_or_to_the_last() {
    let world = World::new(FORMATS[0]);
    let history = History::import(&world, &mut Dice::new(3), 40);
    let repository = world.open();
    let mut expected = vec![39];
    while let Some(parent) = history.parents[*expected.last().unwrap()].first() {
        expected.push(*parent);
    }
    let chain = repository.first_parents(&history.ids[39], None).unwrap();
    assert_eq!(numbers(&history, &chain), expected);
    let last = chain[1];
    assert_eq!(repository.first_parents(&history.ids[39], Some(&last)).unwrap(), chain[..2]);
}

// HIST-17.
#[test]
fn a_swapped_range_is_empty() {
    let world = World::new(FORMATS[0]);
    let (old, new) = (world.commit("1"), world.commit("2"));
    let repository = world.open();
    assert_eq!(repository.walk(&old, &[new]).unwrap(), []);
    assert_eq!(repository.walk(&new, &[new]).unwrap(), []);
    assert_eq!(repository.walk(&new, &[old]).unwrap(), [new]);
}

// HIST-10: the root of an unrelated history is part of the walk.
#[test]
fn shows_an_orphan_root_that_a_merge_brings_in() {
    let world = World::new(FORMATS[0]);
    let base = world.commit("base");
    world.git(&["switch", "-q", "--orphan", "foreign"]);
    let orphan = world.commit("orphan");
    world.git(&["switch", "-q", "main"]);
    world.git(&["merge", "-q", "--allow-unrelated-histories", "-m", "merge", "foreign"]);
    let merge = world.id("HEAD");
    assert_eq!(world.open().walk(&merge, &[base]).unwrap(), [orphan, merge]);
}

#[test]
fn reads_nothing_below_a_single_base_that_ends_every_way_down() {
    let world = World::new(FORMATS[0]);
    let (root, base, tip) = (world.commit("1"), world.commit("2"), world.commit("3"));
    fs::remove_file(world.loose_file(&root)).unwrap();
    assert_eq!(world.open().walk(&tip, &[base]).unwrap(), [tip]);
}

// HIST-03, CI: a base that is not there must not widen or narrow the range in silence.
#[test]
fn an_absent_base_is_undetermined() {
    let world = World::new(FORMATS[0]);
    let tip = world.commit("1");
    let absent = ObjectId::from_bytes(&[1; 20]).unwrap();
    assert_eq!(code(world.open().walk(&tip, &[absent])), Code::HistMissingObject);
    assert_eq!(code(world.open().walk(&absent, &[tip])), Code::HistMissingObject);
}

#[test]
fn walks_a_long_history_without_recursion() {
    let world = World::new(FORMATS[0]);
    let mut stream = String::new();
    for number in 0..20_000 {
        let date = 2_000_000 - number;
        write!(stream, "commit refs/heads/main\ncommitter A <a@b> {date} +0000\ndata 0\n\n").unwrap();
    }
    world.git_bytes(&["fast-import", "--quiet"], stream.as_bytes());
    let repository = world.open();
    let tip = repository.resolve("main").unwrap();
    let walked = repository.walk(&tip, &[]).unwrap();
    assert_eq!((walked.len(), walked.last()), (20_000, Some(&tip)));
}
