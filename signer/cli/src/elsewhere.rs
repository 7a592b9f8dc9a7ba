//! Signing through somebody else's Sigstore: which one, with whose token, and the bundle beside the file.
//!
//! The engine is not asked, and no policy is: what is written is a Sigstore bundle like any other's, which
//! `artifact verify --sigstore` judges.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use signer_core::manifest::ArtifactKind;
use signer_core::reason::Code;
use signer_elsewhere::{
    Content, Elsewhere, Expected, IdentityToken, MAX_CONFIG_BYTES, MAX_TOKEN_BYTES, Proven, ProvenObject, SigningConfig,
};
use signer_outbound::{MAX_ROOTS_BYTES, Outbound, Roots};
use signer_sigstore::foreign::{Artifact, ForeignJudgement};
use signer_sigstore::trusted_root::PUBLIC;
use signer_wire::Secret;

use crate::args::elsewhere::Elsewhere as Arguments;
use crate::clock;
use crate::command::artifact_verify_sigstore as verify;
use crate::config::Config;
use crate::failure::Failure;
use crate::named_file;

/// How long a service may take: Rekor v2 answers when its next checkpoint is published.
const LIMIT: Duration = Duration::from_secs(30);

/// A Sigstore, and who signs.
pub struct Place {
    services: SigningConfig,
    trusted_root: Vec<u8>,
    outbound: Outbound,
    token: IdentityToken,
    expected: Expected,
}

/// Where flags or `config.toml` say that this signature is made; none for the engine.
pub fn place(config: &Config, arguments: &Arguments) -> Result<Option<Place>, Failure> {
    let mut command = None;
    let arguments = if arguments.signing_config.is_some() || arguments.trust_config.is_some() {
        arguments.clone()
    } else {
        match config.elsewhere()?.filter(|_| !arguments.built_in) {
            None if arguments.is_empty() => return Ok(None),
            None => return Err(Failure::usage("name the services by --signing-config or --trust-config")),
            Some(table) => {
                command = table.identity_token_command;
                Arguments {
                    signing_config: table.signing_config,
                    trust_config: table.trust_config,
                    trusted_root: arguments.trusted_root.clone().or(table.trusted_root),
                    ca: arguments.ca.clone().or(table.ca),
                    identity: arguments.identity.clone().or(table.identity),
                    ..arguments.clone()
                }
            }
        }
    };
    Place::new(config, &arguments, command.as_deref()).map(Some)
}

impl Arguments {
    /// Whether the engine may sign, as far as the flags say.
    fn is_empty(&self) -> bool {
        let Self { trusted_root, identity_token_file, identity, ca, .. } = self;
        trusted_root.is_none() && identity_token_file.is_none() && identity.is_none() && ca.is_none()
    }
}

impl Place {
    /// `command` prints a token where neither arguments nor environment hold one.
    fn new(config: &Config, arguments: &Arguments, command: Option<&[String]>) -> Result<Self, Failure> {
        let (services, enclosed) = services(arguments)?;
        let trusted_root = match (&arguments.trusted_root, enclosed) {
            (None, Some(enclosed)) => enclosed,
            (named, _) => verify::trusted_root(named.as_deref())?,
        };
        let roots = match &arguments.ca {
            None => Roots::system(),
            Some(path) => Roots::from_pem(&named_file::read(path, MAX_ROOTS_BYTES, Code::TlsRoots)?)?,
        };
        let held = config.identity_token(arguments.identity_token_file.as_deref(), MAX_TOKEN_BYTES)?;
        let token = match (held, command) {
            (None, Some(command)) => Some(printed(command)?),
            (held, _) => held,
        };
        let token = IdentityToken::read(token.as_ref().map_or("", |token| token.expose()), clock::now())?;
        let expected = Expected::of(&token, arguments.identity.as_deref())?;
        Ok(Self { services, trusted_root, outbound: Outbound::new(roots, LIMIT), token, expected })
    }

    /// Signs, verifies, and only then writes the bundle.
    pub fn sign(&self, content: &Content<'_>, artifact: Artifact<'_>, bundle: &Path) -> Result<Proven, Failure> {
        let services = self.services.choose(clock::now())?;
        let elsewhere = Elsewhere::new(&services, &self.outbound, &self.trusted_root)?;
        let proven = elsewhere.sign(&self.token, &self.expected, content, artifact, clock::now)?;
        write_whole(bundle, proven.bundle())?;
        Ok(proven)
    }

    /// Signs a git object, given without a signature, and verifies it.
    pub fn sign_object(&self, object: &[u8]) -> Result<ProvenObject, Failure> {
        let services = self.services.choose(clock::now())?;
        let elsewhere = Elsewhere::new(&services, &self.outbound, &self.trusted_root)?;
        Ok(elsewhere.sign_object(&self.token, &self.expected, object, clock::now)?)
    }

    /// Signs a file or directory in the form its kind has elsewhere: content as itself, which every client can check, a
    /// directory by the statement about its manifest.
    pub fn sign_artifact(
        &self,
        artifact: signer_core::manifest::Artifact,
        path: &Path,
        bundle: &Path,
    ) -> Result<Proven, Failure> {
        let digest = artifact.terms.digest()?;
        match artifact.terms.kind {
            ArtifactKind::File => {
                let mut content = std::fs::File::open(path).map_err(|error| Failure::io(path, &error))?;
                self.sign(&Content::Bytes { digest }, Artifact::Content(&mut content), bundle)
            }
            ArtifactKind::Directory => {
                let payload = artifact.into_statement()?.encode()?;
                self.sign(&Content::Statement { payload: &payload }, Artifact::Digest(digest), bundle)
            }
        }
    }
}

/// The token that a program prints.
fn printed(command: &[String]) -> Result<Secret, Failure> {
    let failed = |why: &str| {
        let program = command.first().map_or("", String::as_str);
        Failure::new(Code::ElsewhereToken, format_args!("`{program}`, which should print the identity token, {why}"))
    };
    let (program, arguments) = command.split_first().ok_or_else(|| failed("is not named"))?;
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| failed(&error.to_string()))?;
    if !output.status.success() {
        return Err(failed(&format!("ended with {}", output.status)));
    }
    String::from_utf8(output.stdout).map(Secret::new).map_err(|_| failed("printed no text"))
}

/// The services, and the trust root where it came with them.
fn services(arguments: &Arguments) -> Result<(SigningConfig, Option<Vec<u8>>), Failure> {
    match (&arguments.signing_config, &arguments.trust_config) {
        (Some(path), None) if path == Path::new(PUBLIC) => Ok((SigningConfig::public()?, None)),
        (Some(path), None) => {
            let config = SigningConfig::from_json(&named_file::read(path, MAX_CONFIG_BYTES, Code::ElsewhereConfig)?)?;
            Ok((config, None))
        }
        (None, Some(path)) => {
            let both =
                SigningConfig::with_trust_root(&named_file::read(path, MAX_CONFIG_BYTES, Code::ElsewhereConfig)?)?;
            Ok((both.0, Some(both.1)))
        }
        _ => Err(Failure::usage("name the services by a signing config or a client trust config, not by both")),
    }
}

/// What this signature is, for whoever asked for it.
pub fn described(judgement: &ForeignJudgement) -> serde_json::Value {
    let time = judgement.times.iter().min();
    serde_json::json!({
        "identity": judgement.identity, "issuer": judgement.issuer, "signed_at": time, "log": judgement.log,
    })
}

/// One line for people.
pub fn line(judgement: &ForeignJudgement) -> String {
    let log = judgement.log.first().map(|place| format!("{} {}", place.origin, place.index)).unwrap_or_default();
    let identity = judgement.identity.as_deref().unwrap_or_default();
    crate::output::one_line(&format!("signed as {identity}, logged at {log}"))
}

/// The whole file under its name or nothing: a disk that fills up leaves what was there.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let written = std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|error| {
        let _gone = std::fs::remove_file(&unfinished);
        Failure::io(path, &error)
    })
}
