//! Names in trees that some checkout would write elsewhere, or as something else (git fsck: `hasDot`, `hasDotdot`,
//! `hasDotgit`, `fullPathname`; CVE-2014-9390, RUSTSEC-2024-0348 to -0352). Every platform's rules hold on every
//! platform: who verifies is rarely who checks out.

use signer_core::folding::Folded;

use super::Mode;

/// Whether no checkout may write this name.
pub(super) fn is_unsafe(name: &[u8], mode: Mode) -> bool {
    name.is_empty()
        || name.iter().any(|byte| matches!(byte, b'/' | b'\\' | b':'))
        || name.ends_with(b".")
        || name.ends_with(b" ")
        || is_git_directory(name)
        || is_device(name)
        || (mode == Mode::Symlink && folds_to(name, b".gitmodules"))
}

fn is_git_directory(name: &[u8]) -> bool {
    // NTFS makes `git~1` the short name of `.git`.
    name.eq_ignore_ascii_case(b"git~1") || folds_to(name, b".git")
}

fn folds_to(name: &[u8], dangerous: &[u8]) -> bool {
    if name.is_ascii() {
        return name.eq_ignore_ascii_case(dangerous);
    }
    Folded::of(name) == Folded::of(dangerous)
}

/// Windows takes a device's name with any extension for the device.
fn is_device(name: &[u8]) -> bool {
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default().trim_ascii_end();
    let is = |device: &[u8]| stem.eq_ignore_ascii_case(device);
    match stem {
        [port @ .., b'1'..=b'9'] => port.eq_ignore_ascii_case(b"com") || port.eq_ignore_ascii_case(b"lpt"),
        _ => is(b"aux") || is(b"con") || is(b"nul") || is(b"prn") || is(b"conin$") || is(b"conout$"),
    }
}
