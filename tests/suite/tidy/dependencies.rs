//! docs/architecture.md §2 as a test: for every crate, what it may name and what it must never reach.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

const SERVER: &[&str] = &["tokio", "axum", "hyper", "tower-http", "rusqlite", "ureq", "reqwest"];

type Row = (&'static str, &'static [&'static str], &'static [&'static [&'static str]]);

/// Crate, what it may name directly, what its closure must never hold.
const TABLE: &[Row] = &[
    (
        "signer-core",
        &[
            "x509-cert",
            "cms",
            "der",
            "spki",
            "const-oid",
            "x509-tsp",
            "sha2",
            "aws-lc-rs",
            "rustls-pki-types",
            "rustls-webpki",
            "serde",
            "serde_json",
            "serde_json_canonicalizer",
            "base64",
            "hex",
            "toml",
            "thiserror",
            "zeroize",
            "walkdir",
            "unicode-normalization",
        ],
        &[SERVER, &["gix-pack", "sigstore-verify", "clap", "anyhow", "cedar-policy", "p256"]],
    ),
    (
        "signer-git",
        &["signer-core", "gix-hash", "gix-pack", "gix-zlib", "miniz_oxide", "memchr", "sha1dc", "thiserror"],
        &[SERVER, &["sigstore-verify", "clap", "anyhow", "cedar-policy"]],
    ),
    (
        "signer-sigstore",
        &[
            "signer-core",
            "sigstore-verify",
            "sigstore-types",
            "sigstore-trust-root",
            "x509-cert",
            "cms",
            "hex",
            "serde",
            "serde_json",
            "thiserror",
        ],
        &[SERVER, &["gix-pack", "clap", "anyhow", "cedar-policy"]],
    ),
    (
        "signer-policy",
        &["signer-core", "cedar-policy", "serde", "serde_json", "thiserror"],
        &[SERVER, &["gix-pack", "sigstore-verify", "clap", "anyhow"]],
    ),
    ("signer-log", &["signer-core", "thiserror"], &[SERVER, &["gix-pack", "clap", "anyhow", "sigstore-verify"]]),
    (
        "signer-engine",
        &[
            "signer-core",
            "signer-policy",
            "signer-log",
            "hex",
            "serde",
            "serde_json",
            "thiserror",
            "tracing",
            "zeroize",
        ],
        &[SERVER, &["gix-pack", "clap", "sigstore-verify"]],
    ),
    ("signer-server", &[], &[&["gix-pack", "signer-client", "ci"]]),
    (
        "signer-client",
        &["signer-core", "signer-wire", "ureq", "rustix", "serde", "serde_json", "thiserror", "zeroize"],
        &[&["axum", "tokio", "signer-engine", "gix-pack", "rusqlite", "cedar-policy"]],
    ),
    (
        "signer-outbound",
        &["signer-core", "ureq", "rustls", "rustls-native-certs", "thiserror"],
        &[&["axum", "tokio", "openssl-sys", "native-tls", "webpki-roots", "signer-engine", "gix-pack", "rusqlite"]],
    ),
    (
        "signer-elsewhere",
        &[
            "signer-core",
            "signer-outbound",
            "signer-sigstore",
            "sigstore-trust-root",
            "x509-cert",
            "base64",
            "hex",
            "serde",
            "serde_json",
            "thiserror",
            "zeroize",
        ],
        &[&["axum", "tokio", "signer-engine", "signer-client", "gix-pack", "rusqlite", "cedar-policy", "clap"]],
    ),
    (
        "signer-wire",
        &["serde", "serde_json", "thiserror", "rustix", "base64", "zeroize"],
        &[SERVER, &["signer-core", "gix-pack", "clap", "anyhow"]],
    ),
    ("signer-broker", &[], &[&["axum", "tokio", "signer-engine", "rusqlite", "signer-policy", "cedar-policy"]]),
    ("signer-cli", &[], &[&["axum", "tokio", "signer-engine", "rusqlite"]]),
    ("gitsign-hook", &[], &[SERVER, &["ci", "signer-client", "signer-policy", "signer-core", "gix-pack", "clap"]]),
    (
        "ci",
        &[
            "signer-core",
            "signer-git",
            "signer-sigstore",
            "signer-policy",
            "clap",
            "anyhow",
            "mimalloc",
            "serde",
            "serde_json",
            "thiserror",
        ],
        &[SERVER, &["signer-client", "signer-engine", "signer-wire"]],
    ),
];

#[test]
fn every_crate_names_only_what_the_table_allows_and_reaches_nothing_forbidden() {
    let metadata = MetadataCommand::new()
        .manifest_path(super::root().join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .expect("cargo metadata answers");
    let graph = Graph::of(&metadata);
    for (name, allowed, forbidden) in TABLE {
        let direct = graph.direct(name);
        if !allowed.is_empty() {
            let extra: Vec<_> = direct.iter().filter(|d| !allowed.contains(&d.as_str())).collect();
            assert!(extra.is_empty(), "{name} names {extra:?}, which docs/architecture.md does not allow");
        }
        let closure = graph.closure(name);
        for bad in forbidden.iter().flat_map(|list| list.iter()) {
            assert!(!closure.contains(*bad), "{name} reaches {bad}, which docs/architecture.md forbids");
        }
    }
}

struct Graph {
    names: BTreeMap<PackageId, String>,
    edges: BTreeMap<PackageId, Vec<PackageId>>,
}

impl Graph {
    fn of(metadata: &Metadata) -> Self {
        let names = metadata.packages.iter().map(|p| (p.id.clone(), p.name.to_string())).collect();
        let resolve = metadata.resolve.as_ref().expect("resolved");
        let edges = resolve
            .nodes
            .iter()
            .map(|node| {
                let normal = node
                    .deps
                    .iter()
                    .filter(|dep| dep.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal))
                    .map(|dep| dep.pkg.clone());
                (node.id.clone(), normal.collect())
            })
            .collect();
        Self { names, edges }
    }

    fn id(&self, name: &str) -> &PackageId {
        self.names.iter().find(|(_, n)| *n == name).map(|(id, _)| id).expect("the crate exists")
    }

    fn direct(&self, name: &str) -> BTreeSet<String> {
        self.edges[self.id(name)].iter().map(|id| self.names[id].clone()).collect()
    }

    fn closure(&self, name: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.id(name).clone()];
        while let Some(id) = open.pop() {
            for next in &self.edges[&id] {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen.iter().map(|id| self.names[id].clone()).collect()
    }
}
