//! Asking a person: only on a terminal, secrets without echo.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use signer_core::reason::Code;
use signer_wire::Secret;

use crate::failure::Failure;

/// Asks for a secret on the controlling terminal. Fails without one.
pub fn ask_secret(question: &str) -> Result<Secret, Failure> {
    let none = |_| Failure::new(Code::AgentPresence, "there is no terminal to ask on");
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(none)?;
    let before = tcgetattr(&terminal).map_err(|_| Failure::new(Code::AgentPresence, "the terminal cannot be read"))?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    terminal.write_all(question.as_bytes()).map_err(none)?;
    // Echo comes back whatever the answer; a terminal that refuses keeps its own mode.
    let _silent = tcsetattr(&terminal, OptionalActions::Flush, &quiet);
    let mut answer = String::new();
    let read = BufReader::new(&terminal).read_line(&mut answer);
    let _restored = tcsetattr(&terminal, OptionalActions::Flush, &before);
    let _line = terminal.write_all(b"\n");
    read.map_err(none)?;
    answer.truncate(answer.trim_end().len());
    Ok(Secret::new(answer))
}

/// Asks for a line on the controlling terminal. Fails without one.
pub fn ask_line(question: &str) -> Result<String, Failure> {
    let none = |_| Failure::new(Code::AgentPresence, "there is no terminal to ask on; pass --yes in scripts");
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(none)?;
    terminal.write_all(question.as_bytes()).map_err(none)?;
    let mut answer = String::new();
    BufReader::new(&terminal).read_line(&mut answer).map_err(none)?;
    answer.truncate(answer.trim_end().len());
    Ok(answer)
}
