use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::home::Sources;

fn home(folder: &tempfile::TempDir) -> Home {
    Home::resolve(Sources { flag: Some(folder.path().to_path_buf()), ..Sources::default() }).unwrap()
}

fn refusal(time: u64) -> LastRefusal {
    LastRefusal { code: "scope.path".into(), message: "no".into(), help: "ask".into(), time }
}

#[test]
fn the_newest_stays_for_its_user_alone_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    for time in [1, 2] {
        refusal(time).keep(&home).unwrap();
        assert_eq!(LastRefusal::of(&home), Some(refusal(time)));
    }
    let mode = fs::metadata(path(&home)).unwrap().permissions().mode();
    assert_eq!((mode & 0o777, fs::read_dir(folder.path()).unwrap().count()), (0o600, 1));
}

#[test]
fn a_link_in_its_place_is_replaced_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "mine").unwrap();
    std::os::unix::fs::symlink(&elsewhere, path(&home)).unwrap();
    refusal(1).keep(&home).unwrap();
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "mine");
}

#[test]
fn what_is_no_refusal_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    assert_eq!(LastRefusal::of(&home), None);
    let good = serde_json::to_string(&refusal(1)).unwrap();
    for bad in
        ["", "{}", "[]", &good.replace("time", "when"), &good.replace(":1", ":-1"), &good.replace('{', "{\"a\":1,")]
    {
        fs::write(path(&home), bad).unwrap();
        assert_eq!(LastRefusal::of(&home), None, "{bad}");
    }
    fs::write(path(&home), format!("{good}{}", " ".repeat(100_000))).unwrap();
    assert_eq!(LastRefusal::of(&home), Some(refusal(1)), "what follows the limit is not read");
}

#[test]
fn without_a_home_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(&folder);
    drop(folder);
    assert!(refusal(1).keep(&home).is_err());
}
