use proptest::prelude::*;
use serde_json::{Value, json};

use super::{from_slice, to_vec};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,8}",
        any::<String>(),
        proptest::collection::vec(any::<char>().prop_filter("controls", |c| c.is_control() || *c > '\u{7e}'), 0..6)
            .prop_map(|all| all.into_iter().collect()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-9_007_199_254_740_993_i64..=9_007_199_254_740_993).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((text(), inner), 0..6).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn writes_what_the_library_for_all_of_rfc_8785_writes(value in value()) {
        let (ours, theirs) = (to_vec(&value), serde_json_canonicalizer::to_vec(&value));
        prop_assert_eq!(ours.ok(), theirs.ok());
    }
}

#[test]
fn sorts_members_and_escapes_as_rfc_8785_says() {
    let value = json!({ "b": [1, -2, true, null], "a": "\u{1f}\u{7f}\u{8}\n\"\\é/", "": {} });
    let written = "{\"\":{},\"a\":\"\\u001f\u{7f}\\b\\n\\\"\\\\é/\",\"b\":[1,-2,true,null]}";
    assert_eq!(String::from_utf8(to_vec(&value).unwrap()).unwrap(), written);
}

#[test]
fn refuses_every_other_spelling_of_a_document() {
    let read = |text: &str| from_slice::<Value>(text.as_bytes(), 64);
    assert!(read(r#"{"a":1,"b":2}"#).is_ok());
    for other in [r#"{"b":2,"a":1}"#, r#"{"a":1, "b":2}"#, r#"{"a":1.0}"#, r#"{"a":1e0}"#, r#"{"a":"\u0041"}"#] {
        assert!(read(other).is_err(), "{other}");
    }
}
