//! A signed object taken apart, any part of which can be replaced before it is put together again.

use signer_core::cms::CommitSignature;
use signer_core::decision::DecisionRecord;
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::time::Timestamp;
use signer_core::{armor, log_entry};
use signer_git::ObjectFormat;

use crate::der;
use crate::office::Office;

/// The parts of a signed commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parts {
    /// How the repository names objects.
    pub format: ObjectFormat,
    /// The object without its signature.
    pub payload: Vec<u8>,
    /// The signed attributes, DER.
    pub attributes: Vec<u8>,
    /// The signature over them.
    pub signature: Vec<u8>,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The token, DER.
    pub token: Vec<u8>,
    /// Token of a foreign authority, DER.
    pub foreign: Option<Vec<u8>>,
    /// The log entry, protobuf.
    pub entry: Vec<u8>,
    /// The decision, canonical JSON.
    pub decision: Vec<u8>,
}

impl Parts {
    /// Takes a signed commit apart.
    pub fn of(object: &[u8], format: ObjectFormat) -> Self {
        let signed = signer_git::commit::split_signature(object, format).unwrap();
        Self::with_payload(signed.payload, &signed.armor, format)
    }

    /// Takes armour apart that belongs to a payload.
    pub fn with_payload(payload: Vec<u8>, armored: &[u8], format: ObjectFormat) -> Self {
        let cms = CommitSignature::parse(&armor::decode(armored).unwrap()).unwrap();
        Self {
            format,
            payload,
            attributes: cms.signed_attributes().der().to_vec(),
            signature: cms.signature().to_vec(),
            certificate: cms.certificate_der().to_vec(),
            token: cms.token().to_vec(),
            foreign: cms.foreign().map(<[u8]>::to_vec),
            entry: cms.entry().to_vec(),
            decision: cms.decision().to_vec(),
        }
    }

    /// The decision, read.
    pub fn record(&self) -> DecisionRecord {
        DecisionRecord::decode(&self.decision).unwrap()
    }

    /// The log entry, read.
    pub fn proof(&self) -> LogEntry {
        LogEntry::decode(&self.entry).unwrap()
    }

    /// The body of the log entry that these parts need.
    pub fn body(&self) -> Vec<u8> {
        log_entry::body(&Digest::of(&self.attributes), &self.signature, &self.certificate).unwrap()
    }

    /// Has the countersigning authority stamp signature and decision as they are.
    #[must_use]
    pub fn stamped(mut self, office: &Office, time: Timestamp) -> Self {
        self.token = office.countersign(&self.signature, time, &Digest::of(&self.decision));
        self
    }

    /// Changes the decision and has it stamped again.
    #[must_use]
    pub fn decided(mut self, office: &Office, time: Timestamp, alter: impl FnOnce(&mut DecisionRecord)) -> Self {
        let mut record = self.record();
        alter(&mut record);
        self.decision = record.encode().unwrap();
        self.stamped(office, time)
    }

    /// The unsigned attributes in their order.
    pub fn evidence(&self) -> Vec<Vec<u8>> {
        der::evidence(&self.token, self.foreign.as_deref(), &self.entry, &self.decision)
    }

    /// The signature around any unsigned attributes.
    pub fn der_with(&self, unsigned: &[Vec<u8>]) -> Vec<u8> {
        der::signed_data(&self.attributes, &self.signature, &self.certificate, unsigned)
    }

    /// The signature.
    pub fn der(&self) -> Vec<u8> {
        self.der_with(&self.evidence())
    }

    /// The object with any signature in it.
    pub fn object_with(&self, signature: &[u8]) -> Vec<u8> {
        signer_git::commit::join(&self.payload, armor::encode(signature).as_bytes(), self.format).unwrap()
    }

    /// The object.
    pub fn object(&self) -> Vec<u8> {
        self.object_with(&self.der())
    }
}
