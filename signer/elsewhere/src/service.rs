//! One service, and a question to it.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use signer_outbound::{Answer, Call, Outbound};

use crate::error::ElsewhereError;

/// Most bytes of an answer: a certificate chain, a time-stamp, a log entry with its proof.
const MAX_ANSWER: u64 = 256 * 1024;
/// Most characters of what a service says when it refuses.
const MAX_WORDS: usize = 300;
pub(crate) const JSON: &str = "application/json";

/// What a service is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Certifies keys: Fulcio.
    Authority,
    /// Stamps time: RFC 3161.
    Clock,
    /// Logs signatures: Rekor.
    Log,
}

/// A service under its address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// What it is for.
    pub kind: Kind,
    /// Where it is, without a slash at the end.
    pub url: String,
    /// Major version of its interface.
    pub version: u32,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Authority => "certificate authority",
            Kind::Clock => "time-stamp authority",
            Kind::Log => "log",
        };
        write!(f, "the {kind} {}", self.url)
    }
}

/// What is sent to a service.
pub(crate) struct Question<'a> {
    pub(crate) path: &'static str,
    pub(crate) bearer: Option<&'a str>,
    /// Media types of what is sent and of what is expected.
    pub(crate) media: [&'static str; 2],
    pub(crate) body: &'a [u8],
}

/// `google.rpc.Status`, and what Rekor v1 and time-stamp authorities say in its place.
#[derive(Deserialize)]
struct Words {
    message: String,
}

impl Service {
    /// The body of a success: 200 or 201, since services and their versions differ.
    pub(crate) fn ask(&self, outbound: &Outbound, question: &Question<'_>) -> Result<Vec<u8>, ElsewhereError> {
        let url = [self.url.as_str(), question.path].concat();
        let [sent, accept] = question.media;
        let bearer = question.bearer;
        let call = Call { url: &url, accept, bearer, body: Some((sent, question.body)), most: MAX_ANSWER };
        match outbound.ask(&call) {
            Ok(Answer { status: 200 | 201, body }) => Ok(body),
            Ok(Answer { status, body }) => Err(self.refusal(status, &body)),
            Err(source) => Err(ElsewhereError::Outbound { service: self.clone(), source }),
        }
    }

    /// Reads an answer. Members nobody needs are passed over: services grow.
    pub(crate) fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, ElsewhereError> {
        serde_json::from_slice(body).map_err(|_| self.answer("is not of its interface's form"))
    }

    pub(crate) fn answer(&self, why: &'static str) -> ElsewhereError {
        ElsewhereError::Answer { service: self.clone(), why }
    }

    fn refusal(&self, status: u16, body: &[u8]) -> ElsewhereError {
        let said = serde_json::from_slice(body).map(|Words { message }| message);
        let said = said.unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned());
        let words = said.trim().chars().take(MAX_WORDS).collect();
        ElsewhereError::Refused { service: self.clone(), status, words }
    }
}
