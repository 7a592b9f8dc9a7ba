//! `side-doors`: what a live certificate, a patched client and a stranger must not get.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use signer_client::{ClientError, Credential};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::protocol::Countersignature;
use signer_core::reason::Code;
use signer_core::repository_config::{self, RepositoryConfig};
use signer_core::trust_root::TrustRoot;
use signer_core::verify::Verifier;

use crate::arguments::SideDoors;
use crate::client::Patience;
use crate::clock;
use crate::door::Doors;
use crate::forged_commit;
use crate::hand::{Hand, anyhow_of};
use crate::office::{self, Office, statement_request};
use crate::splices;
use crate::synthetic::{self, Claims};
use crate::wrong_requests;

/// An agent that may change `docs/` and nothing else, with its live commit key.
pub(crate) struct Insider {
    pub(crate) office: Office,
    pub(crate) session: Credential,
    pub(crate) grant: Option<Digest>,
    pub(crate) hand: Hand,
    pub(crate) repository: String,
    pub(crate) target: String,
}

impl Insider {
    fn enter(arguments: &SideDoors) -> Result<Self> {
        let office = Office::open(&arguments.target.engine, &arguments.target.owner_file)?;
        let here = configuration(&arguments.repository)?;
        let (repository, target) = (here.repository.to_string(), here.target.to_string());
        let opened = office.agent_session(office::scope(&repository, &target, "docs/"))?;
        let session = Credential::new(opened.credential)?;
        let hand = Hand::new(&office.engine, &session, None, Purpose::Commit, &Patience::none())?;
        Ok(Self { office, session, grant: opened.grants.last().copied(), hand, repository, target })
    }

    /// Another key of the same session.
    pub(crate) fn another(&self, purpose: Purpose) -> Result<Hand> {
        Hand::new(&self.office.engine, &self.session, None, purpose, &Patience::none())
    }

    /// Claims of this session about an object.
    pub(crate) fn claims<'a>(
        &'a self,
        payload: &'a [u8],
        declared: &'a signer_core::change::ChangeList,
        sent: &'a signer_core::change::ChangeList,
    ) -> Claims<'a> {
        let (repository, target) = (self.repository.as_str(), self.target.as_str());
        Claims { payload, repository, target, declared, sent, grant: self.grant }
    }

    /// Asks for the countersignature of these claims.
    pub(crate) fn ask(&self, claims: &Claims<'_>) -> Result<Result<Countersignature, ClientError>> {
        let request = synthetic::request(&self.hand, claims, None)?;
        Ok(self.office.engine.countersign(&self.session, None, &request))
    }
}

/// Tries every door.
pub(crate) fn perform(arguments: &SideDoors) -> Result<bool> {
    let trust = TrustRoot::from_json(&std::fs::read(&arguments.trust_root)?)?;
    let insider = Insider::enter(arguments)?;
    let mut doors = Doors::default();
    other_wires(&mut doors, &insider)?;
    patched_client(&mut doors, &insider)?;
    splices::perform(&mut doors, &insider, &Verifier::new(trust.clone(), clock::now().plus(600)), &trust)?;
    forged_commit::perform(&mut doors, &insider, arguments)?;
    wrong_requests::perform(&mut doors, &insider, arguments)?;
    doors.sum()
}

/// The commit key on every wire that signs something else.
fn other_wires(doors: &mut Doors, insider: &Insider) -> Result<()> {
    let engine = &insider.office.engine;
    for kind in ["prompt", "artifact", "review"] {
        let request = statement_request(&insider.hand, statement(&format!("urn:chancery:{kind}:v1")))?;
        let outcome = engine.statement(&insider.session, None, &request);
        doors.engine(&format!("a commit key signs a statement of type {kind}"), Code::X509Purpose, outcome)?;
    }
    let scope = office::scope(&insider.repository, &insider.target, "docs/");
    let request = office::grant_request("load", scope, 600, &insider.hand)?;
    let outcome = engine.grant(&insider.session, None, &request);
    doors.engine("a commit key signs a grant", Code::X509Purpose, outcome)?;
    let request = statement_request(&insider.hand, statement("urn:chancery:grant:v1"))?;
    let outcome = engine.statement(&insider.session, None, &request);
    doors.engine("a grant comes as a statement", Code::IntotoPredicateType, outcome)?;
    let request = statement_request(&insider.hand, statement("urn:chancery:anchor:v1"))?;
    let outcome = engine.statement(&insider.session, None, &request);
    doors.engine("a leaf signs an anchor", Code::IntotoPredicateType, outcome)?;
    let other = insider.office.agent_session(office::scope(&insider.repository, &insider.target, "docs/"))?;
    let changes = synthetic::changes("docs/", 1)?;
    let payload = synthetic::payload(0, 1)?;
    let request = synthetic::request(&insider.hand, &insider.claims(&payload, &changes, &changes), None)?;
    let outcome = engine.countersign(&Credential::new(other.credential)?, None, &request);
    doors.engine("a certificate in another session", Code::SignNotSession, outcome)?;
    let artifact = insider.another(Purpose::Artifact)?;
    let request = synthetic::request(&artifact, &insider.claims(&payload, &changes, &changes), None)?;
    let outcome = engine.countersign(&insider.session, None, &request);
    doors.engine("an artifact key signs a commit", Code::X509Purpose, outcome)
}

fn statement(kind: &str) -> Vec<u8> {
    let digest = "0".repeat(64);
    let text = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicate":{{}},"predicateType":"{kind}","subject":[{{"digest":{{"sha256":"{digest}"}},"name":"x"}}]}}"#
    );
    text.into_bytes()
}

/// A client that says one thing and does another.
fn patched_client(doors: &mut Doors, insider: &Insider) -> Result<()> {
    let (declared, done) = (synthetic::changes("docs/", 2)?, synthetic::changes("src/", 2)?);
    let payload = synthetic::payload(0, 2)?;
    let outcome = insider.ask(&insider.claims(&payload, &declared, &done))?;
    doors.engine("docs/ declared, src/ sent", Code::ScopeClaimMismatch, outcome)?;
    let outcome = insider.ask(&insider.claims(&payload, &done, &done))?;
    doors.engine("src/ declared and sent under a grant for docs/", Code::ScopePath, outcome)?;
    let outcome = insider.ask(&Claims { grant: None, ..insider.claims(&payload, &declared, &declared) })?;
    doors.engine("no grant named", Code::SignGrantMismatch, outcome)?;
    let outcome = insider.ask(&Claims { repository: "another", ..insider.claims(&payload, &declared, &declared) })?;
    doors.engine("another repository", Code::ScopeRepository, outcome)?;
    let claims = Claims { target: "refs/heads/another", ..insider.claims(&payload, &declared, &declared) };
    doors.engine("another target", Code::ScopeTarget, insider.ask(&claims)?)?;
    let outcome = insider.ask(&insider.claims(&payload, &declared, &declared))?.map_err(anyhow_of);
    doors.control("an honest change of docs/", outcome.is_ok())
}

fn configuration(repository: &Path) -> Result<RepositoryConfig> {
    let revision = format!("HEAD:{}", repository_config::PATH);
    let output = Command::new("git").arg("-C").arg(repository).args(["show", &revision]).output()?;
    if !output.status.success() {
        bail!("`{}` is not adopted", repository.display());
    }
    RepositoryConfig::parse(&output.stdout).context("the repository's configuration")
}
