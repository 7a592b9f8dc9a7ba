//! Signs commits and tags: object, change list and provenance from the repository, one round trip to the engine.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use signer_core::crypto::SignP256;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::nonce::Nonce;
use signer_core::protocol::{Base64, CountersignRequest};
use signer_core::{armor, attributes, cms, crypto};
use signer_git::Repository;
use signer_wire::message::{GitSigned, SignGit};

use crate::broker::Broker;
use crate::error::BrokerError;
use crate::evidence::{self, Claims};
use crate::git_object::{GitObject, Under};
use crate::identity::with_fresh_certificate;
use crate::lookout::Sighting;

impl Broker {
    /// Signs a commit or tag in the caller's name.
    pub(crate) fn sign_git(&self, caller: &Sighting, request: SignGit) -> Result<GitSigned, BrokerError> {
        let handle = request.session.as_ref();
        // While the lookout finds out whether this process may present it, the object of a handle that was given out is read.
        let is_known = handle.is_some_and(|handle| self.sessions.of_handle(handle).is_some());
        let early = is_known.then(|| self.read_object(&request));
        let candidate = self.candidate(self.attribute_seen(caller, handle)?, caller.pid(), request.owner.as_ref())?;
        let (repository, object) = early.unwrap_or_else(|| self.read_object(&request))?;
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
            self.trust.check_named(&engine, object.governed.keys.as_deref(), now)?;
            let answer = engine.countersign(&identity.credential, signer.presence.owner(), &countersign);
            Ok((key, countersign, identity.answered(Purpose::Commit, answer)?))
        })?;
        // An engine that has come back with other keys is known by its answer.
        self.trust.check_named(&engine, object.governed.keys.as_deref(), self.now())?;
        let claims = Claims { identity, signer: &key, provenance: Some(&provenance) };
        let (evidence, size, note) = evidence::check(answer, &claims)?;
        let CountersignRequest { signed_attributes, signature, .. } = countersign;
        let der = cms::assemble(&signed_attributes.0, &signature.0, key.leaf.der(), &evidence)?;
        self.checkpoint.saw(size, note)?;
        let armor = armor::encode(&der);
        self.made.add(repository, request.payload.0, armor.clone());
        Ok(GitSigned { armor })
    }

    fn read_object(&self, request: &SignGit) -> Result<(Arc<Repository>, GitObject), BrokerError> {
        let directory = Path::new(OsStr::from_bytes(&request.directory.0));
        let repository = self.repositories.open(directory)?;
        let object = GitObject::read(&request.payload.0, &repository, &self.governed)?;
        Ok((repository, object))
    }
}
