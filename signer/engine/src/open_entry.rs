//! Entries of stock Sigstore clients: a digest and a signature over it under a certificate of the purpose `open`, which
//! this engine issued. Only the digest is known here, so that such an entry shows what was signed with whose token and
//! when; nothing of ours accepts it for more (docs/formats.md F10, F11).
//!
//! It is decided, placed and recorded like every other signature; its decision and token stay with the engine.

use std::ops::ControlFlow;
use std::sync::Arc;

use signer_core::certificate::{self, Leaf};
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::log_entry;
use signer_core::merkle;
use signer_core::reason::Code;
use signer_core::rights;
use signer_core::time::Timestamp;
use signer_policy::{Matter, Question};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Prepared, SigningForm};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::signature::{Effect, Entry, Facts, Ruling, Signature, Unanswered};
use crate::store::StoreError;

/// Most bytes of a P-256 signature: a SEQUENCE of two INTEGERs of at most 33 bytes.
const MAX_SIGNATURE: usize = 72;

/// What a client wants logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenEntry {
    /// SHA-256 of what was signed.
    pub digest: Digest,
    /// ECDSA with SHA-256 over it, DER; either s.
    pub signature: Vec<u8>,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
}

/// What becomes of it.
pub enum Submission {
    /// The log has it: [`Answer::EntryKnown`].
    Known(Answer),
    /// The ledger decides.
    New {
        /// What the ledger gets.
        prepared: Prepared,
        /// The entry's canonical body.
        body: Vec<u8>,
    },
}

impl Engine {
    /// Decides about an entry. Whoever did not show the certificate's key is refused without a record: anybody may ask.
    pub fn submit_entry(&self, asked: &OpenEntry, now: Timestamp) -> Result<Submission, Refusal> {
        let signer = self.prove_signer(asked)?;
        let body = log_entry::body(&asked.digest, &asked.signature, &asked.certificate)?;
        // The body is what makes two entries one: digest, signature and certificate.
        let signature = Signature { leaf: signer.leaf, bytes: &body, value: &asked.signature };
        let key = match self.answered(signature.key())? {
            ControlFlow::Break(answer) => return Ok(Submission::Known(SigningForm::OpenEntry.repeated(answer)?)),
            ControlFlow::Continue(key) => key,
        };
        let prepared = self
            .open_signing(&signer.session, &signature, key, asked.digest, now)
            .unwrap_or_else(|refusal| Prepared::denied(refusal, signer.session.occurrence(EventKind::Denial)));
        Ok(Submission::New { prepared, body })
    }

    /// The certificate is one of this engine's, and the signature its key's. The cheap tests come first.
    fn prove_signer(&self, asked: &OpenEntry) -> Result<Signer, Refusal> {
        let unknown = || Refusal::new(Code::LogEntryVerifier, "the certificate was not issued by this engine");
        if asked.certificate.len() > certificate::MAX_BYTES {
            return Err(unknown());
        }
        if asked.signature.len() > MAX_SIGNATURE {
            return Err(Refusal::new(Code::LogEntrySignature, "the signature is longer than any of P-256"));
        }
        let known = self.known_leaf(Digest::of(&asked.certificate))?.ok_or_else(unknown)?;
        known
            .leaf
            .public_key()
            .verify_digest(&asked.digest, &asked.signature)
            .map_err(|error| Refusal::new(Code::LogEntrySignature, error))?;
        let row = self.reader.session(&known.session)?.ok_or(StoreError::Corrupt { table: "sessions" })?;
        Ok(Signer { session: Session { row: Arc::new(row) }, leaf: Arc::clone(&known.leaf) })
    }

    fn open_signing(
        &self,
        session: &Session,
        signature: &Signature<'_>,
        key: Unanswered,
        digest: Digest,
        now: Timestamp,
    ) -> Result<Prepared, Refusal> {
        let identity = signature.leaf.identity();
        if identity.purpose != Purpose::Open {
            let message = format!("the certificate's purpose is {}, {} is needed", identity.purpose, Purpose::Open);
            return Err(Refusal::new(Code::X509Purpose, message));
        }
        self.check_valid_at(signature, now)?;
        rights::check_purpose(identity)?;
        let rules = self.ask(session.subject(), identity, &Question::Countersign(Matter::OpenEntry { digest }))?;
        let entry = Entry { leaf: merkle::leaf_hash(signature.bytes), body: signature.bytes.to_vec() };
        let form = SigningForm::OpenEntry;
        let effect = Effect { kind: EventKind::OpenEntry, form, writes: Vec::new() };
        self.signing(session, signature, key, entry, Ruling { rules, facts: Facts::default() }, effect)
    }
}

/// A certificate of this engine whose key has signed, and its session.
struct Signer {
    session: Session,
    leaf: Arc<Leaf>,
}

#[cfg(test)]
mod tests;
