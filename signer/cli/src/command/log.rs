//! `chancery log status | fsck | freeze`: the transparency log, seen from outside and from its store.

use std::ops::Range;

use serde_json::{Value, json};
use signer_client::Credential;
use signer_core::checkpoint::{KeyRole, VerifierKey};
use signer_core::digest::Digest;
use signer_core::merkle;
use signer_core::reason::Code;
use signer_core::trust_root::TrustRoot;
use signer_log::NodeBuilder;
use signer_log::tile::{Tile, TileKind};
use signer_log::tiled::HashTiles as _;

use crate::args::log::{LogFreeze, LogFsck};
use crate::command::trust_keys;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::tlog::{LogSource, LogTrust, Replay, Tiles};
use crate::{clock, programs, terminal};

/// Origin, key, size and witnesses, as the engine says.
pub(crate) fn status(config: &Config) -> Result<Exit, Failure> {
    let engine = config.engine()?;
    let status = engine.status()?;
    let trust = TrustRoot::from_json(&engine.trust()?)?;
    let key = trust.log(&status.origin).map(|log| VerifierKey::new(&log.origin, KeyRole::Log, log.key.clone()));
    let key = key.transpose()?.map(|key| key.to_string());
    let size = status.checkpoint.as_deref().and_then(|note| note.lines().nth(1)).and_then(|size| size.parse().ok());
    let size: u64 = size.unwrap_or(0);
    let witnesses = match config.owner_for_scripts()? {
        Some(owner) => Some(engine.log_witnesses(&Credential::new(owner.expose().to_owned())?)?),
        None => None,
    };
    let mut text = format!("{} with {size} entries", status.origin);
    let now = clock::now();
    let age = status.checkpoint_time.map(|time| now.unix().saturating_sub(time.unix()));
    let keys = trust_keys::ending(&trust)?;
    let ends: Vec<_> = keys.iter().map(|key| trust_keys::line(key, now)).collect();
    for (name, value) in [
        ("frozen since", status.frozen.map(|since| since.to_string())),
        ("stopped", status.stopped.map(|code| format!("{code}; {}", code.help()))),
        ("key", key.clone()),
        ("checkpoint", age.map(|seconds| format!("{seconds} s old"))),
        ("ends", (!ends.is_empty()).then(|| ends.join("\nends: "))),
        ("witnesses", witnesses.as_ref().map(described)),
    ] {
        if let Some(value) = value {
            text.extend(["\n", name, ": ", &value]);
        }
    }
    let document = json!({
        "schema": "urn:chancery:log:v1", "origin": status.origin, "key": key, "size": size,
        "frozen": status.frozen, "witnesses": witnesses, "checkpoint_age": age,
        "keys": keys.iter().map(|key| trust_keys::document(key, now)).collect::<Vec<_>>(), "status": status,
    });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}

/// The witnesses on one line: who cosigned how much, and who does not.
fn described(standings: &Value) -> String {
    let list = standings["witnesses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let each = list.iter().map(|standing| {
        let name = standing["name"].as_str().unwrap_or_default();
        match (standing["size"].as_u64(), standing["problem"].as_str()) {
            (_, Some(problem)) => format!("{name} ({problem})"),
            (Some(size), None) => format!("{name} at {size}"),
            (None, None) => format!("{name} not asked yet"),
        }
    });
    let quorum = standings["witnessed"].as_u64().map_or_else(|| "none".to_owned(), |size| size.to_string());
    let each: Vec<String> = each.collect();
    if each.is_empty() { "none are asked".to_owned() } else { format!("quorum at {quorum}; {}", each.join(", ")) }
}

/// Recomputes the root from every entry, of the store in this home or of a mirror.
pub(crate) fn fsck(config: &Config, arguments: &LogFsck) -> Result<Exit, Failure> {
    let Some(mirror) = &arguments.mirror else { return fsck_engine(config) };
    let source = LogSource::directory(mirror.clone())?;
    let shown = LogTrust::find(config, &arguments.trust)?.verify(&source.checkpoint()?)?;
    let checkpoint = shown.published.checkpoint();
    let tiles = Tiles::new(&source);
    let mut replay = Replay::new(&tiles, checkpoint, 0)?;
    let mut nodes = NodeBuilder::new();
    while let Some(bundle) = replay.next_bundle()? {
        let leaves: Vec<_> = bundle.bodies.iter().map(|body| merkle::leaf_hash(body)).collect();
        let completed: Vec<_> = leaves.iter().flat_map(|leaf| nodes.push(*leaf)).collect();
        // The proofs pass over most tiles of hashes; whoever relies on the mirror reads them too.
        check_stored(&tiles, TileKind::Hashes { level: 0 }, bundle.tile.nodes(), &leaves, checkpoint.size)?;
        for node in completed {
            let kind = TileKind::Hashes { level: node.level };
            check_stored(&tiles, kind, node.index..node.index.saturating_add(1), &[node.hash], checkpoint.size)?;
        }
        config.output.progress("checked", replay.size(), checkpoint.size);
    }
    let document = json!({
        "schema": "urn:chancery:log-fsck:v1", "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root,
    });
    config.output.answer(&document, &format!("{} entries of {} are whole", checkpoint.size, checkpoint.origin));
    Ok(Exit::Accepted)
}

/// Compares stored hashes with those that the entries lead to.
fn check_stored(
    tiles: &Tiles<'_>,
    kind: TileKind,
    nodes: Range<u64>,
    expected: &[Digest],
    size: u64,
) -> Result<(), Failure> {
    for tile in Tile::holding(kind, nodes.clone(), size) {
        let stored = tiles.hashes(&tile)?;
        let found = tile.nodes().zip(stored).filter(|(index, _)| nodes.contains(index)).map(|(_, hash)| hash);
        if !found.eq(expected.iter().copied()) {
            return Err(Failure::new(Code::LogConsistency, format_args!("`{tile}` is not of the log's entries")));
        }
    }
    Ok(())
}

fn fsck_engine(config: &Config) -> Result<Exit, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    server.arg("fsck").arg("--state").arg(config.home.path().join("engine"));
    if config.output.json {
        server.arg("--json");
    }
    let status = server.status().map_err(|error| Failure::new(Code::InternalIo, error))?;
    match status.code() {
        Some(0) => Ok(Exit::Accepted),
        Some(1) => Ok(Exit::Rejected),
        Some(2) => Ok(Exit::Usage),
        _ => Ok(Exit::Undetermined),
    }
}

/// Freezes the engine's log, after showing what that means and asking.
pub(crate) fn freeze(config: &Config, arguments: &LogFreeze) -> Result<Exit, Failure> {
    let engine = config.engine()?;
    let status = engine.status()?;
    let size = status.checkpoint.as_deref().and_then(|note| note.lines().nth(1)).unwrap_or("0").to_owned();
    let meaning = format!(
        "{} at {size} entries would take nothing more, for ever: no session, certificate, signature or grant",
        status.origin
    );
    if arguments.dry_run {
        let document = json!({
            "schema": "urn:chancery:log-freeze:v1", "origin": status.origin, "size": size, "frozen": Value::Null,
        });
        config.output.answer(&document, &meaning);
        return Ok(Exit::Accepted);
    }
    if !arguments.yes {
        config.output.once(&meaning);
        if terminal::ask_line("Type the log's name to freeze it: ")? != status.origin {
            return Err(Failure::new(Code::AgentPresence, "the name was not repeated; nothing was frozen"));
        }
    }
    let frozen = engine.freeze_log(&config.owner_credential()?)?.frozen;
    let document = json!({ "schema": "urn:chancery:log-freeze:v1", "origin": status.origin, "frozen": frozen });
    config.output.answer(&document, &format!("{} is frozen since {frozen}", status.origin));
    Ok(Exit::Accepted)
}
