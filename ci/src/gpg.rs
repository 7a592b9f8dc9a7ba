//! git's verification protocol, for `git verify-commit` and `git log --show-signature` (`gpg.x509.program`).
//!
//! The hook hands the signature file and the payload over. GOODSIG is printed only for what the anchor known for this
//! repository accepts; anything else is BADSIG or ERRSIG, never an expired-but-good form (attack STAT-05).

use std::io::Read;
use std::path::Path;

use signer_core::reason::{Code, Reason};
use signer_core::time::Timestamp;
use signer_core::verdict::{Outcome, SubjectVerdict};
use signer_git::commit::Commit;
use signer_git::object::Signed;
use signer_git::object_id::ObjectId;
use signer_git::repository::Repository;
use signer_git::tag::Tag;

use crate::args::GpgVerify;
use crate::check::{Court, one};
use crate::error::RunError;
use crate::governance::{self, Governments};
use crate::report::escape;
use crate::sigstore;
use crate::tagged;

/// Most bytes of a signature file or of a payload.
const MAX_INPUT: u64 = 64 * 1024 * 1024;

/// What git is told.
pub struct Answer {
    /// Lines for the status descriptor.
    pub status: String,
    /// Text for people.
    pub text: String,
    /// Whether the signature is good.
    pub outcome: Outcome,
}

/// Judges the signature in `arguments.file` over the payload on `input`.
pub fn verify(arguments: &GpgVerify, mut input: impl Read, now: Timestamp) -> Answer {
    let judged = read(&arguments.file, &mut input).and_then(|signed| judge(arguments, &signed, now));
    match judged {
        Ok(verdict) => answer(&verdict),
        Err(reasons) => refusal(&reasons),
    }
}

fn read(file: &Path, input: &mut impl Read) -> Result<Signed, Vec<Reason>> {
    let failed = |error: std::io::Error| vec![Reason::new(Code::InternalIo, error)];
    let (mut armor, mut payload) = (Vec::new(), Vec::new());
    std::fs::File::open(file).map_err(failed)?.take(MAX_INPUT).read_to_end(&mut armor).map_err(failed)?;
    input.take(MAX_INPUT).read_to_end(&mut payload).map_err(failed)?;
    Ok(Signed { payload, armor })
}

fn judge(arguments: &GpgVerify, signed: &Signed, now: Timestamp) -> Result<SubjectVerdict, Vec<Reason>> {
    let repository = Repository::open(&arguments.repo).map_err(one)?;
    // A history with an anchor answers to that alone.
    if arguments.sigstore && !repository.is_head_adopted().map_err(one)? {
        return judge_elsewhere(arguments, &repository, signed, now);
    }
    let governments = governments(arguments, &repository, now).map_err(one)?;
    let format = repository.format();
    if signed.payload.starts_with(b"tree ") {
        let commit = Commit::parse(&signed.payload, format).map_err(one)?;
        let court = Court { governments: &governments, repository: &repository };
        let base = commit.parents.first().copied();
        court.judge(base, "commit", &commit, signed)
    } else {
        let tag = Tag::parse(&signed.payload, format).map_err(one)?;
        tagged::judge(&governments, &repository, "tag", &tag, signed)
    }
}

fn judge_elsewhere(
    arguments: &GpgVerify,
    repository: &Repository,
    signed: &Signed,
    now: Timestamp,
) -> Result<SubjectVerdict, Vec<Reason>> {
    let court = sigstore::Court::new(&arguments.word, now).map_err(one)?;
    let format = repository.format();
    if signed.payload.starts_with(b"tree ") {
        court.judge_commit("commit", &Commit::parse(&signed.payload, format).map_err(one)?, signed)
    } else {
        court.judge_tag(repository, "tag", &Tag::parse(&signed.payload, format).map_err(one)?, signed)
    }
}

fn governments(arguments: &GpgVerify, repository: &Repository, now: Timestamp) -> Result<Governments, RunError> {
    let head = repository.linkage(&repository.resolve_commit("HEAD")?)?.tree;
    let anchor = governance::read(&known_anchor(arguments, repository, &head)?)?;
    Governments::new(anchor, repository, &head, now)
}

/// The anchor this machine knows for the repository id that the head's tree names: the id chooses, it never adds trust.
fn known_anchor(arguments: &GpgVerify, repository: &Repository, tree: &ObjectId) -> Result<String, RunError> {
    if let Some(anchor) = &arguments.anchor {
        return Ok(anchor.clone());
    }
    let config = repository.blob_at(tree, signer_core::repository_config::PATH.as_bytes())?;
    let config = signer_core::repository_config::RepositoryConfig::parse(&config.ok_or(RunError::AnchorMissing)?)?;
    let path = arguments.home.join("anchors").join(format!("{}.json", config.repository));
    if path.exists() { Ok(path.display().to_string()) } else { Err(RunError::AnchorMissing) }
}

fn answer(verdict: &SubjectVerdict) -> Answer {
    if verdict.verdict != Outcome::Accepted {
        return refusal(&verdict.reasons);
    }
    let Some(log) = &verdict.log else { return refusal(&[]) };
    let (identity, who, custody) = match (&verdict.signer, &verdict.sigstore_signer) {
        (Some(signer), _) => {
            let sponsor = signer.sponsor.as_deref().map(|sponsor| format!(" for {sponsor}")).unwrap_or_default();
            let who = format!("{} {}{sponsor}", signer.class, signer.identity);
            (signer.identity.as_str(), who, format!(", custody {}", signer.custody))
        }
        (None, Some(signer)) => {
            (signer.identity.as_str(), format!("{} by {}", signer.identity, signer.issuer), String::new())
        }
        (None, None) => return refusal(&[]),
    };
    let (leaf, identity, who) = (log.leaf.to_hex(), escape(identity), escape(&who));
    let time = verdict.signed_at.unwrap_or(Timestamp::EPOCH);
    Answer {
        // git looks for GOODSIG after a newline; VALIDSIG gives %GF, TRUST_FULLY makes %G? say G.
        status: format!(
            "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG {leaf} {identity}\n[GNUPG:] VALIDSIG {leaf} {} {} 0 - - - - - {leaf}\n\
             [GNUPG:] TRUST_FULLY 0 shell\n",
            time.to_string().get(..10).unwrap_or_default(),
            time.unix()
        ),
        text: format!("chancery: good signature from {who}\nchancery: {time}, log entry {}{custody}\n", log.index),
        outcome: Outcome::Accepted,
    }
}

fn refusal(reasons: &[Reason]) -> Answer {
    let outcome = Outcome::of(reasons);
    let word = if outcome == Outcome::Rejected {
        "BADSIG 0000000000000000 refused"
    } else {
        "ERRSIG 0000000000000000 19 8 00 0 9"
    };
    let lines: Vec<String> = reasons
        .iter()
        .map(|reason| format!("error[{}]: {}\nhelp: {}\n", reason.code, escape(&reason.message), reason.help))
        .collect();
    let text = lines.concat();
    let outcome = if outcome == Outcome::Accepted { Outcome::Undetermined } else { outcome };
    Answer { status: format!("[GNUPG:] NEWSIG\n[GNUPG:] {word}\n"), text, outcome }
}
