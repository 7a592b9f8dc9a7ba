//! What an honest deployment gives, and who learns what.

use super::*;

fn kinds(proven: &Proven) -> (Value, Value) {
    let bundle: Value = serde_json::from_slice(proven.bundle()).unwrap();
    let entries = bundle["verificationMaterial"]["tlogEntries"].as_array().unwrap();
    let kinds = entries.iter().map(|entry| json!([entry["kindVersion"]["kind"], entry["kindVersion"]["version"]]));
    (kinds.collect(), bundle)
}

#[test]
fn content_and_statements_are_signed_through_either_rekor() {
    let payload = statement();
    let cases = [
        (Content::Bytes { digest: Digest::of(CONTENT) }, 2, json!([["hashedrekord", "0.0.2"]])),
        (Content::Statement { payload: &payload }, 2, json!([["hashedrekord", "0.0.2"]])),
        (Content::Bytes { digest: Digest::of(CONTENT) }, 1, json!([["hashedrekord", "0.0.1"]])),
        (Content::Statement { payload: &payload }, 1, json!([["dsse", "0.0.1"]])),
    ];
    for (content, version, expected) in cases {
        let proven = sign_as(&Deployment::honest().with_logs(&[version]), &content, SUBJECT).unwrap();
        let (kinds, bundle) = kinds(&proven);
        assert_eq!(kinds, expected);
        assert_eq!(bundle["mediaType"], "application/vnd.dev.sigstore.bundle.v0.3+json");
        assert_eq!(bundle.get("dsseEnvelope").is_some(), matches!(content, Content::Statement { .. }));
        let judgement = proven.judgement();
        assert_eq!(judgement.artifact, Digest::of(CONTENT));
        assert_eq!((judgement.identity.as_deref(), judgement.issuer.as_deref()), (Some(SUBJECT), Some(ISSUER)));
    }
}

#[test]
fn a_rekor_v1_log_alone_says_when() {
    let deployment = Deployment::honest().with_logs(&[1]).without_clock();
    let proven = sign(&deployment).unwrap();
    assert_eq!(proven.judgement().times, [deployment.world.logged_at]);
    assert!(kinds(&proven).1["verificationMaterial"].get("timestampVerificationData").is_none());
    let with_clock = Deployment::honest().with_logs(&[1]);
    let times = sign(&with_clock).unwrap().judgement().times.clone();
    assert!(times.contains(&with_clock.world.stamped_at), "{times:?}");
}

#[test]
fn several_logs_are_all_asked_and_all_judged() {
    let deployment = Deployment::honest().with_logs(&[2, 1]);
    assert_eq!(sign(&deployment).unwrap().judgement().log.len(), 2);
    // LOG-18.
    assert_eq!(refused(&Deployment::honest().with_logs(&[2, 2])), Code::LogThreshold);
    let lie = Deployment::answering(Kind::Log, |reply| {
        reply.alter(|answer| {
            // Only the older log's answer has an entry under a name of its own.
            if answer.get("canonicalizedBody").is_none() {
                first(answer)["integratedTime"] = json!(1_700_000_003);
            }
        });
    });
    assert_eq!(refused(&lie.with_logs(&[2, 1])), Code::LogPromiseInvalid);
}

fn first(answer: &mut Value) -> &mut Value {
    answer.as_object_mut().unwrap().values_mut().next().unwrap()
}

#[test]
fn only_the_authority_sees_the_token_and_time_is_asked_before_the_log() {
    let deployment = Deployment::honest();
    sign(&deployment).unwrap();
    let heads = deployment.heads();
    let paths: Vec<_> = heads.iter().map(|head| head.split(' ').nth(1).unwrap()).collect();
    assert_eq!(paths, ["/api/v2/signingCert", "/time", "/api/v2/log/entries"]);
    let shown: Vec<_> = heads.iter().map(|head| head.to_ascii_lowercase().contains("authorization: bearer")).collect();
    assert_eq!(shown, [true, false, false]);
}

#[test]
fn each_signature_has_a_key_of_its_own() {
    let deployment = Deployment::honest();
    let certificate = |proven: &Proven| kinds(proven).1["verificationMaterial"]["certificate"].clone();
    assert_ne!(certificate(&sign(&deployment).unwrap()), certificate(&sign(&deployment).unwrap()));
}

#[test]
fn a_file_that_changes_while_it_is_signed_is_not_what_was_signed() {
    let before = Content::Bytes { digest: Digest::of(b"before") };
    assert_eq!(sign_as(&Deployment::honest(), &before, SUBJECT).map(drop), Err(Code::ArtDiffers));
}

#[test]
fn a_trust_root_that_is_none_is_refused_before_anybody_is_asked() {
    let deployment = Deployment::honest();
    let outbound = Outbound::new(Roots::system(), std::time::Duration::from_secs(10));
    let refused = Elsewhere::new(&deployment.services(), &outbound, b"{}").map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::TrustMalformed);
    assert!(deployment.heads().is_empty());
}

#[test]
fn a_service_that_is_not_there_is_named() {
    let deployment = Deployment::honest();
    let mut services = deployment.services();
    services.clocks[0].url = "http://127.0.0.1:1/time".to_owned();
    let outbound = Outbound::new(Roots::system(), std::time::Duration::from_secs(10));
    let token = IdentityToken::read(&world::token(&world::claims()), now()).unwrap();
    let expected = Expected::of(&token, None).unwrap();
    let root = deployment.world.trust_root();
    let elsewhere = Elsewhere::new(&services, &outbound, &root).unwrap();
    let content = Content::Bytes { digest: Digest::of(CONTENT) };
    let refused = elsewhere.sign(&token, &expected, &content, Artifact::Content(&mut &*CONTENT), now);
    let refused = refused.map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::ElsewhereUnreachable);
    assert!(refused.to_string().contains("the time-stamp authority http://127.0.0.1:1/time"), "{refused}");
    assert_eq!(deployment.heads().len(), 1, "nothing is logged that has no time");
}
