//! `deny.toml` where `cargo deny` is not installed: bans, licences and sources of everything that is linked or built.

use std::process::Command;

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
    let arguments = ["tree", "--locked", "--workspace", "--edges", "normal,build,dev", "--prefix", "none"];
    let format = ["--format", "{p}\t{l}\t{r}"];
    let output = Command::new(env!("CARGO")).args(arguments).args(format).current_dir(super::root()).output();
    let output = output.expect("cargo tree answers");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("names are UTF-8");
    let mut seen = std::collections::BTreeSet::new();
    for line in lines.lines().filter(|line| line.contains('\t')) {
        let mut fields = line.split('\t');
        let package = fields.next().unwrap_or_default();
        let licence = fields.next().unwrap_or_default();
        let name = package.split(' ').next().unwrap_or_default();
        seen.insert(name.to_owned());
        assert!(!BANNED.contains(&name), "{name} is banned");
        // A package of ours stands with its folder, one of another source with an address; the registry's stand bare.
        let is_ours = package.contains("(/");
        assert!(is_ours || !package.contains("://"), "{package} comes from elsewhere");
        assert!(is_allowed(licence) || BY_FILE.contains(&name), "{name} is licensed under `{licence}`");
    }
    assert!(seen.len() > 100, "cargo tree named {} packages", seen.len());
}

/// Of alternatives one must be allowed, of joint licences all.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(|part| ALLOWED.contains(&part.trim())))
}
