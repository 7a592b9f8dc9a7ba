//! Judging commits and tags that were signed through a Sigstore and without an engine, gitsign's among them, by the word of
//! the caller alone: a trust root, and who may have signed (docs/formats.md F17). No anchor and no policy has a say, so that
//! the verdict's assurance is `sigstore`, never `chancery`.

use std::collections::HashMap;
use std::path::PathBuf;

use signer_core::reason::{Code, Coded, Reason};
use signer_core::time::Timestamp;
use signer_core::verdict::{Kind, Mode, Outcome, SubjectVerdict, Verdict};
use signer_git::commit::{self, Commit};
use signer_git::object::Signed;
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;
use signer_git::tag::Tag;
use signer_sigstore::foreign::{ForeignError, ForeignVerifier, Holder};
use signer_sigstore::trusted_root;

use crate::args::Word;
use crate::check::{one, unusual_encoding};
use crate::error::RunError;
use crate::run::{Selection, refuse_copies, remark_replacements};
use crate::selection;
use crate::shared::on_all_processors;
use crate::tagged;

/// What to judge, and by whose word.
#[derive(Clone, Debug)]
pub struct Request {
    /// A work tree, a bare repository or a `.git` folder.
    pub repository: PathBuf,
    /// Trust root, and who may have signed.
    pub word: Word,
    /// Which subjects. Nothing says where a signed history begins: all is all there is, and a tag comes with the commit it
    /// names.
    pub selection: Selection,
    /// The verifier's time: bounds what lies in the future, decides nothing about the past.
    pub now: Timestamp,
}

/// Judges what the request selects. A run that cannot judge at all is a verdict too, with the reason on one subject that
/// names the repository.
pub fn verify(request: &Request) -> Verdict {
    match judge(request) {
        Ok(verdict) => verdict,
        Err(reasons) => {
            let subject = request.repository.display().to_string();
            Verdict::new(Mode::Enforce, vec![SubjectVerdict::refused(Kind::Commit, subject, reasons)])
        }
    }
}

fn judge(request: &Request) -> Result<Verdict, Vec<Reason>> {
    let court = Court::new(&request.word, request.now).map_err(one)?;
    let repository = Repository::open(&request.repository).map_err(one)?;
    let head = selection::tip(&repository, &request.selection).map_err(one)?;
    let (base, commits) = selected(&repository, &request.selection, &head).map_err(one)?;
    let find = |hand: &mut dyn FnMut(ObjectId)| commits.iter().copied().for_each(hand);
    let work = |repository: &mut Repository, id: ObjectId| (id, court.commit(repository, &id));
    let ((), judged) = on_all_processors(find, || repository.reopen(), work);
    let mut judged: HashMap<ObjectId, SubjectVerdict> = judged.into_iter().collect();
    let tag = if let Selection::Tag(name) = &request.selection { Some(court.tag(&repository, name)) } else { None };
    let mut subjects: Vec<_> = tag.into_iter().chain(commits.iter().filter_map(|id| judged.remove(id))).collect();
    refuse_copies(&mut subjects);
    remark_replacements(&repository, &mut subjects);
    let mut verdict = Verdict::new(Mode::Enforce, subjects);
    verdict.base = base.map(|id| id.to_string());
    verdict.head = Some(head.to_string());
    Ok(verdict)
}

/// The commits of a selection, parents before children, and the first one outside.
fn selected(
    repository: &Repository,
    selection: &Selection,
    head: &ObjectId,
) -> Result<(Option<ObjectId>, Vec<ObjectId>), RunError> {
    let base = match selection {
        Selection::Commit(_) | Selection::Tag(_) => return Ok((None, vec![*head])),
        Selection::All => None,
        Selection::Range { base, .. } => Some(repository.resolve_commit(base)?),
    };
    let commits = repository.walk(head, base.as_slice())?;
    if commits.is_empty() { Err(RunError::Nothing) } else { Ok((base, commits)) }
}

/// Where signatures are judged by the caller's word.
pub(crate) struct Court {
    verifier: ForeignVerifier,
    holders: Vec<Holder>,
    now: Timestamp,
}

impl Court {
    /// Fails where nobody is named, or no trust root that can be used.
    pub(crate) fn new(word: &Word, now: Timestamp) -> Result<Self, WordError> {
        let named = word.trusted_root.as_deref().ok_or(WordError::Nobody)?;
        let trusted_root =
            trusted_root::read(named).map_err(|source| WordError::Unread { path: named.to_owned(), source })?;
        let verifier = ForeignVerifier::new(&trusted_root)?;
        Ok(Self { verifier, holders: holders(word)?, now })
    }

    fn commit(&self, repository: &Repository, id: &ObjectId) -> SubjectVerdict {
        let name = id.to_string();
        let read = repository.read(id).map_err(one);
        let parts = read.and_then(|raw| commit::take_apart(&raw.bytes, repository.format()).map_err(one));
        let judged = parts.and_then(|(commit, signed)| self.judge_commit(&name, &commit, &signed));
        judged.unwrap_or_else(|reasons| SubjectVerdict::refused(Kind::Commit, name, reasons))
    }

    /// Judges a commit whose headers, payload and armour are at hand; `id` is how the verdict names it.
    pub(crate) fn judge_commit(
        &self,
        id: &str,
        commit: &Commit,
        signed: &Signed,
    ) -> Result<SubjectVerdict, Vec<Reason>> {
        let mut verdict = self.judge(Kind::Commit, id, signed)?;
        verdict.reasons = unusual_encoding(commit).into_iter().collect();
        let identity = verdict.sigstore_signer.as_ref().map_or("", |signer| signer.identity.as_str());
        let author = commit.author.email.as_str();
        // A workload's identity is a URI, which no author line holds.
        if identity.contains('@') && !identity.contains("://") && identity != author {
            let message = format_args!("the author line says `{author}`");
            verdict.reasons.push(Reason::new(Code::IdAuthorDiffers, message));
        }
        verdict.verdict = Outcome::of(&verdict.reasons);
        Ok(verdict)
    }

    fn tag(&self, repository: &Repository, name: &str) -> SubjectVerdict {
        tagged::judged_by(repository, name, |id, tag, signed| self.judge_tag(repository, id, tag, signed))
    }

    /// The same for a tag, which must name a commit.
    pub(crate) fn judge_tag(
        &self,
        repository: &Repository,
        id: &str,
        tag: &Tag,
        signed: &Signed,
    ) -> Result<SubjectVerdict, Vec<Reason>> {
        tagged::commit(repository, tag).map_err(one)?;
        self.judge(Kind::Tag, id, signed)
    }

    fn judge(&self, kind: Kind, id: &str, signed: &Signed) -> Result<SubjectVerdict, Vec<Reason>> {
        let judgement = self.verifier.judge_object(&signed.payload, &signed.armor, &self.holders, self.now);
        judgement.map(|judgement| judgement.verdict(kind, id.to_owned())).map_err(one)
    }
}

fn holders(word: &Word) -> Result<Vec<Holder>, WordError> {
    let (identities, issuers) = (&word.identity, &word.issuer);
    if identities.is_empty() || issuers.is_empty() {
        return Err(WordError::Nobody);
    }
    if issuers.len() != 1 && issuers.len() != identities.len() {
        return Err(WordError::Unpaired { identities: identities.len(), issuers: issuers.len() });
    }
    let pairs = identities.iter().zip(issuers.iter().cycle());
    Ok(pairs.map(|(identity, issuer)| Holder { identity: identity.clone(), issuer: issuer.clone() }).collect())
}

/// Why nobody's word counts.
#[derive(Debug, thiserror::Error)]
pub enum WordError {
    /// Nothing says whose signatures count.
    #[error("nothing says under which trust root, and whose signatures count")]
    Nobody,
    /// The trust root.
    #[error(transparent)]
    TrustRoot(#[from] ForeignError),
    /// Issuers that belong to nobody in particular.
    #[error("{issuers} issuers for {identities} identities: name one for all, or one for each")]
    Unpaired {
        /// How many identities there are.
        identities: usize,
        /// How many issuers there are.
        issuers: usize,
    },
    /// The trust root's file.
    #[error("the trust root `{}` cannot be read", path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Coded for WordError {
    fn code(&self) -> Code {
        match self {
            Self::Nobody => Code::ElsewhereUnnamed,
            Self::TrustRoot(error) => error.code(),
            Self::Unpaired { .. } => Code::Usage,
            Self::Unread { .. } => Code::TrustMalformed,
        }
    }
}
