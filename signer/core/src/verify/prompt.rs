//! A signed prompt: the steps of a statement, then its text, its binding and its time.

use super::countersigned::Countersigned;
use super::{Signed, Verified, Verifier, VerifyError};
use crate::anchor::RepositoryId;
use crate::bundle::Bundle;
use crate::digest::Digest;
use crate::identity::Purpose;
use crate::prompt::{Prompt, PromptError, PromptTerms, UntrustedPrompt};
use crate::time::Timestamp;

/// A prompt whose statement verified. Its text stays unreadable until a policy accepts it.
#[derive(Debug)]
pub struct SignedPrompt {
    countersigned: Countersigned,
    prompt: Prompt,
}

impl SignedPrompt {
    /// What the statement says about the text.
    pub const fn terms(&self) -> &PromptTerms {
        self.prompt.terms()
    }

    /// The digest of the text.
    pub fn digest(&self) -> Digest {
        self.prompt.digest()
    }

    /// Acceptance alone shows it.
    pub(crate) fn text(&self) -> &str {
        self.prompt.text()
    }
}

impl Signed for SignedPrompt {
    fn countersigned(&self) -> &Countersigned {
        &self.countersigned
    }

    fn prompt(&self) -> Option<Digest> {
        self.terms().previous
    }
}

impl Verifier {
    /// Verifies a prompt for work on `repository` at `now`.
    pub fn prompt(
        &self,
        untrusted: UntrustedPrompt,
        bundle: &Bundle,
        decision: &[u8],
        repository: RepositoryId,
        now: Timestamp,
    ) -> Result<Verified<SignedPrompt>, VerifyError> {
        let statement = self.statement(bundle, decision, Purpose::Prompt)?.into_inner();
        let prompt = Prompt::bind(untrusted, &statement.payload)?;
        if prompt.terms().binding.repository != repository {
            return Err(PromptError::Binding { member: "repository" }.into());
        }
        prompt.terms().check_time(now)?;
        Ok(Verified(SignedPrompt { countersigned: statement.countersigned, prompt }))
    }
}
