//! Which trees answer to an anchor.

use super::*;

#[test]
fn a_repository_without_a_commit_has_no_tree_at_its_head() {
    for format in FORMATS {
        assert_eq!(World::new(format).open().head_tree().unwrap(), None);
    }
}

#[test]
fn a_tree_is_adopted_by_the_folder_even_where_a_file_has_its_name() {
    for (path, is_adopted) in [
        ("file", false),
        (".chancery/config.toml", true),
        (".chancery", true),
        ("deep/.chancery/a", false),
        (".Chancery/a", false),
    ] {
        let world = World::new(FORMATS[0]);
        world.write(path, "content");
        world.commit("1");
        let repository = world.open();
        let tree = repository.head_tree().unwrap().unwrap();
        assert_eq!(repository.is_adopted(&tree).unwrap(), is_adopted, "{path}");
    }
}

#[test]
fn a_head_that_cannot_be_read_is_not_one_without_an_anchor() {
    let world = World::new(FORMATS[0]);
    let commit = world.commit("1").to_string();
    let (folder, name) = commit.split_at(2);
    fs::remove_file(world.path().join(".git/objects").join(folder).join(name)).unwrap();
    assert!(world.open().head_tree().is_err());
}
