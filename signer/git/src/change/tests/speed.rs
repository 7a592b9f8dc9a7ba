//! How fast a history is read. Left out of ordinary runs: it measures the machine as much as the code.

use std::fmt::Write as _;
use std::time::Instant;

use super::*;

const COMMITS: usize = 5_000;
/// Commits a second that even an unoptimised build on a busy machine reaches.
const FLOOR: f64 = 300.0;

/// Two hundred files in twenty directories; every commit changes two of them.
fn import(world: &World) {
    let mut stream = String::new();
    for number in 0..COMMITS {
        let message = format!("number {number}\n{}", "x".repeat(500));
        let date = 1_700_000_000 + number;
        let commit = "commit refs/heads/main\ncommitter A <a@b>";
        writeln!(stream, "{commit} {date} +0000\ndata {}\n{message}", message.len()).unwrap();
        let files = if number == 0 { 0..200 } else { number * 7 % 200..number * 7 % 200 + 2 };
        for file in files {
            let content = format!("{number} {file}\n").repeat(40);
            let path = format!("source/{}/file-{file}", file % 20);
            writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len()).unwrap();
        }
    }
    world.git_bytes(&["fast-import", "--quiet"], stream.as_bytes());
}

#[test]
#[ignore = "measures time"]
fn walks_and_lists_the_changes_of_a_history_fast_enough() {
    let world = World::new(FORMATS[0]);
    import(&world);
    let repository = world.open();
    let tip = repository.resolve("main").unwrap();
    let start = Instant::now();
    let reader = ChangeReader::new(&repository);
    let walked = repository.walk(&tip, &[]).unwrap();
    for id in &walked {
        let list = reader.change_list(&repository.commit(id).unwrap()).unwrap();
        assert!(!list.entries().is_empty());
    }
    let rate = f64::from(u32::try_from(walked.len()).unwrap()) / start.elapsed().as_secs_f64();
    assert!(walked.len() == COMMITS && rate > FLOOR, "{rate} commits/s");
}
