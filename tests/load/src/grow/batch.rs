//! Batches as the ledger seals them: events, entries, the audit head last, roots of full tiles, the checkpoint.

use anyhow::{Context, Result};
use signer_core::crypto::{self, P256Key, SignP256};
use signer_core::digest::Digest;
use signer_core::dsse;
use signer_core::identity::Subject;
use signer_core::issue::{self, LeafRequest};
use signer_core::log_entry;
use signer_core::merkle;
use signer_core::statement::Statement;
use signer_core::time::{Timestamp, Window};
use signer_engine::deployment::Deployment;
use signer_engine::event::{ChainHead, EventKind, Keeping, Occurrence};
use signer_engine::keys::Keys;
use signer_engine::ledger::{AuditHead, engine_identity};
use signer_engine::store::rows::{Batch, CheckpointRow, EntryRow, State, StatementRow, Write};
use signer_log::Log;

/// What stands where a certificate would.
const NO_CERTIFICATE: &[u8] = b"grown";
/// Life of the key that signs audit heads: the longest a leaf may live.
const SECONDS: u64 = 3600;

/// The key that signs audit heads, with its certificate.
pub(super) struct Workload {
    key: P256Key,
    certificate: Vec<u8>,
    subject: Subject,
}

impl Workload {
    /// Makes a key and certifies it, as the ledger does each hour.
    pub(super) fn certify(keys: &Keys, deployment: &Deployment, now: Timestamp) -> Result<Self> {
        let key = P256Key::generate()?;
        let subject: Subject = format!("spiffe://{}/engine", deployment.trust_domain).parse()?;
        let request = LeafRequest {
            subject: &subject,
            identity: &engine_identity(),
            public_key: &key.public(),
            window: Window { start: now, end: now.plus(SECONDS) },
            serial: crypto::random()?,
            issuer_url: &deployment.issuer_url,
        };
        let issuing = issue::Authority { key: &keys.issuing.key, certificate_der: &keys.issuing.certificate };
        let certificate = issue::leaf(&request, &issuing, &keys.ct, now.unix().saturating_mul(1000))?;
        Ok(Self { key, certificate, subject })
    }
}

/// A log that grows, and its chain of events.
pub(super) struct Growth {
    log: Log,
    chain: ChainHead,
    feed: u64,
    workload: Workload,
    is_certified: bool,
    time: Timestamp,
    seed: [u8; 32],
}

impl Growth {
    pub(super) fn new(log: Log, chain: ChainHead, feed: u64, workload: Workload, time: Timestamp) -> Result<Self> {
        Ok(Self { log, chain, feed, workload, is_certified: false, time, seed: crypto::random()? })
    }

    /// Entries of the log.
    pub(super) const fn size(&self) -> u64 {
        self.log.size()
    }

    /// The next batches of at most `batch` entries, at most so many, up to `entries`; their rows in one transaction.
    pub(super) fn transaction(&mut self, entries: u64, batch: u64, batches: u64) -> Result<Batch> {
        let mut writes = Vec::new();
        for _ in 0..batches {
            let missing = entries.saturating_sub(self.log.size());
            if missing == 0 {
                break;
            }
            self.batch(missing.min(batch), &mut writes)?;
        }
        let state = State {
            frontier: self.log.frontier().encode(),
            last_time: Some(self.time),
            events: self.chain.count,
            event_head: self.chain.digest,
            feed: self.feed,
        };
        Ok(Batch { state, writes })
    }

    /// One batch of `count` entries, the audit head among them.
    fn batch(&mut self, count: u64, writes: &mut Vec<Write>) -> Result<()> {
        let mut leaves = Vec::new();
        let mut index = self.log.size();
        let head = index.saturating_add(count).saturating_sub(1);
        if !self.is_certified {
            let about = Digest::of(&self.workload.certificate);
            self.link(&Occurrence::new(EventKind::Issuance, &self.workload.subject).about(about), writes)?;
            self.is_certified = true;
        }
        while index < head {
            let row = self.entry(index)?;
            let occurrence = Occurrence {
                kind: EventKind::OpenEntry,
                subject: None,
                session: None,
                about: Some(row.leaf),
                code: None,
            };
            self.link(&occurrence, writes)?;
            leaves.push(row.leaf);
            writes.push(Write::Entry(row));
            index = index.saturating_add(1);
        }
        leaves.push(self.head(head, writes)?);
        let sealed = self.log.seal(&leaves);
        writes.extend(sealed.completed.iter().copied().map(Write::Node));
        let row = CheckpointRow { size: sealed.size, root: sealed.root, note: sealed.checkpoint.clone() };
        writes.push(Write::Checkpoint(row));
        self.log.advance(&sealed).context("the log moved")
    }

    fn link(&mut self, occurrence: &Occurrence, writes: &mut Vec<Write>) -> Result<()> {
        writes.push(Write::Event(self.chain.link(occurrence, Keeping::default(), self.time)?));
        Ok(())
    }

    /// An entry about a number that nobody else's log has.
    fn entry(&self, index: u64) -> Result<EntryRow> {
        let digest = Digest::of_parts(&[&self.seed, &index.to_be_bytes()]);
        let body = log_entry::body(&digest, digest.as_bytes(), NO_CERTIFICATE)?;
        Ok(EntryRow { index, leaf: merkle::leaf_hash(&body), body })
    }

    /// The audit head at this index, signed over the chain as it is; gives its leaf.
    fn head(&self, index: u64, writes: &mut Vec<Write>) -> Result<Digest> {
        let head = AuditHead { events: self.chain.count, head: self.chain.digest, time: self.time };
        let payload = Statement::about_itself("audit-head", head)?.encode()?;
        let pae = dsse::pae(dsse::PAYLOAD_TYPE, &payload);
        let signature = self.workload.key.sign_p256(&pae)?;
        let body = log_entry::body(&Digest::of(&pae), &signature, &self.workload.certificate)?;
        let leaf = merkle::leaf_hash(&body);
        let (payload_type, certificate) = (dsse::PAYLOAD_TYPE.to_owned(), Digest::of(&self.workload.certificate));
        writes.push(Write::Entry(EntryRow { index, leaf, body }));
        writes.push(Write::Statement(StatementRow { leaf, payload_type, payload, signature, certificate }));
        Ok(leaf)
    }
}
