//! Fulcio's wire over a real socket: what stock clients send, what they insist on, and who gets nothing (§10, side doors).

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signer_core::certificate::Leaf;
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::identity::Purpose;
use signer_core::reason::Code;
use signer_core::{csr, pem};

use super::server::{Answer, Server};
use crate::oidc::tests::provider::{Documents, IssuerKey, claims};
use crate::oidc::tests::{config, entry, issuers};

const ROUTE: &str = "POST /api/v2/signingCert";

static KEY: LazyLock<IssuerKey> = LazyLock::new(|| IssuerKey::ec("key-1"));

fn server() -> Server {
    let documents = Arc::new(Documents::publishing(&[&KEY]));
    let issuers = issuers(config(&[entry(&json!({}))]), &documents);
    Server::adapted(|rim| rim.with_issuers(Some(issuers)))
}

/// A token that was never shown before.
fn token() -> String {
    let mut claims = claims();
    claims["jti"] = json!(hex::encode(signer_core::crypto::random::<8>().unwrap()));
    KEY.token(&claims).to_string()
}

fn request_text(key: &P256Key) -> String {
    let der = csr::make(key).unwrap();
    pem::certificate(&der).unwrap().replace("CERTIFICATE", "CERTIFICATE REQUEST")
}

/// sigstore-python's form.
fn by_request(key: &P256Key) -> Value {
    json!({ "certificateSigningRequest": STANDARD.encode(request_text(key)) })
}

/// cosign's and sigstore-js's form.
fn by_key(key: &P256Key, challenge: &str) -> Value {
    let spki = pem::public_key(&key.public().to_spki_der().unwrap()).unwrap();
    json!({ "publicKeyRequest": {
        "publicKey": { "algorithm": "ECDSA", "content": spki },
        "proofOfPossession": STANDARD.encode(key.sign_p256(challenge.as_bytes()).unwrap()),
    } })
}

fn with_token(mut body: Value, token: &str) -> Value {
    body["credentials"] = json!({ "oidcIdentityToken": token });
    body
}

fn fresh() -> P256Key {
    P256Key::generate().unwrap()
}

/// Status, gRPC's code and ours.
fn declined(answer: &Answer) -> (u16, u64, Code) {
    let reason = answer.body["details"][0]["reason"].as_str().unwrap_or_else(|| panic!("{answer:?}"));
    assert!(answer.body["message"].is_string());
    (answer.status, answer.body["code"].as_u64().unwrap(), Code::from_code(reason).unwrap())
}

/// The leaf in an answer; the authorities' certificates stand behind it.
fn leaf(answer: &Answer) -> Leaf {
    assert_eq!(answer.status, 200, "cosign takes no other: {answer:?}");
    let chain = &answer.body["signedCertificateEmbeddedSct"]["chain"]["certificates"];
    assert_eq!(chain.as_array().unwrap().len(), 3);
    read_leaf(chain[0].as_str().unwrap())
}

fn read_leaf(text: &str) -> Leaf {
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    Leaf::parse(&STANDARD.decode(base64).unwrap()).unwrap()
}

#[test]
fn both_forms_and_both_places_of_the_token_get_a_certificate() {
    let server = server();
    for body in [by_request, |key: &P256Key| by_key(key, "bob@example.org")] {
        let (in_header, in_body, in_both) = (fresh(), fresh(), fresh());
        let certified = leaf(&server.by(&token(), ROUTE, &body(&in_header)));
        assert_eq!(*certified.public_key(), in_header.public());
        assert_eq!(certified.identity().purpose, Purpose::Open);
        let certified = leaf(&server.send(ROUTE, &[], &with_token(body(&in_body), &token()).to_string()));
        assert_eq!(*certified.public_key(), in_body.public());
        let token = token();
        let certified = leaf(&server.by(&token, ROUTE, &with_token(body(&in_both), &token)));
        assert_eq!(*certified.public_key(), in_both.public());
    }
}

#[test]
fn the_older_interface_gives_one_text_and_201() {
    let server = server();
    let key = fresh();
    let body = json!({
        "publicKey": { "content": STANDARD.encode(key.public().to_spki_der().unwrap()), "algorithm": "ecdsa" },
        "signedEmailAddress": STANDARD.encode(key.sign_p256(b"bob@example.org").unwrap()),
        "certificateSigningRequest": null,
    });
    let answer = server.by(&token(), "POST /api/v1/signingCert", &body);
    assert_eq!(answer.status, 201);
    assert!(answer.head.contains("content-type: application/pem-certificate-chain"));
    let text = answer.body.as_str().unwrap();
    assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 3);
    let (leaf, _) = text.split_once("-----END CERTIFICATE-----").unwrap();
    assert_eq!(*read_leaf(leaf).public_key(), key.public());
}

#[test]
fn signatures_in_either_half_of_the_order_prove_a_key() {
    // Stock clients do not lower s; half of theirs are high.
    use signer_core::crypto::P256Public;
    let key = fresh();
    let low = key.sign_p256(b"bob@example.org").unwrap();
    let high = chancery_high_s(&low);
    assert!(P256Public::verify(&key.public(), b"bob@example.org", &high).is_err());
    let mut body = by_key(&key, "bob@example.org");
    body["publicKeyRequest"]["proofOfPossession"] = json!(STANDARD.encode(high));
    leaf(&server().by(&token(), ROUTE, &body));
}

/// The other signature of the same message: the order minus s.
fn chancery_high_s(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let r_end = 4 + usize::from(signature[3]);
    let s = &signature[r_end + 2..];
    let mut padded = [0; 32];
    padded[32 - s.len()..].copy_from_slice(s);
    let mut high = [0_u8; 32];
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(ORDER[at]) - i16::from(padded[at]) - borrow;
        borrow = i16::from(difference < 0);
        high[at] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let (r, length) = (&signature[2..r_end], u8::try_from(r_end - 2 + 2 + 33).unwrap());
    [&[0x30, length], r, &[2, 33, 0], &high].concat()
}

#[test]
fn nothing_but_the_key_is_taken_from_a_request() {
    // IDP-17: a request that asks to be an authority, by another name.
    let key = fresh();
    let certified = leaf(&server().by(&token(), ROUTE, &by_request(&key)));
    assert_eq!(certified.subject().as_str(), "bob@example.org");
    assert_eq!(certified.window().end, certified.window().start.plus(600));
}

#[test]
fn refuses_what_is_no_token_of_a_configured_issuer() {
    let server = server();
    let ask = |token: &str| declined(&server.by(token, ROUTE, &by_request(&fresh())));
    let forged = IssuerKey::ec("key-1").token(&claims());
    let mut other = claims();
    other["iss"] = json!("https://evil.example");
    assert_eq!(ask(&forged), (401, 16, Code::OidcSignature));
    assert_eq!(ask(&KEY.token(&other)), (401, 16, Code::OidcIssuer));
    assert_eq!(ask("nonsense"), (401, 16, Code::OidcMalformed));
    let none = server.send(ROUTE, &[], &by_request(&fresh()).to_string());
    assert_eq!(declined(&none), (401, 16, Code::IssueUnauthorized));
    let long = with_token(by_request(&fresh()), &".".repeat(40_000));
    assert_eq!(declined(&server.send(ROUTE, &[], &long.to_string())), (400, 3, Code::LimitToken));
    let two = with_token(by_request(&fresh()), &token());
    assert_eq!(declined(&server.by(&token(), ROUTE, &two)), (400, 3, Code::RequestMalformed));
}

#[test]
fn without_issuers_no_token_is_taken() {
    let answer = Server::start().by(&token(), ROUTE, &by_request(&fresh()));
    assert_eq!(declined(&answer), (404, 5, Code::OidcDisabled));
}

#[test]
fn refuses_keys_without_proof_and_requests_without_form() {
    // IDP-16.
    let server = server();
    let ask = |body: Value| declined(&server.by(&token(), ROUTE, &body));
    let unproven = {
        let mut body = by_key(&fresh(), "bob@example.org");
        body["publicKeyRequest"].as_object_mut().unwrap().remove("proofOfPossession");
        body
    };
    assert_eq!(ask(unproven).2, Code::IssueProof);
    assert_eq!(ask(by_key(&fresh(), "")), (400, 3, Code::IssueProof));
    assert_eq!(ask(by_key(&fresh(), "user-7")).2, Code::IssueProof);
    let mut both = by_key(&fresh(), "bob@example.org");
    both["certificateSigningRequest"] = by_request(&fresh())["certificateSigningRequest"].clone();
    assert_eq!(ask(both).2, Code::RequestMalformed);
    assert_eq!(ask(json!({})).2, Code::RequestMalformed);
    assert_eq!(ask(json!({ "certificateSigningRequest": "?" })).2, Code::RequestMalformed);
    assert_eq!(ask(json!({ "certificateSigningRequest": STANDARD.encode("no PEM") })).2, Code::IssueCsrMalformed);
    assert_eq!(ask(json!({ "more": 1 })).2, Code::RequestMalformed);
    let mut garbled = by_key(&fresh(), "bob@example.org");
    garbled["publicKeyRequest"]["publicKey"]["content"] = json!("-----BEGIN PUBLIC KEY-----");
    assert_eq!(ask(garbled).2, Code::IssueCsrMalformed);
}

#[test]
fn a_token_is_worth_one_key_on_this_wire_too() {
    // IDP-14.
    let server = server();
    let (token, body) = (token(), by_request(&fresh()));
    let first = server.by(&token, ROUTE, &body);
    assert_eq!(leaf(&first), leaf(&server.by(&token, ROUTE, &body)), "a repeat gets the same certificate");
    assert_eq!(declined(&server.by(&token, ROUTE, &by_request(&fresh()))).2, Code::OidcReplay);
}

#[test]
fn session_and_owner_credentials_get_nothing_here_and_tokens_nothing_elsewhere() {
    let server = server();
    let session = server.alice();
    for credential in [&session, &server.owner] {
        let refused = declined(&server.by(credential, ROUTE, &by_request(&fresh())));
        assert_eq!(refused, (401, 16, Code::OidcMalformed));
        assert_eq!(server.by(credential, "POST /api/v1/signingCert", &json!({})).status, 400);
    }
    let token = token();
    for route in ["POST /v1/certificates", "POST /v1/countersign", "POST /v1/statements", "POST /v1/prompts/accept"] {
        assert_eq!(server.by(&token, route, &json!({})).refusal(), (401, Code::AgentSessionUnknown), "{route}");
    }
    assert_eq!(server.by(&token, "POST /v1/persons", &json!({})).refusal(), (401, Code::IssueUnauthorized));
}

#[test]
fn says_whose_tokens_it_takes_and_under_whom_it_issues() {
    let server = server();
    let configuration = server.send("GET /api/v2/configuration", &[], "");
    assert_eq!(configuration.body["issuers"][0]["issuerUrl"], json!("https://idp.example.org"));
    assert_eq!(configuration.body["issuers"][0]["challengeClaim"], json!("email"));
    let bundle = server.send("GET /api/v2/trustBundle", &[], "");
    let chain = bundle.body["chains"][0]["certificates"].as_array().unwrap().clone();
    assert_eq!(chain.len(), 2);
    let text = server.send("GET /api/v1/rootCert", &[], "");
    assert_eq!(text.body, json!(chain.iter().map(|one| one.as_str().unwrap()).collect::<String>()));
    assert_eq!(Server::start().send("GET /api/v2/configuration", &[], "").body, json!({ "issuers": [] }));
}

#[test]
fn the_token_stands_in_no_answer() {
    // SRV-11.
    let server = server();
    let token = token();
    let (_, canary) = token.rsplit_once('.').unwrap();
    for body in [by_request(&fresh()), json!({}), by_key(&fresh(), "other")] {
        let answer = server.by(&token, ROUTE, &body);
        assert!(!answer.body.to_string().contains(canary) && !answer.head.contains(canary));
    }
}
