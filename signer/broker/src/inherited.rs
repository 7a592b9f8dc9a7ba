//! Lets go of what the starter left open: a caller's pipe that the broker kept would never end for its reader.

use std::fs;
use std::io;
use std::os::fd::RawFd;

/// Closes every descriptor above stderr. Only for a program's very beginning, when it owns none of them.
pub(crate) fn release() -> io::Result<()> {
    let inherited: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect();
    for descriptor in inherited {
        // The folder's own descriptor was listed too, and is closed by now.
        let _closed_already = nix::unistd::close(descriptor);
    }
    Ok(())
}
