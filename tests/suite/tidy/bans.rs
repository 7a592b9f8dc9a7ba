//! `deny.toml` where `cargo deny` is not installed: bans, licences and sources of everything that is linked or built.

use cargo_metadata::MetadataCommand;

/// What may not be anywhere in the graph, as in `deny.toml`.
const BANNED: &[&str] = &["openssl-sys", "ring", "native-tls", "rsa", "sigstore", "bindgen"];

/// Licences `deny.toml` allows.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "MIT",
    "MIT-0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "CC0-1.0",
    "0BSD",
    "CDLA-Permissive-2.0",
    "BSL-1.0",
    "OpenSSL",
    "Unlicense",
];

/// Ships its licence as a file only; `deny.toml` clarifies it.
const BY_FILE: &[&str] = &["sigstore-protobuf-specs-derive"];

#[test]
fn nothing_banned_unlicensed_or_from_elsewhere_is_in_the_graph() {
    let metadata = MetadataCommand::new()
        .manifest_path(super::root().join("Cargo.toml"))
        .other_options(vec![
            "--locked".to_owned(),
            "--filter-platform".to_owned(),
            "x86_64-unknown-linux-gnu".to_owned(),
        ])
        .exec()
        .expect("cargo metadata answers");
    let resolve = metadata.resolve.as_ref().expect("resolved");
    for node in &resolve.nodes {
        let package = &metadata[&node.id];
        assert!(!BANNED.contains(&package.name.as_str()), "{} is banned", package.name);
        let ours = package.source.is_none();
        let registry = package.source.as_ref().is_none_or(|source| source.repr.starts_with("registry+"));
        assert!(registry, "{} comes from {:?}", package.name, package.source);
        let licence = package.license.as_deref().unwrap_or_default();
        let allowed = ours || is_allowed(licence) || BY_FILE.contains(&package.name.as_str());
        assert!(allowed, "{} is licensed under `{licence}`", package.name);
    }
}

/// Of alternatives one must be allowed, of joint licences all.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(|part| ALLOWED.contains(&part.trim())))
}
