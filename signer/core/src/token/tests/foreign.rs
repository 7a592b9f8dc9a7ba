//! openssl reads the same tokens.

use super::*;
use crate::forge::openssl::OpenSsl;

const VERIFY: &str = "ts -verify -data message -CAfile root.pem -untrusted authority.pem -attime 1795000000";

fn judge(token: &[u8], message: &[u8], authority: &Party) -> OpenSsl {
    let openssl = OpenSsl::new();
    openssl.file("token", token);
    openssl.file("response", &response(token));
    openssl.file("message", message);
    openssl.certificate("root.pem", &WORLD.root.certificate);
    openssl.certificate("authority.pem", &authority.certificate);
    openssl
}

#[test]
fn openssl_verifies_the_token_bare_and_in_a_response() {
    let openssl = judge(&TOKEN, MESSAGE, &WORLD.countersigner);
    openssl.run(&format!("{VERIFY} -in token -token_in")).unwrap();
    openssl.run(&format!("{VERIFY} -in response")).unwrap();
    openssl.run("ts -reply -in response -text").unwrap();
    judge(&WORLD.stamp(MESSAGE), MESSAGE, &WORLD.clock).run(&format!("{VERIFY} -in response")).unwrap();
}

#[test]
fn openssl_refuses_it_over_another_message_or_without_its_authority() {
    assert!(judge(&TOKEN, b"another message", &WORLD.countersigner).run(&format!("{VERIFY} -in response")).is_err());
    assert!(judge(&TOKEN, MESSAGE, &WORLD.clock).run(&format!("{VERIFY} -in response")).is_err());
}

#[test]
fn openssl_takes_a_nonce_for_the_answer_to_its_own_request() {
    let openssl = judge(&TOKEN, MESSAGE, &WORLD.clock);
    openssl.run("ts -query -data message -sha256 -out request").unwrap();
    let request = openssl.read("request");
    let fields = crate::forge::signed_data::elements(&request);
    let nonce = crate::tlv::only(&fields[2], crate::tlv::INTEGER).unwrap().content;
    let imprint = Digest::of(MESSAGE);
    let wanted = Request {
        policy: oid::TIME_POLICY,
        imprint: &imprint,
        time: now(),
        serial: &[5; 16],
        decision: None,
        nonce: Some(nonce),
    };
    let token = mint_request(&WORLD.clock.key, &WORLD.clock.certificate, &wanted).unwrap();
    openssl.file("answer", &response(&token));
    let verify = VERIFY.replace("-data message", "-queryfile request");
    openssl.run(&format!("{verify} -in answer")).unwrap();
}

#[test]
fn openssl_accepts_what_the_profile_forbids() {
    // Control: a certificate inside is sound RFC 3161, so its refusal is a rule of ours.
    let Party { certificate, .. } = &WORLD.countersigner;
    let mut enclosing = SignedDataForge::of_token(&TOKEN, certificate);
    enclosing.certificates = Some(vec![certificate.clone()]);
    let token = enclosing.der();
    judge(&token, MESSAGE, &WORLD.countersigner).run(&format!("{VERIFY} -in response")).unwrap();
    assert_eq!(code(&token), Code::TimeMalformed);
}
