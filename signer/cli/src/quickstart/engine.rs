//! The run's own engine: made, unsealed with the credential its making printed, started in the background.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{ChildStdout, Stdio};

use serde::Deserialize;
use signer_core::reason::Code;
use signer_wire::Secret;
use zeroize::Zeroize;

use super::place::Place;
use crate::args::Quickstart;
use crate::config::Config;
use crate::failure::Failure;
use crate::programs;

/// Most bytes of an answer of the engine's program.
const MAX_ANSWER: u64 = 64 * 1024;

/// A running engine.
pub(super) struct Made {
    pub(super) url: String,
    pub(super) owner: Secret,
}

#[derive(Deserialize)]
struct Initialised {
    owner_credential: String,
}

#[derive(Deserialize)]
struct Ready {
    url: String,
}

/// Makes and starts the engine. Its process and address are kept in the home.
pub(super) fn start(place: &Place) -> Result<Made, Failure> {
    let owner = init(place)?;
    let url = serve(place, &owner)?;
    let config = place.home.path().join("config.toml");
    std::fs::write(&config, format!("engine = \"{url}\"\n")).map_err(|error| Failure::io(&config, &error))?;
    Ok(Made { url, owner })
}

fn init(place: &Place) -> Result<Secret, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    server.args(["init", "--json", "--state"]).arg(place.engine());
    let mut output = server.output().map_err(|error| Failure::new(Code::InternalIo, error))?;
    let read = serde_json::from_slice::<Initialised>(&output.stdout);
    output.stdout.zeroize();
    let said = String::from_utf8_lossy(&output.stderr);
    let made = read.map_err(|_| Failure::new(Code::EngineState, format_args!("the engine was not made: {said}")))?;
    Ok(Secret::new(made.owner_credential))
}

fn serve(place: &Place, owner: &Secret) -> Result<String, Failure> {
    let mut server = programs::command(programs::SERVER)?;
    server.args(["serve", "--background", "--json", "--credential-fd", "0", "--state"]).arg(place.engine());
    server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = server.spawn().map_err(|error| Failure::new(Code::InternalIo, error))?;
    let failed = |error: std::io::Error| Failure::new(Code::EngineUnreachable, error);
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(owner.expose().as_bytes()).map_err(failed)?;
    }
    let ready = child.stdout.take().map(ready_line).transpose()?.unwrap_or_default();
    let ready: Ready = serde_json::from_str(&ready)
        .map_err(|_| Failure::new(Code::EngineUnreachable, "the engine did not start; see server.log in its state"))?;
    let process = place.home.path().join("engine.pid");
    std::fs::write(&process, child.id().to_string()).map_err(|error| Failure::io(&process, &error))?;
    Ok(ready.url)
}

fn ready_line(stdout: ChildStdout) -> Result<String, Failure> {
    let mut line = String::new();
    let read = BufReader::new(stdout.take(MAX_ANSWER)).read_line(&mut line);
    read.map_err(|error| Failure::new(Code::EngineUnreachable, error))?;
    Ok(line)
}

/// Gives the owner credential to the person, once: into a new file of mode 0600, or on stderr.
pub(super) fn hand_out(config: &Config, arguments: &Quickstart, owner: &Secret) -> Result<(), Failure> {
    let Some(path) = &arguments.owner_out else {
        config.output.once(&format!(
            "\nOwner credential, shown this once and stored nowhere:\n\n    {}\n\n\
             Nothing is administered without it, and nothing unsealed.\n",
            owner.expose()
        ));
        return Ok(());
    };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| writeln!(file, "{}", owner.expose()));
    written.map_err(|error| Failure::io(path, &error))
}
