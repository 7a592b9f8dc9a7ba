//! Certificate authorities that lie, fail or refuse.

use signer_core::crypto::P256Key;
use signer_core::issue;
use signer_core::time::Window;

use super::services::another_request;
use super::world::{Keyed, World};
use super::*;

fn of(change: impl FnOnce(&mut World)) -> Code {
    let mut world = World::new();
    change(&mut world);
    refused(&Deployment::of(world))
}

fn saying(twist: impl Fn(&mut Value) + Send + Sync + 'static) -> Code {
    refused(&Deployment::saying(Kind::Authority, twist))
}

#[test]
fn a_certificate_for_another_key_goes_no_further() {
    let deployment = Deployment::asked(Kind::Authority, |body| *body = another_request());
    assert_eq!(refused(&deployment), Code::ElsewhereCertificateKey);
    assert_eq!(deployment.heads().len(), 1);
}

#[test]
fn a_certificate_names_whom_the_token_names() {
    assert_eq!(of(|world| world.subject = "eve@example.org"), Code::IdMismatch);
    assert_eq!(of(|world| world.issuer = "https://idp.example.com"), Code::IdMismatch);
    let content = Content::Bytes { digest: Digest::of(CONTENT) };
    assert_eq!(sign_as(&Deployment::honest(), &content, "eve@example.org").map(drop), Err(Code::IdMismatch));
}

#[test]
fn a_certificate_comes_from_the_trust_roots_authority() {
    assert_eq!(of(|world| world.issuing = Keyed::under(&Keyed::root(), issue::issuing)), Code::X509Untrusted);
    assert_eq!(of(|world| world.issuing = Keyed::under(&world.root, issue::issuing)), Code::X509Untrusted);
}

#[test]
fn a_certificate_was_promised_to_a_log_of_the_trust_root() {
    assert_eq!(of(|world| world.ct = P256Key::generate().unwrap()), Code::LogSctInvalid);
}

#[test]
fn a_certificate_lives_when_it_signs() {
    let early = |world: &mut World| world.life = Window { start: now().minus(700), end: now().minus(100) };
    let late = |world: &mut World| world.life = Window { start: now().plus(30), end: now().plus(600) };
    assert_eq!(of(early), Code::X509Expired);
    assert_eq!(of(late), Code::X509Expired);
}

#[test]
fn an_altered_certificate_is_nobodys() {
    let code = saying(|answer| {
        let pem = answer.pointer_mut("/signedCertificateEmbeddedSct/chain/certificates/0").unwrap();
        let der = signer_core::pem::read_certificate(pem.as_str().unwrap().as_bytes()).unwrap();
        let last = der.len() - 1;
        let altered: Vec<u8> = der.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == last)).collect();
        *pem = signer_core::pem::certificate(&altered).unwrap().into();
    });
    assert_eq!(code, Code::X509Untrusted);
}

#[test]
fn an_answer_holds_one_chain_in_bounds() {
    let certificates = "/signedCertificateEmbeddedSct/chain/certificates";
    let with = |chain: Value| saying(move |answer| *answer.pointer_mut(certificates).unwrap() = chain.clone());
    assert_eq!(with(json!([])), Code::ElsewhereAnswer);
    assert_eq!(with(json!(["no PEM"])), Code::ElsewhereAnswer);
    assert_eq!(with(json!(["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])), Code::ElsewhereAnswer);
    assert_eq!(with(json!(["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])), Code::ElsewhereAnswer);
    assert_eq!(with(json!("text")), Code::ElsewhereAnswer);
    let long = saying(move |answer| {
        let chain = answer.pointer_mut(certificates).unwrap().as_array_mut().unwrap();
        chain.resize(9, json!("more"));
    });
    assert_eq!(long, Code::ElsewhereAnswer);
    let detached = saying(|answer| {
        let signed = answer["signedCertificateEmbeddedSct"].take();
        *answer = json!({ "signedCertificateDetachedSct": signed });
    });
    assert_eq!(detached, Code::ElsewhereAnswer);
    assert_eq!(saying(|answer| *answer = json!({})), Code::ElsewhereAnswer);
    assert_eq!(saying(|answer| *answer = json!([])), Code::ElsewhereAnswer);
}

#[test]
fn a_refusal_is_quoted_and_cut() {
    let deployment = Deployment::answering(Kind::Authority, |reply| {
        reply.status = 400;
        reply.body =
            json!({ "code": 3, "message": format!("\u{1b}[31mno{}", "x".repeat(1000)) }).to_string().into_bytes();
    });
    let outbound = Outbound::new(Roots::system(), std::time::Duration::from_secs(10));
    let authority = deployment.services().authority;
    let token = IdentityToken::read(&world::token(&world::claims()), now()).unwrap();
    let refused = crate::authority::certify(&authority, &outbound, &token, &P256Key::generate().unwrap()).unwrap_err();
    assert_eq!(refused.code(), Code::ElsewhereRefused);
    let text = refused.to_string();
    assert!(text.contains("status 400: \u{1b}[31mnoxx") && text.len() < 500, "{text}");
}

#[test]
fn redirections_floods_and_failures_are_told_apart() {
    // SRV-23, SRV-25.
    for kind in [Kind::Authority, Kind::Clock, Kind::Log] {
        let redirect = Deployment::answering(kind, |reply| {
            reply.status = 307;
            reply.head = "Location: http://127.0.0.1:1/\r\n";
        });
        assert_eq!(refused(&redirect), Code::ElsewhereRedirect, "{kind:?}");
        let flood = Deployment::answering(kind, |reply| reply.body = vec![b' '; 300 * 1024]);
        assert_eq!(refused(&flood), Code::ElsewhereLimit, "{kind:?}");
        for status in [202, 204, 401, 404, 409, 429, 500, 503] {
            let failing = Deployment::answering(kind, move |reply| reply.status = status);
            let code = refused(&failing);
            // A message without content is cut off by the library.
            assert!(matches!(code, Code::ElsewhereRefused | Code::ElsewhereUnreachable), "{kind:?} {status} {code}");
        }
    }
}
