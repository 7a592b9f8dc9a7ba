//! Certificates of one profile, subject and issuer differ in key, life and number alone; the rest is written once.

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{BitString, GeneralizedTime, OctetString, UtcTime};
use der::{DateTime, Encode};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::IssueError;
use crate::certificate::name;
use crate::crypto::{P256Public, SignP256};
use crate::oid;
use crate::profile::Profile;
use crate::time::Window;
use crate::tlv::{self, CONTEXT_0, INTEGER, SEQUENCE};

/// `version` of version 3, which stands under `[0]` (RFC 5280 4.1).
const VERSION_3: [u8; 5] = [CONTEXT_0, 3, INTEGER, 1, 2];
/// `[3]`, constructed, around the extensions.
const EXTENSIONS: u8 = 0xa3;

/// What certificates of one profile, subject and issuer have in common.
pub(super) struct Shape {
    /// Signature algorithm and issuer, which stand between number and life.
    issuer: Vec<u8>,
    subject: Vec<u8>,
    /// In the profile's order but for the promise of logging, which is left to the caller.
    extensions: Vec<Slot>,
}

enum Slot {
    /// The same for every key.
    Same(Vec<u8>),
    /// The identifier of the certified key.
    KeyIdentifier { critical: bool },
}

impl Shape {
    /// Fails where a row of the profile has no value.
    pub(super) fn new(
        profile: &Profile,
        issuer: &Name,
        issuer_identifier: &[u8],
        subject: &Name,
        values: &[(ObjectIdentifier, Vec<u8>)],
    ) -> Result<Self, IssueError> {
        let mut extensions = Vec::with_capacity(profile.extensions.len());
        for rule in profile.extensions.iter().filter(|rule| rule.oid != oid::SCT_LIST) {
            let value = match rule.value.to_der()? {
                Some(fixed) => fixed,
                None if rule.oid == SubjectKeyIdentifier::OID => {
                    extensions.push(Slot::KeyIdentifier { critical: rule.critical });
                    continue;
                }
                None if rule.oid == AuthorityKeyIdentifier::OID => issuer_identifier.to_vec(),
                None => {
                    let given = values.iter().find(|(oid, _)| *oid == rule.oid);
                    given.map(|(_, value)| value.clone()).ok_or(IssueError::NoValue { oid: rule.oid })?
                }
            };
            extensions.push(Slot::Same(extension(rule.oid, rule.critical, value)?));
        }
        let issuer = [algorithm().to_der()?, issuer.to_der()?].concat();
        Ok(Self { issuer, subject: subject.to_der()?, extensions })
    }

    /// The structure to be signed, for this key.
    pub(super) fn tbs(&self, public_key: &P256Public, window: Window, serial: [u8; 20]) -> Result<Tbs, IssueError> {
        let validity = Validity { not_before: time(window.start.to_der()?)?, not_after: time(window.end.to_der()?)? };
        let head = [
            VERSION_3.as_slice(),
            &serial_number(serial)?.to_der()?,
            &self.issuer,
            &validity.to_der()?,
            &self.subject,
            &public_key.to_spki_der()?,
        ];
        let mut extensions = Vec::new();
        for slot in &self.extensions {
            match slot {
                Slot::Same(written) => extensions.extend_from_slice(written),
                Slot::KeyIdentifier { critical } => {
                    let value = name::subject_key_identifier(public_key)?;
                    extensions.extend_from_slice(&extension(SubjectKeyIdentifier::OID, *critical, value)?);
                }
            }
        }
        Ok(Tbs { head: head.concat(), extensions })
    }
}

/// `TBSCertificate` in pieces that are written once: a leaf is written with its promise and without.
pub(super) struct Tbs {
    /// Everything before the extensions.
    head: Vec<u8>,
    extensions: Vec<u8>,
}

impl Tbs {
    /// Adds the last extension.
    pub(super) fn extend(&mut self, id: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Result<(), IssueError> {
        self.extensions.extend_from_slice(&extension(id, critical, value)?);
        Ok(())
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let extensions = tlv::write(EXTENSIONS, &[&tlv::write(SEQUENCE, &[&self.extensions])]);
        tlv::write(SEQUENCE, &[&self.head, &extensions])
    }
}

/// The certificate, with its issuer's signature.
pub(super) fn sign(tbs: &Tbs, key: &dyn SignP256) -> Result<Vec<u8>, IssueError> {
    let tbs = tbs.to_der();
    let signature = BitString::from_bytes(&key.sign_p256(&tbs)?)?.to_der()?;
    Ok(tlv::write(SEQUENCE, &[&tbs, &algorithm().to_der()?, &signature]))
}

fn extension(extn_id: ObjectIdentifier, critical: bool, value: Vec<u8>) -> der::Result<Vec<u8>> {
    Extension { extn_id, critical, extn_value: OctetString::new(value)? }.to_der()
}

/// RFC 5758 3.2: no parameters.
const fn algorithm() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: oid::ECDSA_SHA256, parameters: None }
}

fn serial_number(random: [u8; 20]) -> der::Result<SerialNumber> {
    let [first, rest @ ..] = random;
    SerialNumber::new(&[&[first & 0x3f | 0x40], rest.as_slice()].concat())
}

/// RFC 5280 4.1.2.5: `UTCTime` through 2049, `GeneralizedTime` from 2050.
fn time(time: DateTime) -> der::Result<Time> {
    if time.year() <= UtcTime::MAX_YEAR {
        Ok(Time::UtcTime(UtcTime::from_date_time(time)?))
    } else {
        Ok(Time::GeneralTime(GeneralizedTime::from_date_time(time)))
    }
}
