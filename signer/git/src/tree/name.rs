//! Names in trees that some checkout would write elsewhere, or as something else (git fsck: `hasDot`, `hasDotdot`,
//! `hasDotgit`, `fullPathname`; CVE-2014-9390, RUSTSEC-2024-0348 to -0352). Every platform's rules hold on every
//! platform: who verifies is rarely who checks out.

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
    without_ignorables(name).eq_ignore_ascii_case(dangerous)
}

/// HFS+ ignores these characters when it compares names (git: `utf8.c`, `next_hfs_char`).
fn without_ignorables(name: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((first, tail)) = rest.split_first() {
        match rest {
            [0xe2, 0x80, 0x8c..=0x8f | 0xaa..=0xae, after @ ..]
            | [0xe2, 0x81, 0xaa..=0xaf, after @ ..]
            | [0xef, 0xbb, 0xbf, after @ ..] => rest = after,
            _ => {
                kept.push(*first);
                rest = tail;
            }
        }
    }
    kept
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
