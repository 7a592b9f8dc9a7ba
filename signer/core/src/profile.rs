//! Certificate profiles: one table per kind of certificate (docs/formats.md F2).
//!
//! `issue` builds certificates from these tables and `certificate` checks against them, so the two cannot drift apart.
//! Every row of a table is required, stands in the table's order, and nothing else may stand in the certificate.

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode};
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectAltName, SubjectKeyIdentifier,
};

use crate::oid;
use crate::reason::Code;

/// What one kind of certificate looks like.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The kind, as messages name it.
    pub name: &'static str,
    /// The common name; `None` where it follows from the subject alternative name.
    pub common_name: Option<&'static str>,
    /// Longest life in seconds.
    pub longest: u64,
    /// Every extension, in the order in which they stand.
    pub extensions: &'static [Rule],
}

/// One extension of a profile.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which extension.
    pub oid: ObjectIdentifier,
    /// Whether it is critical.
    pub critical: bool,
    /// What it holds.
    pub value: Value,
    /// The code of a certificate that lacks it or holds another value.
    pub refusal: Code,
}

/// What an extension holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// `basicConstraints` of an authority.
    Authority {
        /// How many authorities may follow below.
        path_length: Option<u8>,
    },
    /// `extKeyUsage` with this one purpose.
    ExtendedKeyUsage(ObjectIdentifier),
    /// `keyUsage` with exactly these bits.
    KeyUsage(&'static [KeyUsages]),
    /// `certificatePolicies` with this one policy and no qualifier.
    Policy(ObjectIdentifier),
    /// Differs from certificate to certificate.
    Varies,
}

/// A day in seconds.
const DAY: u64 = 86_400;

/// The self-signed root: ten years.
pub static ROOT: Profile = Profile {
    name: "root",
    common_name: Some("Chancery root"),
    longest: 3_653 * DAY,
    extensions: &[
        fixed(BasicConstraints::OID, true, Value::Authority { path_length: None }, Code::X509NotCa),
        fixed(KeyUsage::OID, true, SIGNS_CERTIFICATES, Code::X509PathConstraint),
        varies(SubjectKeyIdentifier::OID, Code::X509MissingExtension),
        varies(AuthorityKeyIdentifier::OID, Code::X509MissingExtension),
    ],
};

/// The authority that issues leaves: one year, and none below it.
pub static ISSUING: Profile = Profile {
    name: "issuing authority",
    common_name: Some("Chancery issuing authority"),
    longest: 366 * DAY,
    extensions: &[
        fixed(BasicConstraints::OID, true, Value::Authority { path_length: Some(0) }, Code::X509NotCa),
        fixed(KeyUsage::OID, true, SIGNS_CERTIFICATES, Code::X509PathConstraint),
        fixed(ExtendedKeyUsage::OID, false, Value::ExtendedKeyUsage(oid::CODE_SIGNING), Code::X509Eku),
        varies(SubjectKeyIdentifier::OID, Code::X509MissingExtension),
        varies(AuthorityKeyIdentifier::OID, Code::X509MissingExtension),
    ],
};

/// The certificate of a person, an agent or a workload: an hour at most.
pub static LEAF: Profile = Profile {
    name: "leaf",
    common_name: None,
    longest: 3_600,
    extensions: &[
        fixed(KeyUsage::OID, true, SIGNS, Code::X509KeyUsage),
        // sigstore-python refuses a critical extKeyUsage here, and every client a critical name beside a subject.
        fixed(ExtendedKeyUsage::OID, false, Value::ExtendedKeyUsage(oid::CODE_SIGNING), Code::X509Eku),
        varies(SubjectKeyIdentifier::OID, Code::X509MissingExtension),
        varies(AuthorityKeyIdentifier::OID, Code::X509MissingExtension),
        varies(SubjectAltName::OID, Code::X509MissingExtension),
        varies(oid::FULCIO_ISSUER, Code::X509MissingExtension),
        varies(oid::FULCIO_ISSUER_V2, Code::X509MissingExtension),
        varies(oid::IDENTITY, Code::X509Purpose),
        // RFC 6962 3.2: the promise covers the certificate without this extension, so it is the last.
        varies(oid::SCT_LIST, Code::LogSctMissing),
    ],
};

/// The life of a leaf where nobody asks for another: ten minutes.
pub const LEAF_LIFETIME: u64 = 600;

/// The plain time authority.
pub static TIME_AUTHORITY: Profile = Profile {
    name: "time authority",
    common_name: Some("Chancery time authority"),
    longest: 366 * DAY,
    extensions: &[
        fixed(KeyUsage::OID, true, SIGNS, Code::X509KeyUsage),
        // RFC 3161 2.3: critical, and this purpose alone.
        fixed(ExtendedKeyUsage::OID, true, Value::ExtendedKeyUsage(oid::TIME_STAMPING), Code::TimeTsaEku),
        varies(SubjectKeyIdentifier::OID, Code::X509MissingExtension),
        varies(AuthorityKeyIdentifier::OID, Code::X509MissingExtension),
        fixed(CertificatePolicies::OID, false, Value::Policy(oid::TIME_POLICY), Code::TimePolicy),
    ],
};

/// The countersigning authority: as the time authority, under its own key and policy.
pub static COUNTERSIGNING_AUTHORITY: Profile = Profile {
    name: "countersigning authority",
    common_name: Some("Chancery countersigning authority"),
    longest: 366 * DAY,
    extensions: &[
        fixed(KeyUsage::OID, true, SIGNS, Code::X509KeyUsage),
        fixed(ExtendedKeyUsage::OID, true, Value::ExtendedKeyUsage(oid::TIME_STAMPING), Code::TimeTsaEku),
        varies(SubjectKeyIdentifier::OID, Code::X509MissingExtension),
        varies(AuthorityKeyIdentifier::OID, Code::X509MissingExtension),
        fixed(CertificatePolicies::OID, false, Value::Policy(oid::COUNTERSIGN_POLICY), Code::TimePolicy),
    ],
};

/// Every profile there is.
static ALL: [&Profile; 5] = [&ROOT, &ISSUING, &LEAF, &TIME_AUTHORITY, &COUNTERSIGNING_AUTHORITY];

const SIGNS: Value = Value::KeyUsage(&[KeyUsages::DigitalSignature]);
const SIGNS_CERTIFICATES: Value = Value::KeyUsage(&[KeyUsages::KeyCertSign, KeyUsages::CRLSign]);

const fn fixed(oid: ObjectIdentifier, critical: bool, value: Value, refusal: Code) -> Rule {
    Rule { oid, critical, value, refusal }
}

const fn varies(oid: ObjectIdentifier, refusal: Code) -> Rule {
    Rule { oid, critical: false, value: Value::Varies, refusal }
}

impl Profile {
    /// The row of one extension.
    pub fn rule(&self, oid: ObjectIdentifier) -> Option<&'static Rule> {
        self.extensions.iter().find(|rule| rule.oid == oid)
    }

    /// The time-stamp policy its certificates name.
    pub fn policy(&self) -> Option<ObjectIdentifier> {
        self.extensions.iter().find_map(|rule| if let Value::Policy(oid) = rule.value { Some(oid) } else { None })
    }
}

impl Rule {
    /// The code of a certificate that holds `found` where this row fixes another value.
    pub(crate) fn refusal_of(&self, found: &[u8]) -> Code {
        let usage = matches!(self.value, Value::KeyUsage(_) | Value::ExtendedKeyUsage(_));
        match self.value {
            Value::Authority { .. } if BasicConstraints::from_der(found).is_ok_and(|limits| limits.ca) => {
                Code::X509PathConstraint
            }
            _ if usage && self.refusal != Code::X509PathConstraint && fixed_elsewhere(self.oid, found) => {
                Code::X509Purpose
            }
            _ => self.refusal,
        }
    }

    /// The code of a certificate whose extension is critical where this row says not, or the reverse. RFC 3161 2.3 makes a
    /// time authority's key usage critical, so that this is what it lacks then.
    pub(crate) const fn refusal_of_criticality(&self) -> Code {
        match self.refusal {
            Code::TimeTsaEku => Code::TimeTsaEku,
            _ => Code::X509Criticality,
        }
    }
}

/// Whether one of our profiles fixes this extension to this value: the certificate is ours, for another purpose.
fn fixed_elsewhere(oid: ObjectIdentifier, found: &[u8]) -> bool {
    ALL.iter()
        .filter_map(|profile| profile.rule(oid))
        .any(|rule| rule.value.to_der().is_ok_and(|value| value.as_deref() == Some(found)))
}

impl Value {
    /// The DER of a fixed value, `None` where it varies.
    pub fn to_der(self) -> der::Result<Option<Vec<u8>>> {
        match self {
            Self::Authority { path_length } => {
                BasicConstraints { ca: true, path_len_constraint: path_length }.to_der().map(Some)
            }
            Self::ExtendedKeyUsage(purpose) => ExtendedKeyUsage(vec![purpose]).to_der().map(Some),
            Self::KeyUsage(bits) => KeyUsage(bits.iter().fold(None.into(), |set, bit| set | *bit)).to_der().map(Some),
            Self::Policy(policy) => {
                let policy = PolicyInformation { policy_identifier: policy, policy_qualifiers: None };
                CertificatePolicies(vec![policy]).to_der().map(Some)
            }
            Self::Varies => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
