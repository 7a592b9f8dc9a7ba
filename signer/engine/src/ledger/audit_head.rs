//! Audit heads: the head of the event chain as a signed statement, the last entry of each batch that releases anything.

use serde::{Deserialize, Serialize};
use signer_core::crypto::SignP256;
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::log_entry;
use signer_core::merkle;
use signer_core::statement::{self, Predicate, Resource, Statement, StatementError};
use signer_core::time::Timestamp;

use super::RecordError;
use super::workload::Workload;
use crate::event::ChainHead;
use crate::store::rows::{EntryRow, StatementRow, Write};

/// The predicate type of audit heads; only the workload key signs it.
pub const AUDIT_HEAD: &str = "urn:chancery:audit-head:v1";

/// What the engine says of its event chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditHead {
    /// Events in the chain.
    pub events: u64,
    /// Digest of the newest.
    pub head: Digest,
    /// When it was said.
    pub time: Timestamp,
}

impl Predicate for AuditHead {
    type Error = StatementError;
    const TYPE: &'static str = AUDIT_HEAD;
    const MAX_BYTES: usize = 4096;

    fn check(&self, subjects: &[Resource]) -> Result<(), StatementError> {
        statement::check_about_itself(self, subjects)
    }
}

/// A statement of the engine's own, such as an audit head, with its log entry's body.
pub(super) struct SignedHead {
    payload: Vec<u8>,
    signature: Vec<u8>,
    certificate: Digest,
    body: Vec<u8>,
}

impl SignedHead {
    pub(super) fn sign(chain: &ChainHead, now: Timestamp, workload: &Workload) -> Result<Self, RecordError> {
        let head = AuditHead { events: chain.count, head: chain.digest, time: now };
        Self::over(Statement::about_itself("audit-head", head)?.encode()?, workload)
    }

    /// Any other statement of the engine's, signed.
    pub(super) fn over(payload: Vec<u8>, workload: &Workload) -> Result<Self, RecordError> {
        let pae = dsse::pae(dsse::PAYLOAD_TYPE, &payload);
        let signature = workload.key.sign_p256(&pae)?;
        let body = log_entry::body(&Digest::of(&pae), &signature, &workload.certificate)?;
        Ok(Self { payload, signature, certificate: Digest::of(&workload.certificate), body })
    }

    pub(super) fn leaf(&self) -> Digest {
        merkle::leaf_hash(&self.body)
    }

    /// Digest of the statement.
    pub(super) fn payload(&self) -> Digest {
        Digest::of(&self.payload)
    }

    /// Its rows, at this index.
    pub(super) fn rows(self, index: u64) -> [Write; 2] {
        let leaf = self.leaf();
        let statement = StatementRow {
            leaf,
            payload_type: dsse::PAYLOAD_TYPE.to_owned(),
            payload: self.payload,
            signature: self.signature,
            certificate: self.certificate,
        };
        [Write::Entry(EntryRow { index, leaf, body: self.body }), Write::Statement(statement)]
    }
}
