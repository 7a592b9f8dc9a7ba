//! What a rotation makes: the keys after it, their certificates, and the trust root that names old and new.

use signer_core::crypto::{self, Ed25519Key, P256Key, SignP256 as _};
use signer_core::issue::{self, Authority};
use signer_core::profile::{self, Profile};
use signer_core::protocol::Base64;
use signer_core::time::{Timestamp, Window};
use signer_core::trust_root::{Parts, TrustRoot};
use signer_engine::deployment::Deployment;

use super::RotationError;
use crate::args::Rotated;
use crate::engine_file::Certificates;
use crate::founding;
use crate::keyring::Keyring;
use crate::unsealed::Unsealed;

/// The engine after a rotation.
pub(super) struct Plan {
    pub(super) keyring: Keyring,
    pub(super) certificates: Certificates,
    pub(super) deployment: Deployment,
    pub(super) trust: TrustRoot,
    pub(super) successor: Option<Next>,
}

/// The log that follows.
pub(super) struct Next {
    pub(super) origin: String,
    key: zeroize::Zeroizing<Vec<u8>>,
}

impl Next {
    /// Its key, once more.
    pub(super) fn key(&self) -> Result<Ed25519Key, RotationError> {
        Ok(Ed25519Key::from_pkcs8(&self.key)?)
    }
}

impl Plan {
    /// Fresh keys in the place of those that leave at the end of this second.
    pub(super) fn make(
        what: Rotated,
        before: &Unsealed,
        root: &P256Key,
        now: Timestamp,
    ) -> Result<Self, RotationError> {
        let mut keyring = Keyring::decode(&before.keyring.encode()?)?;
        let mut certificates = before.engine.certificates.clone();
        let mut deployment = before.engine.deployment();
        let root = Root { key: root, certificate: before.engine.certificates.root.0.clone(), now };
        let (leaving, successor) = match what {
            Rotated::Log => {
                deployment.origin = founding::origin(&founding::fresh_id()?, &deployment.trust_domain)?;
                keyring.log = Ed25519Key::generate()?;
                let next = Next { origin: deployment.origin.clone(), key: keyring.log.to_pkcs8()? };
                (vec![before.keyring.log.public().to_spki_der()?], Some(next))
            }
            Rotated::Issuing => {
                keyring.issuing = P256Key::generate()?;
                let old = root.certify(&keyring.issuing, &profile::ISSUING, &mut certificates.issuing)?;
                (vec![old], None)
            }
            Rotated::Time => {
                (keyring.countersign, keyring.time) = (P256Key::generate()?, P256Key::generate()?);
                let (countersigning, time) = (&mut certificates.countersigning, &mut certificates.time);
                let profile = &profile::COUNTERSIGNING_AUTHORITY;
                let countersigning = root.certify(&keyring.countersign, profile, countersigning)?;
                (vec![countersigning, root.certify(&keyring.time, &profile::TIME_AUTHORITY, time)?], None)
            }
            Rotated::Ct => {
                keyring.ct = P256Key::generate()?;
                (vec![before.keyring.ct.public().to_spki_der()?], None)
            }
        };
        let all = founding::parts(&deployment, &certificates, &keyring, now);
        let coming = match what {
            Rotated::Log => Parts { logs: all.logs, ..Parts::default() },
            Rotated::Issuing => Parts { certificate_authorities: all.certificate_authorities, ..Parts::default() },
            Rotated::Time => Parts { time_authorities: all.time_authorities, ..Parts::default() },
            Rotated::Ct => Parts { ct_logs: all.ct_logs, ..Parts::default() },
        };
        let leaving: Vec<&[u8]> = leaving.iter().map(Vec::as_slice).collect();
        // Whatever was signed in this second was signed before.
        let trust = before.trust.succeed(&leaving, now.plus(1), coming)?;
        Ok(Self { keyring, certificates, deployment, trust, successor })
    }
}

struct Root<'a> {
    key: &'a P256Key,
    certificate: Vec<u8>,
    now: Timestamp,
}

impl Root<'_> {
    /// Certifies a key in the place of another; gives the certificate before.
    fn certify(&self, key: &P256Key, profile: &'static Profile, place: &mut Base64) -> Result<Vec<u8>, RotationError> {
        let authority = Authority { key: self.key, certificate_der: &self.certificate };
        let life: Window = issue::longest_life(profile, self.now, &self.certificate)?;
        let made = issue::authority(profile, &key.public(), life, crypto::random()?, &authority)?;
        Ok(std::mem::replace(&mut place.0, made))
    }
}
