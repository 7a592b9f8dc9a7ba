//! The form of a token and its header: algorithms, keys by header, other serialisations (IDP-01, 02, 03, 11, 28, 29).

use signer_core::reason::Code;
use zeroize::Zeroizing;

use super::provider::{IssuerKey, claims, text};
use super::*;

fn with_header(header: &Value) -> Result<OpenIdentity, Code> {
    judged(&KEY.sign(&header.to_string(), &claims().to_string()))
}

fn with_member(member: &str, value: Value) -> Result<OpenIdentity, Code> {
    let mut header = KEY.header();
    header[member] = value;
    with_header(&header)
}

#[test]
fn each_accepted_algorithm_is_accepted() {
    for key in [IssuerKey::ec("a"), IssuerKey::ed25519("a"), IssuerKey::rsa("a")] {
        let documents = Arc::new(Documents::publishing(&[&key]));
        let issuers = issuers(config(&[entry(&json!({}))]), &documents);
        let identity = verify(&issuers, &key.token(&claims()), NOW).unwrap();
        assert_eq!(identity.subject.as_str(), "bob@example.org", "{:?}", key.algorithm);
    }
}

#[test]
fn refuses_tokens_that_nobody_signed() {
    // IDP-01.
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({ "typ": "JWT", "alg": name }).to_string();
        for signature in ["", "AAAA"] {
            let token = Zeroizing::new(format!(
                "{}.{}.{signature}",
                text(header.as_bytes()),
                text(claims().to_string().as_bytes())
            ));
            assert_eq!(judged(&token), Err(Code::OidcAlgorithm), "{name}");
        }
    }
    let stripped = KEY.token(&claims());
    let (signed, _) = stripped.rsplit_once('.').unwrap();
    assert_eq!(judged(&Zeroizing::new(format!("{signed}."))), Err(Code::OidcSignature));
}

#[test]
fn refuses_shared_keys_made_of_public_ones() {
    // IDP-02: whatever the shared key would be, no such algorithm is accepted.
    for name in ["HS256", "HS384", "HS512", "PS256", "RS384", "ES384", "ES256K", "RSA1_5", "hs256"] {
        assert_eq!(with_member("alg", json!(name)), Err(Code::OidcAlgorithm), "{name}");
    }
}

#[test]
fn refuses_another_accepted_algorithm_than_the_keys() {
    for name in ["RS256", "EdDSA"] {
        assert_eq!(with_member("alg", json!(name)), Err(Code::OidcKey), "{name}");
    }
}

#[test]
fn refuses_keys_that_the_header_brings() {
    // IDP-03.
    let own = IssuerKey::ec("key-1");
    let cases = [
        ("jwk", own.published.clone()),
        ("jku", json!("https://idp.example.org/other")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ];
    for (member, value) in cases {
        assert_eq!(with_member(member, value), Err(Code::OidcHeader), "{member}");
    }
    let mut header = own.header();
    header["jwk"] = own.published.clone();
    let forged = own.sign(&header.to_string(), &claims().to_string());
    assert_eq!(judged(&forged), Err(Code::OidcHeader));
}

#[test]
fn a_key_name_is_a_name_and_leads_nowhere() {
    // IDP-03.
    for name in ["", "../../key-1", "key-1' OR '1'='1", "https://evil.example/jwks", "KEY-1", "key-1\u{0}"] {
        assert_eq!(with_member("kid", json!(name)), Err(Code::OidcKey), "{name}");
    }
    assert_eq!(with_member("kid", json!(7)), Err(Code::OidcMalformed));
}

#[test]
fn a_token_without_a_key_name_needs_an_issuer_with_one_key() {
    let unnamed = json!({ "alg": "ES256" });
    assert!(with_header(&unnamed).is_ok());
    let other = IssuerKey::ec("key-2");
    let documents = Arc::new(Documents::publishing(&[&KEY, &other]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    let token = KEY.sign(&unnamed.to_string(), &claims().to_string());
    assert_eq!(verify(&issuers, &token, NOW), Err(Code::OidcKey));
}

#[test]
fn refuses_a_signature_of_another_key_or_over_other_bytes() {
    let other = IssuerKey::ec("key-1");
    assert_eq!(judged(&other.token(&claims())), Err(Code::OidcSignature));
    let token = KEY.token(&claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let mut forged = claims();
    forged["email"] = json!("root@example.org");
    let forged = format!("{header}.{}.{signature}", text(forged.to_string().as_bytes()));
    assert_eq!(judged(&Zeroizing::new(forged)), Err(Code::OidcSignature));
}

#[test]
fn refuses_what_is_no_signature_in_the_compact_form() {
    // IDP-28, IDP-29.
    let token = KEY.token(&claims());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let general = json!({ "payload": "e30", "signatures": [{ "protected": "e30", "signature": "AA" }] });
    let cases = [
        (general.to_string(), Code::OidcSerialization),
        (format!(" {general}"), Code::OidcSerialization),
        (String::new(), Code::OidcMalformed),
        (signed.to_owned(), Code::OidcMalformed),
        (format!("{signed}.{signature}.{signature}.{signature}"), Code::OidcMalformed),
        (format!("{}.e30.AA", text(b"{\"alg\":\"ES256\",\"alg\":\"ES256\"}")), Code::OidcMalformed),
        (format!("{}.e30.AA", text(b"[]")), Code::OidcMalformed),
        (format!("{}.{}.AA", text(b"{\"alg\":\"ES256\"}"), text(b"[]")), Code::OidcMalformed),
        (format!("{}.{}.AA", text(b"{\"alg\":\"ES256\"}"), text(b"\xff")), Code::OidcMalformed),
        (format!("{signed}=.AA"), Code::OidcMalformed),
        ("e30=.e30=.AA".to_owned(), Code::OidcMalformed),
    ];
    for (text, expected) in cases {
        assert_eq!(judged(&Zeroizing::new(text.clone())), Err(expected), "{text}");
    }
    // IDP-28: an encrypted token whose key would cost a thousand million rounds.
    let encrypted = format!("{}.e30.e30.e30.e30", text(b"{\"alg\":\"PBES2-HS256+A128KW\",\"p2c\":1000000000}"));
    assert_eq!(judged(&Zeroizing::new(encrypted)), Err(Code::OidcMalformed));
}

#[test]
fn refuses_tokens_of_another_type() {
    for kind in ["at+jwt", "logout+jwt", "JOSE", ""] {
        assert_eq!(with_member("typ", json!(kind)), Err(Code::OidcMalformed), "{kind}");
    }
    assert!(with_member("typ", json!("jwt")).is_ok());
}

#[test]
fn a_token_over_the_limit_is_not_read_at_all() {
    // IDP-11.
    for text in [".".repeat(10_000_000), "a".repeat(16 * 1024 + 1), KEY.token(&claims()).repeat(100)] {
        assert_eq!(judged(&Zeroizing::new(text)), Err(Code::LimitToken));
    }
    assert_eq!(judged(&Zeroizing::new(".".repeat(16 * 1024))), Err(Code::OidcMalformed));
}
