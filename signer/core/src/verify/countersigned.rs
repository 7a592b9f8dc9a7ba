//! Steps V8 to V12: time, decision and log entry around one signature, whatever it signs.

use std::sync::Arc;

use super::{Verifier, VerifyError, Witnesses};
use crate::certificate::Certified;
use crate::decision::DecisionRecord;
use crate::digest::Digest;
use crate::log_entry::{self, LogEntry};
use crate::oid;
use crate::time::Timestamp;
use crate::token::Token;
use crate::trust_root::LogKey;
use crate::verdict::TimeAssurance;

/// What the engine's countersignature establishes about one signature.
#[derive(Debug, Clone)]
pub struct Countersigned {
    /// The signer's certificate, valid at `time`.
    pub leaf: Arc<Certified>,
    /// SHA-256 of the certificate of the authority that says when.
    pub authority: Digest,
    /// The authenticated time.
    pub time: Timestamp,
    /// Whether somebody else vouches for the order of things as well.
    pub time_assurance: TimeAssurance,
    /// The allow decision, bound by the token.
    pub decision: DecisionRecord,
}

/// A signature that verified under its certificate, and the evidence that came with it.
pub(super) struct Evidence<'a> {
    /// Digest of the signed bytes, as logged.
    pub(super) signed: Digest,
    /// The signature value.
    pub(super) signature: &'a [u8],
    /// Time-stamp token, DER.
    pub(super) token: &'a [u8],
    /// Token of a foreign authority, DER.
    pub(super) foreign: Option<&'a [u8]>,
    /// Log entry, as it travels.
    pub(super) entry: &'a LogEntry,
    /// Decision record, canonical JSON.
    pub(super) decision: &'a [u8],
}

impl Verifier {
    pub(super) fn countersigned(
        &self,
        leaf: Arc<Certified>,
        evidence: &Evidence<'_>,
    ) -> Result<Countersigned, VerifyError> {
        // V8: a token of the countersigning authority over this signature.
        let stamp = Token::parse(evidence.token)?.verify(self.trust.time_authorities(), evidence.signature)?;
        if stamp.policy != oid::COUNTERSIGN_POLICY {
            return Err(VerifyError::TokenPolicy { found: stamp.policy });
        }
        if stamp.time > self.now {
            return Err(VerifyError::Future { time: stamp.time, now: self.now });
        }
        let foreign = self.foreign_time(evidence)?;
        // V9: the whole chain was valid at that time.
        leaf.valid_at(stamp.time)?;
        // V10: the decision whose digest the token carries.
        if stamp.decision != Some(Digest::of(evidence.decision)) {
            return Err(VerifyError::OtherDecision);
        }
        let decision = DecisionRecord::decode(evidence.decision).map_err(|source| VerifyError::Decision { source })?;
        // V11: the log entry of this digest, signature and certificate, proven into a signed tree.
        let (log, witnessed) = self.logged(&leaf, evidence, &decision, stamp.time)?;
        // V9 again, for the other clock.
        if let Some(foreign) = foreign {
            foreign.fits(&leaf, log)?;
        }
        let time_assurance = if foreign.is_some_and(|time| time.counts) { TimeAssurance::Foreign } else { witnessed };
        // V12: the decision is about this certificate and session.
        let identity = leaf.leaf().identity();
        if decision.certificate != leaf.leaf().digest() {
            return Err(VerifyError::Contradiction { field: "certificate" });
        }
        if decision.subject != *leaf.leaf().subject() {
            return Err(VerifyError::Contradiction { field: "subject" });
        }
        if decision.session != identity.session {
            return Err(VerifyError::Contradiction { field: "session" });
        }
        if decision.custody != identity.custody {
            return Err(VerifyError::Contradiction { field: "custody" });
        }
        if !decision.grants.iter().eq(identity.hops.iter().map(|hop| &hop.grant)) {
            return Err(VerifyError::Contradiction { field: "grants" });
        }
        Ok(Countersigned { leaf, authority: stamp.authority, time: stamp.time, time_assurance, decision })
    }

    fn logged(
        &self,
        leaf: &Certified,
        evidence: &Evidence<'_>,
        decision: &DecisionRecord,
        time: Timestamp,
    ) -> Result<(&LogKey, TimeAssurance), VerifyError> {
        let body = log_entry::body(&evidence.signed, evidence.signature, leaf.leaf().der())?;
        let origin = &decision.log.origin;
        let log = self.trust.log(origin).ok_or_else(|| VerifyError::UnknownLog { origin: origin.clone() })?;
        if !log.window.contains(time) {
            return Err(VerifyError::LogWindow { origin: origin.clone(), time });
        }
        let keys = self.witnesses.as_ref().map(Witnesses::keys).unwrap_or_default();
        let (entry_leaf, cosignatures) = evidence.entry.verify_cosigned(&body, &log.parts(), keys)?;
        if entry_leaf != decision.leaf {
            return Err(VerifyError::OtherLeaf);
        }
        if evidence.entry.index != decision.log.index || evidence.entry.size != decision.log.size {
            return Err(VerifyError::OtherPosition { index: evidence.entry.index, size: evidence.entry.size });
        }
        let witnessed = match &self.witnesses {
            Some(witnesses) => witnesses.judge(log, &cosignatures, self.now)?,
            None => TimeAssurance::Own,
        };
        Ok((log, witnessed))
    }
}
