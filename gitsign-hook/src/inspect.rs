//! `gitsign-hook status`: what git would do here, once as the caller's environment has it and once from files alone,
//! so that a variable cannot hide from the look at it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use signer_wire::Home;
use signer_wire::escape::visible;

use crate::Answer;
use crate::arguments::Place;
use crate::failure::HookError;
use crate::git_config::{Environment, Git, Scope};
use crate::install::{Ground, PROGRAM, settings};
use crate::way::Way;

/// What git would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Inspected {
    schema: &'static str,
    /// Whether git signs with this program.
    pub installed: bool,
    /// The link git should have.
    pub program: PathBuf,
    /// Key by key.
    pub settings: Vec<Found>,
    /// What is wrong.
    pub reasons: Vec<Finding>,
}

/// One key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Found {
    /// The key.
    pub key: &'static str,
    /// The value it should have.
    pub expected: String,
    /// The value git would use.
    pub effective: Option<String>,
    /// The value of the files alone, without `git -c` and `GIT_CONFIG_*`.
    pub plain: Option<String>,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// What to do next.
    pub help: &'static str,
}

impl Finding {
    /// For people: foreign text escaped.
    pub(crate) fn lines(&self) -> [String; 2] {
        [format!("{}: {}", self.code, visible(&self.message, 1024)), format!("help: {}", self.help)]
    }
}

impl Answer for Inspected {
    fn lines(&self) -> Vec<String> {
        let show = |value: &Option<String>| value.as_deref().map_or("unset".to_owned(), |text| visible(text, 512));
        let mut lines = Vec::new();
        for found in &self.settings {
            let by_environment = if found.plain == found.effective {
                String::new()
            } else {
                format!(" (by the environment; files say {})", show(&found.plain))
            };
            lines.push(format!("{} = {}{by_environment}", found.key, show(&found.effective)));
        }
        lines.extend(self.reasons.iter().flat_map(Finding::lines));
        if self.installed {
            lines.push(match Way::of(&self.program) {
                Way::Engine => "git signs with gitsign-hook".to_owned(),
                Way::Elsewhere => {
                    "git signs with gitsign-hook, through a Sigstore elsewhere: no engine decides".to_owned()
                }
            });
        }
        lines
    }
}

/// Looks at what git would do.
pub fn inspect(place: &Place) -> Result<Inspected, HookError> {
    let git = Git::find()?;
    let home = Home::of_process(place.home.clone())?;
    let scope = if place.global { Scope::Global } else { Scope::Repository };
    let mut found = Vec::new();
    let program = installed(&git, place, &home)?;
    for setting in settings(&program) {
        let effective = git.effective(setting.key, scope, Environment::Callers)?;
        let plain = git.effective(setting.key, scope, Environment::Plain)?;
        found.push(Found { key: setting.key, expected: setting.value, effective, plain });
    }
    let reasons: Vec<Finding> = found.iter().filter_map(judge).collect();
    Ok(Inspected {
        schema: "urn:chancery:hook-status:v1",
        installed: reasons.is_empty(),
        program,
        settings: found,
        reasons,
    })
}

/// The link that git was given here, as the record has it: whoever changed it since does not choose what is expected.
fn installed(git: &Git, place: &Place, home: &Home) -> Result<PathBuf, HookError> {
    let ground = Ground::find(git, place, home);
    let record = ground.ok().map(|ground| ground.shelf.read()).transpose()?.flatten();
    let given = record.and_then(|record| record.settings.into_iter().find(|(key, _)| key == PROGRAM));
    Ok(given.map_or(Way::Engine, |(_, program)| Way::of(Path::new(&program))).link(home))
}

/// What files say against an installation that was just made: those of a work tree come after the repository's.
pub(crate) fn overruled(git: &Git, place: &Place, link: &Path) -> Result<Vec<Finding>, HookError> {
    let scope = if place.global { Scope::Global } else { Scope::Repository };
    let mut reasons = Vec::new();
    for setting in settings(link) {
        let plain = git.effective(setting.key, scope, Environment::Plain)?;
        let found = Found { key: setting.key, expected: setting.value, effective: plain.clone(), plain };
        let help = "`git config --show-origin --get-all` with this key says which file sets it; unset it there.";
        reasons.extend(judge(&found).map(|finding| Finding { help, ..finding }));
    }
    Ok(reasons)
}

fn judge(found: &Found) -> Option<Finding> {
    let good = |value: &Option<String>| match (found.key, value.as_deref()) {
        (_, None) => false,
        (PROGRAM, Some(program)) => {
            let program = Path::new(program);
            Way::of(program) == Way::of(Path::new(&found.expected)) && is_this_program(program)
        }
        ("commit.gpgsign" | "tag.gpgsign", Some(value)) => matches!(value, "true" | "yes" | "on" | "1"),
        (_, Some(value)) => value == found.expected,
    };
    if good(&found.effective) && good(&found.plain) {
        return None;
    }
    let wrong = if good(&found.effective) { &found.plain } else { &found.effective };
    let (code, help) = match (found.key, wrong) {
        (_, None) => ("hook.not_installed", "Run `gitsign-hook install`."),
        ("commit.gpgsign" | "tag.gpgsign", _) => {
            ("hook.unsigned_commit", "Run `gitsign-hook install`, and look who changed it.")
        }
        _ => ("hook.program_overridden", "Run `gitsign-hook install`, and look who changed it."),
    };
    let message = match wrong {
        Some(value) => format!("`{}` is `{value}`", found.key),
        None => format!("`{}` is not set", found.key),
    };
    Some(Finding { code, message, help })
}

/// Whether git would start this very program; a link that leads nowhere or elsewhere does not.
fn is_this_program(program: &Path) -> bool {
    let own = std::env::current_exe().and_then(fs::canonicalize);
    matches!((fs::canonicalize(program), own), (Ok(theirs), Ok(ours)) if theirs == ours)
}
