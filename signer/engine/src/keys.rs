//! The engine's keys. Nothing here can be shown, written or copied; the server seals and opens them.

use std::sync::OnceLock;

use signer_core::certificate::Leaf;
use signer_core::crypto::{self, CryptoError, Ed25519Key, P256Key};
use signer_core::digest::Digest;
use signer_core::feed::FeedHead;
use signer_core::issue::{self, IssueError, Issuer, LeafForm, LeafRequest};
use signer_core::time::Timestamp;
use signer_core::token::{Request, Stamper, TokenError};
use zeroize::Zeroizing;

/// A key with the certificate that says what it is for.
pub struct Authority {
    /// The private key.
    pub key: P256Key,
    /// Its certificate, DER.
    pub certificate: Vec<u8>,
}

/// Every lasting key the running engine holds. The root's private key is not among them: it stays offline after `init`;
/// nor is the workload key that signs audit heads, which the ledger makes and certifies for an hour at a time.
pub struct Keys {
    /// The root certificate, DER.
    pub root: Vec<u8>,
    /// Issues leaves.
    pub issuing: Authority,
    /// Signs the promises of logging inside leaves.
    pub ct: P256Key,
    /// Signs checkpoints.
    pub log: Ed25519Key,
    /// Stamps under `.5.1`: no such token without an allow decision.
    pub countersign: Authority,
    /// Stamps under `.5.0`: time alone.
    pub time: Authority,
    /// Makes redemption codes.
    pub mac: Zeroizing<[u8; 32]>,
}

/// The keys without the log's, with which the ledger alone signs checkpoints.
pub(crate) struct Authorities {
    pub(crate) root: Vec<u8>,
    pub(crate) issuing: Authority,
    pub(crate) ct: P256Key,
    pub(crate) countersign: Authority,
    pub(crate) time: Authority,
    mac: Zeroizing<[u8; 32]>,
    feed: FeedKey,
    issuer: OnceLock<Issuer>,
    stamper: OnceLock<Stamper>,
}

/// The log's key, as far as it signs heads of the feed: nothing else can be signed through it.
struct FeedKey(Ed25519Key);

impl Keys {
    pub(crate) fn split(self) -> Result<(Authorities, Ed25519Key), CryptoError> {
        let Self { root, issuing, ct, log, countersign, time, mac } = self;
        let feed = FeedKey(Ed25519Key::from_pkcs8(&log.to_pkcs8()?)?);
        let (issuer, stamper) = (OnceLock::new(), OnceLock::new());
        Ok((Authorities { root, issuing, ct, countersign, time, mac, feed, issuer, stamper }, log))
    }
}

impl Authorities {
    /// A leaf of the issuing authority, promised at `now`.
    pub(crate) fn leaf(&self, request: &LeafRequest<'_>, now: Timestamp) -> Result<Vec<u8>, IssueError> {
        issue::leaf_by(request, self.issuer()?, &self.issuing.key, &self.ct, now.unix().saturating_mul(1000))
    }

    /// What leaves of this subject and identity have in common.
    pub(crate) fn form(&self, request: &LeafRequest<'_>) -> Result<LeafForm, IssueError> {
        LeafForm::new(request.subject, request.identity, request.issuer_url, self.issuer()?)
    }

    /// A leaf of such a form, promised at `now`.
    pub(crate) fn leaf_of(
        &self,
        form: &LeafForm,
        request: &LeafRequest<'_>,
        now: Timestamp,
    ) -> Result<Vec<u8>, IssueError> {
        let now_ms = now.unix().saturating_mul(1000);
        form.issue(request, self.issuer()?, &self.issuing.key, &self.ct, now_ms)
    }

    /// Whether a leaf is of the issuing authority that is in force, and not of one that was rotated.
    pub(crate) fn has_issued(&self, leaf: &Leaf) -> Result<bool, IssueError> {
        Ok(self.issuer()?.is_named_by(leaf))
    }

    fn issuer(&self) -> Result<&Issuer, IssueError> {
        if let Some(issuer) = self.issuer.get() {
            return Ok(issuer);
        }
        let Authority { key, certificate } = &self.issuing;
        let read = Issuer::read(&issue::Authority { key, certificate_der: certificate })?;
        Ok(self.issuer.get_or_init(|| read))
    }

    /// A token of the countersigning authority.
    pub(crate) fn countersignature(&self, request: &Request<'_>) -> Result<Vec<u8>, TokenError> {
        let Authority { key, certificate } = &self.countersign;
        let stamper = if let Some(stamper) = self.stamper.get() {
            stamper
        } else {
            let read = Stamper::read(certificate)?;
            self.stamper.get_or_init(|| read)
        };
        stamper.mint(key, request)
    }

    /// The head of the feed, signed.
    pub(crate) fn feed_head(&self, head: &FeedHead) -> String {
        head.sign(&self.feed.0)
    }

    /// The code that redeems a grant: the same each time it is asked for, so that a repeat gets the same answer.
    pub(crate) fn redemption_code(&self, grant: &Digest) -> String {
        hex::encode(crypto::mac(self.mac.as_slice(), grant.as_bytes()))
    }
}
