//! openssl as a foreign judge.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// A folder with files for one run of openssl.
pub(crate) struct OpenSsl(TempDir);

impl OpenSsl {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Reads a file that openssl wrote.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// Writes a certificate as PEM.
    pub(crate) fn certificate(&self, name: &str, der: &[u8]) -> PathBuf {
        let text = STANDARD.encode(der);
        self.file(name, format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").as_bytes())
    }

    /// Runs openssl in the folder. `Err` holds what it said.
    pub(crate) fn run(&self, arguments: &str) -> Result<(), String> {
        let output =
            Command::new("openssl").current_dir(self.0.path()).args(arguments.split_whitespace()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    }
}
