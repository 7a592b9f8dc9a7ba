//! A signature that a session brought: under its own certificate, of the right purpose, over these very bytes. Whatever
//! follows, countersigning or not, starts from here.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use signer_core::certificate::Leaf;
use signer_core::crypto::{self, CryptoError, P256Verifier};
use signer_core::decision::{DecisionRecord, LogPosition, UnplacedRecord};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::log_entry;
use signer_core::merkle;
use signer_core::reason::Code;
use signer_core::time::{Timestamp, Window};

use crate::answer::{Answer, Kept};
use crate::engine::Engine;
use crate::event::EventKind;
use crate::memory::Memory;
use crate::prepared::{Prepared, Signing, SigningForm};
use crate::refusal::Refusal;
use crate::session::{Session, internal};
use crate::store::rows::Write;

/// Certificates that were read before. Rows never change once written.
pub(crate) type LeafMemory = Memory<Arc<KnownLeaf>>;

/// A certificate of this engine.
pub(crate) struct KnownLeaf {
    /// The session it was issued in.
    pub(crate) session: String,
    pub(crate) leaf: Arc<Leaf>,
    /// Its key, read once for many signatures.
    pub(crate) key: P256Verifier,
}

/// Bytes, a signature over them, and the certificate it verified under.
pub(crate) struct Signature<'a> {
    pub(crate) leaf: Arc<Leaf>,
    pub(crate) bytes: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl Signature<'_> {
    /// The idempotency key (docs/formats.md F6).
    pub(crate) fn key(&self) -> Digest {
        Digest::of_parts(&[self.bytes, self.value])
    }

    /// Fails where the certificate's own life does not include this time.
    fn check_alive(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.leaf.window().contains(now) {
            return Ok(());
        }
        let message = format!("the certificate is not valid at {now}; it ends at {}", self.leaf.window().end);
        Err(Refusal::new(Code::X509Expired, message))
    }
}

/// What a decision says of the signed thing.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) repository: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) change: Option<Digest>,
    pub(crate) prompt: Option<Digest>,
}

/// What policy said, and of what.
pub(crate) struct Ruling {
    /// The rules that allowed it.
    pub(crate) rules: Vec<String>,
    pub(crate) facts: Facts,
}

/// How many events are durable. The ledger says so once they are.
#[derive(Default)]
pub(crate) struct DurableEvents(AtomicU64);

impl DurableEvents {
    /// There are so many.
    pub(crate) fn reached(&self, count: u64) {
        self.0.store(count, Ordering::Release);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// An idempotency key without an answer, when there were so many events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unanswered {
    key: Digest,
    events: u64,
}

impl Unanswered {
    /// The idempotency key.
    pub(crate) const fn digest(&self) -> Digest {
        self.key
    }

    /// Events at least that the store held when it was asked.
    pub(crate) const fn events(&self) -> u64 {
        self.events
    }

    #[cfg(test)]
    pub(crate) const fn at(key: Digest, events: u64) -> Self {
        Self { key, events }
    }
}

/// What an allowed signature brings about.
pub(crate) struct Effect {
    pub(crate) kind: EventKind,
    pub(crate) form: SigningForm,
    /// Rows beside the entry, made from its leaf hash.
    pub(crate) writes: Vec<Write>,
}

impl Engine {
    /// The session's own certificate: a row of the store, never the request's word.
    pub(crate) fn own_leaf(&self, session: &Session, der: &[u8], purpose: Purpose) -> Result<Arc<KnownLeaf>, Refusal> {
        let unknown = || Refusal::new(Code::SignNotSession, "the certificate was not issued by this engine");
        let known = self.known_leaf(Digest::of(der))?.ok_or_else(unknown)?;
        if known.session != session.id() {
            return Err(Refusal::new(Code::SignNotSession, "the certificate was issued in another session"));
        }
        let found = known.leaf.identity().purpose;
        if found != purpose {
            let message = format!("the certificate's purpose is {found}, {purpose} is needed");
            return Err(Refusal::new(Code::X509Purpose, message));
        }
        Ok(known)
    }

    /// A certificate and the session it was issued in; none where this engine did not issue it.
    pub(crate) fn known_leaf(&self, digest: Digest) -> Result<Option<Arc<KnownLeaf>>, Refusal> {
        if let Some(known) = self.leaves.find(&digest) {
            return Ok(Some(known));
        }
        let Some(row) = self.reader.certificate(&digest)? else { return Ok(None) };
        let leaf = Arc::new(Leaf::parse(&row.der)?);
        let key = P256Verifier::new(leaf.public_key().clone()).map_err(internal)?;
        let known = Arc::new(KnownLeaf { session: row.session, leaf, key });
        self.leaves.keep(digest, Arc::clone(&known));
        Ok(Some(known))
    }

    /// Fails where the certificate is not valid now, or the authority that issued it was rotated since: no verifier would
    /// take a time after that for its word.
    pub(crate) fn check_valid_at(&self, signature: &Signature<'_>, now: Timestamp) -> Result<(), Refusal> {
        signature.check_alive(now)?;
        if self.authorities.has_issued(&signature.leaf)? {
            return Ok(());
        }
        Err(Refusal::new(Code::X509AuthorityRotated, "the authority that issued the certificate was rotated since"))
    }

    /// An answer given before to the same request: the same bytes again, whatever has expired since.
    pub(crate) fn answered(&self, key: Digest) -> Result<ControlFlow<Answer, Unanswered>, Refusal> {
        // Whatever is given from here on is of a later event.
        let unanswered = Unanswered { key, events: self.events.count() };
        if self.given.excludes(&key) {
            return Ok(ControlFlow::Continue(unanswered));
        }
        let Some(document) = self.reader.answer(&key)? else { return Ok(ControlFlow::Continue(unanswered)) };
        Ok(ControlFlow::Break(Kept::decode(&document)?.restore(&self.authorities)))
    }

    /// An allowed signature, ready for the ledger.
    pub(crate) fn signing(
        &self,
        session: &Session,
        signature: &Signature<'_>,
        key: Unanswered,
        entry: Entry,
        ruling: Ruling,
        effect: Effect,
    ) -> Result<Prepared, Refusal> {
        let record = self.record(session, signature, &entry, ruling)?;
        let (leaf_window, session_window) = (signature.leaf.window(), session.row.window);
        Ok(Prepared::signing(Signing {
            key,
            window: Window {
                start: leaf_window.start.max(session_window.start),
                end: leaf_window.end.min(session_window.end),
            },
            occurrence: session.occurrence(effect.kind).about(entry.leaf),
            leaf: entry.leaf,
            body: entry.body,
            signature: signature.value.to_vec(),
            record,
            writes: effect.writes,
            form: effect.form,
        }))
    }

    fn record(
        &self,
        session: &Session,
        signature: &Signature<'_>,
        entry: &Entry,
        Ruling { rules, facts }: Ruling,
    ) -> Result<UnplacedRecord, Refusal> {
        let feed = self.clear_at(session, signature, &facts, entry)?;
        let record = DecisionRecord {
            leaf: entry.leaf,
            log: LogPosition { origin: self.deployment.origin.clone(), index: 0, size: 0 },
            subject: session.row.subject.clone(),
            policy: self.policy.digest(),
            rules,
            session: session.row.id.clone(),
            certificate: signature.leaf.digest(),
            repository: facts.repository,
            target: facts.target,
            change: facts.change,
            grants: session.row.grants.clone(),
            prompt: facts.prompt,
            approvals: Vec::new(),
            feed,
            custody: signature.leaf.identity().custody,
            salt: hex::encode(crypto::random::<16>().map_err(internal)?),
        };
        // The ledger never meets a record over its limit.
        record.unplaced().map_err(|error| Refusal::new(Code::RequestTooLarge, error))
    }
}

/// A log entry that is to be.
pub(crate) struct Entry {
    pub(crate) leaf: Digest,
    pub(crate) body: Vec<u8>,
}

impl Entry {
    /// The hashedrekord over what was signed.
    pub(crate) fn of(signature: &Signature<'_>) -> Result<Self, Refusal> {
        let body = log_entry::body(&Digest::of(signature.bytes), signature.value, signature.leaf.der())?;
        Ok(Self { leaf: merkle::leaf_hash(&body), body })
    }
}

/// A signature that does not verify, with the code of its form.
pub(crate) fn refused_signature(error: CryptoError, invalid: Code) -> Refusal {
    let code = if error == CryptoError::SignatureEncoding { Code::CmsSignatureEncoding } else { invalid };
    Refusal::new(code, error)
}
