//! Random histories, imported by `git fast-import` in one go: merges, several roots, mode changes, links, submodules.

use std::fmt::Write as _;

use crate::object_id::{ObjectFormat, ObjectId};
use crate::world::World;

/// A small generator, so that a failing history can be made again from its seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Commits by number, with the numbers of their parents.
pub(crate) struct History {
    pub(crate) ids: Vec<ObjectId>,
    pub(crate) parents: Vec<Vec<usize>>,
}

impl History {
    pub(crate) fn import(world: &World, dice: &mut Dice, commits: usize) -> Self {
        let mut stream = String::new();
        let mut parents: Vec<Vec<usize>> = Vec::new();
        for number in 0..commits {
            let chosen = choose_parents(dice, number);
            // Dates go back and forth: nothing may depend on them.
            let date = 1_700_000_000 + dice.roll(1_000_000);
            let (commit, message) = (format!("commit refs/heads/c{number}"), format!("number {number}"));
            writeln!(stream, "{commit}\ncommitter A <a@b> {date} +0000\ndata {}\n{message}", message.len()).unwrap();
            for (place, parent) in chosen.iter().enumerate() {
                writeln!(stream, "{} refs/heads/c{parent}", if place == 0 { "from" } else { "merge" }).unwrap();
            }
            write_tree(&mut stream, dice, world.format);
            parents.push(chosen);
        }
        world.git_bytes(&["fast-import", "--quiet"], stream.as_bytes());
        let ids = world.git(&["for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/c*"]);
        let mut ids: Vec<(usize, ObjectId)> = ids.lines().map(read_ref).collect();
        ids.sort_unstable();
        Self { ids: ids.into_iter().map(|(_, id)| id).collect(), parents }
    }

    /// The numbers given and all below them, by the plainest of algorithms.
    pub(crate) fn closure(&self, numbers: &[usize]) -> Vec<bool> {
        let mut inside = vec![false; self.ids.len()];
        for number in (0..self.ids.len()).rev() {
            inside[number] |= numbers.contains(&number);
            if inside[number] {
                self.parents[number].iter().for_each(|parent| inside[*parent] = true);
            }
        }
        inside
    }
}

fn read_ref(line: &str) -> (usize, ObjectId) {
    let (name, id) = line.split_once(' ').unwrap();
    (name.trim_start_matches('c').parse().unwrap(), id.parse().unwrap())
}

fn choose_parents(dice: &mut Dice, number: usize) -> Vec<usize> {
    let count = [1, 1, 1, 2, 2, 3, 0][dice.roll(7)].min(number);
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let parent = number - 1 - dice.roll(number.min(5));
        if chosen.contains(&parent) {
            // A parent stands once; fewer are as good.
            break;
        }
        chosen.push(parent);
    }
    chosen
}

fn write_tree(stream: &mut String, dice: &mut Dice, format: ObjectFormat) {
    let paths = ["a", "a.b", "a/x", "a/y/z", "a0", "b", "b/c", "b-c", "d/e/f", "d/e/g", "d/h", "i/j", "i/k/l"];
    writeln!(stream, "deleteall").unwrap();
    for path in paths {
        match dice.roll(12) {
            0..3 => {}
            3 => writeln!(stream, "M 160000 {} {path}", "0123".repeat(format.id_len() / 2)).unwrap(),
            roll => {
                let mode = ["100644", "100644", "100755", "120000"][dice.roll(4)];
                writeln!(stream, "M {mode} inline {path}\ndata 1\n{}", roll % 3).unwrap();
            }
        }
    }
}
