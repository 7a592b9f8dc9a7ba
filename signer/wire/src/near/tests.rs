use super::*;

fn name(of: &str) -> String {
    format!("chancery-test-{}-{of}", std::process::id())
}

#[test]
fn a_door_comes_back_as_it_was_said() {
    let (door, _listener) = Door::open(name("said")).unwrap();
    assert_eq!(door.to_string().parse::<Door>().unwrap(), door);
    assert!(door.connect().is_ok());
}

#[test]
fn refuses_what_names_no_door() {
    for said in ["", "name", "name ", "name x", "name -1", "name 1 2", "name 99999999999"] {
        assert!(said.parse::<Door>().is_err(), "{said}");
    }
}

#[test]
fn nobody_else_can_take_the_name_while_it_is_held() {
    let (_door, _listener) = Door::open(name("held")).unwrap();
    assert!(Door::open(name("held")).is_err());
}

// Whoever has the name after the engine has ended is another process than the one that was told of.
#[test]
fn a_door_that_another_process_holds_is_not_gone_through() {
    let (door, listener) = Door::open(name("other")).unwrap();
    let told = Door { pid: 1, ..door };
    assert_eq!(told.connect().err().map(|error| error.kind()), Some(io::ErrorKind::PermissionDenied));
    drop(listener);
    assert!(told.connect().is_err());
}

#[test]
fn a_question_with_more_in_it_is_none() {
    for text in [r#"{"route":"/"}"#, r#"{"route":"/","bearer":null,"owner":null,"body":"","x":1}"#] {
        assert!(serde_json::from_str::<Question>(text).is_err(), "{text}");
    }
}
