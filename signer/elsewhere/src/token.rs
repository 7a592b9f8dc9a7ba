//! The identity token: a secret that is shown to one certificate authority, and what it says of its holder.
//!
//! Nobody here verifies it. Its claims tell what the certificate must say; that it does is verified under the trust root.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use signer_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::error::ElsewhereError;

/// Most bytes of a token.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// A token in JWS compact form. No `Debug`, no `Clone`; wiped when dropped.
pub struct IdentityToken {
    text: Zeroizing<String>,
    claims: Claims,
}

/// The claims that become a certificate's names (Fulcio's `config/identity`).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    exp: u64,
    sub: Option<String>,
    email: Option<String>,
    /// GitHub's: the workflow, as `OWNER/REPOSITORY/PATH@REF`.
    job_workflow_ref: Option<String>,
    /// GitLab's: the pipeline's definition, as `HOST/PROJECT//PATH@REF`.
    ci_config_ref_uri: Option<String>,
    /// Dex's: the issuer behind the issuer.
    #[serde(rename = "federated_claims")]
    federated: Option<Federated>,
}

#[derive(Deserialize)]
struct Federated {
    connector_id: String,
}

impl IdentityToken {
    /// Takes a token over, with or without a line end. Fails where it is none, or has expired at `now`.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, ElsewhereError> {
        let wrong = |why| ElsewhereError::Token { why };
        let text = Zeroizing::new(text.trim().to_owned());
        if text.is_empty() {
            return Err(wrong("is missing"));
        }
        if text.len() > MAX_TOKEN_BYTES {
            return Err(wrong("has more than 16 KiB"));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [_, payload, _] = parts.as_slice() else { return Err(wrong("is no JSON Web Token in compact form")) };
        let payload = URL_SAFE_NO_PAD.decode(payload).map(Zeroizing::new);
        let payload = payload.map_err(|_| wrong("has a payload that is not base64url"))?;
        let claims: Claims = serde_json::from_slice(&payload)
            .map_err(|_| wrong("does not say who issued it and when it expires, or says a thing twice"))?;
        if claims.exp <= now.unix() {
            return Err(wrong("has expired"));
        }
        Ok(Self { text, claims })
    }

    /// Who will stand in the certificate as issuer.
    pub fn issuer(&self) -> &str {
        self.claims.federated.as_ref().map_or(&self.claims.iss, |federated| &federated.connector_id)
    }

    /// Who will stand in it as subject, as far as claims of that kind tell.
    pub fn identity(&self) -> Option<String> {
        let claims = &self.claims;
        if let Some(email) = &claims.email {
            return Some(email.clone());
        }
        match (&claims.job_workflow_ref, &claims.ci_config_ref_uri) {
            (Some(workflow), _) if claims.iss == GITHUB => Some(format!("https://github.com/{workflow}")),
            (_, Some(pipeline)) => Some(format!("https://{pipeline}")),
            _ => claims.sub.clone().filter(|subject| subject.contains("://")),
        }
    }

    /// As it goes into `Authorization: Bearer`.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }
}
