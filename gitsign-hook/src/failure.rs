//! Why the hook failed, how it says so, and with what exit code it ends.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use signer_wire::escape::visible;
use signer_wire::frame::MAX_PAYLOAD;
use signer_wire::message::Severity;
use signer_wire::{LastRefusal, WireError};

use crate::arguments::UsageError;
use crate::check::CheckError;
use crate::git_config::ConfigError;

/// How this program ends. Every caller treats anything but 0 as failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused.
    Refused = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// Nobody could decide.
    Undetermined = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Refused => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Undetermined => Self::from(3),
        }
    }
}

/// Why the hook failed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// What the broker answered is no signature over this object.
    #[error(transparent)]
    Answer(#[from] CheckError),
    /// Git's configuration could not be read or changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Variables that point git elsewhere.
    #[error("`{variable}` points git at another place than this repository")]
    Environment {
        /// Which variable.
        variable: &'static str,
    },
    /// The object could not be read.
    #[error("cannot read the object from stdin")]
    Input {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The answer could not be written.
    #[error("cannot write to stdout")]
    Output {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Git asks for a signature over a push.
    #[error("push certificates are not signed: what is signed here is commits and tags")]
    PushCertificate,
    /// Another program of ours could not be started.
    #[error("cannot start {}", program.display())]
    Program {
        /// Which.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The program that signs elsewhere ended without an answer.
    #[error("`chancery` ended without an answer")]
    Silent,
    /// The status channel could not be written.
    #[error("cannot write to the status descriptor {descriptor}")]
    StatusChannel {
        /// The number git gave.
        descriptor: u32,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The object is over the limit.
    #[error("the object has more than {MAX_PAYLOAD} bytes")]
    TooLarge,
    /// The answer cannot be written as JSON.
    #[error("the answer cannot be written as JSON")]
    Unwritable {
        /// What the writer said.
        #[source]
        source: serde_json::Error,
    },
    /// The arguments make no sense.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The broker refused or cannot be reached.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl HookError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Answer(_) | Self::Silent => "hook.answer_invalid",
            Self::Config(error) => error.code(),
            Self::Environment { .. } => "hook.env_inconsistent",
            Self::PushCertificate => "hook.push_certificate",
            Self::TooLarge => "limit.object_size",
            Self::Usage(_) => "usage.invalid",
            Self::Wire(error) => error.code(),
            Self::Input { .. }
            | Self::Output { .. }
            | Self::Program { .. }
            | Self::StatusChannel { .. }
            | Self::Unwritable { .. } => "internal.io",
        }
    }

    /// With what this program ends.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Answer(_) | Self::Environment { .. } | Self::PushCertificate | Self::TooLarge => Exit::Refused,
            Self::Usage(_) => Exit::Usage,
            Self::Wire(error) => match error.severity() {
                Severity::Reject => Exit::Refused,
                Severity::Undetermined => Exit::Undetermined,
            },
            Self::Config(_)
            | Self::Input { .. }
            | Self::Output { .. }
            | Self::Program { .. }
            | Self::Silent
            | Self::StatusChannel { .. }
            | Self::Unwritable { .. } => Exit::Undetermined,
        }
    }

    fn help(&self) -> &str {
        match self {
            Self::Answer(_) => "Restart the broker and sign again.",
            Self::Config(error) => error.help(),
            Self::Environment { .. } => {
                "Unset GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_NAMESPACE and a foreign GIT_WORK_TREE."
            }
            Self::PushCertificate => {
                "Push with --no-signed, or `git config push.gpgSign false`: what is pushed carries its own signatures."
            }
            Self::TooLarge => "Split it.",
            Self::Usage(_) => "`gitsign-hook --help` lists what it understands.",
            Self::Program { .. } | Self::Silent => "Install the five programs of one version into one folder.",
            Self::Wire(error) => error.help(),
            Self::Input { .. } | Self::Output { .. } | Self::StatusChannel { .. } | Self::Unwritable { .. } => {
                "Check the caller's descriptors."
            }
        }
    }

    /// The same two lines on the person's terminal, if there is one and stderr is not it.
    pub fn print_to_terminal(&self) {
        if io::stderr().is_terminal() {
            return;
        }
        if let Ok(mut terminal) = File::options().write(true).open("/dev/tty") {
            self.print(&mut terminal);
        }
    }

    /// Two lines: what happened with all its causes, and what to do next. A failure to say so changes nothing.
    pub fn print(&self, out: &mut impl Write) {
        let LastRefusal { code, message, help, .. } = self.refusal(0);
        let _unheard = write!(out, "error[{code}]: {message}\nhelp: {help}\n");
    }

    /// The same as data, foreign text made visible.
    pub fn refusal(&self, time: u64) -> LastRefusal {
        let mut message = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        let (message, help) = (visible(&message, 4096), visible(self.help(), 1024));
        LastRefusal { code: visible(self.code(), 64), message, help, time }
    }
}
