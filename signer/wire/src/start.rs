//! Starts the broker on demand: the program beside this one, found by this program's own place and never by PATH.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::WireError;
use crate::home::Home;

/// Name of the broker's program.
pub const BROKER: &str = "chancery-broker";

/// The program `name` beside this one, links resolved.
pub fn beside(name: &str) -> Result<PathBuf, WireError> {
    let own = std::env::current_exe()
        .and_then(std::fs::canonicalize)
        .map_err(|source| WireError::Io { what: "find this program's own place", source })?;
    let folder = own.parent().unwrap_or(Path::new("/"));
    // Test programs live in `deps`, one folder below the programs they test.
    let candidates = [Some(folder), folder.parent().filter(|_| folder.ends_with("deps"))];
    let found = candidates.into_iter().flatten().map(|place| place.join(name)).find(|program| program.is_file());
    found.ok_or_else(|| WireError::BrokerMissing { folder: folder.to_path_buf() })
}

/// A broker that was started and may not be the one that answers: several callers may start one at once.
pub struct Started(Child);

impl Started {
    /// Ends the started broker where the one with this number answers in its place. Left to itself it would wait for that
    /// one's end and serve the home once more, even where the home was removed with it.
    pub fn yield_to(mut self, answering: u32) {
        if self.0.id() != answering {
            // It may be gone already, having found the other one.
            let _ended = self.0.kill();
            let _reaped = self.0.wait();
        }
    }
}

/// Starts `chancery-broker serve --home H` with no streams and no environment of the caller. What else it inherits it
/// closes itself: a shell between could name no descriptor above 9.
pub fn broker(home: &Home) -> Result<Started, WireError> {
    home.ensure()?;
    let program = beside(BROKER)?;
    let log = File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(home.broker_log())
        .map_err(|source| WireError::Io { what: "open the broker's log", source })?;
    let mut command = Command::new(program);
    command.args(["serve", "--home"]).arg(home.path());
    // A caller's environment may name libraries to load; the broker needs none of it.
    command.env_clear().current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().map(Started).map_err(|source| WireError::Io { what: "start the broker", source })
}
