//! Certificates of the purpose `open`, for whoever a configured OpenID issuer vouches for (docs/formats.md F10): the wire of
//! stock Sigstore clients, whose signed bytes nobody here knows. No other purpose is ever issued this way.
//!
//! A token is worth one certificate. It is bound to the first key that shows it: the same key gets the same certificate
//! again, another key nothing, unless the issuer's entry allows more.

use std::ops::ControlFlow;

use signer_core::certificate::Leaf;
use signer_core::crypto::{self, P256Public};
use signer_core::csr;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Custody, Enrolment, Purpose, Subject};
use signer_core::issue::LeafRequest;
use signer_core::leaf::{Claim, ClaimSource, LeafIdentity};
use signer_core::profile::LEAF_LIFETIME;
use signer_core::protocol::{Base64, CertificateIssued};
use signer_core::reason::Code;
use signer_core::scope::Scope;
use signer_core::time::{Timestamp, Window};
use signer_policy::Question;

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::{EventKind, Occurrence};
use crate::prepared::{Change, Once, Prepared};
use crate::refusal::Refusal;
use crate::session::internal;
use crate::store::rows::{CertificateRow, SessionRow, Write};

/// Somebody an issuer vouches for, as a verified token says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenIdentity {
    /// Whom the certificate will name.
    pub subject: Subject,
    /// A person or a workload, as the issuer's entry says.
    pub class: ActorClass,
    /// The issuer's URL, exactly.
    pub issuer: String,
    /// The issuer's own name for the holder, which never passes to somebody else.
    pub token_subject: String,
    /// What the holder signs to prove the key: the mail address, or the token's subject.
    pub challenge: String,
    /// Digest of what the issuer signed.
    pub token: Digest,
    /// How many keys the token may be used for.
    pub token_use: TokenUse,
}

/// How many keys one token may certify.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenUse {
    /// One.
    Once,
    /// Any number, until it ends.
    DangerUntilExpiry,
}

/// How a client names its key and shows that it holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Possession {
    /// PKCS#10, DER; nothing but the key is taken from it.
    Request(Vec<u8>),
    /// A key and its signature over [`OpenIdentity::challenge`].
    Signature {
        /// `SubjectPublicKeyInfo`, DER.
        key: Vec<u8>,
        /// ECDSA with SHA-256, DER.
        proof: Vec<u8>,
    },
}

impl Possession {
    /// The key, once it is proven.
    fn key(&self, challenge: &str) -> Result<P256Public, Refusal> {
        match self {
            Self::Request(request) => Ok(csr::parse_foreign(request)?),
            Self::Signature { key, proof } => {
                let key = P256Public::from_spki_der(key).map_err(|error| Refusal::new(Code::IssueCsrKey, error))?;
                key.verify_either_s(challenge.as_bytes(), proof)
                    .map_err(|error| Refusal::new(Code::IssueProof, error))?;
                Ok(key)
            }
        }
    }
}

impl Engine {
    /// Decides about an open certificate. The caller has verified the token that `identity` came from, and takes the
    /// certificate out of the recorded answer with [`Bound::certificate`].
    pub fn issue_open(&self, identity: &OpenIdentity, possession: &Possession, now: Timestamp) -> (Prepared, Bound) {
        let denied = |refusal| Prepared::denied(refusal, Occurrence::new(EventKind::Denial, &identity.subject));
        let key = match possession.key(&identity.challenge) {
            Ok(key) => key,
            Err(refusal) => return (denied(refusal), Bound(None)),
        };
        let prepared = self.open_certificate(identity, &key, now).unwrap_or_else(denied);
        (prepared, Bound(Some(key)))
    }

    fn open_certificate(&self, identity: &OpenIdentity, key: &P256Public, now: Timestamp) -> Result<Prepared, Refusal> {
        self.check_foreign(identity)?;
        let answer_key = answer_key(identity, key);
        let unanswered = match self.answered(answer_key)? {
            ControlFlow::Break(answer) => return Ok(Prepared::settled(answer)),
            ControlFlow::Continue(unanswered) => unanswered,
        };
        let session = session(identity, now)?;
        self.check_session_stands(&session)?;
        let leaf = leaf_identity(identity, &session);
        let question = Question::Issue { purpose: Purpose::Open, scope_allows_purpose: true };
        self.ask(&identity.subject, &leaf, &question)?;
        let der = self.certify_open(identity, &leaf, key, session.window)?;
        let row = CertificateRow {
            digest: Digest::of(&der),
            session: session.id.clone(),
            key: Digest::of(key.point()),
            der: der.clone(),
        };
        let occurrence =
            Occurrence::new(EventKind::Issuance, &identity.subject).in_session(&session.id).about(row.digest);
        Ok(Prepared::change(Change {
            once: vec![Once::Answer(answer_key), Once::Key(row.key)],
            unanswered: Some(unanswered),
            window: session.window,
            late: Code::OidcTime,
            occurrence,
            writes: vec![Write::Session(session), Write::Certificate(row)],
            answer: Answer::Certificate(CertificateIssued { certificate: Base64(der), chain: self.issuing_chain() }),
        }))
    }

    /// The engine's own names are not for others to vouch for.
    fn check_foreign(&self, identity: &OpenIdentity) -> Result<(), Refusal> {
        let own = format!("spiffe://{}/", self.deployment.trust_domain);
        if identity.issuer == self.deployment.issuer_url
            || identity.subject.as_str().to_ascii_lowercase().starts_with(&own)
        {
            return Err(Refusal::new(Code::IssueBadIdentity, "the identity is one that this engine itself gives"));
        }
        Ok(())
    }

    fn certify_open(
        &self,
        identity: &OpenIdentity,
        leaf: &LeafIdentity,
        key: &P256Public,
        window: Window,
    ) -> Result<Vec<u8>, Refusal> {
        let request = LeafRequest {
            subject: &identity.subject,
            identity: leaf,
            public_key: key,
            window,
            serial: crypto::random().map_err(internal)?,
            issuer_url: &identity.issuer,
        };
        Ok(self.authorities.leaf(&request, window.start)?)
    }

    /// What stands above every leaf: the issuing authority, then the root, DER.
    pub fn issuing_chain(&self) -> Vec<Base64> {
        vec![Base64(self.authorities.issuing.certificate.clone()), Base64(self.authorities.root.clone())]
    }
}

/// The key that asked. Two keys may show one token at the same moment, or one after the other, and the ledger answers both
/// with what it recorded first.
pub struct Bound(Option<P256Public>);

impl Bound {
    /// The certificate in a recorded answer. Fails where it is another key's.
    pub fn certificate(self, answer: Answer) -> Result<CertificateIssued, Refusal> {
        let (Answer::Certificate(issued), Some(key)) = (answer, self.0) else {
            return Err(Refusal::new(Code::Internal, "another answer stands where a certificate must"));
        };
        if *Leaf::parse(&issued.certificate.0)?.public_key() == key {
            Ok(issued)
        } else {
            Err(Refusal::new(Code::OidcReplay, "the token was used before, for another key"))
        }
    }
}

/// A token that may be used once has one answer, whatever key asks.
fn answer_key(identity: &OpenIdentity, key: &P256Public) -> Digest {
    let kind: &[u8] = b"chancery open certificate v1\n";
    match identity.token_use {
        TokenUse::Once => Digest::of_parts(&[kind, identity.token.as_bytes()]),
        TokenUse::DangerUntilExpiry => Digest::of_parts(&[kind, identity.token.as_bytes(), key.point()]),
    }
}

/// A certificate belongs to a session, and this one nobody can speak in: its credential is forgotten where it is made.
fn session(identity: &OpenIdentity, now: Timestamp) -> Result<SessionRow, Refusal> {
    let credential = zeroize::Zeroizing::new(crypto::random::<32>().map_err(internal)?);
    Ok(SessionRow {
        id: hex::encode(crypto::random::<16>().map_err(internal)?),
        credential: Digest::of(credential.as_slice()),
        subject: identity.subject.clone(),
        agent: None,
        sponsor: identity.subject.clone(),
        scope: open_scope(),
        grants: Vec::new(),
        // The client's machine holds the key, and nothing is known of it.
        custody: Custody::SharedUser,
        claims: Vec::new(),
        window: Window { start: now, end: now.plus(LEAF_LIFETIME) },
        prompt: None,
    })
}

fn leaf_identity(identity: &OpenIdentity, session: &SessionRow) -> LeafIdentity {
    LeafIdentity {
        class: identity.class,
        purpose: Purpose::Open,
        agent: None,
        session: session.id.clone(),
        sponsor: None,
        hops: Vec::new(),
        scope: session.scope.clone(),
        enrolment: Enrolment::OpenId,
        custody: session.custody,
        claims: vec![Claim {
            name: "sub".to_owned(),
            value: identity.token_subject.clone(),
            source: ClaimSource::Engine,
        }],
    }
}

/// No repository, target or path: nothing of ours may be signed with it.
fn open_scope() -> Scope {
    Scope {
        repositories: Vec::new(),
        targets: Vec::new(),
        paths: Vec::new(),
        operations: Vec::new(),
        purposes: vec![Purpose::Open],
        max_paths: 0,
        max_bytes: 0,
    }
}

#[cfg(test)]
mod tests;
