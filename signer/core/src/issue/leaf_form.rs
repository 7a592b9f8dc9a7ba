//! Leaves of one form: those of one subject and identity under one issuer, which differ in key, life, number and promise.
//!
//! The first leaf of a form is read as a verifier reads it. Of the others only what differs is checked again: its life.
//! A key is on its curve by its type, the number's form is fixed, and the promise has just been made.

use std::sync::atomic::{AtomicBool, Ordering};

use const_oid::AssociatedOid;
use der::Encode;
use der::asn1::Utf8StringRef;
use x509_cert::ext::pkix::SubjectAltName;

use super::shape::{Shape, sign};
use super::{IssueError, Issuer, LeafRequest};
use crate::certificate::{CertificateError, Leaf, MAX_BYTES, check_narrowing, name};
use crate::crypto::SignP256;
use crate::identity::Subject;
use crate::leaf::LeafIdentity;
use crate::oid;
use crate::profile;
use crate::sct::Promise;

/// What leaves of one subject and identity under one issuer have in common.
pub struct LeafForm {
    subject: Subject,
    identity: LeafIdentity,
    issuer_url: String,
    shape: Shape,
    /// Whether a leaf of this form was read in full.
    was_read: AtomicBool,
}

impl LeafForm {
    /// Writes what does not differ. Fails where it cannot be written.
    pub fn new(
        subject: &Subject,
        identity: &LeafIdentity,
        issuer_url: &str,
        issuer: &Issuer,
    ) -> Result<Self, IssueError> {
        let values = [
            (SubjectAltName::OID, name::alternative(subject)?),
            (oid::FULCIO_ISSUER, issuer_url.as_bytes().to_vec()),
            (oid::FULCIO_ISSUER_V2, Utf8StringRef::new(issuer_url)?.to_der()?),
            (oid::IDENTITY, identity.to_der()?),
        ];
        let Issuer { parsed, identifier } = issuer;
        let shape = Shape::new(&profile::LEAF, parsed.subject(), identifier, &name::leaf(subject)?, &values)?;
        Ok(Self {
            subject: subject.clone(),
            identity: identity.clone(),
            issuer_url: issuer_url.to_owned(),
            shape,
            was_read: AtomicBool::new(false),
        })
    }

    /// Whether a request is for a leaf of this form.
    pub fn is_of(&self, request: &LeafRequest<'_>) -> bool {
        self.subject == *request.subject && self.identity == *request.identity && self.issuer_url == request.issuer_url
    }

    /// A leaf with the promise of its logging, the same bytes but for the signatures as [`super::leaf`] makes. `issuer` and
    /// `key` must be those of the form. Fails wherever [`Leaf::parse`] would refuse it, and outside the issuer's life.
    pub fn issue(
        &self,
        request: &LeafRequest<'_>,
        issuer: &Issuer,
        key: &dyn SignP256,
        ct_key: &dyn SignP256,
        now_ms: u64,
    ) -> Result<Vec<u8>, IssueError> {
        let issuer = &issuer.parsed;
        if *issuer.key() != key.public() {
            return Err(IssueError::OtherKey);
        }
        let mut tbs = self.shape.tbs(request.public_key, request.window, request.serial)?;
        let promise = Promise::make(ct_key, now_ms, issuer.key(), &tbs.to_der())?;
        tbs.extend(oid::SCT_LIST, false, promise.to_extension()?)?;
        let der = sign(&tbs, key)?;
        if self.was_read.load(Ordering::Acquire) {
            issuer.check_may_issue(request.window, &profile::LEAF)?;
            check_narrowing(&self.identity, &request.window)?;
            if der.len() > MAX_BYTES {
                return Err(CertificateError::TooLarge { actual: der.len() }.into());
            }
        } else {
            // All a verifier checks but the signature, which the library has just made with the issuer's own key.
            Leaf::parse(&der)?.parsed().check_names_issuer(issuer)?;
            self.was_read.store(true, Ordering::Release);
        }
        Ok(der)
    }
}

#[cfg(test)]
mod tests;
