//! Who vouches for git's signatures: the engine, or a Sigstore elsewhere. The name that this program is called by says which,
//! so that no signature waits for a look at git's configuration.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use signer_wire::Home;
use signer_wire::home::HOOK_ELSEWHERE;

/// Who vouches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Way {
    /// The engine decides about every signature.
    #[default]
    Engine,
    /// A Sigstore that somebody else runs; nobody decides.
    Elsewhere,
}

impl Way {
    /// What this process was called for.
    pub fn of_process() -> Self {
        std::env::args_os().next().map_or(Self::Engine, |program| Self::of(Path::new(&program)))
    }

    /// What a program of this name is called for.
    pub fn of(program: &Path) -> Self {
        if program.file_name() == Some(OsStr::new(HOOK_ELSEWHERE)) { Self::Elsewhere } else { Self::Engine }
    }

    /// The link that git is given.
    pub fn link(self, home: &Home) -> PathBuf {
        match self {
            Self::Engine => home.hook(),
            Self::Elsewhere => home.hook_elsewhere(),
        }
    }
}
