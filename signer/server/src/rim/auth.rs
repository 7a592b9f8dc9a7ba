//! Who asks: the owner, a session, or anybody on this machine.

use std::future::{Ready, ready};

use axum::http::{HeaderMap, header};
use signer_core::protocol::Presence;
use signer_core::reason::Code;
use signer_engine::refusal::Refusal;
use signer_engine::session::Session;

use super::Rim;

/// Where the owner credential stands beside a session's.
pub(super) const OWNER_HEADER: &str = "chancery-owner";

impl Rim {
    /// Fails where the bearer is not the owner.
    pub(super) fn owner(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if self.owner.is_of(bearer(headers)?.as_bytes()) {
            Ok(())
        } else {
            Err(unauthorized("this is not the owner credential"))
        }
    }

    /// Fails where the bearer is neither the owner nor an open session.
    pub(super) async fn owner_or_session(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if self.owner(headers).is_err() {
            self.session(headers).await?;
        }
        Ok(())
    }

    /// The session of the bearer, found at once: it is mostly remembered, and one short read where it is not.
    pub(super) fn session(&self, headers: &HeaderMap) -> Ready<Result<Session, Refusal>> {
        let known = |credential| self.ask_here(|engine, now| engine.authenticate(credential, now));
        ready(bearer(headers).and_then(known))
    }

    /// Whether the owner credential beside the session's is right; [`None`] where there is none.
    pub(super) fn owner_shown(&self, headers: &HeaderMap) -> Option<bool> {
        headers.get(OWNER_HEADER).map(|value| self.owner.is_of(value.as_bytes()))
    }
}

/// The presence that was established, where the request says one: the owner credential must be there and right, the
/// terminal is the broker's word.
pub(super) fn presence(said: Option<Presence>, shown: Option<bool>) -> Result<Option<Presence>, Refusal> {
    match (said, shown) {
        (Some(Presence::OwnerCredential), None) => Err(unauthorized("the owner credential is missing")),
        (_, Some(false)) => Err(unauthorized("this is not the owner credential")),
        (said, _) => Ok(said),
    }
}

/// The credential in `Authorization: Bearer`; the scheme's case does not matter (RFC 9110 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(unauthorized("one `Authorization: Bearer` header is needed"));
    };
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    match parts {
        Some((scheme, credential)) if scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty() => Ok(credential),
        _ => Err(unauthorized("one `Authorization: Bearer` header is needed")),
    }
}

fn unauthorized(message: &str) -> Refusal {
    Refusal::new(Code::IssueUnauthorized, message)
}
