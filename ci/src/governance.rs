//! Which anchor and policy are in force for a tree (docs/formats.md F7).
//!
//! The given anchor is the only thing trusted from outside. Earlier versions are trusted because it names their digest,
//! later ones because the keyholders of the one before signed them.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use signer_core::anchor::{self, Adoption, Anchor};
use signer_core::bounded;
use signer_core::digest::Digest;
use signer_core::feed::{self, Feed};
use signer_core::foreign_time::ForeignAuthorities;
use signer_core::reason::{Coded as _, Reason};
use signer_core::repository_config::{self, RepositoryConfig};
use signer_core::time::Timestamp;
use signer_core::trust_root::TrustRoot;
use signer_core::verify::{Countersigned, Verifier};
use signer_core::witness_policy::WitnessPolicy;
use signer_git::object_id::{ObjectFormat, ObjectId};
use signer_git::repository::Repository;
use signer_policy::PolicySet;

use crate::error::RunError;
use crate::feed::verify_all;

/// An anchor in force with what it brings.
pub struct Governance {
    /// The anchor.
    pub anchor: Anchor,
    /// The policy set it names.
    pub policy: PolicySet,
    /// Checks signatures under its trust root.
    pub verifier: Arc<Verifier>,
}

/// Every anchor known so far, and the governance of every `.chancery` tree seen so far.
pub struct Governments {
    given: Anchor,
    feed: Option<Feed>,
    now: Timestamp,
    known: Mutex<Known>,
    /// Held by who makes a governance: reading a policy takes as long as judging a hundred commits.
    making: Mutex<()>,
}

#[derive(Default)]
struct Known {
    anchors: HashMap<Digest, Anchor>,
    verifiers: HashMap<Digest, Arc<Verifier>>,
    trees: HashMap<ObjectId, Arc<Governance>>,
}

impl Governments {
    /// Starts from the given anchor and learns the earlier versions it names from `head`'s tree.
    pub fn new(given: Anchor, repository: &Repository, head: &ObjectId, now: Timestamp) -> Result<Self, RunError> {
        let mut anchors = HashMap::from([(given.digest(), given.clone())]);
        let files = anchor_files(repository, head)?;
        refuse_another(&given, &files, repository, head)?;
        let newest = files.last().map_or(0, |(version, _)| *version);
        if newest < given.terms().version && !files.is_empty() {
            return Err(RunError::AnchorRollback { current: given.terms().version, found: newest });
        }
        let mut earliest = given.clone();
        while let Some(previous) = earliest.terms().previous {
            let file = files.iter().find(|(_, bytes)| Digest::of(bytes) == previous);
            let (_, bytes) = file.ok_or(RunError::AnchorAbsent { digest: previous })?;
            earliest = Anchor::parse(bytes)?.trust_by_digest(&previous)?;
            anchors.insert(previous, earliest.clone());
        }
        Ok(Self {
            given,
            feed: None,
            now,
            known: Mutex::new(Known { anchors, ..Known::default() }),
            making: Mutex::default(),
        })
    }

    /// Judges by a feed of revocations too. Fails where it cannot be read, or does not verify under the newest anchor.
    pub fn take_feed(&mut self, path: &Path, repository: &Repository, head: &ObjectId) -> Result<(), RunError> {
        let unread = |source| RunError::FeedUnread { path: path.display().to_string(), source };
        let bytes = File::open(path).and_then(|file| bounded::read(file, feed::MAX_BYTES)).map_err(unread)?;
        feed::check_size(bytes.len())?;
        let in_force = self.of_tree(repository, head)?;
        let newest = in_force.map(|governance| governance.anchor.clone());
        let newest = newest.filter(|anchor| anchor.terms().version > self.given.terms().version);
        let verifier = self.verifier(newest.as_ref().unwrap_or(&self.given))?;
        self.feed = Some(verifier.feed_by(&bytes, verify_all)?);
        Ok(())
    }

    /// The feed of revocations, where one was given.
    pub const fn feed(&self) -> Option<&Feed> {
        self.feed.as_ref()
    }

    /// Why a verified signature does not stand by the feed, if it does not.
    pub fn struck(&self, signed: &Countersigned) -> Option<Reason> {
        self.feed.as_ref().and_then(|feed| feed.check(signed).err()).map(|error| error.reason())
    }

    /// The anchor that was given.
    pub const fn given(&self) -> &Anchor {
        &self.given
    }

    /// Where the adopted history starts.
    pub fn adoption(&self) -> Option<&Adoption> {
        self.given.terms().adoption.as_ref()
    }

    /// The governance a commit's tree holds; `None` where it holds no anchor.
    pub fn of_tree(&self, repository: &Repository, tree: &ObjectId) -> Result<Option<Arc<Governance>>, RunError> {
        let Some(folder) = repository.entry_at(tree, b".chancery")? else { return Ok(None) };
        if let Some(known) = self.known(&folder.id) {
            return Ok(Some(known));
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known(&folder.id) {
            return Ok(Some(known));
        }
        let files = anchor_files(repository, tree)?;
        let Some((version, newest)) = files.last() else { return Ok(None) };
        let anchor = self.anchor(&files, newest)?;
        if anchor.terms().version != *version {
            return Err(RunError::AnchorForeign { version: *version });
        }
        let governance = Arc::new(self.govern(repository, tree, anchor)?);
        self.lock().trees.insert(folder.id, Arc::clone(&governance));
        Ok(Some(governance))
    }

    fn known(&self, folder: &ObjectId) -> Option<Arc<Governance>> {
        self.lock().trees.get(folder).map(Arc::clone)
    }

    /// The governance of the adoption change itself: the first version, with the policy its own tree brings.
    pub fn first(&self, repository: &Repository, tree: &ObjectId) -> Result<Arc<Governance>, RunError> {
        let governance = self.of_tree(repository, tree)?.ok_or(RunError::NotAdopted)?;
        if governance.anchor.terms().version == 1 {
            Ok(governance)
        } else {
            Err(RunError::AnchorForeign { version: governance.anchor.terms().version })
        }
    }

    /// A known anchor, or one that follows from a known one through the files of the same tree.
    fn anchor(&self, files: &[(u32, Vec<u8>)], newest: &[u8]) -> Result<Anchor, RunError> {
        let mut known = self.lock();
        if let Some(anchor) = known.anchors.get(&Digest::of(newest)) {
            return Ok(anchor.clone());
        }
        let mut current: Option<Anchor> = None;
        for (version, bytes) in files {
            let digest = Digest::of(bytes);
            let next = match (known.anchors.get(&digest), &current) {
                (Some(anchor), _) => anchor.clone(),
                (None, Some(current)) => current.follow(Anchor::parse(bytes)?)?,
                (None, None) => return Err(RunError::AnchorForeign { version: *version }),
            };
            known.anchors.insert(digest, next.clone());
            current = Some(next);
        }
        current.ok_or(RunError::AnchorMissing)
    }

    fn govern(&self, repository: &Repository, tree: &ObjectId, anchor: Anchor) -> Result<Governance, RunError> {
        let version = anchor.terms().version;
        let files = repository.files_below(tree, b".chancery/policy")?;
        let policy = PolicySet::from_files(&files)?;
        if policy.digest() != anchor.terms().policy {
            return Err(RunError::PolicyForeign { version });
        }
        let config = repository.blob_at(tree, repository_config::PATH.as_bytes())?;
        let config = RepositoryConfig::parse(&config.ok_or(RunError::ConfigForeign)?)?;
        if config.repository != anchor.terms().repository {
            return Err(RunError::ConfigForeign);
        }
        let verifier = self.verifier(&anchor)?;
        Ok(Governance { anchor, policy, verifier })
    }

    /// One verifier for each trust root, its witnesses and time authorities, so that certificates are certified once.
    pub fn verifier(&self, anchor: &Anchor) -> Result<Arc<Verifier>, RunError> {
        let terms = anchor.terms();
        let witnesses = terms.witnesses.as_deref();
        let text = terms.trust_root.as_bytes();
        // None of the texts holds a zero byte.
        let authorities = terms.time_authorities.as_deref();
        let [cosigning, stamping] = [witnesses, authorities].map(|text| text.unwrap_or_default().as_bytes());
        let digest = Digest::of_parts(&[text, &[0], cosigning, &[0], stamping]);
        if let Some(verifier) = self.lock().verifiers.get(&digest) {
            return Ok(Arc::clone(verifier));
        }
        let witnesses = witnesses.map(WitnessPolicy::parse).transpose()?;
        let authorities = authorities.map(ForeignAuthorities::parse).transpose()?;
        let verifier = Verifier::new(TrustRoot::from_json(text)?, self.now);
        let verifier = verifier.with_witnesses(witnesses).with_time_authorities(authorities);
        let verifier = Arc::new(verifier);
        self.lock().verifiers.insert(digest, Arc::clone(&verifier));
        Ok(verifier)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails where the anchor is of another repository, by the object format or by the id of a tree that does not hold it.
fn refuse_another(
    given: &Anchor,
    files: &[(u32, Vec<u8>)],
    repository: &Repository,
    tree: &ObjectId,
) -> Result<(), RunError> {
    let (anchor, format) = (given.terms().repository, repository.format());
    let named = match given.terms().object_format {
        anchor::ObjectFormat::Sha1 => ObjectFormat::Sha1,
        anchor::ObjectFormat::Sha256 => ObjectFormat::Sha256,
    };
    if named != format {
        return Err(RunError::AnchorFormat { anchor, named, here: format });
    }
    if files.iter().any(|(_, bytes)| Digest::of(bytes) == given.digest()) {
        return Ok(());
    }
    let config = repository.blob_at(tree, repository_config::PATH.as_bytes())?;
    match config.map(|config| RepositoryConfig::parse(&config)) {
        Some(Ok(RepositoryConfig { repository: here, .. })) if here != anchor => {
            Err(RunError::AnchorElsewhere { anchor, here })
        }
        _ => Ok(()),
    }
}

/// The anchor files of a tree by version, lowest first; other names are not anchors.
fn anchor_files(repository: &Repository, tree: &ObjectId) -> Result<Vec<(u32, Vec<u8>)>, RunError> {
    let mut files = Vec::new();
    for (name, bytes) in repository.files_below(tree, b".chancery/anchor")? {
        let version = name.strip_suffix(".json").and_then(|stem| stem.parse::<u32>().ok());
        if let Some(version) = version.filter(|version| format!("{version}.json") == name) {
            files.push((version, bytes));
        }
    }
    files.sort();
    Ok(files)
}

/// The anchor to start from: a file, or a digest whose file lies in the head's tree.
pub fn given(argument: &str, repository: &Repository, head: &ObjectId) -> Result<Anchor, RunError> {
    if let Ok(digest) = argument.parse::<Digest>() {
        let files = anchor_files(repository, head)?;
        let file = files.iter().find(|(_, bytes)| Digest::of(bytes) == digest);
        let (_, bytes) = file.ok_or(RunError::AnchorAbsent { digest })?;
        return Ok(Anchor::parse(bytes)?.trust_by_digest(&digest)?);
    }
    if argument.starts_with("sha256:") && !Path::new(argument).exists() {
        return Err(RunError::AnchorDigest { given: argument.to_owned() });
    }
    read(argument)
}

/// The anchor in a file.
pub fn read(path: &str) -> Result<Anchor, RunError> {
    let read = File::open(Path::new(path)).and_then(|file| bounded::read(file, anchor::MAX_BYTES));
    let bytes = read.map_err(|source| RunError::AnchorUnread { path: path.to_owned(), source })?;
    Ok(Anchor::parse(&bytes)?.trust()?)
}
