//! Commits and tags: the signature that git stores, with its evidence inside (docs/formats.md F17).

use signer_core::armor;
use signer_core::attributes::ForeignAttributes;
use signer_core::cms::ForeignSignature;
use signer_core::digest::Digest;
use signer_core::foreign_time::ForeignToken;
use signer_core::time::Timestamp;
use signer_sigstore::foreign::{ForeignJudgement, Holder};

use crate::error::ElsewhereError;
use crate::log::Entry;
use crate::sign::{Elsewhere, Evidence, Expected, SKEW};
use crate::token::IdentityToken;

/// The armoured signature of a git object, of which every step was verified under the trust root. Made here alone.
pub struct ProvenObject {
    armor: String,
    judgement: ForeignJudgement,
}

impl ProvenObject {
    /// As git stores it: `SIGNED MESSAGE`.
    pub fn armor(&self) -> &str {
        &self.armor
    }

    /// What was established.
    pub const fn judgement(&self) -> &ForeignJudgement {
        &self.judgement
    }
}

impl Elsewhere<'_> {
    /// Signs a git object, given without a signature. `now` tells the time when it is.
    ///
    /// Fails where the services are more than one log and one time-stamp authority: the signature has room for one each.
    pub fn sign_object(
        &self,
        token: &IdentityToken,
        expected: &Expected,
        object: &[u8],
        now: impl Fn() -> Timestamp,
    ) -> Result<ProvenObject, ElsewhereError> {
        let ([log], [] | [_]) = (self.services.logs.as_slice(), self.services.clocks.as_slice()) else {
            return Err(ElsewhereError::Crowded);
        };
        let (object_digest, signed_at) = (Digest::of(object), now());
        let attributes =
            |certificate: &[u8]| ForeignAttributes::new(object_digest, signed_at, Some(Digest::of(certificate)));
        let evidence = self.gather(token, |certificate| Ok((Digest::of(attributes(certificate)?.der()), None)))?;
        let Evidence { certificate, signature, stamps, entries } = evidence;
        // The trust root has the authority's certificates; without them the token has one form.
        let token = stamps.into_iter().next().map(|stamp| ForeignToken::read(&stamp.token)?.to_der()).transpose()?;
        let entry = entries.into_iter().next().and_then(Entry::into_carried);
        let entry = entry.ok_or_else(|| log.answer("is no entry of the kind that was asked for"))?;
        let attributes = attributes(&certificate)?;
        let signature = ForeignSignature { attributes, signature, certificate, token, entry };
        let armor = armor::encode(&signature.write()?);
        let holder = Holder { identity: expected.identity.clone(), issuer: expected.issuer.clone() };
        let judgement = self.verifier.judge_object(object, armor.as_bytes(), &[holder], now().plus(SKEW));
        let judgement = judgement.map_err(|source| ElsewhereError::judged(&self.asked(), source))?;
        Ok(ProvenObject { armor, judgement })
    }
}
