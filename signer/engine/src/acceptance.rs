//! Accepting prompts (docs/formats.md F4): a session takes a countersigned prompt as its newest, once. Commits may name
//! it from then on.

use signer_core::digest::Digest;
use signer_core::identity::Subject;
use signer_core::prompt::PromptTerms;
use signer_core::reason::Code;
use signer_core::revocation::{Chain, SelectorKind};
use signer_core::statement::Statement;
use signer_core::time::{Timestamp, Window};

use crate::answer::Answer;
use crate::engine::Engine;
use crate::event::EventKind;
use crate::prepared::{Change, Once, Prepared};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::store::rows::{PromptRow, Write};

impl Engine {
    /// Decides about the acceptance of a prompt, by the leaf hash of its entry; burns its nonce.
    pub fn accept_prompt(&self, session: &Session, prompt: &Digest, now: Timestamp) -> Prepared {
        let denial = session.occurrence(EventKind::Denial).about(*prompt);
        self.accepted(session, prompt, now).unwrap_or_else(|refusal| Prepared::denied(refusal, denial))
    }

    fn accepted(&self, session: &Session, prompt: &Digest, now: Timestamp) -> Result<Prepared, Refusal> {
        let row = self.recorded_prompt(prompt)?;
        if now >= row.expires {
            return Err(Refusal::new(Code::PromptExpired, format!("the prompt ended at {}", row.expires)));
        }
        check_binding(session, &row)?;
        let mut chain = Chain::default();
        chain.add(SelectorKind::Leaf, &row.leaf);
        chain.add_sponsor(&row.signer);
        self.check_stands(&chain)?;
        self.check_chain(session, &row)?;
        if self.reader.is_nonce_burnt(&row.nonce)? {
            return Err(Refusal::new(Code::PromptNonceUsed, "the prompt's nonce was used before"));
        }
        let id = session.row.id.clone();
        Ok(Prepared::change(Change {
            once: vec![Once::Nonce(row.nonce)],
            unanswered: None,
            window: Window { start: session.row.window.start, end: session.row.window.end.min(row.expires) },
            late: Code::PromptExpired,
            occurrence: session.occurrence(EventKind::Acceptance).about(row.leaf),
            writes: vec![Write::Acceptance { prompt: row.leaf, session: id, nonce: row.nonce }],
            answer: Answer::Accepted { prompt: row.leaf },
        }))
    }
}

impl Engine {
    /// The row of a prompt that is about to be countersigned.
    pub(crate) fn prompt_row(
        &self,
        session: &Session,
        payload: &[u8],
        leaf: Digest,
        now: Timestamp,
    ) -> Result<PromptRow, Refusal> {
        let statement = Statement::<PromptTerms>::decode(payload)?;
        let terms = statement.predicate();
        terms.check_time(now)?;
        if let Some(previous) = terms.previous {
            self.recorded_prompt(&previous)?;
        }
        Ok(row_of(&session.row.subject, terms, leaf))
    }

    fn recorded_prompt(&self, leaf: &Digest) -> Result<PromptRow, Refusal> {
        let unknown = || Refusal::new(Code::PromptNotRecorded, format!("no prompt `{leaf}` was countersigned here"));
        self.reader.prompt(leaf)?.ok_or_else(unknown)
    }

    /// A prompt that continues a chain continues this session's; the first of a session may continue its parent's.
    fn check_chain(&self, session: &Session, prompt: &PromptRow) -> Result<(), Refusal> {
        let Some(previous) = &prompt.previous else { return Ok(()) };
        if session.row.prompt.is_some_and(|head| head != *previous) {
            return Err(Refusal::new(Code::PromptBinding, "the prompt continues another chain than this session's"));
        }
        self.recorded_prompt(previous).map(drop)
    }
}

/// What is kept of a prompt that `signer` signed.
pub(crate) fn row_of(signer: &Subject, terms: &PromptTerms, leaf: Digest) -> PromptRow {
    let nonce = terms.nonce.to_string();
    PromptRow {
        leaf,
        signer: signer.clone(),
        repository: terms.binding.repository.to_string(),
        target: terms.binding.target.to_string(),
        session: terms.binding.session.clone(),
        expires: terms.expires,
        // Nobody can burn another signer's nonce; a subject holds no line feed.
        nonce: Digest::of_parts(&[signer.as_str().as_bytes(), b"\n", nonce.as_bytes()]),
        previous: terms.previous,
    }
}

/// The prompt is for this work: repository and target of the session's scope, and this session where it names one.
fn check_binding(session: &Session, prompt: &PromptRow) -> Result<(), Refusal> {
    let scope = &session.row.scope;
    if prompt.session.as_ref().is_some_and(|bound| *bound != session.row.id) {
        return Err(Refusal::new(Code::PromptBinding, "the prompt is bound to another session"));
    }
    if !scope.allows_repository(&prompt.repository) {
        let message = format!("the prompt is bound to repository `{}`", prompt.repository);
        return Err(Refusal::new(Code::PromptBinding, message));
    }
    if !scope.allows_target(&prompt.target) {
        let message = format!("the prompt is bound to target `{}`", prompt.target);
        return Err(Refusal::new(Code::PromptBinding, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
