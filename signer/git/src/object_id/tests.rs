use crate::object::ObjectError;
use crate::object_id::{ObjectFormat, ObjectId};
use crate::world::{FORMATS, World};

const HEX: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

#[test]
fn reads_back_what_it_writes_in_both_formats() {
    for hex in [HEX, &format!("{HEX}{}", "0".repeat(24))] {
        assert_eq!(hex.parse::<ObjectId>().unwrap().to_string(), hex);
    }
}

#[test]
fn refuses_abbreviated_upper_case_and_overlong_ids() {
    let upper = HEX.to_uppercase();
    let long = format!("{HEX}0");
    for text in ["", "4b825dc", &upper, &long, &format!("{HEX}\n"), &"g".repeat(40)] {
        assert_eq!(text.parse::<ObjectId>(), Err(ObjectError::ObjectId), "{text}");
    }
}

#[test]
fn refuses_an_id_of_the_other_format() {
    assert_eq!(ObjectId::from_hex(HEX.as_bytes(), ObjectFormat::Sha256), Err(ObjectError::ObjectId));
    assert_eq!(ObjectId::from_hex(&[b'a'; 64], ObjectFormat::Sha1), Err(ObjectError::ObjectId));
}

#[test]
fn refuses_raw_bytes_of_another_length() {
    assert_eq!(ObjectId::from_bytes(&[1; 21]), Err(ObjectError::ObjectId));
}

#[test]
fn knows_the_empty_tree_as_git_does() {
    for format in FORMATS {
        let world = World::new(format);
        let id = world.git_bytes(&["hash-object", "-t", "tree", "--stdin"], b"");
        assert_eq!(String::from_utf8(id).unwrap().trim(), format.empty_tree().to_string());
    }
}
