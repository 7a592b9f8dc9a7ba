//! The file of authorities: who is named, by what chain, and when they count.

use serde_json::{Value, json};

use super::{MESSAGE, WORLD, named, stranger, trusting};
use crate::foreign_time::{ForeignAuthorities, ForeignToken};
use crate::forge::{World, now};
use crate::reason::{Code, Coded as _};
use crate::{oid, pem};

fn refused(text: &str) -> Code {
    ForeignAuthorities::parse(text).unwrap_err().code()
}

/// The file of one authority after a change of its entry.
fn altered(alter: impl FnOnce(&mut Value)) -> String {
    let mut file: Value =
        serde_json::from_str(&named(&[&[&WORLD.clock.certificate, &WORLD.root.certificate]])).unwrap();
    alter(&mut file["authorities"][0]);
    file.to_string()
}

fn judged(text: &str) -> Result<(), Code> {
    let authorities = ForeignAuthorities::parse(text).map_err(|error| error.code())?;
    let token = ForeignToken::parse(&WORLD.stamp(MESSAGE)).unwrap();
    token.verify(authorities.list(), MESSAGE).map(drop).map_err(|error| error.code())
}

#[test]
fn nobody_is_not_everybody() {
    // TIME-04.
    assert_eq!(refused(r#"{"authorities":[]}"#), Code::TrustTsaMissing);
    for text in ["", "{}", "[]", r#"{"authorities":{}}"#, r#"{"authorities":[{}]}"#] {
        assert_eq!(refused(text), Code::TimeAuthorities, "{text}");
    }
}

#[test]
fn one_authority_stands_once_and_few_stand_at_all() {
    let (other, chain) = (stranger(), [WORLD.clock.certificate.as_slice(), &WORLD.root.certificate]);
    let others = [other.clock.certificate.as_slice(), &other.root.certificate];
    assert_eq!(ForeignAuthorities::parse(&named(&[&chain, &others])).unwrap().list().len(), 2);
    assert_eq!(refused(&named(&[&chain, &chain])), Code::TimeAuthorities);
    assert_eq!(refused(&named(&[chain.as_slice(); 9])), Code::TimeAuthorities);
    assert_eq!(refused(&format!("{}{}", named(&[&chain]), " ".repeat(64 * 1024))), Code::TimeAuthorities);
}

#[test]
fn a_chain_leads_from_the_authority_to_its_root_and_holds_nothing_else() {
    let (clock, root, other) = (&WORLD.clock.certificate, &WORLD.root.certificate, World::new());
    assert_eq!(judged(&named(&[&[clock, root]])), Ok(()));
    for (chain, code) in [
        (vec![clock], Code::TimeAuthorities),
        (vec![], Code::TimeAuthorities),
        (vec![clock; 9], Code::TimeAuthorities),
        (vec![root, clock], Code::TimeTsaEku),
        (vec![clock, &other.root.certificate], Code::X509Untrusted),
        (vec![clock, &other.clock.certificate], Code::X509Untrusted),
        (vec![clock, &other.root.certificate, root], Code::X509Untrusted),
        (vec![&WORLD.leaf.certificate, root], Code::TimeTsaEku),
    ] {
        let chain: Vec<&[u8]> = chain.into_iter().map(Vec::as_slice).collect();
        assert_eq!(refused(&named(&[&chain])), code, "{}", chain.len());
    }
    let mut broken = clock.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&named(&[&[&broken, root]])), Code::X509Untrusted);
}

#[test]
fn members_are_known_and_of_their_form() {
    assert_eq!(judged(&altered(|_| ())), Ok(()));
    for (member, value) in [
        ("url", json!("")),
        ("url", json!("https://time.example/a b")),
        ("url", json!("h".repeat(256))),
        ("chain", json!("")),
        ("chain", json!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
        ("chain", json!(format!("note\n{}", pem::certificate(&WORLD.clock.certificate).unwrap()))),
        ("policies", json!(["1.2.x"])),
        ("policies", json!(vec!["1.2.3"; 17])),
        ("threshold", json!(1)),
    ] {
        assert_eq!(refused(&altered(|entry| entry[member] = value.clone())), Code::TimeAuthorities, "{member} {value}");
    }
}

#[test]
fn tokens_count_under_the_policies_that_were_named() {
    // TIME-10.
    let under = |policies: &[String]| judged(&altered(|entry| entry["policies"] = json!(policies)));
    let (own, other) = (oid::TIME_POLICY.to_string(), "1.2.3.4.1".to_owned());
    assert_eq!(under(&[]), Ok(()));
    assert_eq!(under(&[other.clone(), own]), Ok(()));
    assert_eq!(under(&[other]), Err(Code::TimePolicy));
}

#[test]
fn tokens_count_inside_the_window_that_was_given() {
    // TIME-11; that the chain has ended since is no objection: nobody is asked what time it is.
    let during = |start: u64, end: Option<u64>| {
        let time = |before: u64| now().minus(1000).plus(before).to_string();
        let mut window = json!({ "start": time(start) });
        if let Some(end) = end {
            window["end"] = json!(time(end));
        }
        judged(&altered(|entry| entry["valid_for"] = window))
    };
    assert_eq!(during(0, None), Ok(()));
    assert_eq!(during(1000, Some(1001)), Ok(()));
    assert_eq!(during(0, Some(1000)), Err(Code::TimeOutsideWindow));
    assert_eq!(during(1001, None), Err(Code::TimeOutsideWindow));
    assert_eq!(during(10, Some(10)), Err(Code::TimeAuthorities));
}

#[test]
fn stock_clients_get_it_beside_the_engines_own() {
    let authorities = trusting(&WORLD);
    let root = json!({ "timestampAuthorities": [{ "uri": "own" }], "tlogs": [] });
    let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let published = read(&authorities.published(root.to_string().as_bytes()).unwrap());
    let list = published["timestampAuthorities"].as_array().unwrap();
    assert_eq!(
        (list.len(), &list[0]["uri"], &list[1]["uri"]),
        (2, &json!("own"), &json!("https://time.example/stamp"))
    );
    assert_eq!(list[1]["subject"]["commonName"], json!("Time authority"));
    assert_eq!(list[1]["certChain"]["certificates"].as_array().unwrap().len(), 2);
    let config = json!({ "trustedRoot": root, "signingConfig": {} }).to_string();
    assert_eq!(read(&authorities.published(config.as_bytes()).unwrap())["trustedRoot"], published);
    for other in ["", "[]", "{}", r#"{"timestampAuthorities":{}}"#, r#"{"trustedRoot":{}}"#] {
        assert!(authorities.published(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn knows_the_keys_of_its_chain() {
    let authorities = trusting(&WORLD);
    let keys = authorities.list()[0].keys();
    assert_eq!(keys.len(), 2, "its own and its root's");
    assert_eq!(authorities.list()[0].url(), "https://time.example/stamp");
}
