//! `chancery anchor create`: adopts a repository. Anchor, policy and configuration become one commit, signed by the
//! person; history up to its parent is `pre-adoption` from then on.

use std::path::{Path, PathBuf};

use signer_core::anchor::{self, Adoption, AnchorTerms, Keyholder, KeyholderKey, ObjectFormat, RepositoryId};
use signer_core::crypto::{self, P256Key, SignP256};
use signer_core::digest::Digest;
use signer_core::foreign_time::{self, ForeignAuthorities};
use signer_core::git_name::RefName;
use signer_core::reason::Code;
use signer_core::repository_config::RepositoryConfig;
use signer_core::witness_policy::{self, WitnessPolicy};
use signer_git::change::ChangeReader;
use signer_git::object_id::ObjectFormat as GitFormat;
use signer_git::repository::Repository;
use signer_policy::PolicySet;

use crate::args::AnchorCreate;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{git, keyholder, programs, repository};

/// Where the governed files lie in a work tree.
pub(crate) const FOLDER: &str = ".chancery";

/// Adopts and commits.
pub(crate) fn create(config: &Config, arguments: &AnchorCreate) -> Result<Exit, Failure> {
    let adopted = adopt(config, arguments)?;
    let text = format!(
        "adopted as {}\nanchor {} {}\ncommit {}",
        adopted.repository,
        adopted.digest,
        adopted.file.display(),
        adopted.commit
    );
    let document = serde_json::json!({
        "schema": "urn:chancery:anchor:v1", "repository": adopted.repository, "anchor": adopted.digest,
        "file": adopted.file, "commit": adopted.commit,
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// A repository that has been adopted.
pub(crate) struct Adopted {
    /// Its id.
    pub(crate) repository: RepositoryId,
    /// Digest of the anchor file.
    pub(crate) digest: Digest,
    /// The copy of the anchor outside the repository.
    pub(crate) file: PathBuf,
    /// The commit that brought it.
    pub(crate) commit: String,
}

/// Makes the first anchor and commits it.
pub(crate) fn adopt(config: &Config, arguments: &AnchorCreate) -> Result<Adopted, Failure> {
    let repository = repository::open(&arguments.repo)?;
    let top = git::ask(&arguments.repo, &["rev-parse", "--show-toplevel"])
        .map_err(|_| Failure::usage("a repository is adopted in its work tree, and this one has none"))?;
    let top = PathBuf::from(top);
    if top.join(FOLDER).exists() {
        return Err(Failure::new(Code::AnchorExists, "the repository has a .chancery folder already"));
    }
    let target = match &arguments.target {
        Some(target) => repository::ref_name(target)?,
        None => repository::ref_name(&git::ask(&top, &["symbolic-ref", "HEAD"]).map_err(|_| {
            Failure::usage("no branch is checked out: name the one that work is meant for by --target")
        })?)?,
    };
    let owner = config.owner()?;
    let person = person(config)?;
    let key = keyholder::open_or_make(config, &owner)?;
    let id = RepositoryId::from_random(crypto::random().map_err(Failure::crypto)?);
    let policy = PolicySet::baseline()?;
    let mut terms = terms(config, &repository, id, &target, &policy, &person, &key)?;
    terms.witnesses = arguments.witness_policy.as_deref().map(witnesses).transpose()?;
    terms.time_authorities = arguments.time_authority.as_deref().map(time_authorities).transpose()?;
    let file = anchor::sign(terms, &[&key])?;
    write_folder(&top, &RepositoryConfig { repository: id, target }, &policy, &file)?;
    let commit = commit(config, &top, "Adopt the repository under Chancery", &person)?;
    let out = publish(config, &id, &file, arguments.out.as_deref())?;
    Ok(Adopted { repository: id, digest: Digest::of(&file), file: out, commit })
}

fn person(config: &Config) -> Result<String, Failure> {
    let nobody = || Failure::new(Code::AgentPresence, "nobody is logged in on this machine");
    Ok(config.broker()?.status().map_err(Failure::wire)?.person.ok_or_else(nobody)?.person)
}

fn terms(
    config: &Config,
    repository: &Repository,
    id: RepositoryId,
    target: &RefName,
    policy: &PolicySet,
    person: &str,
    key: &P256Key,
) -> Result<AnchorTerms, Failure> {
    let trust_root = String::from_utf8(config.engine()?.trust()?);
    let trust_root =
        trust_root.map_err(|_| Failure::new(Code::TrustMalformed, "the engine's trust root is not text"))?;
    Ok(AnchorTerms {
        version: 1,
        previous: None,
        repository: id,
        object_format: match repository.format() {
            GitFormat::Sha1 => ObjectFormat::Sha1,
            GitFormat::Sha256 => ObjectFormat::Sha256,
        },
        protected: vec![target.clone()],
        adoption: adoption(repository)?,
        trust_root,
        witnesses: None,
        time_authorities: None,
        policy: policy.digest(),
        keyholders: vec![Keyholder { name: person.to_owned(), key: KeyholderKey(key.public()) }],
        threshold: 1,
    })
}

/// The text of a witness policy.
pub(crate) fn witnesses(path: &Path) -> Result<String, Failure> {
    let text = text(path, witness_policy::MAX_BYTES, Code::LogWitnessPolicy)?;
    WitnessPolicy::parse(&text)?;
    Ok(text)
}

/// The text of a file of foreign time authorities.
pub(crate) fn time_authorities(path: &Path) -> Result<String, Failure> {
    let text = text(path, foreign_time::MAX_FILE, Code::TimeAuthorities)?;
    ForeignAuthorities::parse(&text)?;
    Ok(text)
}

fn text(path: &Path, most: usize, too_large: Code) -> Result<String, Failure> {
    let failed = |error| Failure::io(path, &error);
    if std::fs::metadata(path).map_err(failed)?.len() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Err(Failure::new(too_large, format_args!("`{}` is too large", path.display())));
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn adoption(repository: &Repository) -> Result<Option<Adoption>, Failure> {
    let Some(commit) = repository::head(repository)? else { return Ok(None) };
    let id = repository.resolve_commit("HEAD")?;
    let bytes = repository.read(&id)?.bytes;
    let tree = repository.linkage(&id)?.tree;
    let manifest = ChangeReader::new(repository).manifest_digest(&tree)?;
    Ok(Some(Adoption { commit, sha256: Digest::of(&bytes), manifest }))
}

fn write_folder(top: &Path, here: &RepositoryConfig, policy: &PolicySet, anchor: &[u8]) -> Result<(), Failure> {
    let folder = top.join(FOLDER);
    write(&folder.join("config.toml"), here.to_toml().as_bytes())?;
    write(&folder.join("anchor/1.json"), anchor)?;
    for (name, content) in policy.files() {
        write(&folder.join("policy").join(name), content)?;
    }
    Ok(())
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, bytes)).map_err(|error| Failure::io(path, &error))
}

/// Commits `.chancery` and nothing else, signed by the person through our own hook.
pub(crate) fn commit(config: &Config, top: &Path, message: &str, person: &str) -> Result<String, Failure> {
    git::ask(top, &["add", "--force", "--", FOLDER])?;
    let mut command = git::command(top)?;
    let hook = programs::path(programs::HOOK)?;
    for setting in ["gpg.format=x509", git::NO_HOOKS] {
        command.arg("-c").arg(setting);
    }
    command.arg("-c").arg(format!("gpg.x509.program={}", hook.display()));
    command.args(["commit", "--quiet", "--no-verify", "-S", "-m", message, "--", FOLDER]);
    for role in ["AUTHOR", "COMMITTER"] {
        let name = person.split('@').next().unwrap_or(person);
        command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), person);
    }
    config.with_owner(&mut command, git::finish)?;
    git::ask(top, &["rev-parse", "HEAD"])
}

/// Keeps a copy of the anchor outside the repository, where this machine's programs and verifiers find it.
pub(crate) fn publish(
    config: &Config,
    id: &RepositoryId,
    anchor: &[u8],
    out: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let known = config.home.path().join("anchors").join(format!("{id}.json"));
    write(&known, anchor)?;
    match out {
        Some(out) => write(out, anchor).map(|()| out.to_path_buf()),
        None => Ok(known),
    }
}
