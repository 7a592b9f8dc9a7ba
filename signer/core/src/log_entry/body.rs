//! Entry bodies: Rekor v2 `hashedrekord` 0.0.2 in RFC 8785 form. Clients rebuild them from what was signed, so every
//! byte counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{KIND, LogError, VERSION};
use crate::canonical;
use crate::digest::Digest;

/// Most bytes of a body: C2SP tlog-tiles frames entries with two bytes of length.
pub const MAX_BODY: usize = 0xffff;

/// Sigstore's name of the one hash.
const SHA2_256: &str = "SHA2_256";
/// Sigstore's name of the one kind of key.
const P256: &str = "PKIX_ECDSA_P256_SHA_256";

/// The body that logs `signature` over what hashes to `digest`. Fails over 64 KiB.
///
/// Written from its fixed text, since every verified signature makes one; a test holds it against [`Body`].
pub fn body(digest: &Digest, signature: &[u8], certificate_der: &[u8]) -> Result<Vec<u8>, LogError> {
    let text = [
        r#"{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":""#,
        &STANDARD.encode(digest.as_bytes()),
        r#""},"signature":{"content":""#,
        &STANDARD.encode(signature),
        r#"","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","x509Certificate":{"rawBytes":""#,
        &STANDARD.encode(certificate_der),
        r#""}}}}}}"#,
    ]
    .concat();
    if text.len() > MAX_BODY {
        return Err(LogError::TooLarge { limit: MAX_BODY, actual: text.len() });
    }
    Ok(text.into_bytes())
}

/// Checks that `found` is the body that [`body`] makes of these three, and says which of them differs.
pub fn check_body(found: &[u8], digest: &Digest, signature: &[u8], certificate_der: &[u8]) -> Result<(), LogError> {
    let found: Body = canonical::from_slice(found, MAX_BODY).map_err(|_| LogError::BodyMalformed)?;
    let expected = Body::new(digest, signature, certificate_der);
    if !found.has_kind_of(&expected) {
        return Err(LogError::Kind);
    }
    let (found, expected) = (found.spec.entry, expected.spec.entry);
    if found.data != expected.data {
        return Err(LogError::BodyDigest { expected: expected.data.digest, actual: found.data.digest });
    }
    if found.signature.content != expected.signature.content {
        return Err(LogError::BodySignature);
    }
    if found.signature.verifier != expected.signature.verifier {
        return Err(LogError::BodyKey);
    }
    Ok(())
}

/// The certificate in a body, DER, unread. Fails where the body is none of ours.
pub fn certificate(body: &[u8]) -> Result<Vec<u8>, LogError> {
    let body: Body = canonical::from_slice(body, MAX_BODY).map_err(|_| LogError::BodyMalformed)?;
    let certificate = body.spec.entry.signature.verifier.certificate.raw_bytes;
    STANDARD.decode(certificate).map_err(|_| LogError::BodyMalformed)
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Body {
    api_version: String,
    kind: String,
    spec: Spec,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    #[serde(rename = "hashedRekordV002")]
    entry: HashedRekord,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedRekord {
    data: Data,
    signature: Signature,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    algorithm: String,
    digest: String,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    content: String,
    verifier: Verifier,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Verifier {
    key_details: String,
    #[serde(rename = "x509Certificate")]
    certificate: Certificate,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Certificate {
    raw_bytes: String,
}

impl Body {
    fn new(digest: &Digest, signature: &[u8], certificate_der: &[u8]) -> Self {
        let data = Data { algorithm: SHA2_256.to_owned(), digest: STANDARD.encode(digest.as_bytes()) };
        let certificate = Certificate { raw_bytes: STANDARD.encode(certificate_der) };
        let verifier = Verifier { key_details: P256.to_owned(), certificate };
        let signature = Signature { content: STANDARD.encode(signature), verifier };
        Self {
            api_version: VERSION.to_owned(),
            kind: KIND.to_owned(),
            spec: Spec { entry: HashedRekord { data, signature } },
        }
    }

    /// Whether kind, version, hash and key algorithm agree.
    fn has_kind_of(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.spec.entry, &other.spec.entry);
        self.kind == other.kind
            && self.api_version == other.api_version
            && ours.data.algorithm == theirs.data.algorithm
            && ours.signature.verifier.key_details == theirs.signature.verifier.key_details
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, body};
    use crate::canonical;
    use crate::digest::Digest;

    #[test]
    fn a_body_is_the_canonical_form_of_its_document() {
        for length in 0..70 {
            let bytes: Vec<u8> = (0..length).collect();
            let digest = Digest::of(&bytes);
            let document = Body::new(&digest, &bytes, &bytes);
            assert_eq!(body(&digest, &bytes, &bytes).unwrap(), canonical::to_vec(&document).unwrap());
        }
    }
}
