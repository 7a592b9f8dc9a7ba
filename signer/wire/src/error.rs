//! Why a conversation with the broker failed, with the stable code of each cause.

use std::io;
use std::path::PathBuf;

use crate::frame::FrameError;
use crate::message::{Refusal, Severity};
use crate::socket::UnseenPeer;

/// Why an answer did not come, or was a refusal.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The broker's program does not lie beside this one.
    #[error("`chancery-broker` is not beside this program, in {}", folder.display())]
    BrokerMissing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The broker was started and does not answer.
    #[error("the broker was started and does not answer within {seconds} s; its words are in {}", log.display())]
    BrokerSilent {
        /// How long it was waited for.
        seconds: u64,
        /// Where it writes.
        log: PathBuf,
    },
    /// The broker runs where processes have other numbers.
    #[error("the broker runs in another PID namespace, and could not see who asks")]
    BrokerUnseen(#[from] UnseenPeer),
    /// The socket belongs to another user.
    #[error("the broker's socket is served by user {actual}, this is user {expected}")]
    ForeignBroker {
        /// This user.
        expected: u32,
        /// Who serves it.
        actual: u32,
    },
    /// A frame that could not be written or read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// No folder for state can be named.
    #[error("no home: none of --home, CHANCERY_HOME, XDG_STATE_HOME and HOME is an absolute path")]
    HomeUnknown,
    /// The folder for state is not this user's alone.
    #[error("{} is not this user's own folder, or others may write to it", home.display())]
    HomeUnsafe {
        /// The folder.
        home: PathBuf,
    },
    /// A folder for everybody's files, such as `/tmp`.
    #[error("{} is a folder that everybody may write to, and no place for state", home.display())]
    HomeShared {
        /// The folder.
        home: PathBuf,
    },
    /// The system refused.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Who asks means another engine than the home's.
    #[error("{asked} was named, and this home signs with {home}")]
    OtherEngine {
        /// The engine meant.
        asked: String,
        /// The home's.
        home: String,
    },
    /// The broker refused.
    #[error("{}", refusal.message)]
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// Others may read or write the file with a secret.
    #[error("`{}` holds a secret, and others may read or write it", path.display())]
    SecretExposed {
        /// The file.
        path: PathBuf,
    },
    /// The file with a secret could not be read.
    #[error("cannot read the secret in `{}`", path.display())]
    SecretUnread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The broker answered another question.
    #[error("the broker's answer is of another kind than the request")]
    UnexpectedAnswer,
}

impl WireError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::BrokerMissing { .. } | Self::BrokerSilent { .. } => "hook.signer_unreachable",
            Self::BrokerUnseen(_) | Self::ForeignBroker { .. } | Self::HomeShared { .. } | Self::HomeUnsafe { .. } => {
                "agent.cache_peer"
            }
            Self::Frame(error) => error.code(),
            Self::HomeUnknown | Self::Io { .. } | Self::SecretUnread { .. } => "internal.io",
            Self::OtherEngine { .. } => "engine.other",
            Self::Refused { refusal } => &refusal.code,
            Self::SecretExposed { .. } => "agent.credential_exposed",
            Self::UnexpectedAnswer => "hook.answer_invalid",
        }
    }

    /// Whether this is a refusal or an inability to decide.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Refused { refusal } => refusal.severity,
            Self::BrokerUnseen(_)
            | Self::ForeignBroker { .. }
            | Self::HomeShared { .. }
            | Self::HomeUnsafe { .. }
            | Self::OtherEngine { .. }
            | Self::SecretExposed { .. }
            | Self::UnexpectedAnswer => Severity::Reject,
            Self::BrokerMissing { .. }
            | Self::BrokerSilent { .. }
            | Self::Frame(_)
            | Self::HomeUnknown
            | Self::Io { .. }
            | Self::SecretUnread { .. } => Severity::Undetermined,
        }
    }

    /// What to do next.
    pub fn help(&self) -> &str {
        match self {
            Self::BrokerMissing { .. } => "Install the five programs into one folder.",
            Self::BrokerSilent { .. } | Self::Frame(_) => "Start it: `chancery doctor` tells how.",
            Self::BrokerUnseen(_) => "Run it in the broker's PID namespace, or give it a --home of its own.",
            Self::ForeignBroker { .. } => "Remove the socket, or choose another --home.",
            Self::HomeShared { .. } => "Choose another --home: a folder of your own, which may lie below this one.",
            Self::HomeUnknown => "Pass --home DIR.",
            Self::HomeUnsafe { .. } => "Make the folder your own with mode 0700, or choose another --home.",
            Self::Io { .. } => "Check the path and its permissions.",
            Self::OtherEngine { .. } => "Leave out --engine and CHANCERY_ENGINE, or name a home of that engine.",
            Self::Refused { refusal } => &refusal.help,
            Self::SecretExposed { .. } => {
                "Take it from them: `chmod 600 FILE`; where others had read it, it is theirs as well."
            }
            Self::SecretUnread { .. } => "Name a file of mode 0600, or a pipe.",
            Self::UnexpectedAnswer => "Restart the broker; its version may differ from this program's.",
        }
    }
}
