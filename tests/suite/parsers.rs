//! No input makes a parser panic, and what a parser takes, it takes in one spelling: honest objects of one world, then
//! thousands of altered ones, the same in every run. `tests/fuzz/run` goes on from the same objects with coverage.

mod seeds;

use chancery_parsers::{Parser, parser, parsers};

/// Altered inputs made of each honest one.
const ALTERED: usize = 1500;

/// xorshift64*: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap() % bound.max(1)
    }
}

/// One alteration: a bit, a byte, a number, a piece lost, doubled, moved or taken from another object.
fn alter(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let length = dice.below(bytes.len() - at.min(bytes.len())).min(64);
    let range = at..(at + length).min(bytes.len());
    match dice.below(8) {
        _ if bytes.is_empty() => bytes.push(0),
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = [0, 0x7f, 0x80, 0xff, b'\n', b'"', b'0', b'{'][dice.below(8)],
        2 => drop(bytes.drain(range)),
        3 => bytes.truncate(at),
        4 => {
            let piece = bytes[range].to_vec();
            let to = dice.below(bytes.len());
            drop(bytes.splice(to..to, piece));
        }
        5 => {
            let from = dice.below(other.len());
            let piece = other[from..(from + dice.below(64)).min(other.len())].to_vec();
            drop(bytes.splice(range, piece));
        }
        6 => bytes.insert(at, u8::try_from(dice.below(256)).unwrap()),
        _ => bytes[at] = bytes[at].wrapping_add(1),
    }
}

fn feed(parser: &Parser, seeds: &[Vec<u8>], dice: &mut Dice) {
    for seed in seeds {
        let mut altered = seed.clone();
        for step in 0..ALTERED {
            if step % 4 == 0 {
                altered.clone_from(seed);
            }
            alter(&mut altered, &seeds[dice.below(seeds.len())], dice);
            let (bytes, takes) = (altered.clone(), parser.takes);
            let outcome = std::panic::catch_unwind(move || takes(&bytes));
            assert!(outcome.is_ok(), "{} panics at {}", parser.name, hex::encode(&altered));
        }
    }
}

#[test]
fn every_parser_takes_honest_objects_and_survives_altered_ones() {
    let seeds = seeds::seeds();
    let mut dice = Dice(0x2026_1122);
    for parser in parsers() {
        let own = seeds.get(parser.name).unwrap_or_else(|| panic!("no honest object for {}", parser.name));
        for seed in own {
            assert!((parser.takes)(seed), "{} refuses {}", parser.name, String::from_utf8_lossy(seed));
        }
        feed(parser, own, &mut dice);
    }
    assert!(seeds.keys().all(|name| parser(name).is_some()), "an object for no parser");
    seeds::keep(&seeds);
}

#[test]
fn no_parser_takes_what_belongs_to_others_or_nothing_at_all() {
    let binary: Vec<u8> = (0..=255).cycle().take(4096).collect();
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let lenient = ["foreign-form", "prompt", "arguments", "witness-policy"];
    for parser in parsers().filter(|parser| !lenient.contains(&parser.name)) {
        for junk in [&[][..], &binary, &deep, &vec![0x30; 65536], b"\xff\xff\xff\xff", b"-----BEGIN "] {
            let empty_list = ["tree", "change-list", "frontier"].contains(&parser.name) && junk.is_empty();
            assert!(empty_list || !(parser.takes)(junk), "{} takes {} bytes of junk", parser.name, junk.len());
        }
    }
}
