//! Failures as people and scripts see them: `error[code]: …`, `help: …`, or the same fields as JSON.

use std::borrow::Cow;
use std::fmt;

use signer_core::reason::{Code, Coded, Reason};

use crate::exit::Exit;

/// A command that did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// Why, worst first; never empty.
    pub reasons: Vec<Reason>,
    /// The exit code.
    pub exit: Exit,
}

impl Failure {
    /// A failure with one reason.
    pub fn new(code: Code, message: impl fmt::Display) -> Self {
        Self { reasons: vec![Reason::new(code, message)], exit: Exit::from(code) }
    }

    /// The same with other help than that of the first reason's code.
    #[must_use]
    pub fn helped(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        if let Some(reason) = self.reasons.first_mut() {
            reason.help = help.into();
        }
        self
    }

    /// A command line that makes no sense.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { reasons: vec![Reason::new(Code::Usage, message)], exit: Exit::Usage }
    }

    /// A name that names nobody.
    pub fn identity(error: signer_core::identity::IdentityError) -> Self {
        Self::new(Code::IssueBadIdentity, error)
    }

    /// Cryptography that failed without anybody's fault.
    pub fn crypto(error: signer_core::crypto::CryptoError) -> Self {
        Self::new(Code::Internal, error)
    }

    /// The broker refused, or could not be asked.
    #[expect(clippy::needless_pass_by_value, reason = "handed to `map_err`, which gives the error away")]
    pub fn wire(error: signer_wire::WireError) -> Self {
        let code = Code::from_code(error.code()).unwrap_or(Code::Internal);
        let mut message = error.to_string();
        if let Some(source) = std::error::Error::source(&error) {
            message = format!("{message}: {source}");
        }
        let reason = Reason::new(code, message).with_help(error.help().to_owned());
        Self { reasons: vec![reason], exit: Exit::from(code) }
    }

    /// Refused for these reasons.
    pub fn denied(reasons: Vec<Reason>) -> Self {
        let exit = Exit::from(signer_core::verdict::Outcome::of(&reasons));
        Self { reasons, exit }
    }

    /// Names the home in the help where it is needed to start its engine. Called once, before the process ends.
    pub fn place(&mut self, home: &signer_wire::Home) {
        for reason in self.reasons.iter_mut().filter(|reason| reason.code == Code::EngineUnreachable) {
            reason.help = home.start_help().into();
        }
    }

    /// A file that could not be read or written.
    pub fn io(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(Code::InternalIo, format_args!("`{}`: {error}", path.display()))
    }
}

impl<E: Coded> From<E> for Failure {
    fn from(error: E) -> Self {
        let reason = error.reason();
        Self { exit: Exit::from(reason.code), reasons: vec![reason] }
    }
}
