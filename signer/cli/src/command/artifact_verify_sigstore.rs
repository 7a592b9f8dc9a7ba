//! `chancery artifact verify --sigstore PATH|sha256:DIGEST`: judge a bundle of any Sigstore client, under the trust root
//! and for the signer that the caller names. There is no anchor and no policy in this: the caller's word is both.

use std::fs::File;
use std::path::{Path, PathBuf};

use signer_core::bundle;
use signer_core::digest::Digest;
use signer_core::manifest;
use signer_core::reason::Code;
use signer_core::verdict::{Kind, Mode, Verdict};
use signer_sigstore::foreign::{Artifact, ForeignJudgement, ForeignVerifier, Signer};
use signer_sigstore::trusted_root;

use crate::args::ArtifactVerify;
use crate::clock;
use crate::config::Config;
use crate::evidence;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::named_file;

/// Most bytes of a key file.
const MAX_KEY: usize = 16 * 1024;

/// Reads and judges.
pub(crate) fn verify(config: &Config, arguments: &ArtifactVerify) -> Result<Exit, Failure> {
    let subject = match judge(arguments) {
        Ok(judgement) => {
            let id = judgement.artifact.to_string();
            judgement.verdict(Kind::Artifact, id)
        }
        Err(failure) if failure.exit == Exit::Usage => return Err(failure),
        Err(failure) => evidence::refused(Kind::Artifact, arguments.path.display().to_string(), failure),
    };
    Ok(evidence::answer(config, &Verdict::new(Mode::Enforce, vec![subject])))
}

fn judge(arguments: &ArtifactVerify) -> Result<ForeignJudgement, Failure> {
    let verifier = ForeignVerifier::new(&trusted_root(arguments.trusted_root.as_deref())?)?;
    let digest = digest(&arguments.path)?;
    let bundle = named_file::read(
        &bundle_path(arguments, digest.is_some() && !arguments.path.is_dir())?,
        bundle::MAX_BYTES,
        Code::BundleMissing,
    )?;
    let key;
    let signer = match (&arguments.identity, &arguments.issuer, &arguments.key) {
        (Some(identity), Some(issuer), None) => Signer::Identity { identity, issuer },
        (None, None, Some(path)) => {
            key = String::from_utf8_lossy(&named_file::read(path, MAX_KEY, Code::TrustKeyMissing)?).into_owned();
            Signer::Key { pem: &key }
        }
        _ => return Err(Failure::usage("name the signer by --identity and --issuer, or by --key")),
    };
    let now = clock::now();
    let Some(digest) = digest else {
        let mut content = File::open(&arguments.path).map_err(|error| Failure::io(&arguments.path, &error))?;
        return Ok(verifier.judge(&bundle, Artifact::Content(&mut content), &signer, now)?);
    };
    Ok(verifier.judge(&bundle, Artifact::Digest(digest), &signer, now)?)
}

pub(crate) fn trusted_root(named: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let path = named.ok_or_else(|| Failure::usage("name the trust root by --trusted-root"))?;
    let unread = |error| Failure::new(Code::TrustMalformed, format_args!("`{}`: {error}", path.display()));
    trusted_root::read(path).map_err(unread)
}

/// A digest, unless a file of that name is there; of a directory its manifest's.
fn digest(path: &Path) -> Result<Option<Digest>, Failure> {
    if path.is_dir() {
        return Ok(Some(manifest::walk::walk(path)?.terms.digest()?));
    }
    Ok(path.to_str().and_then(|text| text.parse().ok()).filter(|_| !path.exists()))
}

fn bundle_path(arguments: &ArtifactVerify, is_digest: bool) -> Result<PathBuf, Failure> {
    match &arguments.bundle {
        Some(path) => Ok(path.clone()),
        None if is_digest => Err(Failure::usage("a digest has no file beside it: name the bundle by --bundle")),
        None => {
            let beside = bundle::beside(&arguments.path);
            let nameless = || Failure::usage(format_args!("`{}` has no name", arguments.path.display()));
            beside.map(|(bundle, _)| bundle).ok_or_else(nameless)
        }
    }
}
