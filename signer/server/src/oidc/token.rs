//! Identity tokens: JSON Web Signatures in the compact form, read within limits, verified by `jsonwebtoken` under the one
//! algorithm that the issuer's published key is for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use serde::de::IgnoredAny;
use signer_core::digest::Digest;
use signer_core::identity::{ActorClass, Subject};
use signer_core::time::Timestamp;
use signer_engine::open_identity::OpenIdentity;

use super::OidcError;
use super::claims::{self, Claims};
use super::config::{Identity, IssuerEntry};
use super::keys::{Key, Selector};

/// Most bytes of a token.
const MAX_BYTES: usize = 16 * 1024;
/// By how many seconds an issuer's clock may differ from ours.
const SKEW: u64 = 30;
/// Longest life of a token in seconds.
const LONGEST: u64 = 24 * 3600;

/// A token in its parts; nothing in it is true yet.
pub(super) struct Token<'a> {
    text: &'a str,
    header: Header,
    claims: Claims,
    issuer: String,
}

/// The members of a header that mean anything (RFC 7515 4.1). A member that stands twice is refused by the reader.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    jku: Option<IgnoredAny>,
    jwk: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
    x5c: Option<IgnoredAny>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
    zip: Option<IgnoredAny>,
}

impl Header {
    /// Keys and extensions in a header would be the sender's own word (RFC 8725 3.1, attack IDP-03).
    fn check(&self) -> Result<(), OidcError> {
        let members = [
            ("jku", self.jku.is_some()),
            ("jwk", self.jwk.is_some()),
            ("x5u", self.x5u.is_some()),
            ("x5c", self.x5c.is_some()),
            ("crit", self.crit.is_some()),
            ("b64", self.b64.is_some()),
            ("zip", self.zip.is_some()),
        ];
        if let Some((member, _)) = members.into_iter().find(|(_, there)| *there) {
            return Err(OidcError::Header { member });
        }
        // RFC 8725 3.11: a token of another type, such as an access token, is no identity.
        match &self.typ {
            Some(kind) if !kind.eq_ignore_ascii_case("jwt") => Err(OidcError::NotJws),
            _ => Ok(()),
        }
    }

    /// The algorithm, where it is one of three; `none` and shared keys are not among them.
    fn algorithm(&self) -> Result<Algorithm, OidcError> {
        match self.alg.as_str() {
            "RS256" => Ok(Algorithm::RS256),
            "ES256" => Ok(Algorithm::ES256),
            "EdDSA" => Ok(Algorithm::EdDSA),
            found => Err(OidcError::Algorithm { found: found.chars().take(32).collect() }),
        }
    }
}

impl<'a> Token<'a> {
    /// Cuts a token into its parts. Limits come before anything is allocated for it.
    pub(super) fn parse(text: &'a str) -> Result<Self, OidcError> {
        if text.len() > MAX_BYTES {
            return Err(OidcError::TooLargeToken { limit: MAX_BYTES, actual: text.len() });
        }
        if text.trim_start().starts_with('{') {
            return Err(OidcError::Serialization);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(OidcError::NotJws);
        };
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| OidcError::NotJws)?;
        header.check()?;
        header.algorithm()?;
        if signature.is_empty() {
            return Err(OidcError::Signature);
        }
        let claims: Claims = serde_json::from_slice(&decoded(payload)?).map_err(|error| duplicate(&error))?;
        let issuer = claims.text("iss")?.to_owned();
        Ok(Self { text, header, claims, issuer })
    }

    /// Whose token it says it is.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Which key it says it was signed with.
    pub(super) fn selector(&self) -> Result<Selector<'_>, OidcError> {
        Ok(Selector { algorithm: self.header.algorithm()?, key_id: self.header.kid.as_deref() })
    }

    /// Whether it would be for us and alive, were it true.
    pub(super) fn check_claims(&self, entry: &IssuerEntry, now: Timestamp) -> Result<(), OidcError> {
        self.claims.text("sub")?;
        self.check_audience(entry)?;
        self.check_time(now.unix())
    }

    fn check_audience(&self, entry: &IssuerEntry) -> Result<(), OidcError> {
        let ours = |audience: &str| entry.audiences.iter().any(|own| own == audience);
        let audiences = self.claims.texts("aud").ok_or(OidcError::Audience)?;
        // A token that is for others too was made to be shown to them.
        if audiences.is_empty() || !audiences.into_iter().all(ours) {
            return Err(OidcError::Audience);
        }
        // OpenID Connect Core 3.1.3.7: whoever the token was given to must be who it is for.
        if self.claims.has("azp") && !self.claims.text("azp").is_ok_and(ours) {
            return Err(OidcError::Audience);
        }
        Ok(())
    }

    fn check_time(&self, now: u64) -> Result<(), OidcError> {
        let time = |why| Err(OidcError::Time { why });
        let (Some(expires), Some(issued)) = (self.claims.time("exp")?, self.claims.time("iat")?) else {
            return time("does not say when it was issued and when it ends");
        };
        let not_before = self.claims.time("nbf")?.unwrap_or(issued);
        if now >= expires.saturating_add(SKEW) {
            return time("has expired");
        }
        if issued.max(not_before) > now.saturating_add(SKEW) {
            return time("is not valid yet");
        }
        if expires.saturating_sub(issued) > LONGEST {
            return time("lives longer than a day");
        }
        Ok(())
    }

    /// Checks the signature and says whom the token vouches for.
    pub(super) fn verify(&self, key: &Key, entry: &IssuerEntry) -> Result<OpenIdentity, OidcError> {
        // The times were checked against the engine's clock, which the library does not know.
        let mut validation = Validation::new(key.algorithm);
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        validation.set_issuer(&[&entry.url]);
        let verified = jsonwebtoken::decode::<Claims>(self.text, &key.public, &validation);
        let verified = verified.map_err(|_| OidcError::Signature)?.claims;
        let (class, subject) = holder(&verified, &entry.identity)?;
        let challenge = entry.challenge().claim();
        let (signed, _) = self.text.rsplit_once('.').ok_or(OidcError::NotJws)?;
        Ok(OpenIdentity {
            subject,
            class,
            issuer: entry.url.clone(),
            token_subject: verified.text("sub")?.to_owned(),
            challenge: verified.text(challenge)?.to_owned(),
            // Not the signature, of which ECDSA has two for one message.
            token: Digest::of(signed.as_bytes()),
            token_use: entry.token_use(),
        })
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, OidcError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| OidcError::NotJws)
}

fn duplicate(error: &serde_json::Error) -> OidcError {
    if error.to_string().starts_with(claims::DUPLICATE) { OidcError::DuplicateClaim } else { OidcError::NotJws }
}

/// Whom the claims name, as the issuer's entry reads them.
fn holder(claims: &Claims, identity: &Identity) -> Result<(ActorClass, Subject), OidcError> {
    match identity {
        Identity::Email { domains } => Ok((ActorClass::Person, mail(claims, domains)?)),
        Identity::Uri { claim, prefix } => {
            let text = claims.text(claim)?;
            let inside = text.len() > prefix.len() && text.starts_with(prefix.as_str());
            let subject = inside.then(|| uri(text)).flatten();
            Ok((ActorClass::Workload, subject.ok_or_else(|| OidcError::Identity { claim: claim.clone() })?))
        }
        Identity::Name { claim, prefix, class } => {
            let text = format!("{prefix}{}", escaped(claims.text(claim)?));
            Ok((*class, uri(&text).ok_or_else(|| OidcError::Identity { claim: claim.clone() })?))
        }
    }
}

fn mail(claims: &Claims, domains: &[String]) -> Result<Subject, OidcError> {
    let wrong = || OidcError::Identity { claim: "email".to_owned() };
    let address = claims.text("email")?;
    // Attack IDP-19: the text "true" is not a yes.
    if claims.truth("email_verified") != Some(true) {
        return Err(OidcError::EmailUnverified);
    }
    let subject: Subject = address.parse().map_err(|_| wrong())?;
    let (_, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let allowed = domains.is_empty() || domains.iter().any(|known| known.eq_ignore_ascii_case(domain));
    if allowed && matches!(subject, Subject::Mail(_)) { Ok(subject) } else { Err(wrong()) }
}

/// A URI without segments that lead elsewhere.
fn uri(text: &str) -> Option<Subject> {
    let climbs = text.split('/').any(|segment| matches!(segment, "." | ".."));
    let subject = text.parse().ok()?;
    (!climbs && matches!(subject, Subject::Uri(_))).then_some(subject)
}

/// RFC 3986 2.3: unreserved characters as they are, every other byte as `%XX`, so that no name holds a `/`.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&hex::encode_upper([byte]));
        }
    }
    text
}
