//! Signing through services on this machine that are honest, and through such as lie in one thing each.

mod authorities;
mod clocks;
mod configs;
mod flow;
mod logs;
mod objects;
mod services;
mod tokens;
mod world;

use serde_json::{Value, json};
use signer_core::digest::Digest;
use signer_core::manifest::{ArtifactKind, ArtifactTerms, Entry, Manifest};
use signer_core::reason::{Code, Coded as _};
use signer_core::time::Timestamp;
use signer_outbound::{Outbound, Roots};
use signer_sigstore::foreign::Artifact;

use crate::error::ElsewhereError;
use crate::service::{Kind, Service};
use crate::sign::{Content, Elsewhere, Expected, Proven};
use crate::signing_config::Services;
use crate::token::IdentityToken;
use services::Deployment;
use world::{ISSUER, SUBJECT, now};

const CONTENT: &[u8] = b"content";

/// Signs `CONTENT` itself with the services of a deployment.
fn sign(deployment: &Deployment) -> Result<Proven, Code> {
    sign_as(deployment, &Content::Bytes { digest: Digest::of(CONTENT) }, SUBJECT)
}

fn sign_as(deployment: &Deployment, content: &Content<'_>, identity: &str) -> Result<Proven, Code> {
    signing(deployment, identity, |elsewhere, token, expected| {
        elsewhere.sign(token, expected, content, Artifact::Content(&mut &*CONTENT), now)
    })
}

/// Lets the services of a deployment sign for whom the token names, under this name.
fn signing<T>(
    deployment: &Deployment,
    identity: &str,
    sign: impl FnOnce(&Elsewhere<'_>, &IdentityToken, &Expected) -> Result<T, ElsewhereError>,
) -> Result<T, Code> {
    let outbound = Outbound::new(Roots::system(), std::time::Duration::from_secs(10));
    let services = deployment.services();
    let root = deployment.world.trust_root();
    let token = IdentityToken::read(&world::token(&world::claims()), now()).unwrap();
    let expected = Expected::of(&token, Some(identity)).unwrap();
    let elsewhere = Elsewhere::new(&services, &outbound, &root).unwrap();
    sign(&elsewhere, &token, &expected).map_err(|error| error.code())
}

/// The code of the refusal of a bundle that a lie is in.
fn refused(deployment: &Deployment) -> Code {
    sign(deployment).map(|proven| panic!("{}", String::from_utf8_lossy(proven.bundle()))).unwrap_err()
}

/// What `chancery artifact sign` states about a directory whose only file is `CONTENT`, under the digest of that file.
fn statement() -> Vec<u8> {
    let file = Entry { path: "app".parse().unwrap(), size: 7, sha256: Digest::of(CONTENT), executable: false };
    let terms = ArtifactTerms { kind: ArtifactKind::File, manifest: Manifest::new(vec![file]).unwrap() };
    let artifact = signer_core::manifest::Artifact { name: "app".parse().unwrap(), terms };
    artifact.into_statement().unwrap().encode().unwrap()
}
