//! What Fulcio's clients send: a token, a key, and the proof that they hold it.

use serde::Deserialize;
use signer_core::pem;
use signer_core::protocol::Base64;
use signer_core::reason::Code;
use signer_engine::open_identity::Possession;
use signer_engine::refusal::Refusal;
use zeroize::Zeroizing;

/// `CreateSigningCertificateRequest`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SigningRequest {
    credentials: Option<Credentials>,
    public_key_request: Option<PublicKeyRequest>,
    /// PEM, in base64 once more.
    #[serde(rename = "certificateSigningRequest")]
    pkcs10: Option<Base64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Credentials {
    oidc_identity_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PublicKeyRequest {
    public_key: PublicKey,
    proof_of_possession: Option<Base64>,
}

/// The algorithm follows from the key itself, and clients disagree about its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKey {
    #[serde(rename = "algorithm")]
    _algorithm: Option<serde::de::IgnoredAny>,
    /// PEM; the older interface has DER in base64.
    content: String,
}

/// The older interface's request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LegacyRequest {
    public_key: Option<LegacyKey>,
    /// The signature over the token's address or subject.
    signed_email_address: Option<Base64>,
    certificate_signing_request: Option<Base64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LegacyKey {
    #[serde(rename = "algorithm")]
    _algorithm: Option<serde::de::IgnoredAny>,
    content: Base64,
}

impl SigningRequest {
    /// The token where the body holds one, and the key.
    pub(super) fn open(self) -> Result<(Option<Zeroizing<String>>, Possession), Refusal> {
        let token = self.credentials.and_then(|credentials| credentials.oidc_identity_token).map(Zeroizing::new);
        let token = token.filter(|token| !token.is_empty());
        let possession = match (self.public_key_request, self.pkcs10) {
            (Some(bare), None) => bare.open()?,
            (None, Some(request)) => Possession::Request(pem::read_certificate_request(&request.0)?),
            _ => return Err(one_key()),
        };
        Ok((token, possession))
    }
}

impl PublicKeyRequest {
    fn open(self) -> Result<Possession, Refusal> {
        let key = pem::read_public_key(self.public_key.content.as_bytes())?;
        Ok(Possession::Signature { key, proof: proof(self.proof_of_possession)? })
    }
}

impl LegacyRequest {
    /// The key.
    pub(super) fn open(self) -> Result<Possession, Refusal> {
        // Clients send an empty request beside a bare key.
        let request = self.certificate_signing_request.filter(|request| !request.0.is_empty());
        match (self.public_key, request) {
            (Some(key), None) => {
                Ok(Possession::Signature { key: key.content.0, proof: proof(self.signed_email_address)? })
            }
            (None, Some(request)) => Ok(Possession::Request(pem::read_certificate_request(&request.0)?)),
            _ => Err(one_key()),
        }
    }
}

fn proof(sent: Option<Base64>) -> Result<Vec<u8>, Refusal> {
    sent.map(|proof| proof.0)
        .ok_or_else(|| Refusal::new(Code::IssueProof, "the key comes without a proof of possession"))
}

fn one_key() -> Refusal {
    Refusal::new(Code::RequestMalformed, "exactly one of a public key and a certificate request is needed")
}
