//! Certificates of the smallest form that openssl verifies.

use const_oid::ObjectIdentifier;

use crate::crypto::{P256Key, SignP256};
use crate::digest::Digest;
use crate::forge::now;
use crate::oid;
use crate::signed_data::ecdsa_sha256;
use crate::time::Timestamp;
use crate::tlv::{self, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET};

const UTF8_STRING: u8 = 0x0c;
const BIT_STRING: u8 = 0x03;
const BOOLEAN: u8 = 0x01;

/// A key and its certificate.
pub(crate) struct Party {
    pub(crate) key: P256Key,
    pub(crate) certificate: Vec<u8>,
}

impl Party {
    /// A self-signed certificate authority.
    pub(crate) fn root(name: &str) -> Self {
        let key = P256Key::generate().unwrap();
        let usage = [basic_constraints(), key_usage(&[0x01, 0x06])];
        let tbs = to_be_signed(name, name, &key, 1, now().plus(86_400 * 3650), &usage);
        let certificate = sealed(&tbs, &key);
        Self { key, certificate }
    }

    /// A code-signing leaf, ten minutes long.
    pub(crate) fn issues_leaf(&self, name: &str, serial: u8) -> Self {
        let usage = [key_usage(&[0x07, 0x80]), extended_key_usage(oid::CODE_SIGNING, false)];
        self.issues(name, serial, now().plus(540), &usage)
    }

    /// A time authority: EKU timeStamping, critical and alone.
    pub(crate) fn issues_time_authority(&self, name: &str, serial: u8) -> Self {
        let usage = [key_usage(&[0x07, 0x80]), extended_key_usage(oid::TIME_STAMPING, true)];
        self.issues(name, serial, now().plus(86_400), &usage)
    }

    fn issues(&self, name: &str, serial: u8, end: Timestamp, extensions: &[Vec<u8>]) -> Self {
        let key = P256Key::generate().unwrap();
        let certificate = sealed(&to_be_signed(name, "Root", &key, serial, end, extensions), &self.key);
        Self { key, certificate }
    }
}

/// A `TBSCertificate`, for whoever wants one signed.
pub(crate) fn to_be_signed(
    subject: &str,
    issuer: &str,
    key: &P256Key,
    serial: u8,
    end: Timestamp,
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let version = tlv::write(CONTEXT_0, &[&tlv::write(INTEGER, &[&[2]])]);
    let validity = tlv::write(SEQUENCE, &[&time(now().minus(60)), &time(end)]);
    let spki = key.public().to_spki_der().unwrap();
    // A root's serial number is 1: below 128, so one byte is canonical.
    let serial = tlv::write(INTEGER, &[&[serial]]);
    let own_id = tlv::write(OCTET_STRING, &[Digest::of(&spki).as_bytes()]);
    let own_id = extension("2.5.29.14", false, &own_id);
    let parts: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).chain([own_id.as_slice()]).collect();
    let extensions = tlv::write(0xa3, &[&tlv::write(SEQUENCE, &parts)]);
    tlv::write(
        SEQUENCE,
        &[&version, &serial, &ecdsa_sha256(), &name(issuer), &validity, &name(subject), &spki, &extensions],
    )
}

/// A Name with one common name.
pub(crate) fn name(common_name: &str) -> Vec<u8> {
    let kind = tlv::write(OBJECT_IDENTIFIER, &[ObjectIdentifier::new_unwrap("2.5.4.3").as_bytes()]);
    let value = tlv::write(UTF8_STRING, &[common_name.as_bytes()]);
    tlv::write(SEQUENCE, &[&tlv::write(SET, &[&tlv::write(SEQUENCE, &[&kind, &value])])])
}

/// A `UTCTime` or `GeneralizedTime`, as RFC 5280 has it.
pub(crate) fn time(at: Timestamp) -> Vec<u8> {
    let digits: String = at.to_string().chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("20").filter(|short| short.as_bytes() < b"50".as_slice()) {
        Some(short) => tlv::write(0x17, &[short.as_bytes(), b"Z"]),
        None => tlv::write(0x18, &[digits.as_bytes(), b"Z"]),
    }
}

/// A structure, its algorithm and the signature over it: the shape of certificates, requests and revocation lists.
pub(crate) fn sealed(tbs: &[u8], key: &P256Key) -> Vec<u8> {
    let signature = tlv::write(BIT_STRING, &[&[0], &key.sign_p256(tbs).unwrap()]);
    tlv::write(SEQUENCE, &[tbs, &ecdsa_sha256(), &signature])
}

fn basic_constraints() -> Vec<u8> {
    let value = tlv::write(SEQUENCE, &[&tlv::write(BOOLEAN, &[&[0xff]])]);
    extension("2.5.29.19", true, &value)
}

fn key_usage(bits: &[u8]) -> Vec<u8> {
    extension("2.5.29.15", true, &tlv::write(BIT_STRING, &[bits]))
}

fn extended_key_usage(usage: ObjectIdentifier, critical: bool) -> Vec<u8> {
    let usage = tlv::write(OBJECT_IDENTIFIER, &[usage.as_bytes()]);
    extension("2.5.29.37", critical, &tlv::write(SEQUENCE, &[&usage]))
}

fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let kind = tlv::write(OBJECT_IDENTIFIER, &[ObjectIdentifier::new_unwrap(kind).as_bytes()]);
    let critical = if critical { tlv::write(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    tlv::write(SEQUENCE, &[&kind, &critical, &tlv::write(OCTET_STRING, &[value])])
}
