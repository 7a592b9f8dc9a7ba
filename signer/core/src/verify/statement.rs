//! Steps V2 to V12 for DSSE statements in Sigstore bundles: prompts, artifacts, grants, evidence.

use super::commit::demand_purpose;
use super::countersigned::{Countersigned, Evidence};
use super::{Signed, Verified, Verifier, VerifyError};
use crate::bundle::Bundle;
use crate::digest::Digest;
use crate::dsse;
use crate::identity::Purpose;

/// A signed statement: who, when, under which decision, and the statement's exact bytes.
#[derive(Debug, Clone)]
pub struct SignedStatement {
    /// Signer, time, decision and log place.
    pub countersigned: Countersigned,
    /// The statement, as signed.
    pub payload: Vec<u8>,
}

impl Signed for SignedStatement {
    fn countersigned(&self) -> &Countersigned {
        &self.countersigned
    }

    fn prompt(&self) -> Option<Digest> {
        self.countersigned.decision.prompt
    }
}

impl Verifier {
    /// Verifies a bundle whose statement was signed under `purpose`, with the decision that lies beside it.
    pub fn statement(
        &self,
        bundle: &Bundle,
        decision: &[u8],
        purpose: Purpose,
    ) -> Result<Verified<SignedStatement>, VerifyError> {
        // V2: the payload type this purpose signs.
        if bundle.payload_type != dsse::PAYLOAD_TYPE {
            return Err(VerifyError::PayloadType { found: bundle.payload_type.clone() });
        }
        // V3, V4: a certificate of the trust root whose purpose is this one.
        let leaf = self.certify(&bundle.certificate)?;
        demand_purpose(&leaf, purpose)?;
        // V7: this signature over the pre-authentication encoding.
        let pae = dsse::pae(&bundle.payload_type, &bundle.payload);
        leaf.leaf()
            .public_key()
            .verify(&pae, &bundle.signature)
            .map_err(|source| VerifyError::EnvelopeSignature { source })?;
        let evidence = Evidence {
            signed: Digest::of(&pae),
            signature: &bundle.signature,
            token: &bundle.token,
            foreign: bundle.foreign.as_deref(),
            entry: &bundle.entry,
            decision,
        };
        let countersigned = self.countersigned(leaf, &evidence)?;
        Ok(Verified(SignedStatement { countersigned, payload: bundle.payload.clone() }))
    }
}
