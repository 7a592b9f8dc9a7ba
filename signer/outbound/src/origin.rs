//! Addresses that may be asked: HTTPS anywhere, plain HTTP on this machine only, and never a user name, query or fragment.

use ureq::http::Uri;

/// Longest address.
const MAX: usize = 255;

/// Scheme, host and port of an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads an address of at most 255 characters. `None` where it is none that may be asked.
    pub fn of(url: &str) -> Option<Self> {
        let printable = url.len() <= MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || url.contains(['#', '?', '@', '\\']) {
            return None;
        }
        let uri: Uri = url.parse().ok()?;
        let (scheme, host) = (uri.scheme_str()?, uri.host()?);
        // A port that is none is passed over by the library.
        let bare = uri.authority()?.as_str() == host;
        let port = match (scheme, uri.port_u16()) {
            ("https", None) if bare => 443,
            ("http", None) if bare => 80,
            ("https" | "http", Some(port)) if port != 0 => port,
            _ => return None,
        };
        if scheme == "http" && !is_loopback(host) {
            return None;
        }
        Some(Self { scheme: scheme.to_owned(), host: host.to_ascii_lowercase(), port })
    }

    /// Whether TLS protects it.
    pub(crate) fn is_protected(&self) -> bool {
        self.scheme == "https"
    }
}

/// The three spellings that mean this machine and nothing else, whatever a resolver says of other names.
fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}
