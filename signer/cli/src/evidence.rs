//! Signed files: a statement signed through the broker, its bundle and decision beside the file, and the ground on
//! which such a file is judged: an anchor, the policy it names, a verifier under its trust root.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use signer_core::anchor::{self, Anchor};
use signer_core::bundle::{self, Bundle};
use signer_core::certificate::Leaf;
use signer_core::decision;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::feed::{self, Feed};
use signer_core::foreign_time::ForeignAuthorities;
use signer_core::protocol::{Base64, Countersignature};
use signer_core::reason::{Code, Coded as _, Reason};
use signer_core::trust_root::TrustRoot;
use signer_core::verdict::{Kind, Mode, Outcome, SubjectVerdict, Verdict};
use signer_core::verify::{Signed, Verifier};
use signer_core::witness_policy::WitnessPolicy;
use signer_policy::{AcceptContext, PolicySet};
use signer_wire::Secret;
use signer_wire::bytes::Bytes;
use signer_wire::message::{SignStatement, StatementPurpose};

use crate::clock;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::named_file;
use crate::output::one_line;
use crate::repository;

/// The most anchors that are named where one must be chosen.
const MAX_CANDIDATES: usize = 4;

/// Where a file's bundle and decision lie.
pub struct Beside {
    /// The Sigstore bundle.
    pub bundle: PathBuf,
    /// The decision record.
    pub decision: PathBuf,
}

impl Beside {
    /// Beside `path`, or beside the bundle a caller named.
    pub fn of(path: &Path, named: Option<&Path>) -> Result<Self, Failure> {
        let nameless = || Failure::usage(format_args!("`{}` has no name to put a bundle beside", path.display()));
        let Some(named) = named else {
            let whole = std::fs::canonicalize(path).map_err(|error| Failure::io(path, &error))?;
            let (bundle, decision) = bundle::beside(&whole).ok_or_else(nameless)?;
            return Ok(Self { bundle, decision });
        };
        let bytes = named.as_os_str().as_bytes();
        let mut decision = bytes.strip_suffix(bundle::SUFFIX.as_bytes()).unwrap_or(bytes).to_vec();
        decision.extend_from_slice(bundle::DECISION_SUFFIX.as_bytes());
        Ok(Self { bundle: named.to_path_buf(), decision: PathBuf::from(OsString::from_vec(decision)) })
    }

    /// Reads both. A missing file is a typed refusal.
    pub fn read(&self) -> Result<(Bundle, Vec<u8>), Failure> {
        let bundle = named_file::read(&self.bundle, bundle::MAX_BYTES, Code::BundleMissing)?;
        let decision = named_file::read(&self.decision, decision::MAX_BYTES, Code::BundleDecisionMissing)?;
        Ok((Bundle::from_json(&bundle)?, decision))
    }
}

/// Signs a statement as this process and writes bundle and decision.
pub fn sign(
    config: &Config,
    purpose: StatementPurpose,
    payload: Vec<u8>,
    summary: String,
    beside: &Beside,
) -> Result<Bundle, Failure> {
    let session = config.session();
    let owner = if session.is_none() { config.owner_for_scripts()? } else { None };
    let request = SignStatement {
        purpose,
        payload_type: dsse::PAYLOAD_TYPE.to_owned(),
        payload: Bytes(payload.clone()),
        summary,
        session,
        owner,
    };
    let signed = config.broker()?.sign_statement(request).map_err(Failure::wire)?;
    let countersignature = Countersignature {
        token: Base64(signed.token.0),
        entry: Base64(signed.entry.0),
        decision: Base64(signed.decision.0),
        foreign: signed.foreign.map(|token| Base64(token.0)),
    };
    let bundle = Bundle::assemble(payload, signed.signature.0, signed.certificate.0, &countersignature)?;
    write(&beside.bundle, &bundle.to_json()?)?;
    write(&beside.decision, &countersignature.decision.0)?;
    Ok(bundle)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::io(path, &error))
}

/// What a signed file is judged on.
pub struct Ground {
    /// The anchor in force.
    pub anchor: Anchor,
    /// The policy it names.
    pub policy: PolicySet,
    /// A verifier under its trust root.
    pub verifier: Verifier,
    feed: Option<Feed>,
}

impl Ground {
    /// The anchor given, or the one this home knows for the repository here; and the policy it names.
    pub fn find(config: &Config, directory: &Path) -> Result<Self, Failure> {
        let anchor = anchor(config, directory)?;
        let policy = policy(&anchor, directory)?;
        let trust = TrustRoot::from_json(anchor.terms().trust_root.as_bytes())?;
        let witnesses = anchor.terms().witnesses.as_deref().map(WitnessPolicy::parse).transpose()?;
        let authorities = anchor.terms().time_authorities.as_deref().map(ForeignAuthorities::parse).transpose()?;
        let verifier = Verifier::new(trust, clock::now()).with_witnesses(witnesses).with_time_authorities(authorities);
        let feed = config.feed.as_deref().map(|path| read_feed(&verifier, path)).transpose()?;
        Ok(Self { anchor, policy, verifier, feed })
    }

    /// Why a verified signature does not stand by the feed of revocations, if it does not.
    pub fn struck(&self, signed: &impl Signed) -> Vec<Reason> {
        let struck = self.feed.as_ref().and_then(|feed| feed.check(signed.countersigned()).err());
        struck.map(|error| error.reason()).into_iter().collect()
    }

    /// The stock Sigstore verifier's judgement, beside our own steps.
    pub fn stock(&self, bundle: &Bundle, artifact: &Digest, leaf: &Leaf) -> Result<(), Failure> {
        let trust = self.anchor.terms().trust_root.as_bytes();
        // Its trust root does not know foreign authorities, whose tokens our own steps have judged.
        let bundle = Bundle { foreign: None, ..bundle.clone() };
        signer_sigstore::verify_bundle(&bundle.to_json()?, trust, artifact, leaf.subject(), leaf.issuer_name())?;
        Ok(())
    }

    /// What is known of something signed when policy is asked.
    pub fn context(&self, signed: &impl Signed) -> AcceptContext {
        let time_assurance = signed.countersigned().time_assurance;
        AcceptContext { time_assurance, trust: self.anchor.trust(), approvals: Vec::new() }
    }

    /// The verdict document over one subject.
    pub fn verdict(&self, subject: SubjectVerdict) -> Verdict {
        let mut verdict = Verdict::new(Mode::Enforce, vec![subject]);
        verdict.anchor = Some(self.anchor.digest());
        verdict.trust = Some(self.anchor.trust());
        verdict.policy = Some(self.policy.digest());
        verdict.feed = self.feed.as_ref().map(|feed| feed.head().clone());
        verdict
    }
}

fn read_feed(verifier: &Verifier, path: &Path) -> Result<Feed, Failure> {
    let bytes = named_file::read(path, feed::MAX_BYTES, Code::RevokedUnavailable)?;
    feed::check_size(bytes.len())?;
    Ok(verifier.feed(&bytes)?)
}

/// The anchor given, or the one this home knows for the repository here.
pub fn anchor(config: &Config, directory: &Path) -> Result<Anchor, Failure> {
    let known = config.home.path().join("anchors");
    if let Some(argument) = &config.anchor {
        return match argument.parse::<Digest>() {
            Ok(digest) => by_digest(&known, &digest),
            Err(_) => read_anchor(Path::new(argument)),
        };
    }
    match repository::open(directory).and_then(|repository| repository::config(&repository)) {
        Ok(here) => read_anchor(&known.join(format!("{}.json", here.repository))),
        Err(_) => only_anchor(&known),
    }
}

/// An anchor that a person keeps, and by that trusts.
pub fn read_anchor(path: &Path) -> Result<Anchor, Failure> {
    let bytes = named_file::read(path, anchor::MAX_BYTES, Code::AnchorMissing)?;
    Ok(Anchor::parse(&bytes)?.trust()?)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|suffix| suffix == "json")).collect()
}

fn by_digest(folder: &Path, digest: &Digest) -> Result<Anchor, Failure> {
    for path in files(folder) {
        let bytes = named_file::read(&path, anchor::MAX_BYTES, Code::InternalIo)?;
        if Digest::of(&bytes) == *digest {
            return Ok(Anchor::parse(&bytes)?.trust_by_digest(digest)?);
        }
    }
    Err(Failure::new(Code::AnchorMissing, format_args!("this machine knows no anchor {digest}")))
}

fn only_anchor(folder: &Path) -> Result<Anchor, Failure> {
    match files(folder).as_slice() {
        [path] => read_anchor(path),
        [] => Err(Failure::new(Code::AnchorMissing, "this machine knows no anchor, and none was named")),
        found => Err(several(found.iter().filter_map(|path| read_anchor(path).ok()).map(|anchor| {
            let (repository, digest) = (anchor.terms().repository, anchor.digest());
            format!("{repository} ({digest})")
        }))),
    }
}

/// Names the first few of several anchors, so that one can be chosen.
fn several(known: impl Iterator<Item = String>) -> Failure {
    let mut known: Vec<String> = known.collect();
    known.sort();
    let (count, more) = (known.len(), known.len().saturating_sub(MAX_CANDIDATES));
    known.truncate(MAX_CANDIDATES);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let message = format!("this machine knows {count} anchors, and none was named: {}{more}", known.join(", "));
    Failure::new(Code::AnchorMissing, message)
        .helped("Name one: `--anchor sha256:DIGEST` or `--anchor FILE`; inside of its repository none is needed.")
}

/// The policy set the anchor names: the shipped baseline, or the one in the tree of the repository here.
fn policy(anchor: &Anchor, directory: &Path) -> Result<PolicySet, Failure> {
    let wanted = anchor.terms().policy;
    let baseline = PolicySet::baseline()?;
    if baseline.digest() == wanted {
        return Ok(baseline);
    }
    let repository = repository::open(directory)?;
    let found = PolicySet::from_files(&repository::policy_files(&repository)?)?;
    if found.digest() == wanted {
        return Ok(found);
    }
    Err(Failure::new(
        Code::PolicyMismatch,
        format_args!("the policy {wanted} is neither the baseline nor in this tree"),
    ))
}

/// Prints a verdict over one subject and gives the exit code.
pub fn answer(config: &Config, verdict: &Verdict) -> Exit {
    let mut lines = Vec::new();
    for subject in &verdict.subjects {
        let own = subject.signer.as_ref().map(|signer| signer.identity.as_str());
        let others = subject.sigstore_signer.as_ref().map(|signer| signer.identity.as_str());
        let signer = own.or(others).unwrap_or("nobody");
        let time = subject.signed_at.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let word = format!("{:?}", subject.verdict).to_lowercase();
        lines.push(format!("{word} {} signed by {} at {time}", one_line(&subject.id), one_line(signer)));
        for reason in &subject.reasons {
            lines.push(format!("  {}: {}\n  help: {}", reason.code, one_line(&reason.message), reason.help));
        }
    }
    config.output.answer(verdict, &lines.join("\n"));
    Exit::from(verdict.verdict)
}

/// A subject that was refused before anything was established.
pub fn refused(kind: Kind, id: String, failure: Failure) -> SubjectVerdict {
    SubjectVerdict::refused(kind, id, failure.reasons)
}

/// Adds reasons against a verified subject.
pub fn weigh(subject: &mut SubjectVerdict, reasons: Vec<Reason>) {
    subject.reasons.extend(reasons);
    subject.verdict = Outcome::of(&subject.reasons);
}

/// The session's handle, handed on.
pub fn handed_on(handle: &Secret) -> Secret {
    Secret::new(handle.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use super::several;

    #[test]
    fn of_many_anchors_a_few_are_named_and_the_option_that_chooses() {
        let failure = several((0..12).map(|number| format!("repo-{number:02} (sha256:{number:02})")));
        let reason = failure.reasons.first().unwrap();
        assert!(reason.message.starts_with("this machine knows 12 anchors"));
        assert!(reason.message.ends_with("repo-02 (sha256:02), repo-03 (sha256:03), and 8 more"), "{}", reason.message);
        assert!(reason.help.contains("--anchor sha256:DIGEST"));
        let two = several(["b", "a"].map(str::to_owned).into_iter());
        assert!(two.reasons.first().unwrap().message.ends_with(": a, b"));
    }
}
