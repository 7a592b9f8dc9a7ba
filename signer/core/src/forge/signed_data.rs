//! `SignedData` with every field open to change: nothing is sorted, checked or derived unless asked for.

use const_oid::ObjectIdentifier;

use crate::attribute_set::{attribute, octets};
use crate::crypto::{P256Key, SignP256};
use crate::forge::Signed;
use crate::oid;
use crate::signed_data::{ecdsa_sha256, issuer_and_serial, sha256};
use crate::tlv::{self, CONTEXT_0, CONTEXT_1, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET};

/// A `SignedData`; starts as a valid one.
#[derive(Clone)]
pub(crate) struct SignedDataForge {
    pub(crate) outer_type: ObjectIdentifier,
    pub(crate) version: u8,
    pub(crate) digest_algorithms: Vec<Vec<u8>>,
    pub(crate) content_type: ObjectIdentifier,
    /// An element, under `[0]`.
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Option<Vec<Vec<u8>>>,
    pub(crate) crls: Option<Vec<u8>>,
    pub(crate) signers: Vec<SignerForge>,
}

/// A `SignerInfo`.
#[derive(Clone)]
pub(crate) struct SignerForge {
    pub(crate) version: u8,
    pub(crate) sid: Vec<u8>,
    pub(crate) digest_algorithm: Vec<u8>,
    pub(crate) signed_attributes: Option<Vec<Vec<u8>>>,
    pub(crate) signature_algorithm: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) unsigned_attributes: Option<Vec<Vec<u8>>>,
}

impl SignedDataForge {
    /// A commit signature, byte for byte the valid one until a field is changed.
    pub(crate) fn of_commit(signed: &Signed) -> Self {
        let evidence = &signed.evidence;
        let mut unsigned_attributes = vec![
            attribute(oid::TIME_STAMP_TOKEN, &evidence.token),
            octets(oid::LOG_ENTRY, &evidence.entry),
            octets(oid::DECISION, &evidence.decision),
        ];
        unsigned_attributes.sort();
        Self {
            outer_type: oid::SIGNED_DATA,
            version: 1,
            digest_algorithms: vec![sha256()],
            content_type: oid::DATA,
            content: None,
            certificates: Some(vec![signed.certificate.clone()]),
            crls: None,
            signers: vec![SignerForge {
                version: 1,
                sid: issuer_and_serial(&signed.certificate).unwrap(),
                digest_algorithm: sha256(),
                signed_attributes: Some(elements(&signed.attributes)),
                signature_algorithm: ecdsa_sha256(),
                signature: signed.signature.clone(),
                unsigned_attributes: Some(unsigned_attributes),
            }],
        }
    }

    /// A token, from the bytes of a valid one.
    pub(crate) fn of_token(token: &[u8], certificate: &[u8]) -> Self {
        let info = crate::signed_data::ContentInfo::read(token).unwrap();
        let data = crate::signed_data::SignedData::read(info.content).unwrap();
        let signer = crate::signed_data::SignerInfo::read(&{ data.signers }.element().unwrap()).unwrap();
        Self {
            outer_type: oid::SIGNED_DATA,
            version: 3,
            digest_algorithms: vec![sha256()],
            content_type: oid::TST_INFO,
            content: data.content.map(<[u8]>::to_vec),
            certificates: None,
            crls: None,
            signers: vec![SignerForge {
                version: 1,
                sid: issuer_and_serial(certificate).unwrap(),
                digest_algorithm: sha256(),
                signed_attributes: Some(elements(&tlv::write(SET, &[signer.signed_attributes.unwrap()]))),
                signature_algorithm: ecdsa_sha256(),
                signature: signer.signature.to_vec(),
                unsigned_attributes: None,
            }],
        }
    }

    /// The first signer.
    pub(crate) fn signer(&mut self) -> &mut SignerForge {
        &mut self.signers[0]
    }

    /// The encoding.
    pub(crate) fn der(&self) -> Vec<u8> {
        let content = self.content.as_ref().map(|content| tlv::write(CONTEXT_0, &[content]));
        let encapsulated = tlv::write(SEQUENCE, &[&oid_element(self.content_type), &content.unwrap_or_default()]);
        let certificates = self.certificates.as_ref().map(|all| tlv::write(CONTEXT_0, &[&all.concat()]));
        let crls = self.crls.as_ref().map(|crls| tlv::write(CONTEXT_1, &[crls]));
        let signers: Vec<u8> = self.signers.iter().flat_map(SignerForge::der).collect();
        let data = tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[self.version]]),
                &tlv::write(SET, &[&self.digest_algorithms.concat()]),
                &encapsulated,
                &certificates.unwrap_or_default(),
                &crls.unwrap_or_default(),
                &tlv::write(SET, &[&signers]),
            ],
        );
        tlv::write(SEQUENCE, &[&oid_element(self.outer_type), &tlv::write(CONTEXT_0, &[&data])])
    }
}

impl SignerForge {
    /// Signs the attributes as they stand, in the order they stand in.
    pub(crate) fn sign(&mut self, key: &P256Key) {
        let attributes = self.signed_attributes.as_ref().map(|all| tlv::write(SET, &[&all.concat()]));
        self.signature = key.sign_p256(&attributes.unwrap_or_default()).unwrap();
    }

    /// Replaces the signed attribute of this type by `with`, keeps the order of DER, and signs.
    pub(crate) fn replace(&mut self, kind: ObjectIdentifier, with: &[Vec<u8>], key: &P256Key) {
        let attributes = self.signed_attributes.get_or_insert_default();
        attributes.retain(|attribute| !is_of(attribute, kind));
        attributes.extend_from_slice(with);
        attributes.sort();
        self.sign(key);
    }

    /// Replaces the unsigned attribute of this type by `with`, keeping the order of DER.
    pub(crate) fn replace_unsigned(&mut self, kind: ObjectIdentifier, with: &[Vec<u8>]) {
        let attributes = self.unsigned_attributes.get_or_insert_default();
        attributes.retain(|attribute| !is_of(attribute, kind));
        attributes.extend_from_slice(with);
        attributes.sort();
    }

    fn der(&self) -> Vec<u8> {
        let signed = self.signed_attributes.as_ref().map(|all| tlv::write(CONTEXT_0, &[&all.concat()]));
        let unsigned = self.unsigned_attributes.as_ref().map(|all| tlv::write(CONTEXT_1, &[&all.concat()]));
        tlv::write(
            SEQUENCE,
            &[
                &tlv::write(INTEGER, &[&[self.version]]),
                &self.sid,
                &self.digest_algorithm,
                &signed.unwrap_or_default(),
                &self.signature_algorithm,
                &tlv::write(OCTET_STRING, &[&self.signature]),
                &unsigned.unwrap_or_default(),
            ],
        )
    }
}

/// An attribute with any number of values.
pub(crate) fn attribute_of(kind: ObjectIdentifier, values: &[Vec<u8>]) -> Vec<u8> {
    tlv::write(SEQUENCE, &[&oid_element(kind), &tlv::write(SET, &[&values.concat()])])
}

/// An `AlgorithmIdentifier`, with NULL parameters or none.
pub(crate) fn algorithm(kind: &str, null: bool) -> Vec<u8> {
    let kind = oid_element(ObjectIdentifier::new_unwrap(kind));
    tlv::write(SEQUENCE, &[&kind, if null { &[5, 0] } else { &[] }])
}

fn oid_element(kind: ObjectIdentifier) -> Vec<u8> {
    tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()])
}

fn is_of(attribute: &[u8], kind: ObjectIdentifier) -> bool {
    let mut fields = tlv::only(attribute, SEQUENCE).unwrap().open();
    fields.expect(OBJECT_IDENTIFIER).unwrap().content == kind.as_bytes()
}

/// The elements inside `der`.
pub(crate) fn elements(der: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = tlv::Reader::new(der).element().unwrap().open();
    let mut found = Vec::new();
    while !reader.is_empty() {
        found.push(reader.element().unwrap().whole.to_vec());
    }
    found
}
