//! What keeps other processes of the same user from this one's memory: no dumps, no tracing, no terminal.

use std::io;

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, setsid, umask};

/// Raises the shield. Fails where the system would still dump this process's memory.
pub(crate) fn raise() -> io::Result<()> {
    // PR_SET_DUMPABLE 0 also makes /proc/<pid>/mem and ptrace another user's.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    umask(Mode::RWXG | Mode::RWXO);
    // Fails for the leader of a process group, which somebody started by hand on purpose.
    let _already_leader = setsid();
    Ok(())
}
