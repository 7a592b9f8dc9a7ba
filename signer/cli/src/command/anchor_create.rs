//! `chancery anchor create`: adopts a repository. Anchor, policy and configuration become one commit, signed by the
//! person; history up to its parent is `pre-adoption` from then on.

use std::path::{Path, PathBuf};

use signer_core::anchor::{self, Adoption, AnchorTerms, Keyholder, KeyholderKey, ObjectFormat, RepositoryId};
use signer_core::crypto::{self, P256Key, SignP256};
use signer_core::digest::Digest;
use signer_core::foreign_time::{self, ForeignAuthorities};
use signer_core::git_name::RefName;
use signer_core::reason::Code;
use signer_core::repository_config::{self, RepositoryConfig};
use signer_core::witness_policy::{self, WitnessPolicy};
use signer_git::change::ChangeReader;
use signer_git::object_id::ObjectFormat as GitFormat;
use signer_git::repository::Repository;
use signer_policy::PolicySet;
use signer_wire::whole_file;

use crate::args::AnchorCreate;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::governed_commit::{Draft, FOLDER, POLICY};
use crate::output::shown;
use crate::{git, keyholder, repository};

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
        "file": shown(&adopted.file), "commit": adopted.commit,
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
    let draft = Draft::begin(&arguments.repo)?;
    let target = match &arguments.target {
        Some(target) => repository::ref_name(target)?,
        None => repository::ref_name(&git::ask(draft.top(), &["symbolic-ref", "HEAD"]).map_err(|_| {
            Failure::usage("no branch is checked out: name the one that work is meant for by --target")
        })?)?,
    };
    refuse_adopted(&repository, draft.top())?;
    let owner = config.owner()?;
    let person = person(config)?;
    let key = keyholder::open_or_make(config, &owner)?;
    let id = RepositoryId::from_random(crypto::random().map_err(Failure::crypto)?);
    let policy = PolicySet::baseline()?;
    let mut terms = terms(config, &repository, id, &target, &policy, &person, &key)?;
    terms.witnesses = arguments.witness_policy.as_deref().map(witnesses).transpose()?;
    terms.time_authorities = arguments.time_authority.as_deref().map(time_authorities).transpose()?;
    let file = anchor::sign(terms, &[&key])?;
    put_folder(&draft, &RepositoryConfig { repository: id, target }, &policy, &file)?;
    let message = "Adopt the repository under Chancery";
    let commit = draft.sign(config, message, &person)?;
    let out = publish(config, &id, &file, arguments.out.as_deref(), || draft.bring(&commit, message))?;
    draft.follow(&[FOLDER], FOLDER)?;
    Ok(Adopted { repository: id, digest: Digest::of(&file), file: out, commit })
}

/// Whether the commit checked out is governed decides; a folder that no commit brought is in the way.
fn refuse_adopted(repository: &Repository, top: &Path) -> Result<(), Failure> {
    if repository.is_head_adopted()? {
        return Err(Failure::new(Code::AnchorExists, "the commit checked out has a .chancery folder already"));
    }
    match std::fs::symlink_metadata(top.join(FOLDER)) {
        Ok(_) => Err(Failure::usage(
            "a .chancery lies in the work tree that the commit checked out does not have, as an adoption that was broken \
             off leaves it: `git rm -r -f -q --cached --ignore-unmatch .chancery`, `rm -r .chancery`, then repeat this command",
        )),
        Err(_) => Ok(()),
    }
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

fn put_folder(draft: &Draft, here: &RepositoryConfig, policy: &PolicySet, anchor: &[u8]) -> Result<(), Failure> {
    draft.put(repository_config::PATH, here.to_toml().as_bytes())?;
    draft.put(&format!("{FOLDER}/anchor/1.json"), anchor)?;
    for (name, content) in policy.files() {
        draft.put(&format!("{POLICY}/{name}"), content)?;
    }
    Ok(())
}

/// Keeps a copy of the anchor outside the repository, where this machine's programs and verifiers find it, and has its
/// commit brought: where that fails, this machine knows what it knew before.
pub(crate) fn publish(
    config: &Config,
    id: &RepositoryId,
    anchor: &[u8],
    out: Option<&Path>,
    bring: impl FnOnce() -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    if let Some(out) = out {
        let made = out.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(out, anchor)).map_err(|error| Failure::io(out, &error))?;
    }
    let folder = config.home.path().join("anchors");
    let known = folder.join(format!("{id}.json"));
    let failed = |error| Failure::io(&known, &error);
    let before = std::fs::read(&known).ok();
    std::fs::create_dir_all(&folder).and_then(|()| whole_file::replace(&known, anchor)).map_err(failed)?;
    bring().inspect_err(|_| {
        let _put_back = match before {
            Some(before) => whole_file::replace(&known, &before),
            None => std::fs::remove_file(&known),
        };
    })?;
    Ok(out.map_or(known, Path::to_path_buf))
}
