//! The one module that names aws-lc-rs: signatures, sealing, randomness.
//!
//! ECDSA signatures of ours always have a low s, and no other form verifies: one message under one key has no second
//! encoding of the same signature (docs/formats.md F1).

mod low_s;
mod verifier;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::SHA256;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, UnparsedPublicKey,
};
use der::asn1::BitString;
use der::{Any, Decode, Encode};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use zeroize::Zeroizing;

/// What checks the signatures of foreign authorities and of their chains.
pub(crate) use webpki::aws_lc_rs as foreign_signatures;

use crate::digest::Digest;
use crate::oid;
use low_s::{has_low_s, with_low_s, with_low_s_on_either};

pub use verifier::P256Verifier;

/// What stands before the point in the DER `SubjectPublicKeyInfo` of a P-256 key (RFC 5480 2).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A P-256 public key as an uncompressed point: 65 bytes, the first is 4.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct P256Public([u8; 65]);

impl P256Public {
    /// Takes an uncompressed point. Fails where it does not lie on the curve.
    pub fn from_point(point: &[u8]) -> Result<Self, CryptoError> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map_err(|_| CryptoError::BadKey)?;
        match point.try_into() {
            Ok(bytes) if point.first() == Some(&4) => Ok(Self(bytes)),
            _ => Err(CryptoError::BadKey),
        }
    }

    /// Reads the key of a certificate or request: algorithm, curve and point form must all be P-256's.
    pub fn from_spki(spki: &SubjectPublicKeyInfoOwned) -> Result<Self, CryptoError> {
        Self::from_point(Self::form_of(spki)?)
    }

    /// The point of a key of the right algorithm, curve and form. Whether it lies on the curve is not asked.
    fn form_of(spki: &SubjectPublicKeyInfoOwned) -> Result<&[u8; 65], CryptoError> {
        let curve = spki.algorithm.parameters.as_ref().map(Any::decode_as::<der::asn1::ObjectIdentifier>);
        if spki.algorithm.oid != oid::EC_PUBLIC_KEY || !matches!(curve, Some(Ok(oid::P256))) {
            return Err(CryptoError::BadKey);
        }
        let point = spki.subject_public_key.as_bytes().and_then(|point| point.try_into().ok());
        point.filter(|point: &&[u8; 65]| point.first() == Some(&4)).ok_or(CryptoError::BadKey)
    }

    /// Reads a DER `SubjectPublicKeyInfo`.
    pub fn from_spki_der(bytes: &[u8]) -> Result<Self, CryptoError> {
        Self::from_spki(&SubjectPublicKeyInfoOwned::from_der(bytes).map_err(|_| CryptoError::BadKey)?)
    }

    /// The 65 bytes.
    pub const fn point(&self) -> &[u8; 65] {
        &self.0
    }

    /// The `SubjectPublicKeyInfo` structure.
    pub fn to_spki(&self) -> Result<SubjectPublicKeyInfoOwned, CryptoError> {
        let parameters = Any::encode_from(&oid::P256).map_err(|_| CryptoError::BadKey)?;
        Ok(SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid: oid::EC_PUBLIC_KEY, parameters: Some(parameters) },
            subject_public_key: BitString::from_bytes(&self.0).map_err(|_| CryptoError::BadKey)?,
        })
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub fn to_spki_der(&self) -> Result<Vec<u8>, CryptoError> {
        Ok([SPKI_HEAD.as_slice(), &self.0].concat())
    }

    /// Checks an ECDSA signature with SHA-256 over `message`: strict DER, low s.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if !has_low_s(signature) {
            return Err(CryptoError::SignatureEncoding);
        }
        self.verify_either_s(message, signature)
    }

    /// The same for a signature of somebody else's client, half of which have a high s. Only for the purpose `open` and
    /// its requests, which no document of ours embeds.
    pub fn verify_either_s(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.0)
            .verify(message, signature)
            .map_err(|_| CryptoError::SignatureInvalid)
    }

    /// Checks an ECDSA signature over a message of which only the SHA-256 is known: strict DER, any s.
    ///
    /// For strangers' signatures alone: stock Sigstore clients do not lower s, and what they signed stays with them.
    pub fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<(), CryptoError> {
        let digest = aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), &SHA256)
            .map_err(|_| CryptoError::SignatureInvalid)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.0)
            .verify_digest(&digest, signature)
            .map_err(|_| CryptoError::SignatureInvalid)
    }
}

/// An Ed25519 public key: 32 bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ed25519Public([u8; 32]);

impl Ed25519Public {
    /// Takes the 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads a DER `SubjectPublicKeyInfo` of RFC 8410.
    pub fn from_spki_der(bytes: &[u8]) -> Result<Self, CryptoError> {
        let spki = SubjectPublicKeyInfoOwned::from_der(bytes).map_err(|_| CryptoError::BadKey)?;
        if spki.algorithm.oid != oid::ED25519 || spki.algorithm.parameters.is_some() {
            return Err(CryptoError::BadKey);
        }
        let raw = spki.subject_public_key.as_bytes().ok_or(CryptoError::BadKey)?;
        raw.try_into().map(Self).map_err(|_| CryptoError::BadKey)
    }

    /// The DER `SubjectPublicKeyInfo` of RFC 8410.
    pub fn to_spki_der(&self) -> Result<Vec<u8>, CryptoError> {
        SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid: oid::ED25519, parameters: None },
            subject_public_key: BitString::from_bytes(&self.0).map_err(|_| CryptoError::BadKey)?,
        }
        .to_der()
        .map_err(|_| CryptoError::BadKey)
    }

    /// Checks a pure Ed25519 signature over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).map_err(|_| CryptoError::SignatureInvalid)
    }
}

/// Something that signs with a P-256 key without showing it: the engine's authorities, a broker's session key.
pub trait SignP256 {
    /// The public half.
    fn public(&self) -> P256Public;

    /// An ECDSA signature with SHA-256 over `message`: DER, low s.
    fn sign_p256(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError>;
}

/// A P-256 key pair of the engine. No `Debug`, no `Clone`; the library wipes it.
pub struct P256Key(EcdsaKeyPair);

impl P256Key {
    /// A fresh key.
    pub fn generate() -> Result<Self, CryptoError> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Self).map_err(|_| CryptoError::Generation)
    }

    /// Reads a PKCS#8 document.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, CryptoError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, bytes).map(Self).map_err(|_| CryptoError::BadKey)
    }

    /// An ECDSA signature over a message of which only the SHA-256 is at hand: DER, low s.
    pub fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, CryptoError> {
        let digest = aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), &SHA256)
            .map_err(|_| CryptoError::Signing)?;
        let signature = self.0.sign_digest(&digest).map_err(|_| CryptoError::Signing)?;
        with_low_s(signature.as_ref()).ok_or(CryptoError::Signing)
    }

    /// The PKCS#8 document, for sealing.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let document = self.0.to_pkcs8v1().map_err(|_| CryptoError::BadKey)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }
}

impl SignP256 for P256Key {
    #[expect(clippy::expect_used, reason = "the library made this key, its point is uncompressed P-256")]
    fn public(&self) -> P256Public {
        P256Public(self.0.public_key().as_ref().try_into().expect("an uncompressed point"))
    }

    fn sign_p256(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| CryptoError::Signing)?;
        with_low_s(signature.as_ref()).ok_or(CryptoError::Signing)
    }
}

/// An Ed25519 key pair of the engine's log.
pub struct Ed25519Key(Ed25519KeyPair);

impl Ed25519Key {
    /// A fresh key.
    pub fn generate() -> Result<Self, CryptoError> {
        Ed25519KeyPair::generate().map(Self).map_err(|_| CryptoError::Generation)
    }

    /// Reads a PKCS#8 document.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, CryptoError> {
        Ed25519KeyPair::from_pkcs8(bytes).map(Self).map_err(|_| CryptoError::BadKey)
    }

    /// The PKCS#8 document, for sealing.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let document = self.0.to_pkcs8().map_err(|_| CryptoError::BadKey)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The public half: always 32 bytes.
    pub fn public(&self) -> Ed25519Public {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        Ed25519Public(bytes)
    }

    /// A pure Ed25519 signature over `message`: 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// `N` random bytes of the system.
pub fn random<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| CryptoError::Generation)?;
    Ok(bytes)
}

/// A stranger's ECDSA signature on P-256 or P-384 in the one form that we keep: strict DER, low s. None where it is malformed.
pub(crate) fn lowered(signature: &[u8]) -> Option<Vec<u8>> {
    with_low_s_on_either(signature)
}

/// SHA-1, by which RFC 2634 names certificates. Nothing rests on it alone: the signature is checked under that certificate's key.
pub(crate) fn sha1_of_certificate(der: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_vec()
}

/// HMAC-SHA-256.
pub fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    let mut out = [0; 32];
    out.copy_from_slice(tag.as_ref());
    out
}

/// Compares two byte strings in time that depends on their lengths alone.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// Seals `plaintext` with AES-256-GCM: 12 bytes of nonce, then ciphertext and tag. `context` is authenticated with it.
pub fn seal(key: &[u8; 32], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| CryptoError::BadKey)?);
    let mut sealed = plaintext.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
        .map_err(|_| CryptoError::Sealed)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal`] made. Fails where key, context or a byte differs.
pub fn unseal(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::Sealed)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| CryptoError::BadKey)?);
    let mut buffer = Zeroizing::new(body.to_vec());
    let length = key
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut buffer)
        .map_err(|_| CryptoError::Sealed)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

/// What cryptography can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The key is of another algorithm, curve or form.
    #[error("the key is not an uncompressed P-256 point, or not of the expected algorithm")]
    BadKey,
    /// No randomness, no key.
    #[error("the system gave no randomness")]
    Generation,
    /// Sealed bytes do not open.
    #[error("the sealed bytes do not open under this credential")]
    Sealed,
    /// Not strict DER, or a high s.
    #[error("the signature is not strict DER with a low s")]
    SignatureEncoding,
    /// The signature is not this key's over this message.
    #[error("the signature does not verify")]
    SignatureInvalid,
    /// The library refused to sign.
    #[error("the key could not sign")]
    Signing,
}
