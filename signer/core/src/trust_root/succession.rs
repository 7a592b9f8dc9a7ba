//! Rotation: the trust root after some of its keys have left and others have come (docs/formats.md F7).
//!
//! Nothing is ever taken out: what a key signed while it was trusted stays verifiable. Its window ends.

use super::document::Document;
use super::{MAX_BYTES, Parts, TrustRoot, TrustRootError, read};
use crate::canonical;
use crate::time::Timestamp;

impl TrustRoot {
    /// The trust root in which the entries of `leaving` end at `end`, the first second after, and `coming` follow those
    /// that stay. An entry is named by its key (`SubjectPublicKeyInfo`, DER), or by its authority's certificate (DER).
    ///
    /// Fails where a name stands in no entry whose window is open, and wherever [`TrustRoot::new`] would fail.
    pub fn succeed(&self, leaving: &[&[u8]], end: Timestamp, coming: Parts) -> Result<Self, TrustRootError> {
        let mut document: Document = canonical::from_slice(&self.json, MAX_BYTES)?;
        for name in leaving {
            close(&mut document, name, end)?;
        }
        let coming = super::document(coming)?;
        document.tlogs.extend(coming.tlogs);
        document.certificate_authorities.extend(coming.certificate_authorities);
        document.ctlogs.extend(coming.ctlogs);
        document.timestamp_authorities.extend(coming.timestamp_authorities);
        read::trust_root(&document)
    }
}

fn close(document: &mut Document, name: &[u8], end: Timestamp) -> Result<(), TrustRootError> {
    let logs = document.tlogs.iter_mut().chain(&mut document.ctlogs).map(|log| &mut log.public_key);
    let logs = logs.map(|key| (&key.raw_bytes.0, &mut key.valid_for));
    let authorities = document.certificate_authorities.iter_mut().chain(&mut document.timestamp_authorities);
    let authorities = authorities.map(|authority| {
        let [first, _] = &authority.cert_chain.certificates;
        (&first.raw_bytes.0, &mut authority.valid_for)
    });
    let mut in_force = logs.chain(authorities).filter(|(known, window)| *known == name && window.end.is_none());
    let (_, window) = in_force.next().ok_or(TrustRootError::NotInForce)?;
    window.end = Some(end);
    Ok(())
}
