//! An issuer of the tests' own: it signs whatever it is told to, publishes keys, and counts who asks.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use signer_core::crypto::{Ed25519Key, P256Key, SignP256 as _};
use zeroize::Zeroizing;

use crate::oidc::{Fetch, OidcError};

/// The issuer's URL.
pub(crate) const ISSUER: &str = "https://idp.example.org";
/// Whom its tokens are for.
pub(crate) const AUDIENCE: &str = "sigstore";
/// When they are issued.
pub(crate) const NOW: u64 = 1_795_000_000;

/// A key pair, with what is published of it.
pub(crate) struct IssuerKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) secret: EncodingKey,
    pub(crate) published: Value,
}

impl IssuerKey {
    pub(crate) fn ec(id: &str) -> Self {
        let key = P256Key::generate().unwrap();
        let point = key.public().point().to_vec();
        Self {
            algorithm: Algorithm::ES256,
            secret: EncodingKey::from_ec_der(&key.to_pkcs8().unwrap()),
            published: json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id,
                "x": text(&point[1..33]), "y": text(&point[33..]),
            }),
        }
    }

    pub(crate) fn ed25519(id: &str) -> Self {
        let key = Ed25519Key::generate().unwrap();
        Self {
            algorithm: Algorithm::EdDSA,
            secret: EncodingKey::from_ed_der(&key.to_pkcs8().unwrap()),
            published: json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": text(key.public().as_bytes()) }),
        }
    }

    pub(crate) fn rsa(id: &str) -> Self {
        use aws_lc_rs::encoding::AsDer as _;
        use aws_lc_rs::rsa::{KeyPair, KeySize};
        use aws_lc_rs::signature::KeyPair as _;
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let document: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let public = pair.public_key();
        let (modulus, exponent) =
            (public.modulus().big_endian_without_leading_zero(), public.exponent().big_endian_without_leading_zero());
        Self {
            algorithm: Algorithm::RS256,
            // PKCS#1 is what PKCS#8 holds behind 26 bytes of header.
            secret: EncodingKey::from_rsa_der(&document.as_ref()[26..]),
            published: json!({
                "kty": "RSA", "alg": "RS256", "use": "sig", "kid": id, "n": text(modulus), "e": text(exponent),
            }),
        }
    }

    /// A token with this header and payload, as texts, so that a test can write what no library would.
    pub(crate) fn sign(&self, header: &str, payload: &str) -> Zeroizing<String> {
        let signed = format!("{}.{}", text(header.as_bytes()), text(payload.as_bytes()));
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.secret, self.algorithm).unwrap();
        Zeroizing::new(format!("{signed}.{signature}"))
    }

    /// A token with the key's own header.
    pub(crate) fn token(&self, claims: &Value) -> Zeroizing<String> {
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": self.algorithm, "kid": self.published["kid"] })
    }
}

/// What an honest issuer says of Bob.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "user-7", "email": "bob@example.org", "email_verified": true,
        "iat": NOW, "nbf": NOW, "exp": NOW + 600,
    })
}

/// Documents by address, and how often somebody asked.
#[derive(Default)]
pub(crate) struct Documents {
    documents: Mutex<HashMap<String, Vec<u8>>>,
    asked: AtomicUsize,
}

impl Documents {
    /// An honest issuer's documents.
    pub(crate) fn publishing(keys: &[&IssuerKey]) -> Self {
        let documents = Self::default();
        documents.put(&format!("{ISSUER}/.well-known/openid-configuration"), &discovery());
        documents.publish(keys);
        documents
    }

    /// Replaces the key set.
    pub(crate) fn publish(&self, keys: &[&IssuerKey]) {
        let keys: Vec<&Value> = keys.iter().map(|key| &key.published).collect();
        self.put(&format!("{ISSUER}/jwks"), &json!({ "keys": keys }));
    }

    pub(crate) fn put(&self, url: &str, document: &Value) {
        self.documents.lock().unwrap().insert(url.to_owned(), document.to_string().into_bytes());
    }

    /// Nothing answers any more.
    pub(crate) fn fall_silent(&self) {
        self.documents.lock().unwrap().clear();
    }

    /// How many documents were asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Fetch for Documents {
    fn get(&self, url: &str) -> Result<Vec<u8>, OidcError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.documents.lock().unwrap().get(url).cloned();
        found.ok_or(OidcError::Unreachable { source: None })
    }
}

pub(crate) fn discovery() -> Value {
    json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks"), "more": true })
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
