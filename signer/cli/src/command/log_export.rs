//! `chancery log export`: every entry with its proof, one JSON line each. Nothing is written that was not proven.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use signer_core::merkle;
use signer_log::tiled::TiledTree;

use crate::args::log::LogExport;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::tlog::{LogSource, LogTrust, Replay, Tiles};

/// Writes a line about the checkpoint, then one for each entry.
pub(crate) fn export(config: &Config, arguments: &LogExport) -> Result<Exit, Failure> {
    let source = LogSource::open(config, arguments.log.as_deref())?;
    let shown = LogTrust::find(config, &arguments.trust)?.verify(&source.checkpoint()?)?;
    let checkpoint = shown.published.checkpoint();
    let failed = |error: io::Error| Failure::io(arguments.out.as_deref().unwrap_or("stdout".as_ref()), &error);
    let mut out: Box<dyn Write> = match &arguments.out {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(failed)?)),
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    let head = json!({
        "schema": "urn:chancery:log-export:v1", "origin": checkpoint.origin, "size": checkpoint.size,
        "root": checkpoint.root, "checkpoint": shown.note,
    });
    writeln!(out, "{head}").map_err(failed)?;
    let tiles = Tiles::new(&source);
    let tree = TiledTree::new(&tiles, checkpoint.size);
    let mut replay = Replay::new(&tiles, checkpoint, arguments.start)?;
    while let Some(bundle) = replay.next_bundle()? {
        for (index, body) in bundle.from(arguments.start) {
            let proof = tree.prove_inclusion(index)?.unwrap_or_default();
            let leaf = merkle::leaf_hash(body);
            merkle::verify_inclusion(&leaf, index, checkpoint.size, &proof, &checkpoint.root)?;
            let line = json!({ "index": index, "leaf": leaf, "entry": STANDARD.encode(body), "proof": proof });
            writeln!(out, "{line}").map_err(failed)?;
        }
        config.output.progress("exported", replay.size(), checkpoint.size);
    }
    out.flush().map_err(failed)?;
    Ok(Exit::Accepted)
}
