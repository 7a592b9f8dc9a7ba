//! Evidence is a type, and each such type is made in one place.

use super::sources;

/// Constructor text, and where it may stand.
const MAKERS: &[(&str, &str)] = &[("Verified(", "signer/core/src/verify"), ("Recorded(", "signer/engine/src/ledger")];

#[test]
fn verified_and_recorded_are_made_in_one_module_each() {
    for (constructor, home) in MAKERS {
        for (name, text) in sources() {
            let makes = text.match_indices(constructor).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            });
            let outside = !name.starts_with(home);
            assert!(!(makes && outside), "{name} makes {constructor}…), only {home} may");
        }
    }
}

#[test]
fn the_core_reads_no_disk_clock_or_environment() {
    for (name, text) in sources() {
        if !name.starts_with("signer/core/src") || name == "signer/core/src/manifest/walk.rs" {
            continue;
        }
        for forbidden in ["std::fs", "std::env", "std::net", "SystemTime", "Instant::now"] {
            assert!(!text.contains(forbidden), "{name} names {forbidden}");
        }
    }
}

#[test]
fn one_module_names_each_guarded_library() {
    for (library, home) in [
        ("gix_pack::", "signer/git/src/repository"),
        ("sha1dc::", "signer/git/src/repository"),
        ("aws_lc_rs::", "signer/core/src/crypto"),
    ] {
        for (name, text) in sources() {
            // TLS names the provider by a path through its own crate.
            let text = text.replace("rustls::crypto::aws_lc_rs::default_provider()", "");
            assert!(!text.contains(library) || name.starts_with(home), "{name} names {library}, only {home} may");
        }
    }
}
