//! Signatures put together from parts of several, each judged by the verifier.

use anyhow::{Context, Result};
use signer_core::armor;
use signer_core::change::ChangeList;
use signer_core::cms::{self, Evidence};
use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::oid;
use signer_core::protocol::{Base64, CountersignRequest, Countersignature};
use signer_core::reason::{Code, Coded};
use signer_core::token;
use signer_core::trust_root::TrustRoot;
use signer_core::verify::Verifier;

use crate::clock;
use crate::door::Doors;
use crate::hand::{Hand, anyhow_of};
use crate::side_doors::Insider;
use crate::synthetic;

/// A commit with everything an honest client has of it.
struct Honest {
    payload: Vec<u8>,
    changes: ChangeList,
    request: CountersignRequest,
    answer: Countersignature,
}

impl Honest {
    fn new(insider: &Insider, hand: &Hand, number: u64) -> Result<Self> {
        let payload = synthetic::payload(0, number)?;
        let changes = synthetic::changes("docs/", number)?;
        let request = synthetic::request(hand, &insider.claims(&payload, &changes, &changes), None)?;
        let answer = insider.office.engine.countersign(&insider.session, None, &request).map_err(anyhow_of)?;
        Ok(Self { payload, changes, request, answer })
    }

    fn parts(&self) -> Parts<'_> {
        Parts {
            attributes: &self.request.signed_attributes.0,
            signature: &self.request.signature.0,
            certificate: &self.request.certificate.0,
            token: &self.answer.token.0,
            entry: &self.answer.entry.0,
            decision: &self.answer.decision.0,
        }
    }
}

/// What a signature is put together from.
#[derive(Clone, Copy)]
struct Parts<'a> {
    attributes: &'a [u8],
    signature: &'a [u8],
    certificate: &'a [u8],
    token: &'a [u8],
    entry: &'a [u8],
    decision: &'a [u8],
}

impl Parts<'_> {
    /// The first code with which the verifier refuses these parts over `commit`; none where it accepts them.
    fn judged(self, verifier: &Verifier, commit: &Honest, repository: &str) -> Vec<Code> {
        let evidence = Evidence {
            token: self.token.to_vec(),
            entry: self.entry.to_vec(),
            decision: self.decision.to_vec(),
            foreign: None,
        };
        // Assembling reads its own result again, so it refuses what reading would.
        match cms::assemble(self.attributes, self.signature, self.certificate, &evidence) {
            Err(error) => vec![error.code()],
            Ok(der) => verifier
                .commit(&commit.payload, armor::encode(&der).as_bytes(), repository, &commit.changes)
                .err()
                .map(|error| error.code())
                .into_iter()
                .collect(),
        }
    }
}

/// Judges the honest commit and every splice of it.
pub(crate) fn perform(doors: &mut Doors, insider: &Insider, verifier: &Verifier, trust: &TrustRoot) -> Result<()> {
    let second = insider.another(Purpose::Commit)?;
    let (a, b) = (Honest::new(insider, &insider.hand, 11)?, Honest::new(insider, &second, 12)?);
    let judge = |parts: Parts<'_>| parts.judged(verifier, &a, &insider.repository);
    let (own, other) = (a.parts(), b.parts());
    doors.control("the honest signature verifies", judge(own).is_empty())?;
    let splices = [
        ("another commit's decision", Code::TimeDecision, Parts { decision: other.decision, ..own }),
        ("another commit's token", Code::TimeImprintMismatch, Parts { token: other.token, ..own }),
        ("another key's certificate", Code::CmsEss, Parts { certificate: other.certificate, ..own }),
        ("another key's signature value", Code::CmsSignatureInvalid, Parts { signature: other.signature, ..own }),
        ("another commit's signature as a whole", Code::CmsDigest, other),
    ];
    for (name, code, parts) in splices {
        doors.note(name, code, &judge(parts))?;
    }
    let codes = judge(Parts { entry: other.entry, ..own });
    doors.note("another commit's log entry", Code::LogInclusionProof, &codes)?;
    let codes = judge(Parts { entry: other.entry, decision: other.decision, token: other.token, ..own });
    doors.note("another commit's evidence", Code::TimeImprintMismatch, &codes)?;
    doors.note("another repository", Code::ScopeRepository, &own.judged(verifier, &a, "another"))?;
    let moved = Honest { payload: a.payload.clone(), changes: b.changes.clone(), ..b };
    doors.note("another change", Code::ScopeClaimMismatch, &own.judged(verifier, &moved, &insider.repository))?;
    wrong_purpose(doors, insider, verifier, &a)?;
    foreign_tokens(doors, verifier, trust, &a, &insider.repository)
}

/// A key of purpose artifact signs the same attributes under its own certificate.
fn wrong_purpose(doors: &mut Doors, insider: &Insider, verifier: &Verifier, a: &Honest) -> Result<()> {
    let hand = insider.another(Purpose::Artifact)?;
    let request = synthetic::request(&hand, &insider.claims(&a.payload, &a.changes, &a.changes), None)?;
    let CountersignRequest { signed_attributes: Base64(attributes), signature: Base64(signature), .. } = request;
    let parts = Parts { attributes: &attributes, signature: &signature, certificate: &hand.certificate, ..a.parts() };
    doors.note("a certificate of another purpose", Code::X509Purpose, &parts.judged(verifier, a, &insider.repository))
}

/// Tokens that name a trusted authority and are signed by somebody else, and plain time-stamps.
fn foreign_tokens(
    doors: &mut Doors,
    verifier: &Verifier,
    trust: &TrustRoot,
    a: &Honest,
    repository: &str,
) -> Result<()> {
    let key = P256Key::generate()?;
    let (signature, decision) = (&a.request.signature.0, Digest::of(&a.answer.decision.0));
    let find = |policy| trust.time_authorities().iter().find(|authority| authority.policy == policy);
    let authority = find(oid::COUNTERSIGN_POLICY).context("the trust root names no countersigning authority")?;
    let forged = token::mint(
        &key,
        &authority.certificate,
        oid::COUNTERSIGN_POLICY,
        signature,
        clock::now(),
        &[7; 16],
        Some(&decision),
    )?;
    let codes = Parts { token: &forged, ..a.parts() }.judged(verifier, a, repository);
    doors.note("a token of somebody else's key", Code::TimeTsaSignature, &codes)?;
    if let Some(plain) = find(oid::TIME_POLICY) {
        let stamp = token::mint(&key, &plain.certificate, oid::TIME_POLICY, signature, clock::now(), &[7; 16], None)?;
        let codes = Parts { token: &stamp, ..a.parts() }.judged(verifier, a, repository);
        doors.note("a plain time-stamp of somebody else's key", Code::TimeTsaSignature, &codes)?;
    }
    let mixed =
        token::mint(&key, &authority.certificate, oid::TIME_POLICY, signature, clock::now(), &[7; 16], Some(&decision));
    doors.refused("a plain time-stamp with a decision", Code::TimePolicy, mixed)
}
