//! Signed statements beside files: prompts, artifacts and whatever else is signed as in-toto.

use std::collections::BTreeMap;

use signer_core::bundle::Bundle;
use signer_core::certificate::Leaf;
use signer_core::crypto::{self, SignP256 as _};
use signer_core::decision::{DecisionRecord, LogPosition};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::manifest::Artifact;
use signer_core::nonce::Nonce;
use signer_core::prompt::{Binding, PromptTerms, Segment, SegmentTrust, UntrustedPrompt};
use signer_core::protocol::Countersignature;
use signer_core::reason::Code;
use signer_core::time::Timestamp;
use signer_core::verify::{SignedPrompt, SignedStatement, Verified, VerifyError};
use signer_core::{dsse, log_entry, merkle};
use signer_engine::answer::Answer;

use crate::actor::{Actor, Credential};
use crate::adoption::TARGET;
use crate::world::World;

/// A bundle and the decision that lies beside it.
#[derive(Clone)]
pub struct Paper {
    /// The Sigstore bundle.
    pub bundle: Bundle,
    /// The decision.
    pub decision: Vec<u8>,
}

impl Paper {
    /// The decision, read.
    pub fn record(&self) -> DecisionRecord {
        DecisionRecord::decode(&self.decision).unwrap()
    }

    /// The leaf hash it is named by.
    pub fn leaf(&self) -> Digest {
        self.record().leaf
    }
}

impl Actor<'_> {
    /// Signs a prompt for the world's repository.
    pub fn signs_prompt(&self, text: &str) -> Paper {
        let prompt = UntrustedPrompt::new(text.as_bytes().to_vec()).unwrap();
        let terms = self.world.prompt_terms(&prompt);
        let payload = terms.into_statement("prompt.md", &prompt).unwrap().encode().unwrap();
        self.signs_statement(Purpose::Prompt, &payload).unwrap()
    }

    /// Signs an artifact.
    pub fn signs_artifact(&self, artifact: Artifact) -> Paper {
        let payload = artifact.into_statement().unwrap().encode().unwrap();
        self.signs_statement(Purpose::Artifact, &payload).unwrap()
    }

    /// Signs any statement and has the engine countersign it.
    pub fn signs_statement(&self, purpose: Purpose, payload: &[u8]) -> Result<Paper, Code> {
        let (world, request) = (self.world, self.states(purpose, payload));
        let answer = world.ask(world.engine.statement(&self.session(), &request, world.now()))?;
        let Answer::Countersigned(countersignature) = answer else { panic!("no countersignature") };
        let Countersignature { decision, .. } = countersignature.clone();
        let (signature, certificate) = (request.signature.0, request.certificate.0);
        let bundle = Bundle::assemble(payload.to_vec(), signature, certificate, &countersignature).unwrap();
        Ok(Paper { bundle, decision: decision.0 })
    }
}

impl World {
    /// The terms of a prompt for this repository that expires in ten minutes.
    pub fn prompt_terms(&self, prompt: &UntrustedPrompt) -> PromptTerms {
        PromptTerms {
            binding: Binding {
                repository: self.repository,
                target: TARGET.parse().unwrap(),
                base: None,
                session: None,
            },
            model: None,
            tools: None,
            template: None,
            parameters: BTreeMap::new(),
            segments: vec![Segment::whole(prompt, SegmentTrust::Directive)],
            expires: self.now().plus(600),
            nonce: Nonce::from_bytes(crypto::random().unwrap()),
            previous: None,
        }
    }

    /// Verifies a prompt for this repository at the world's time.
    pub fn reads_prompt(&self, text: &[u8], paper: &Paper) -> Result<Verified<SignedPrompt>, VerifyError> {
        let untrusted = UntrustedPrompt::new(text.to_vec())?;
        self.verifier().prompt(untrusted, &paper.bundle, &paper.decision, self.repository, self.now())
    }

    /// Verifies a statement under a purpose.
    pub fn reads(&self, paper: &Paper, purpose: Purpose) -> Result<Verified<SignedStatement>, VerifyError> {
        self.verifier().statement(&paper.bundle, &paper.decision, purpose)
    }

    /// A statement that no engine was asked about, signed and countersigned by the real authorities.
    pub fn forges_paper(&self, by: &Credential, payload: &[u8], time: Timestamp) -> Paper {
        self.forges_paper_deciding(by, dsse::PAYLOAD_TYPE, payload, time, |_| ())
    }

    /// The same with another payload type or decision.
    pub fn forges_paper_deciding(
        &self,
        by: &Credential,
        payload_type: &str,
        payload: &[u8],
        time: Timestamp,
        decide: impl FnOnce(&mut DecisionRecord),
    ) -> Paper {
        let pae = dsse::pae(payload_type, payload);
        let signature = by.key.sign_p256(&pae).unwrap();
        let body = log_entry::body(&Digest::of(&pae), &signature, &by.certificate).unwrap();
        let mut record = self.paper_record(by, merkle::leaf_hash(&body));
        decide(&mut record);
        let decision = record.encode().unwrap();
        let bundle = Bundle {
            certificate: by.certificate.clone(),
            payload_type: payload_type.to_owned(),
            payload: payload.to_vec(),
            token: self.office.countersign(&signature, time, &Digest::of(&decision)),
            foreign: None,
            signature,
            entry: self.office.logs(&body),
        };
        Paper { bundle, decision }
    }

    fn paper_record(&self, by: &Credential, leaf: Digest) -> DecisionRecord {
        let certificate = Leaf::parse(&by.certificate).unwrap();
        let identity = certificate.identity();
        DecisionRecord {
            leaf,
            log: LogPosition { origin: crate::office::ORIGIN.to_owned(), index: 0, size: 1 },
            subject: certificate.subject().clone(),
            policy: self.policy().digest(),
            rules: vec!["person-prompt".to_owned()],
            session: identity.session.clone(),
            certificate: certificate.digest(),
            repository: None,
            target: None,
            change: None,
            grants: identity.hops.iter().map(|hop| hop.grant).collect(),
            prompt: None,
            approvals: Vec::new(),
            feed: 0,
            custody: identity.custody,
            salt: crate::actor::salt(),
        }
    }
}
