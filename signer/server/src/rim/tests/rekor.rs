//! Rekor v2's write wire, as stock clients use it and as nobody should.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signer_core::crypto::{P256Key, SignP256};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::ActorClass;
use signer_core::log_entry::{self, LogEntry};
use signer_core::reason::Code;
use signer_core::trust_root::TrustRoot;
use signer_engine::answer::Answer as Recorded;
use signer_engine::engine::Engine;
use signer_engine::ledger::Ledger;
use signer_engine::open_identity::{OpenIdentity, Possession, TokenUse};

use super::server::{Answer, Server, certificate_request, now};
use crate::rim::body::SMALL;
use crate::rim::connection::MAX_HEADERS;

const ROUTE: &str = "POST /api/v2/log/entries";

/// A key with a certificate of the purpose `open`.
struct Signer {
    key: P256Key,
    certificate: Vec<u8>,
}

impl Signer {
    fn open(engine: &Engine, ledger: &mut Ledger) -> Self {
        let key = P256Key::generate().unwrap();
        let identity = OpenIdentity {
            subject: "ada@example.org".parse().unwrap(),
            class: ActorClass::Person,
            issuer: "https://id.example.org".to_owned(),
            token_subject: "1234".to_owned(),
            challenge: "ada@example.org".to_owned(),
            token: Digest::of(b"token"),
            token_use: TokenUse::Once,
        };
        let possession = Possession::Request(csr::make(&key).unwrap());
        let (prepared, _) = engine.issue_open(&identity, &possession, now());
        let outcome = ledger.commit(vec![prepared], now()).remove(0);
        match outcome.map(signer_engine::ledger::Recorded::into_inner) {
            Ok(Recorded::Certificate(issued)) => Self { key, certificate: issued.certificate.0 },
            _ => panic!("no certificate"),
        }
    }

    /// What a stock client sends for these bytes.
    fn request(&self, signed: &[u8]) -> Value {
        request(&Digest::of(signed), &self.key.sign_p256(signed).unwrap(), &self.certificate)
    }
}

fn request(digest: &Digest, signature: &[u8], certificate: &[u8]) -> Value {
    json!({ "hashedRekordRequestV002": {
        "digest": STANDARD.encode(digest.as_bytes()),
        "signature": {
            "content": STANDARD.encode(signature),
            "verifier": {
                "x509Certificate": { "rawBytes": STANDARD.encode(certificate) },
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            },
        },
    } })
}

fn started() -> (Server, Signer) {
    Server::with(Signer::open)
}

/// Status, gRPC's code and ours. The whole form is checked.
fn declined(answer: &Answer) -> (u16, u64, Code) {
    assert!(answer.head.contains("content-type: application/json"), "{answer:?}");
    assert!(answer.body["message"].is_string(), "{answer:?}");
    assert_eq!(answer.body.as_object().unwrap().len(), 3, "code, message, details and nothing else");
    assert_eq!(answer.body["details"][0]["@type"], json!("type.googleapis.com/google.rpc.ErrorInfo"));
    let reason = answer.body["details"][0]["reason"].as_str().unwrap();
    (answer.status, answer.body["code"].as_u64().unwrap(), Code::from_code(reason).unwrap())
}

fn refused(server: &Server, body: &Value) -> (u16, u64, Code) {
    declined(&server.send(ROUTE, &[], &body.to_string()))
}

/// The request with one member replaced, by a JSON pointer.
fn with(request: &Value, pointer: &str, value: Value) -> Value {
    let mut altered = request.clone();
    *altered.pointer_mut(pointer).unwrap() = value;
    altered
}

fn entries(server: &Server) -> usize {
    let page = server.by_owner("GET /v1/log/entries?start=0&count=1000", &Value::Null);
    page.body["entries"].as_array().unwrap().len()
}

#[test]
fn an_entry_is_answered_as_rekor_answers_it() {
    let (server, signer) = started();
    let asked = signer.request(b"release.tar.gz");
    let answer = server.send(ROUTE, &[], &asked.to_string());
    assert_eq!(answer.status, 201, "{answer:?}");
    let mut entry = answer.body;
    assert_eq!(entry["kindVersion"], json!({ "kind": "hashedrekord", "version": "0.0.2" }));
    // What has no value is there all the same, as the gateway's writer puts it.
    let fields = entry.as_object_mut().unwrap();
    assert_eq!(fields.remove("integratedTime"), Some(json!("0")));
    assert_eq!(fields.remove("inclusionPromise"), Some(Value::Null));
    let (entry, body) = LogEntry::from_bundle_json(&entry).unwrap();
    let record = &asked["hashedRekordRequestV002"];
    let signature = STANDARD.decode(record["signature"]["content"].as_str().unwrap()).unwrap();
    let digest = Digest::of(b"release.tar.gz");
    assert_eq!(body, log_entry::body(&digest, &signature, &signer.certificate).unwrap());
    let trust = TrustRoot::from_json(server.send("GET /v1/trust", &[], "").body.to_string().as_bytes()).unwrap();
    assert!(entry.verify(&body, &trust.logs()[0].parts()).is_ok());
}

/// The body that rekor-tiles would write, byte by byte.
#[test]
fn the_canonical_body_is_rekors() {
    let (server, signer) = started();
    let asked = signer.request(b"x");
    let answer = server.send(ROUTE, &[], &asked.to_string());
    let body = STANDARD.decode(answer.body["canonicalizedBody"].as_str().unwrap()).unwrap();
    let record = &asked["hashedRekordRequestV002"];
    let expected = format!(
        "{{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{{\"hashedRekordV002\":{{\"data\":\
         {{\"algorithm\":\"SHA2_256\",\"digest\":{}}},\"signature\":{{\"content\":{},\"verifier\":\
         {{\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",\"x509Certificate\":{{\"rawBytes\":{}}}}}}}}}}}}}",
        record["digest"],
        record["signature"]["content"],
        record["signature"]["verifier"]["x509Certificate"]["rawBytes"],
    );
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

// LOG-29.
#[test]
fn a_duplicate_is_a_conflict_that_names_the_index() {
    let (server, signer) = started();
    let asked = signer.request(b"x").to_string();
    let first = server.send(ROUTE, &[], &asked);
    let index = first.body["logIndex"].as_str().unwrap().to_owned();
    let size = entries(&server);
    for _ in 0..2 {
        let again = server.send(ROUTE, &[], &asked);
        assert_eq!(declined(&again), (409, 6, Code::LogEntryExists));
        assert!(again.head.contains(&format!("x-log-index: {index}\r\n")), "{}", again.head);
        let words = format!("an equivalent entry already exists in the transparency log with index {index}");
        assert_eq!(again.body["message"], json!(words));
    }
    assert_eq!(entries(&server), size);
}

#[test]
fn many_duplicates_at_once_get_one_place() {
    let (server, signer) = started();
    let asked = signer.request(b"x").to_string();
    let size = entries(&server);
    std::thread::scope(|scope| {
        let sent: Vec<_> = (0..16).map(|_| scope.spawn(|| server.send(ROUTE, &[], &asked))).collect();
        let answers: Vec<Answer> = sent.into_iter().map(|sent| sent.join().unwrap()).collect();
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let known = answers.iter().filter(|answer| answer.status == 409).count();
        assert_eq!((created, known), (1, 15), "whoever comes second is told so, in the same batch too");
        let mut indexes: Vec<String> = answers
            .iter()
            .map(|answer| {
                let known = answer.head.split_once("x-log-index: ").and_then(|(_, rest)| rest.split_once("\r\n"));
                let index = answer.body["logIndex"].as_str().or(known.map(|(index, _)| index));
                index.unwrap_or_else(|| panic!("{answer:?}")).to_owned()
            })
            .collect();
        indexes.dedup();
        assert_eq!(indexes.len(), 1, "{indexes:?}");
    });
    assert_eq!(entries(&server), size + 2, "one entry and one audit head");
}

// SRV-06: one signature and one verifier; a thousand of each cost a parser's glance and no key operation.
#[test]
fn many_signatures_or_verifiers_are_refused_before_any_is_looked_at() {
    let (server, signer) = started();
    let asked = signer.request(b"x");
    let size = entries(&server);
    let (signature, verifier) = ("/hashedRekordRequestV002/signature", "/hashedRekordRequestV002/signature/verifier");
    let one = asked.pointer(signature).unwrap().clone();
    let two = vec![one.clone(); 2];
    assert_eq!(refused(&server, &with(&asked, signature, json!(two))), (400, 3, Code::LogEntryMalformed));
    let keys = vec![one["verifier"].clone(); 2];
    assert_eq!(refused(&server, &with(&asked, verifier, json!(keys))), (400, 3, Code::LogEntryMalformed));
    let dsse = json!({ "dsseRequestV002": { "envelope": { "signatures": two }, "verifiers": keys } });
    assert_eq!(refused(&server, &dsse).2, Code::LogKind);
    // A thousand do not even fit.
    let many = with(&asked, signature, json!(vec![one; 1000]));
    assert_eq!(refused(&server, &many).2, Code::RequestTooLarge);
    assert_eq!(entries(&server), size);
}

// LOG-25: each member null, absent, of another type; unknown and doubled members.
#[test]
fn malformed_requests_are_refused() {
    let (server, signer) = started();
    let asked = signer.request(b"x");
    let size = entries(&server);
    let root = "/hashedRekordRequestV002";
    for member in [
        "",
        "/digest",
        "/signature",
        "/signature/content",
        "/signature/verifier",
        "/signature/verifier/x509Certificate",
        "/signature/verifier/x509Certificate/rawBytes",
        "/signature/verifier/keyDetails",
    ] {
        let pointer = format!("{root}{member}");
        for value in [Value::Null, json!(7), json!([]), json!({}), json!(true)] {
            let code = refused(&server, &with(&asked, &pointer, value.clone()));
            assert_eq!(code, (400, 3, Code::LogEntryMalformed), "{pointer} as {value}");
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut without = asked.clone();
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert_eq!(refused(&server, &without), (400, 3, Code::LogEntryMalformed), "{pointer} absent");
    }
    let text = asked.to_string();
    for body in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        text.strip_suffix('}').unwrap().to_owned(),
        format!("{text}{text}"),
        text.replacen("\"digest\"", "\"digest\":\"\",\"digest\"", 1),
        text.replacen("\"digest\"", "\"extra\":1,\"digest\"", 1),
        text.replacen("\"keyDetails\"", "\"url\":\"http://127.0.0.1:1/key\",\"keyDetails\"", 1),
        text.replacen("\"rawBytes\"", "\"url\":\"http://127.0.0.1:1/key\",\"rawBytes\"", 1),
        format!("{{\"hashedRekordRequestV002\":{}", "[".repeat(30_000)),
    ] {
        let answer = server.send(ROUTE, &[], &body);
        assert_eq!(declined(&answer), (400, 3, Code::LogEntryMalformed), "{body:.80}");
    }
    assert_eq!(entries(&server), size);
}

#[test]
fn other_base64_is_refused() {
    let (server, signer) = started();
    let asked = signer.request(b"x");
    for member in ["/digest", "/signature/content", "/signature/verifier/x509Certificate/rawBytes"] {
        let pointer = format!("/hashedRekordRequestV002{member}");
        let honest = asked.pointer(&pointer).unwrap().as_str().unwrap().to_owned();
        for text in [
            format!("{honest} "),
            format!("{honest}="),
            format!("\n{honest}"),
            honest.replacen(char::is_alphanumeric, "-", 1),
            honest.replacen(char::is_alphanumeric, "*", 1),
            "A".to_owned(),
        ] {
            let code = refused(&server, &with(&asked, &pointer, json!(text)));
            assert_eq!(code, (400, 3, Code::LogEntryMalformed), "{pointer}");
        }
    }
}

#[test]
fn other_algorithms_are_refused() {
    let (server, signer) = started();
    let asked = signer.request(b"x");
    for details in
        ["PKIX_ECDSA_P384_SHA_384", "PKIX_ED25519", "PKIX_ED25519_PH", "PKIX_RSA_PKCS1V15_2048_SHA256", "", "5"]
    {
        let altered = with(&asked, "/hashedRekordRequestV002/signature/verifier/keyDetails", json!(details));
        assert_eq!(refused(&server, &altered), (400, 3, Code::LogEntryAlgorithm), "{details}");
    }
    for length in [0, 20, 31, 33, 48, 64] {
        let digest = json!(STANDARD.encode(vec![7; length]));
        let altered = with(&asked, "/hashedRekordRequestV002/digest", digest);
        assert_eq!(refused(&server, &altered), (400, 3, Code::LogEntryAlgorithm), "{length} bytes");
    }
}

// LOG-27: keys come from this engine's certificates and from nowhere else.
#[test]
fn verifiers_that_are_no_certificate_of_ours_are_refused() {
    let (server, signer) = started();
    let (_, foreign) = started();
    let asked = signer.request(b"x");
    assert_eq!(refused(&server, &foreign.request(b"x")), (403, 7, Code::LogEntryVerifier));
    let spki = STANDARD.encode(signer.key.public().to_spki_der().unwrap());
    let verifier = "/hashedRekordRequestV002/signature/verifier";
    let key = json!({ "publicKey": { "rawBytes": spki }, "keyDetails": "PKIX_ECDSA_P256_SHA_256" });
    assert_eq!(refused(&server, &with(&asked, verifier, key)), (403, 7, Code::LogEntryVerifier));
    let mut both = asked.clone();
    both.pointer_mut(verifier).unwrap()["publicKey"] = json!({ "rawBytes": spki });
    assert_eq!(refused(&server, &both), (400, 3, Code::LogEntryMalformed));
    let url = json!({ "publicKey": { "url": "http://127.0.0.1:1/key" }, "keyDetails": "PKIX_ECDSA_P256_SHA_256" });
    assert_eq!(refused(&server, &with(&asked, verifier, url)), (400, 3, Code::LogEntryMalformed));
    let certificate = format!("{verifier}/x509Certificate/rawBytes");
    let huge = vec![0x30; 20_000];
    for bytes in [b"".as_slice(), b"certificate", huge.as_slice()] {
        let altered = with(&asked, &certificate, json!(STANDARD.encode(bytes)));
        assert_eq!(refused(&server, &altered), (403, 7, Code::LogEntryVerifier));
    }
}

#[test]
fn other_kinds_of_entry_are_refused() {
    let (server, signer) = started();
    let dsse = json!({ "dsseRequestV002": { "envelope": {}, "verifiers": [] } });
    assert_eq!(refused(&server, &dsse), (400, 3, Code::LogKind));
    let mut both = signer.request(b"x");
    both["dsseRequestV002"] = json!({});
    assert_eq!(refused(&server, &both), (400, 3, Code::LogEntryMalformed));
    for kind in ["hashedRekordRequestV001", "identityRequestV001", "intotoRequestV002"] {
        let asked = json!({ kind: signer.request(b"x")["hashedRekordRequestV002"] });
        assert_eq!(refused(&server, &asked), (400, 3, Code::LogEntryMalformed), "{kind}");
    }
}

// LOG-26, and the side door: a live certificate of another purpose gets nothing.
#[test]
fn signatures_and_purposes_are_checked() {
    let (server, signer) = started();
    let other = signer.key.sign_p256(b"y").unwrap();
    let wrong = request(&Digest::of(b"x"), &other, &signer.certificate);
    assert_eq!(refused(&server, &wrong), (400, 3, Code::LogEntrySignature));
    let session = server.alice();
    let key = P256Key::generate().unwrap();
    let mut asked = certificate_request(&json!("terminal"));
    asked["csr"] = json!(STANDARD.encode(csr::make(&key).unwrap()));
    let issued = server.by(&session, "POST /v1/certificates", &asked);
    let certificate = STANDARD.decode(issued.body["certificate"].as_str().unwrap()).unwrap();
    let commit = Signer { key, certificate };
    assert_eq!(refused(&server, &commit.request(b"x")), (403, 7, Code::X509Purpose));
}

#[test]
fn oversize_bodies_are_refused_before_they_are_read() {
    let (server, signer) = started();
    for length in [SMALL + 1, usize::MAX / 2] {
        let head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close";
        let request = format!("{ROUTE} {head}\r\nContent-Length: {length}\r\n\r\n");
        assert_eq!(declined(&server.raw(request.as_bytes())), (413, 3, Code::RequestTooLarge));
    }
    let asked = signer.request(b"x").to_string();
    let padded = format!("{asked}{}", " ".repeat(SMALL - asked.len()));
    assert_eq!(server.send(ROUTE, &[], &padded).status, 201, "the limit itself is inside");
    let many: Vec<_> = (0..MAX_HEADERS).map(|_| ("x", "1")).collect();
    assert_eq!(server.send(ROUTE, &many, "{}").status, 431);
}

#[test]
fn a_full_queue_says_come_again_and_loses_nothing() {
    let (server, signer) = Server::overloaded_with(Signer::open);
    let asked = signer.request(b"x");
    let size = entries(&server);
    let answer = server.send(ROUTE, &[], &asked.to_string());
    assert_eq!(declined(&answer), (429, 8, Code::EngineBusy));
    assert!(answer.head.contains("retry-after: 1"));
    assert_eq!(entries(&server), size);
}

#[test]
fn a_frozen_log_refuses_as_a_frozen_shard_does() {
    let (server, signer) = started();
    let known = signer.request(b"x").to_string();
    assert_eq!(server.send(ROUTE, &[], &known).status, 201);
    assert_eq!(server.by_owner("POST /v1/log/freeze", &json!({})).status, 200);
    assert_eq!(refused(&server, &signer.request(b"y")), (405, 12, Code::LogFrozen));
    assert_eq!(declined(&server.send(ROUTE, &[], &known)), (409, 6, Code::LogEntryExists));
}

/// A client that leaves before the answer has lost nothing: asking again says where the entry is.
#[test]
fn a_vanished_client_finds_its_entry_again() {
    let (server, signer) = started();
    let asked = signer.request(b"x").to_string();
    server.send_and_leave(ROUTE, &asked);
    let again = server.send(ROUTE, &[], &asked);
    // It was recorded before, or is recorded now; never twice.
    assert!(matches!(again.status, 201 | 409), "{again:?}");
    assert_eq!(declined(&server.send(ROUTE, &[], &asked)), (409, 6, Code::LogEntryExists));
}
