//! What is read of a token, and which are not used at all.

use super::world::{claims, token};
use super::*;

fn with(change: impl FnOnce(&mut Value)) -> Result<(Option<String>, String), Code> {
    let mut claims = claims();
    change(&mut claims);
    let token = IdentityToken::read(&token(&claims), now()).map_err(|error| error.code())?;
    Ok((token.identity(), token.issuer().to_owned()))
}

fn identity(change: impl FnOnce(&mut Value)) -> Option<String> {
    with(|claims| {
        claims.as_object_mut().unwrap().remove("email");
        change(claims);
    })
    .unwrap()
    .0
}

#[test]
fn claims_tell_whom_a_certificate_will_name() {
    assert_eq!(with(|_| ()), Ok((Some(SUBJECT.to_owned()), ISSUER.to_owned())));
    let dex = with(|claims| claims["federated_claims"] = json!({ "connector_id": "https://accounts.example.com" }));
    assert_eq!(dex.unwrap().1, "https://accounts.example.com");
    assert_eq!(identity(|_| ()), None, "a bare subject becomes a name that only its issuer's configuration tells");
    let spiffe = "spiffe://example.org/agent/builder";
    assert_eq!(identity(|claims| claims["sub"] = json!(spiffe)).unwrap(), spiffe);
    let workflow = "octo/repo/.github/workflows/ci.yml@refs/heads/main";
    let github = |claims: &mut Value| {
        claims["iss"] = json!("https://token.actions.githubusercontent.com");
        claims["job_workflow_ref"] = json!(workflow);
    };
    assert_eq!(identity(github).unwrap(), format!("https://github.com/{workflow}"));
    assert_eq!(identity(|claims| claims["job_workflow_ref"] = json!(workflow)), None, "anybody may write that claim");
    let pipeline = "gitlab.example.com/group/project//.gitlab-ci.yml@refs/heads/main";
    assert_eq!(
        identity(|claims| claims["ci_config_ref_uri"] = json!(pipeline)).unwrap(),
        format!("https://{pipeline}")
    );
}

#[test]
fn whoever_knows_better_names_the_subject() {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("email");
    let token = IdentityToken::read(&token(&claims), now()).unwrap();
    assert_eq!(Expected::of(&token, Some("https://example.org/x")).unwrap().identity, "https://example.org/x");
    assert_eq!(Expected::of(&token, None).map_err(|error| error.code()), Err(Code::ElsewhereIdentity));
}

#[test]
fn a_token_that_cannot_sign_is_not_shown_to_anybody() {
    let changes = [
        ("exp", json!(now().unix())),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iss", Value::Null),
        ("iss", json!([""])),
    ];
    for (claim, value) in changes {
        assert_eq!(with(|claims| claims[claim] = value), Err(Code::ElsewhereToken));
    }
    let good = token(&claims());
    let long = "x".repeat(16 * 1024 + 1);
    let twice = token(&json!({})).replacen("e30", "eyJpc3MiOiIxIiwiaXNzIjoiMiIsImV4cCI6OTk5OTk5OTk5OTl9", 2);
    for text in ["", " \n", "one", "two.parts", &format!("{good}.four"), "a.!!.c", &long, &twice] {
        assert_eq!(IdentityToken::read(text, now()).map(drop).map_err(|error| error.code()), Err(Code::ElsewhereToken));
    }
    assert!(IdentityToken::read(&format!("{good}\n"), now()).is_ok());
}
