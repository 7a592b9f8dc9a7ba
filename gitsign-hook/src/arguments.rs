//! The command line: git's own protocol, and the commands that configure git for it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::way::Way;

/// What `--help` prints.
pub const USAGE: &str = "\
Git's signing program.

Usage:
  gitsign-hook install   [--global] [--home DIR] [--json]   configure git to sign with this program
    --elsewhere                  ... through the Sigstore that <home>/config.toml names, and no engine
  gitsign-hook uninstall [--global] [--home DIR] [--json]   restore git's configuration
  gitsign-hook status    [--global] [--home DIR] [--json]   what git would do here, and who says so
  gitsign-hook --status-fd=N -bsau KEY                      git signs (object on stdin, signature on stdout)
  gitsign-hook --status-fd=N --verify FILE -                git verifies (object on stdin)

Exit codes: 0 done, 1 refused, 2 usage, 3 undetermined.
";

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sign the object on stdin.
    Sign {
        /// Descriptor for status lines.
        status: Option<u32>,
        /// `--home`.
        home: Option<PathBuf>,
    },
    /// Verify the object on stdin.
    Verify {
        /// Descriptor for status lines.
        status: Option<u32>,
        /// File with the signature.
        signature: PathBuf,
        /// `--home`.
        home: Option<PathBuf>,
    },
    /// Configure git.
    Install(Place),
    /// Restore git's configuration.
    Uninstall(Place),
    /// Look at git's configuration.
    Status(Place),
    /// Print the usage.
    Help,
    /// Print the version.
    Version,
}

/// Which configuration is meant, and how the answer is printed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The user's configuration in place of the repository's.
    pub global: bool,
    /// Who shall vouch: `--elsewhere` or the engine. Matters to `install` alone.
    pub way: Way,
    /// `--home`.
    pub home: Option<PathBuf>,
    /// A JSON document in place of text.
    pub json: bool,
}

/// Reads the arguments that follow the program's name.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut rest = arguments.peekable();
    let place: fn(Place) -> Command = match rest.peek().map(|first| first.as_bytes()) {
        Some(b"install") => return parse_place(rest.skip(1), &["--elsewhere"]).map(Command::Install),
        Some(b"uninstall") => Command::Uninstall,
        Some(b"status") => Command::Status,
        Some(b"--help" | b"-h" | b"help") => return Ok(Command::Help),
        Some(b"--version" | b"-V") => return Ok(Command::Version),
        _ => return parse_protocol(rest),
    };
    parse_place(rest.skip(1), &[]).map(place)
}

fn parse_place(mut rest: impl Iterator<Item = OsString>, also: &[&str]) -> Result<Place, UsageError> {
    let mut place = Place::default();
    while let Some(argument) = rest.next() {
        match split(&argument) {
            (b"--elsewhere", None) if also.contains(&"--elsewhere") => place.way = Way::Elsewhere,
            (b"--global", None) => place.global = true,
            (b"--json", None) => place.json = true,
            (b"--home", value) => place.home = Some(given("--home", value, &mut rest)?.into()),
            _ => return Err(UsageError::Unknown { argument }),
        }
    }
    Ok(place)
}

/// One thing git asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Armor,
    Detach,
    Sign,
    Verify,
}

/// What git's own arguments add up to before they are judged.
#[derive(Default)]
struct Protocol {
    asked: Vec<Ask>,
    status: Option<u32>,
    home: Option<PathBuf>,
    files: Vec<OsString>,
}

fn parse_protocol(mut rest: impl Iterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut found = Protocol::default();
    while let Some(argument) = rest.next() {
        match split(&argument) {
            (b"--sign", None) => found.asked.push(Ask::Sign),
            (b"--verify", None) => found.asked.push(Ask::Verify),
            (b"--detach-sign" | b"--detached", None) => found.asked.push(Ask::Detach),
            (b"--armor", None) => found.asked.push(Ask::Armor),
            // Whose key signs is the broker's to know, never the caller's to say.
            (b"--local-user", value) => drop(given("--local-user", value, &mut rest)?),
            (b"--status-fd", value) => found.status = Some(descriptor(&given("--status-fd", value, &mut rest)?)?),
            (b"--home", value) => found.home = Some(given("--home", value, &mut rest)?.into()),
            (b"-", None) => found.files.push(argument),
            (cluster, None) if !cluster.starts_with(b"--") && cluster.starts_with(b"-") => {
                found.read_cluster(&argument, &mut rest)?;
            }
            (option, _) if option.starts_with(b"-") => return Err(UsageError::Unknown { argument }),
            _ => found.files.push(argument),
        }
    }
    found.judge()
}

impl Protocol {
    /// `-bsau KEY` and every other cluster of the same letters.
    fn read_cluster(&mut self, cluster: &OsStr, rest: &mut impl Iterator<Item = OsString>) -> Result<(), UsageError> {
        let mut letters = cluster.as_bytes().iter().skip(1);
        while let Some(letter) = letters.next() {
            match letter {
                b'b' => self.asked.push(Ask::Detach),
                b's' => self.asked.push(Ask::Sign),
                b'a' => self.asked.push(Ask::Armor),
                b'v' => self.asked.push(Ask::Verify),
                b'u' => {
                    let attached: Vec<u8> = letters.by_ref().copied().collect();
                    let value = (!attached.is_empty()).then_some(attached.as_slice());
                    drop(given("-u", value, rest)?);
                }
                _ => return Err(UsageError::Unknown { argument: cluster.to_owned() }),
            }
        }
        Ok(())
    }

    fn judge(self) -> Result<Command, UsageError> {
        let asks = |ask| self.asked.contains(&ask);
        match (asks(Ask::Sign) || asks(Ask::Detach), asks(Ask::Verify), self.files.as_slice()) {
            (true, false, []) if asks(Ask::Detach) && asks(Ask::Armor) => {
                Ok(Command::Sign { status: self.status, home: self.home })
            }
            (true, false, []) => Err(UsageError::NotDetached),
            (false, true, [signature, stdin]) if stdin == "-" => {
                Ok(Command::Verify { status: self.status, signature: signature.into(), home: self.home })
            }
            (false, true, _) => Err(UsageError::VerifyFiles),
            _ => Err(UsageError::Nothing),
        }
    }
}

/// `--name=value` in its two halves.
fn split(argument: &OsStr) -> (&[u8], Option<&[u8]>) {
    let bytes = argument.as_bytes();
    match bytes.iter().position(|byte| *byte == b'=').and_then(|at| bytes.split_at_checked(at)) {
        Some((name, value)) if name.starts_with(b"--") => (name, value.get(1..)),
        _ => (bytes, None),
    }
}

fn given(
    option: &'static str,
    attached: Option<&[u8]>,
    rest: &mut impl Iterator<Item = OsString>,
) -> Result<OsString, UsageError> {
    match attached {
        Some(value) => Ok(OsString::from_vec(value.to_vec())),
        None => rest.next().ok_or(UsageError::Value { option }),
    }
}

fn descriptor(text: &OsStr) -> Result<u32, UsageError> {
    let digits = text.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .filter(|number| (1..=1024).contains(number))
        .ok_or_else(|| UsageError::Descriptor { value: text.to_owned() })
}

/// Why the arguments make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// No descriptor to write to.
    #[error("`{}` is not a descriptor from 1 to 1024", value.display())]
    Descriptor {
        /// What was given.
        value: OsString,
    },
    /// Git asks for detached, armoured signatures; nothing else is made.
    #[error("only detached, armoured signatures are made: -bsau KEY")]
    NotDetached,
    /// Neither to sign nor to verify, or both.
    #[error("say what to do: sign (-bsau KEY), verify (--verify FILE -), install, uninstall or status")]
    Nothing,
    /// An argument this program does not know.
    #[error("`{}` is not an argument of this program", argument.display())]
    Unknown {
        /// What was given.
        argument: OsString,
    },
    /// An option without its value.
    #[error("`{option}` needs a value")]
    Value {
        /// Which option.
        option: &'static str,
    },
    /// Git passes the signature's file and `-`.
    #[error("--verify takes the file of the signature and `-`")]
    VerifyFiles,
}

#[cfg(test)]
mod tests;
