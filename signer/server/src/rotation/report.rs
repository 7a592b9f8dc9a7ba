//! What a rotation changes, before and after it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use signer_core::digest::Digest;
use signer_core::time::Timestamp;
use signer_core::trust_root::{Standing, TrustRoot};
use signer_engine::store::rows::PastLogRow;
use signer_wire::Home;

use super::RotationError;
use crate::args::Rotated;
use crate::engine_file::EngineFile;
use crate::state::StateDirectory;

/// What `rotate` answers.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    what: Rotated,
    #[serde(serialize_with = "crate::output::path")]
    state: PathBuf,
    /// When it was done; none where it was only shown.
    rotated: Option<Timestamp>,
    /// Keys that leave, or would.
    leaving: Vec<Key>,
    /// Keys that came.
    coming: Vec<Key>,
    /// The last tree of the log that was closed.
    closed: Option<Closed>,
    /// SHA-256 of the trust root in force.
    trust_root: Digest,
    /// What is left to do, one step each.
    next: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Key {
    role: String,
    name: String,
    from: Timestamp,
    /// The first second in which it does not count.
    until: Timestamp,
}

#[derive(Debug, Serialize)]
struct Closed {
    origin: String,
    size: u64,
    root: Digest,
}

impl Report {
    /// What would leave.
    pub(super) fn of_plan(
        what: Rotated,
        state: &StateDirectory,
        engine: &EngineFile,
        trust: &TrustRoot,
    ) -> Result<Self, RotationError> {
        let in_force = in_force(what, trust)?;
        let origin = engine.deployment().origin;
        let leaving = in_force.filter(|key| what != Rotated::Log || key.name == origin).map(Key::of).collect();
        Ok(Self {
            schema: "urn:chancery:rotate:v1",
            what,
            state: state.path().to_owned(),
            rotated: None,
            leaving,
            coming: Vec::new(),
            closed: None,
            trust_root: Digest::of(&trust.to_json()),
            next: vec![format!("chancery trust rotate {} --state {}", name(what), state.path().display())],
        })
    }

    /// The same, done.
    pub(super) fn done(
        self,
        trust: &TrustRoot,
        past: Option<&PastLogRow>,
        now: Timestamp,
    ) -> Result<Self, RotationError> {
        let coming = in_force(self.what, trust)?.filter(|key| key.window.start == now).map(Key::of).collect();
        let closed =
            past.map(|past| Closed { origin: past.origin.clone(), size: past.last.size, root: past.last.root });
        let mut leaving = self.leaving;
        for key in &mut leaving {
            key.until = key.until.min(now.plus(1));
        }
        let mut next = vec![
            serve_command(&self.state),
            "chancery anchor update, in every repository, before anything else is committed there".to_owned(),
            "chancery trust export, for stock Sigstore clients".to_owned(),
        ];
        if self.what == Rotated::Log {
            next.push("the new log in every witness policy, and every witness told of it".to_owned());
        }
        let trust_root = Digest::of(&trust.to_json());
        Ok(Self { rotated: Some(now), leaving, coming, closed, trust_root, next, ..self })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let verb = if self.rotated.is_some() { "left" } else { "would leave" };
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.leaving.iter().map(|key| format!("{verb}: {} {}, until {}", key.role, key.name, key.until)));
        lines.extend(self.coming.iter().map(|key| format!("came: {} {}, until {}", key.role, key.name, key.until)));
        if let Some(Closed { origin, size, root }) = &self.closed {
            lines.push(format!("log {origin} is closed at {size} entries under {root}"));
        }
        if self.rotated.is_none() && self.what == Rotated::Log {
            lines.push("that log would take nothing more, for ever; another begins by naming its last tree".to_owned());
        }
        lines.push(format!("trust root: {}", self.trust_root));
        lines.extend(self.next.iter().map(|step| format!("next: {step}")));
        lines.join("\n")
    }
}

impl Key {
    fn of(standing: Standing) -> Self {
        let Standing { role, name, window, .. } = standing;
        Self { role: role.to_string(), name, from: window.start, until: window.end }
    }
}

fn in_force(what: Rotated, trust: &TrustRoot) -> Result<impl Iterator<Item = Standing>, RotationError> {
    let keys = trust.standings()?.into_iter();
    Ok(keys.filter(move |key| key.is_in_force && key.role.rotation() == name(what)))
}

/// The word on the command line.
pub(super) const fn name(what: Rotated) -> &'static str {
    match what {
        Rotated::Log => "log",
        Rotated::Issuing => "issuing",
        Rotated::Time => "time",
        Rotated::Ct => "ct",
    }
}

/// What starts the engine again: at its address, where it is that of a home.
fn serve_command(state: &Path) -> String {
    let home = state.parent().filter(|home| state.ends_with("engine") && home.join("config.toml").is_file());
    let home = home.and_then(|home| Home::of_process(Some(home.to_path_buf())).ok());
    home.map_or_else(|| format!("chancery-server serve --state {}", state.display()), |home| home.serve_command())
}

#[cfg(test)]
mod tests {
    use super::serve_command;

    #[test]
    fn a_homes_engine_is_started_where_the_home_looks_for_it() {
        let home = tempfile::tempdir().unwrap();
        let (here, state) = (home.path().display(), home.path().join("engine"));
        assert_eq!(serve_command(&state), format!("chancery-server serve --state {here}/engine"));
        std::fs::write(home.path().join("config.toml"), "engine = \"http://127.0.0.1:1\"\n").unwrap();
        assert_eq!(serve_command(&state), format!("chancery --home {here} serve"));
        assert_eq!(serve_command(&home.path().join("x")), format!("chancery-server serve --state {here}/x"));
    }
}
