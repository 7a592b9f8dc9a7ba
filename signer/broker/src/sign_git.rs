//! Signs commits and tags: object, change list and provenance from the repository, one round trip to the engine.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use signer_core::crypto::SignP256;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::protocol::{Base64, CountersignRequest};
use signer_core::{armor, attributes, cms, crypto};
use signer_wire::message::{GitSigned, SignGit};

use crate::broker::Broker;
use crate::error::BrokerError;
use crate::evidence::{self, Claims};
use crate::git_object::{GitObject, Under};
use crate::identity::with_fresh_certificate;
use crate::session::AgentSession;

impl Broker {
    /// Signs a commit or tag in the caller's name.
    pub(crate) fn sign_git(
        &self,
        pid: u32,
        known: Option<&Arc<AgentSession>>,
        request: SignGit,
    ) -> Result<GitSigned, BrokerError> {
        let caller = self.attribute_known(pid, known, request.session.as_ref())?;
        let candidate = self.candidate(caller, pid, request.owner.as_ref())?;
        let directory = PathBuf::from(OsString::from_vec(request.directory.0));
        let repository = self.repositories.open(&directory)?;
        let object = GitObject::read(&request.payload.0, &repository, &self.configs)?;
        let signer = self.confirm(candidate, request.owner.as_ref(), || object.shown())?;
        let engine = self.engines.engine()?;
        let identity = signer.identity();
        let under = Under { scope: signer.scope(), grant: identity.grants.last().copied(), prompt: signer.prompt() };
        let provenance = object.provenance(&under, Nonce::from_bytes(crypto::random()?))?;
        let (key, countersign, answer) = with_fresh_certificate(|| {
            let now = self.now();
            let key = identity.key(&engine, Purpose::Commit, &signer.presence, now)?;
            let certificate = key.leaf.der();
            let attributes = attributes::encode(&object.digest, now, &Digest::of(certificate), &provenance.encode()?)?;
            let signature = key.key.sign_p256(&attributes)?;
            let countersign = CountersignRequest {
                signed_attributes: Base64(attributes),
                signature: Base64(signature),
                certificate: Base64(certificate.to_vec()),
                change_list: object.change_list().map(|list| Base64(list.to_vec())),
                newest_checkpoint: self.checkpoint.newest(),
            };
            let answer = engine.countersign(&identity.credential, signer.presence.owner(), &countersign);
            Ok((key, countersign, identity.answered(Purpose::Commit, answer)?))
        })?;
        let claims = Claims { identity, signer: &key, provenance: Some(&provenance) };
        let (evidence, size, note) = evidence::check(answer, &claims)?;
        let CountersignRequest { signed_attributes, signature, .. } = countersign;
        let der = cms::assemble(&signed_attributes.0, &signature.0, key.leaf.der(), &evidence)?;
        self.checkpoint.saw(size, note)?;
        let armor = armor::encode(&der);
        self.made.add(repository, request.payload.0, armor.clone());
        Ok(GitSigned { armor })
    }
}
