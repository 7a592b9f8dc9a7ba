//! A client's key and what it signs.

use signer_core::attributes;
use signer_core::change::{ChangeList, Content, Edit, Entry, Side};
use signer_core::crypto::{self, P256Key, SignP256};
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::grant::{Grant, Grantee};
use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::prompt::{Binding, PromptTerms, Segment, SegmentTrust, UntrustedPrompt};
use signer_core::protocol::{Base64, CountersignRequest, StatementRequest};
use signer_core::provenance::{CommitProvenance, Counts, Provenance};
use signer_core::scope::{Operation, Scope};
use signer_core::time::{Timestamp, Window};

use super::{REPOSITORY, now};
use crate::session::Session;

/// A key with its certificate.
pub(crate) struct Signer {
    pub(crate) key: P256Key,
    pub(crate) certificate: Vec<u8>,
}

impl Signer {
    /// A signed commit, ready to be countersigned.
    pub(crate) fn commit(&self, provenance: &CommitProvenance, list: &ChangeList) -> CountersignRequest {
        let provenance = Provenance::Commit(provenance.clone()).encode().unwrap();
        CountersignRequest { change_list: Some(Base64(list.encode())), ..self.attributes(&provenance) }
    }

    /// Signed attributes with any provenance, without a change list.
    pub(crate) fn attributes(&self, provenance: &[u8]) -> CountersignRequest {
        let certificate = Digest::of(&self.certificate);
        let signed = attributes::encode(&Digest::of(b"commit"), now(), &certificate, provenance).unwrap();
        let signature = self.key.sign_p256(&signed).unwrap();
        CountersignRequest {
            signed_attributes: Base64(signed),
            signature: Base64(signature),
            certificate: Base64(self.certificate.clone()),
            change_list: None,
            newest_checkpoint: None,
        }
    }

    /// A signed statement.
    pub(crate) fn statement(&self, payload: &[u8]) -> StatementRequest {
        let pae = dsse::pae(dsse::PAYLOAD_TYPE, payload);
        StatementRequest {
            payload_type: dsse::PAYLOAD_TYPE.to_owned(),
            payload: Base64(payload.to_vec()),
            signature: Base64(self.key.sign_p256(&pae).unwrap()),
            certificate: Base64(self.certificate.clone()),
            newest_checkpoint: None,
        }
    }
}

/// One added file per path.
pub(crate) fn changes(paths: &[&str]) -> ChangeList {
    let entry = |path: &&str| Entry {
        path: path.as_bytes().to_vec(),
        edit: Edit::Add(Content {
            side: Side { mode: 0o100_644, id: vec![7; 20] },
            size: 10,
            sha256: Digest::of(path.as_bytes()),
        }),
    };
    ChangeList::new(paths.iter().map(entry).collect()).unwrap()
}

/// What a commit of `list` in `session` honestly says of itself.
pub(crate) fn commit_of(session: &Session, list: &ChangeList) -> CommitProvenance {
    CommitProvenance {
        repository: REPOSITORY.to_owned(),
        target: "refs/heads/main".to_owned(),
        change: list.digest(),
        counts: Counts::of(list),
        grant: session.row().grants.last().copied(),
        prompt: session.row().prompt,
        instructions: None,
        tools: None,
        attribution: None,
        derived: Vec::new(),
        salt: hex::encode(crypto::random::<16>().unwrap()),
    }
}

/// What alice lets an agent do.
pub(crate) fn scope() -> Scope {
    Scope {
        repositories: vec![REPOSITORY.to_owned()],
        targets: vec!["refs/heads/".to_owned()],
        paths: vec!["src/".to_owned()],
        operations: vec![Operation::Add, Operation::Modify],
        purposes: vec![Purpose::Commit, Purpose::Prompt, Purpose::Artifact, Purpose::Attestation],
        max_paths: 3,
        max_bytes: 100,
    }
}

/// The payload of a grant for an hour from `start`.
pub(crate) fn grant_for(agent: &str, scope: Scope, depth: u8, start: Timestamp) -> Vec<u8> {
    let grant = Grant {
        grantee: Grantee { agent: agent.parse().unwrap(), class: None },
        scope,
        window: Window { start, end: start.plus(3600) },
        depth,
        task: None,
        salt: Nonce::from_bytes(crypto::random().unwrap()),
    };
    grant.into_statement().unwrap().encode().unwrap()
}

/// The payload of a prompt for the repository of all tests, with changes of the caller's.
pub(crate) fn prompt_for(alter: impl FnOnce(&mut PromptTerms)) -> Vec<u8> {
    let text = UntrustedPrompt::new(b"Add a parser.\n".to_vec()).unwrap();
    let mut terms = PromptTerms {
        binding: Binding {
            repository: REPOSITORY.parse().unwrap(),
            target: "refs/heads/main".parse().unwrap(),
            base: None,
            session: None,
        },
        model: None,
        tools: None,
        template: None,
        parameters: std::collections::BTreeMap::new(),
        segments: vec![Segment::whole(&text, SegmentTrust::Directive)],
        expires: now().plus(600),
        nonce: Nonce::from_bytes(crypto::random().unwrap()),
        previous: None,
    };
    alter(&mut terms);
    terms.into_statement("prompt.md", &text).unwrap().encode().unwrap()
}
