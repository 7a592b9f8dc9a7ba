use super::{MEMORY, Published};

fn note(size: u64) -> String {
    format!("log.example\n{size}\nroot\n")
}

#[test]
fn holds_what_was_added_to_the_byte() {
    let published = Published::default();
    assert!(!published.holds(&note(3)));
    published.add(3, &note(3));
    published.add(9, &note(9));
    assert!(published.holds(&note(3)) && published.holds(&note(9)));
    for other in [note(4), note(3) + "\n", note(3).replace("root", "r00t"), note(3).replace('3', "03"), String::new()] {
        assert!(!published.holds(&other), "{other:?}");
    }
}

#[test]
fn forgets_the_oldest_first() {
    let published = Published::default();
    let count = u64::try_from(MEMORY).unwrap() + 1;
    (1..=count).for_each(|size| published.add(size, &note(size)));
    assert!(!published.holds(&note(1)));
    assert!(published.holds(&note(2)) && published.holds(&note(count)));
}
