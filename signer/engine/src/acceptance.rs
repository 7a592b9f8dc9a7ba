//! Accepting prompts (docs/formats.md F4): a session takes a countersigned prompt as its newest, once. Commits may name
//! it from then on.

use signer_core::digest::Digest;
use signer_core::reason::Code;
use signer_core::time::{Timestamp, Window};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Change, Once, Prepared};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::signature::Facts;
use crate::store::rows::{PromptRow, Write};

impl Engine {
    /// Decides about the acceptance of a prompt, by the leaf hash of its entry; burns its nonce.
    pub fn accept_prompt(&self, session: &Session, prompt: &Digest, now: Timestamp) -> Prepared {
        let denial = session.occurrence(EventKind::Denial).about(*prompt);
        self.accepted(session, prompt, now).unwrap_or_else(|refusal| Prepared::denied(refusal, denial))
    }

    fn accepted(&self, session: &Session, prompt: &Digest, now: Timestamp) -> Result<Prepared, Refusal> {
        let Some(row) = self.reader.prompt(prompt)? else {
            return Err(Refusal::new(Code::PromptNotRecorded, format!("no prompt `{prompt}` was countersigned here")));
        };
        if now >= row.expires {
            return Err(Refusal::new(Code::PromptExpired, format!("the prompt ended at {}", row.expires)));
        }
        check_binding(session, &row)?;
        if self.reader.is_nonce_burnt(&row.nonce)? {
            return Err(Refusal::new(Code::PromptNonceUsed, "the prompt's nonce was used before"));
        }
        let id = session.row.id.clone();
        Ok(Prepared::change(Change {
            once: vec![Once::Nonce(row.nonce)],
            window: Window { start: session.row.window.start, end: session.row.window.end.min(row.expires) },
            late: Code::PromptExpired,
            occurrence: session.occurrence(EventKind::Acceptance).about(row.leaf),
            writes: vec![Write::Acceptance { prompt: row.leaf, session: id, nonce: row.nonce }],
            answer: Answer::Accepted { prompt: row.leaf },
        }))
    }
}

/// The prompt is for this work: repository and target of the session's scope, and this session where it names one.
fn check_binding(session: &Session, prompt: &PromptRow) -> Result<(), Refusal> {
    let scope = &session.row.scope;
    if prompt.session.as_ref().is_some_and(|bound| *bound != session.row.id) {
        return Err(Refusal::new(Code::PromptBinding, "the prompt is bound to another session"));
    }
    if !scope.allows_repository(&prompt.repository) {
        let message = format!("the prompt is bound to repository `{}`", prompt.repository.escape_default());
        return Err(Refusal::new(Code::PromptBinding, message));
    }
    if !scope.allows_target(&prompt.target) {
        let message = format!("the prompt is bound to target `{}`", prompt.target.escape_default());
        return Err(Refusal::new(Code::PromptBinding, message));
    }
    Ok(())
}

impl Engine {
    /// The row of a prompt that is about to be countersigned.
    pub(crate) fn prompt_row(
        &self,
        session: &Session,
        payload: &[u8],
        leaf: Digest,
        now: Timestamp,
    ) -> Result<(PromptRow, Facts), Refusal> {
        tracing::debug!(session = session.id(), bytes = payload.len(), %leaf, %now, "prompts are not read yet");
        Err(Refusal::new(Code::PromptMalformed, "prompts are not read yet"))
    }
}
