//! Object identifiers. Ours live under 2.25.246148246, a placeholder arc until an enterprise number is assigned; every
//! component stays below 2^28, where const-oid 0.9 stops (docs/formats.md F1).

use const_oid::ObjectIdentifier;

/// `.1`: the leaf's Chancery extension.
pub const IDENTITY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.246148246.1");
/// `.2`: the signed attribute that holds the provenance.
pub const PROVENANCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.246148246.2");
/// `.3`: the unsigned attribute that holds the decision.
pub const DECISION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.246148246.3");
/// `.5.0`: policy of the plain time authority.
pub const TIME_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.246148246.5.0");
/// `.5.1`: policy of the countersigning authority: no such token without an allow decision.
pub const COUNTERSIGN_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.246148246.5.1");
/// `.5.2`: signed attribute of a countersigning token, SHA-256 of the decision.
pub const DECISION_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.246148246.5.2");

/// RFC 5652 id-data.
pub const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
/// RFC 5652 id-signedData.
pub const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// RFC 5652 contentType attribute.
pub const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
/// RFC 5652 messageDigest attribute.
pub const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// RFC 5652 signingTime attribute.
pub const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
/// RFC 5035 signingCertificateV2 attribute.
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// RFC 2634 signingCertificate attribute, which names a certificate by SHA-1.
pub const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
/// RFC 3161 id-aa-timeStampToken.
pub const TIME_STAMP_TOKEN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");
/// RFC 3161 id-ct-TSTInfo.
pub const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// gitsign's unsigned attribute: a protobuf `TransparencyLogEntry`.
pub const LOG_ENTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.3.1");
/// Fulcio issuer, raw bytes.
pub const FULCIO_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.1");
/// Fulcio issuer, DER `UTF8String`.
pub const FULCIO_ISSUER_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.8");
/// Fulcio token subject, DER `UTF8String`.
pub const FULCIO_TOKEN_SUBJECT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.24");
/// RFC 6962 embedded SCT list.
pub const SCT_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.4.2");
/// SHA-256.
pub const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// SHA-384.
pub const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
/// SHA-512.
pub const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
/// ECDSA with SHA-256.
pub const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// ECDSA with SHA-384.
pub const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
/// ECDSA with SHA-512.
pub const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
/// RFC 3370 rsaEncryption: RSA with PKCS#1 v1.5, the digest named apart.
pub const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RSA with PKCS#1 v1.5 and SHA-256.
pub const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// RSA with PKCS#1 v1.5 and SHA-384.
pub const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
/// RSA with PKCS#1 v1.5 and SHA-512.
pub const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
/// id-ecPublicKey.
pub const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1.
pub const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// RFC 8410 Ed25519.
pub const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Extended key usage codeSigning.
pub const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
/// Extended key usage timeStamping.
pub const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
