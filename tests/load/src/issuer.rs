//! An OpenID issuer of the tool's own: it vouches for whoever it is told to, and answers an engine that asks for its keys.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use signer_core::crypto::{self, P256Key, SignP256 as _};

use crate::clock;

/// Whom its tokens are for.
const AUDIENCE: &str = "sigstore";
/// Name of its only key.
const KEY: &str = "load";
/// Life of a token, in seconds.
const LIFE: u64 = 3600;

/// A running issuer. Its thread ends with the program.
pub(crate) struct Issuer {
    url: String,
    secret: EncodingKey,
}

impl Issuer {
    /// Starts it. The key is in `file`, and made where there is none.
    pub(crate) fn start(listen: SocketAddr, file: &Path) -> Result<Arc<Self>> {
        if !file.exists() {
            std::fs::write(file, P256Key::generate()?.to_pkcs8()?.as_slice()).context("the issuer's key")?;
        }
        let key = P256Key::from_pkcs8(&std::fs::read(file).context("the issuer's key")?)?;
        let url = format!("http://{listen}");
        let discovery = json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") });
        let keys = json!({ "keys": [published(&key)?] });
        let listener = TcpListener::bind(listen)?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // An engine that does not get its answer says so itself.
                let _unheard = answer(stream, &discovery, &keys);
            }
        });
        Ok(Arc::new(Self { url, secret: EncodingKey::from_ec_der(&key.to_pkcs8()?) }))
    }

    /// A token for this address that was never given before.
    pub(crate) fn token(&self, email: &str) -> Result<String> {
        let now = clock::now().unix();
        let claims = json!({
            "iss": self.url, "aud": AUDIENCE, "sub": email, "email": email, "email_verified": true,
            "iat": now, "exp": now.saturating_add(LIFE), "jti": hex::encode(crypto::random::<16>()?),
        });
        let header = Header { kid: Some(KEY.to_owned()), ..Header::new(Algorithm::ES256) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.secret)?)
    }
}

/// The key as RFC 7517 writes it.
fn published(key: &P256Key) -> Result<Value> {
    let public = key.public();
    let (x, y) = public.point().get(1..).and_then(|point| point.split_at_checked(32)).context("no point")?;
    let text = |bytes| URL_SAFE_NO_PAD.encode(bytes);
    Ok(json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KEY, "x": text(x), "y": text(y) }))
}

fn answer(mut stream: TcpStream, discovery: &Value, keys: &Value) -> Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    reader.read_line(&mut line)?;
    let body = if line.starts_with("GET /jwks ") { keys } else { discovery }.to_string();
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {
        head.clear();
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    Ok(())
}
