//! The algorithms by which foreign authorities sign: ECDSA on P-256 and P-384, and RSA with PKCS#1 v1.5, each with SHA-256,
//! SHA-384 or SHA-512; each is written in one way.

use const_oid::ObjectIdentifier;
use rustls_pki_types::SignatureVerificationAlgorithm;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::ForeignTokenError;
use crate::crypto::foreign_signatures::{
    ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P256_SHA512, ECDSA_P384_SHA256, ECDSA_P384_SHA384, ECDSA_P384_SHA512,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
};
use crate::oid;
use crate::tlv::{self, Element, OBJECT_IDENTIFIER, SEQUENCE};

/// NULL, whole.
const NULL: &[u8] = &[0x05, 0x00];

/// What a chain may be signed with.
pub(super) fn all() -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    let both = |hash| [Scheme::Ecdsa, Scheme::Rsa].map(|scheme| Algorithm { hash, scheme }.verifiers());
    [Hash::Sha256, Hash::Sha384, Hash::Sha512].into_iter().flat_map(both).flatten().collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scheme {
    Ecdsa,
    Rsa,
}

/// How a token is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Algorithm {
    pub(super) hash: Hash,
    pub(super) scheme: Scheme,
}

impl Hash {
    /// Reads an `AlgorithmIdentifier`; parameters are absent or NULL (RFC 5754 2).
    pub(super) fn read(identifier: &Element<'_>) -> Result<Self, ForeignTokenError> {
        let kind = named(identifier)?;
        let known = [(oid::SHA256, Self::Sha256), (oid::SHA384, Self::Sha384), (oid::SHA512, Self::Sha512)];
        let found = known.into_iter().find(|(known, _)| known.as_bytes() == kind);
        found.map(|(_, hash)| hash).ok_or(ForeignTokenError::Algorithm)
    }

    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    const fn identifier(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }
}

impl Algorithm {
    /// Reads a signer's digest and signature algorithm, which must name the same digest.
    pub(super) fn read(digest: &Element<'_>, signature: &Element<'_>) -> Result<Self, ForeignTokenError> {
        let hash = Hash::read(digest)?;
        let kind = named(signature)?;
        let is = |known: ObjectIdentifier| known.as_bytes() == kind;
        let (ecdsa, rsa) = match hash {
            Hash::Sha256 => (oid::ECDSA_SHA256, oid::RSA_SHA256),
            Hash::Sha384 => (oid::ECDSA_SHA384, oid::RSA_SHA384),
            Hash::Sha512 => (oid::ECDSA_SHA512, oid::RSA_SHA512),
        };
        // RFC 3370 3.2: rsaEncryption leaves the digest to the signer's digest algorithm.
        if is(oid::RSA) || is(rsa) {
            Ok(Self { hash, scheme: Scheme::Rsa })
        } else if is(ecdsa) {
            Ok(Self { hash, scheme: Scheme::Ecdsa })
        } else {
            Err(ForeignTokenError::Algorithm)
        }
    }

    /// The digest algorithm as it is embedded: parameters absent.
    pub(super) fn digest_der(self) -> Vec<u8> {
        tlv::write(SEQUENCE, &[&tlv::write(OBJECT_IDENTIFIER, &[self.hash.identifier().as_bytes()])])
    }

    /// The signature algorithm as it is embedded: ECDSA names the digest and has no parameters (RFC 5758 3.2), RSA is
    /// rsaEncryption with NULL (RFC 3370 3.2).
    pub(super) fn signature_der(self) -> Vec<u8> {
        let (kind, parameters) = match (self.scheme, self.hash) {
            (Scheme::Ecdsa, Hash::Sha256) => (oid::ECDSA_SHA256, [].as_slice()),
            (Scheme::Ecdsa, Hash::Sha384) => (oid::ECDSA_SHA384, [].as_slice()),
            (Scheme::Ecdsa, Hash::Sha512) => (oid::ECDSA_SHA512, [].as_slice()),
            (Scheme::Rsa, _) => (oid::RSA, NULL),
        };
        tlv::write(SEQUENCE, &[&tlv::write(OBJECT_IDENTIFIER, &[kind.as_bytes()]), parameters])
    }

    /// What checks such a signature, by the kinds of key that make it.
    pub(super) fn verifiers(self) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
        match (self.scheme, self.hash) {
            (Scheme::Ecdsa, Hash::Sha256) => vec![ECDSA_P256_SHA256, ECDSA_P384_SHA256],
            (Scheme::Ecdsa, Hash::Sha384) => vec![ECDSA_P384_SHA384, ECDSA_P256_SHA384],
            (Scheme::Ecdsa, Hash::Sha512) => vec![ECDSA_P384_SHA512, ECDSA_P256_SHA512],
            (Scheme::Rsa, Hash::Sha256) => vec![RSA_PKCS1_2048_8192_SHA256],
            (Scheme::Rsa, Hash::Sha384) => vec![RSA_PKCS1_2048_8192_SHA384],
            (Scheme::Rsa, Hash::Sha512) => vec![RSA_PKCS1_2048_8192_SHA512],
        }
    }
}

/// The object identifier of an `AlgorithmIdentifier` whose parameters are absent or NULL.
fn named<'a>(identifier: &Element<'a>) -> Result<&'a [u8], ForeignTokenError> {
    let mut fields = tlv::only(identifier.whole, SEQUENCE)?.open();
    let kind = fields.expect(OBJECT_IDENTIFIER)?.content;
    if !fields.is_empty() && fields.element()?.whole != NULL {
        return Err(ForeignTokenError::Algorithm);
    }
    fields.finish()?;
    Ok(kind)
}
