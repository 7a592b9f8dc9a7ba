//! Signatures, certificates and time-stamps: DER, PEM and armour.

use signer_core::attributes::SignedAttributes;
use signer_core::certificate::Leaf;
use signer_core::cms::{CommitSignature, ForeignSignature};
use signer_core::leaf::LeafIdentity;
use signer_core::time_stamp::Query;
use signer_core::token::Token;
use signer_core::{armor, csr, oracle, pem};

use crate::{Parser, same_again};

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "armor", takes: |bytes| same_again(bytes, armor::decode(bytes), |der| armor::encode(der)) },
    Parser { name: "cms", takes: |bytes| CommitSignature::parse(bytes).is_ok() },
    Parser {
        name: "cms-foreign",
        takes: |bytes| same_again(bytes, ForeignSignature::parse(bytes), |it| it.write().unwrap_or_default()),
    },
    Parser {
        name: "signed-attributes",
        takes: |bytes| same_again(bytes, SignedAttributes::parse(bytes), |read| read.der().to_vec()),
    },
    Parser { name: "certificate", takes: |bytes| same_again(bytes, Leaf::parse(bytes), |leaf| leaf.der().to_vec()) },
    Parser { name: "leaf-identity", takes: leaf_identity },
    Parser {
        name: "certificate-request",
        takes: |bytes| csr::parse(bytes).is_ok() | csr::parse_foreign(bytes).is_ok(),
    },
    Parser { name: "pem-certificate-request", takes: |bytes| pem::read_certificate_request(bytes).is_ok() },
    Parser { name: "pem-public-key", takes: |bytes| pem::read_public_key(bytes).is_ok() },
    Parser { name: "time-stamp-token", takes: |bytes| Token::parse(bytes).is_ok() },
    Parser { name: "time-stamp-query", takes: |bytes| Query::from_der(bytes).is_ok() },
    Parser { name: "time-stamp-query-json", takes: |bytes| Query::from_json(bytes).is_ok() },
    Parser { name: "foreign-form", takes: |bytes| oracle::refuse_foreign_form(bytes).is_ok() },
];

fn leaf_identity(bytes: &[u8]) -> bool {
    same_again(bytes, LeafIdentity::from_der(bytes), |identity| identity.to_der().unwrap_or_default())
}
