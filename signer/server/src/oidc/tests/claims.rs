//! What a token says: issuer, audience, times and the holder's name (IDP-04, 05, 12, 13, 19, 20, 21, 27).

use signer_core::identity::ActorClass;
use signer_core::reason::Code;

use super::provider::{ISSUER, claims};
use super::*;

fn with(claim: &str, value: Value) -> Result<OpenIdentity, Code> {
    let mut claims = claims();
    claims[claim] = value;
    judged(&KEY.token(&claims))
}

fn without(claim: &str) -> Result<OpenIdentity, Code> {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(claim);
    judged(&KEY.token(&claims))
}

/// What becomes of claims at an issuer that names holders in another way.
fn named(identity: &Value, claim: &str, value: &str) -> Result<OpenIdentity, Code> {
    let mut claims = claims();
    claims[claim] = json!(value);
    judged_under(&json!({ "identity": identity }), &KEY.token(&claims))
}

#[test]
fn a_good_token_names_its_holder() {
    let identity = judged(&KEY.token(&claims())).unwrap();
    assert_eq!(identity.subject.as_str(), "bob@example.org");
    assert_eq!((identity.class, identity.issuer.as_str()), (ActorClass::Person, ISSUER));
    assert_eq!((identity.token_subject.as_str(), identity.challenge.as_str()), ("user-7", "bob@example.org"));
}

#[test]
fn the_issuer_is_compared_letter_by_letter() {
    // IDP-04, IDP-05.
    let spellings = [
        "https://idp.example.org/",
        "https://IDP.example.org",
        "https://idp.example.org:443",
        "http://idp.example.org",
        "https://user@idp.example.org",
        "https://idp.example.org.",
        "https://idp.example.org.evil.example",
        "https://evil.example/?issuer=https://idp.example.org",
        "https://evil.example/https://idp.example.org",
        " https://idp.example.org",
        "https://\u{456}dp.example.org",
        "idp.example.org",
        "*",
    ];
    for spelling in spellings {
        assert_eq!(with("iss", json!(spelling)), Err(Code::OidcIssuer), "{spelling}");
    }
    for value in [json!(""), json!(null), json!([ISSUER]), json!({ "url": ISSUER })] {
        assert_eq!(with("iss", value.clone()), Err(Code::OidcClaimType), "{value}");
    }
    assert_eq!(without("iss"), Err(Code::OidcClaimType));
}

#[test]
fn an_unknown_issuer_causes_no_request() {
    // IDP-05, IDP-08: nothing in a token leads anywhere.
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    for url in ["http://169.254.169.254", "http://127.0.0.1:1", "https://evil.example", "file:///etc/passwd"] {
        let mut claims = claims();
        claims["iss"] = json!(url);
        assert_eq!(verify(&issuers, &KEY.token(&claims), NOW), Err(Code::OidcIssuer));
    }
    assert_eq!(documents.asked(), 0);
}

#[test]
fn the_audience_is_ours_and_nobody_elses() {
    // IDP-12.
    let refused = [
        json!("other"),
        json!(""),
        json!("Sigstore"),
        json!("sigstore2"),
        json!([]),
        json!(["sigstore", "other"]),
        json!([["sigstore"]]),
        json!(7),
        json!({ "sigstore": true }),
        json!(null),
        json!(["sigstore", 7]),
    ];
    for audience in refused {
        assert_eq!(with("aud", audience.clone()), Err(Code::OidcAudience), "{audience}");
    }
    assert_eq!(without("aud"), Err(Code::OidcAudience));
    assert_eq!(with("azp", json!("other")), Err(Code::OidcAudience));
    assert_eq!(with("azp", json!(["sigstore"])), Err(Code::OidcAudience));
    assert!(with("aud", json!(["sigstore"])).is_ok());
    assert!(with("azp", json!("sigstore")).is_ok());
}

#[test]
fn a_token_is_alive_and_says_until_when() {
    // IDP-13; the clocks may differ by half a minute.
    let cases = [
        ("exp", json!(NOW - 30), Err(Code::OidcTime)),
        ("exp", json!(NOW - 29), Ok(())),
        ("exp", json!(NOW + 86_401), Err(Code::OidcTime)),
        ("exp", json!(u64::MAX), Err(Code::OidcTime)),
        ("exp", json!(-1), Err(Code::OidcClaimType)),
        ("exp", json!("2026"), Err(Code::OidcClaimType)),
        ("exp", json!(null), Err(Code::OidcClaimType)),
        ("exp", json!(1e300), Err(Code::OidcClaimType)),
        ("iat", json!(NOW + 31), Err(Code::OidcTime)),
        ("iat", json!(NOW + 30), Ok(())),
        ("nbf", json!(NOW + 31), Err(Code::OidcTime)),
        ("nbf", json!("soon"), Err(Code::OidcClaimType)),
    ];
    for (claim, value, expected) in cases {
        assert_eq!(with(claim, value.clone()).map(|_| ()), expected, "{claim} {value}");
    }
    assert_eq!(without("exp"), Err(Code::OidcTime));
    assert_eq!(without("iat"), Err(Code::OidcTime));
    assert!(without("nbf").is_ok());
}

#[test]
fn a_mail_address_is_verified_or_worth_nothing() {
    // IDP-19.
    for value in [json!(false), json!("true"), json!(1), json!(null), json!([true])] {
        assert_eq!(with("email_verified", value.clone()), Err(Code::OidcEmailUnverified), "{value}");
    }
    assert_eq!(without("email_verified"), Err(Code::OidcEmailUnverified));
}

#[test]
fn a_name_is_a_text_of_its_form() {
    // IDP-21.
    for value in [json!(["bob@example.org"]), json!({ "a": 1 }), json!(7), json!(""), json!("a\nb@example.org")] {
        assert_eq!(with("email", value.clone()), Err(Code::OidcClaimType), "{value}");
    }
    for text in ["bob", "bob@", "@example.org", "a@b@c", "b\u{43e}b@example.org", "bob @example.org", "https://a.b/c@d"]
    {
        assert_eq!(with("email", json!(text)), Err(Code::OidcClaimType), "{text}");
    }
    assert_eq!(with("email", json!(format!("{}@example.org", "b".repeat(300)))), Err(Code::OidcClaimType));
    for value in [json!(["user-7"]), json!(7), json!({}), json!(""), json!("a\u{7}")] {
        assert_eq!(with("sub", value.clone()), Err(Code::OidcClaimType), "{value}");
    }
    assert_eq!(without("sub"), Err(Code::OidcClaimType));
}

#[test]
fn an_issuer_may_be_held_to_its_own_mail_domains() {
    let entry = json!({ "identity": { "kind": "email", "domains": ["Example.org"] } });
    assert!(judged_under(&entry, &KEY.token(&claims())).is_ok());
    for address in ["bob@evil.example", "bob@example.org.evil.example", "bob@sub.example.org"] {
        let mut claims = claims();
        claims["email"] = json!(address);
        assert_eq!(judged_under(&entry, &KEY.token(&claims)), Err(Code::OidcClaimType), "{address}");
    }
}

#[test]
fn refuses_a_claim_that_stands_twice() {
    // IDP-27.
    let good = claims().to_string();
    for second in [r#""sub":"root""#, r#""email":"root@example.org""#, r#""other":1,"other":2"#, r#""aud":"x""#] {
        let payload = good.replacen('{', &format!("{{{second},"), 1);
        let token = KEY.sign(&KEY.header().to_string(), &payload);
        assert_eq!(judged(&token), Err(Code::OidcDuplicateClaim), "{second}");
    }
}

#[test]
fn refuses_more_claims_than_any_issuer_sends() {
    let mut claims = claims();
    for number in 0..200 {
        claims[format!("c{number}")] = json!(0);
    }
    assert_eq!(judged(&KEY.token(&claims)), Err(Code::OidcMalformed));
}

#[test]
fn a_uri_stays_inside_the_issuers_part() {
    let identity = json!({ "kind": "uri", "claim": "job", "prefix": "https://ci.example.org/acme/" });
    let good = named(&identity, "job", "https://ci.example.org/acme/build/7").unwrap();
    assert_eq!((good.class, good.subject.as_str()), (ActorClass::Workload, "https://ci.example.org/acme/build/7"));
    assert_eq!(good.challenge, "user-7", "a workload proves its key by the token's subject");
    let outside = [
        "https://ci.example.org/acme/",
        "https://ci.example.org/acmes/x",
        "https://ci.example.org/other/x",
        "https://evil.example/acme/x",
        "https://ci.example.org/acme/../other/x",
        "https://ci.example.org/acme/./x",
        "https://ci.example.org/acme/\u{e9}",
        "https://ci.example.org/acme/a b",
        "bob@example.org",
    ];
    for text in outside {
        assert_eq!(named(&identity, "job", text), Err(Code::OidcClaimType), "{text}");
    }
    assert_eq!(judged_under(&json!({ "identity": identity }), &KEY.token(&claims())), Err(Code::OidcClaimType));
}

#[test]
fn a_name_becomes_one_segment_of_a_uri() {
    let identity =
        json!({ "kind": "name", "claim": "login", "prefix": "https://idp.example.org/users/", "class": "person" });
    let cases = [
        ("bob", "https://idp.example.org/users/bob"),
        ("../root", "https://idp.example.org/users/..%2Froot"),
        ("a b", "https://idp.example.org/users/a%20b"),
        ("b\u{43e}b", "https://idp.example.org/users/b%D0%BEb"),
        ("a%2Fb", "https://idp.example.org/users/a%252Fb"),
    ];
    for (login, expected) in cases {
        let identity = named(&identity, "login", login).unwrap();
        assert_eq!((identity.class, identity.subject.as_str()), (ActorClass::Person, expected));
    }
    assert_eq!(named(&identity, "login", ".."), Err(Code::OidcClaimType));
}
