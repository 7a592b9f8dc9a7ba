//! Which engine this home signs with: `engine = "http://127.0.0.1:PORT"` in `<home>/config.toml`.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use signer_client::Engine;
use signer_core::bounded;

use crate::error::BrokerError;

/// Most bytes of the file.
const MAX_BYTES: usize = 64 * 1024;

/// The user's file. Other programs keep more in it.
#[derive(Deserialize)]
struct UserConfig {
    engine: String,
}

/// The engine, over a connection that stays warm while its address stays the same.
pub(crate) struct EngineAddress {
    file: PathBuf,
    current: Mutex<Option<(Vec<u8>, Arc<Engine>)>>,
}

impl EngineAddress {
    /// The address in `file`.
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, current: Mutex::default() }
    }

    /// The engine that the file names at this moment: an engine may come back on another port.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>, BrokerError> {
        let file = File::open(&self.file).and_then(|file| bounded::read(file, MAX_BYTES));
        let bytes = file.map_err(|_| BrokerError::EngineUnknown)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, engine)) = current.as_ref().filter(|(read, _)| *read == bytes) {
            return Ok(Arc::clone(engine));
        }
        let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() <= MAX_BYTES);
        let config: UserConfig = text.and_then(|text| toml::from_str(text).ok()).ok_or(BrokerError::EngineUnknown)?;
        let engine = Arc::new(Engine::new(&config.engine)?);
        *current = Some((bytes, Arc::clone(&engine)));
        Ok(engine)
    }
}
