//! The foreign judge: the `openssl` command reads and verifies everything that is issued.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use super::*;
use crate::csr;
use crate::digest::Digest;

/// Files for one run of `openssl`, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("signer-core-{}", Digest::of(&serial()).to_hex()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn pem(&self, name: &str, der: &[u8]) -> String {
        let path = self.0.join(name);
        let text = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, der).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn openssl(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(der: &[u8]) -> String {
    let output = openssl(&["x509", "-inform", "DER", "-noout", "-text"], der);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn verify(world: &World, der: &[u8], purpose: &str, at: u64) -> bool {
    let folder = Folder::new();
    let root = folder.pem("root.pem", &world.root.certificate);
    let issuing = folder.pem("issuing.pem", &world.issuing.certificate);
    let leaf = folder.pem("leaf.pem", der);
    let at = at.to_string();
    let arguments = [
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-attime",
        &at,
        "-purpose",
        purpose,
        "-CAfile",
        &root,
        "-untrusted",
        &issuing,
        &leaf,
    ];
    openssl(&arguments, b"").status.success()
}

#[test]
fn openssl_reads_the_leaf_as_issued() {
    let shown = text(&World::new().leaf());
    for line in [
        "Version: 3 (0x2)",
        "Issuer: O = Example, CN = Chancery issuing authority",
        "Subject: CN = agent builder",
        "ASN1 OID: prime256v1",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Extended Key Usage: \n                Code Signing\n",
        "X509v3 Subject Alternative Name: \n                URI:spiffe://example.chancery.internal/agent/builder/s-1\n",
        "CT Precertificate SCTs: \n                Signed Certificate Timestamp:\n                    Version   : v1 (0x0)",
        "2.25.246148246.1: ",
        "Signature Algorithm: ecdsa-with-SHA256",
    ] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
    assert!(!shown.contains("Alternative Name: critical"));
}

#[test]
fn openssl_reads_the_authorities_as_issued() {
    let world = World::new();
    let shown = text(&world.root.certificate);
    assert!(shown.contains("Subject: O = Example, CN = Chancery root"), "{shown}");
    assert!(shown.contains("Basic Constraints: critical\n                CA:TRUE\n"));
    assert!(shown.contains("Key Usage: critical\n                Certificate Sign, CRL Sign\n"));
    let shown = text(&world.issuing.certificate);
    assert!(shown.contains("Basic Constraints: critical\n                CA:TRUE, pathlen:0\n"), "{shown}");
    let shown = text(&world.countersigning.certificate);
    assert!(shown.contains("Extended Key Usage: critical\n                Time Stamping\n"), "{shown}");
    assert!(shown.contains("Policy: 2.25.246148246.5.1\n"));
    assert!(text(&world.time.certificate).contains("Policy: 2.25.246148246.5.0\n"));
}

#[test]
fn openssl_verifies_the_chain_within_the_leafs_life_only() {
    let world = World::new();
    let leaf = world.leaf();
    assert!(verify(&world, &leaf, "any", now().unix()));
    assert!(verify(&world, &leaf, "any", now().unix() + 599));
    assert!(!verify(&world, &leaf, "any", now().unix() - 1));
    assert!(!verify(&world, &leaf, "any", now().unix() + 601));
}

#[test]
fn openssl_verifies_the_time_authorities_for_stamping_alone() {
    let world = World::new();
    for keyed in [&world.time, &world.countersigning] {
        assert!(verify(&world, &keyed.certificate, "timestampsign", now().unix()));
        assert!(!verify(&world, &keyed.certificate, "sslserver", now().unix()));
    }
    assert!(!verify(&world, &world.leaf(), "timestampsign", now().unix()));
}

#[test]
fn openssl_refuses_what_the_issuer_did_not_sign() {
    let world = World::new();
    assert!(!verify(&world, &world.forge_signed_by(&world.holder, |_| ()), "any", now().unix()));
    assert!(!verify(&world, &World::new().leaf(), "any", now().unix()));
}

#[test]
fn openssl_verifies_the_requests_we_make() {
    let der = csr::make(&P256Key::generate().unwrap()).unwrap();
    let output = openssl(&["req", "-inform", "DER", "-verify", "-noout"], &der);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Signed for the first key, names the second.
    let mut request = x509_cert::request::CertReq::from_der(&der).unwrap();
    request.info.public_key = public().to_spki().unwrap();
    let output = openssl(&["req", "-inform", "DER", "-verify", "-noout"], &request.to_der().unwrap());
    let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
    assert!(said.contains("failure") || said.contains("not verify"), "{said}");
}
