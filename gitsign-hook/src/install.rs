//! `gitsign-hook install`: git signs with this program from now on.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use serde::Serialize;
use signer_wire::escape::visible;
use signer_wire::{Home, WireError};

use crate::arguments::Place;
use crate::failure::HookError;
use crate::git_config::{self, ConfigError, Git};
use crate::inspect::{self, Finding};
use crate::install_record::{Previous, Record, SCHEMA, Shelf, contents, digest, remove, replace};
use crate::{Answer, path, shown};

/// One key of git's configuration and its value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Setting {
    /// The key.
    pub key: &'static str,
    /// The value.
    pub value: String,
}

/// The key that names git's signing program.
pub(crate) const PROGRAM: &str = "gpg.x509.program";

/// What git must be told so that it signs with this program.
pub fn settings(link: &Path) -> [Setting; 4] {
    let set = |key, value: &str| Setting { key, value: value.to_owned() };
    [
        set("gpg.format", "x509"),
        set(PROGRAM, &link.to_string_lossy()),
        set("commit.gpgsign", "true"),
        set("tag.gpgsign", "true"),
    ]
}

/// What an installation did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Installed {
    schema: &'static str,
    /// The configuration file.
    pub file: PathBuf,
    /// The program git was given.
    pub program: PathBuf,
    /// What was changed; nothing where all was in place.
    pub changed: Vec<Change>,
    /// What another file says instead, which git believes: nothing signs here until that is gone.
    pub reasons: Vec<Finding>,
}

/// One changed key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// Key and new value.
    #[serde(flatten)]
    pub setting: Setting,
    /// The values before.
    pub before: Vec<String>,
}

impl Answer for Installed {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} signs for git, by {}", path(&self.program), path(&self.file))];
        for change in &self.changed {
            let before = if change.before.is_empty() { "unset".to_owned() } else { change.before.join(", ") };
            lines.push(format!("  {} (before: {})", shown(&change.setting), visible(&before, 512)));
        }
        if self.changed.is_empty() {
            lines.push("  nothing to change".to_owned());
        }
        lines.extend(self.reasons.iter().flat_map(Finding::lines));
        lines
    }
}

/// Which file is changed, and where the record of it lies.
pub struct Ground {
    /// The configuration file.
    pub file: PathBuf,
    /// Record and copy.
    pub shelf: Shelf,
    /// The link git is given.
    pub link: PathBuf,
}

impl Ground {
    /// The repository's configuration, or the user's.
    pub fn find(git: &Git, place: &Place, home: &Home) -> Result<Self, HookError> {
        let link = place.way.link(home);
        if place.global {
            let shelf = Shelf {
                record: home.path().join("install-global.json"),
                copy: home.path().join("install-global.before"),
            };
            let file = git_config::global_file(|name| std::env::var_os(name))?;
            regular(&file)?;
            return Ok(Self { file, shelf, link });
        }
        let common = git.common_folder()?;
        let folder = common.join("chancery");
        let shelf = Shelf { record: folder.join("install.json"), copy: folder.join("config.before") };
        Ok(Self { file: common.join("config"), shelf, link })
    }
}

/// A file takes the place of what was there by its name: as root that of a device as well.
pub(crate) fn regular(path: &Path) -> Result<(), ConfigError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(ConfigError::NotRegular { path: path.to_path_buf() }),
        _ => Ok(()),
    }
}

/// Configures git. A second time changes only what somebody changed since, and keeps the first record.
pub fn install(place: &Place) -> Result<Installed, HookError> {
    let git = Git::find()?;
    let home = Home::of_process(place.home.clone())?;
    let ground = Ground::find(&git, place, &home)?;
    home.ensure()?;
    let record = ground.shelf.read()?;
    let before = contents(&ground.file)?;
    let linked = make_link(&ground.link)?;
    let is_first = record.is_none();
    let configured = configure(&git, &ground, record);
    if configured.is_err() && is_first {
        // What failed says more than what could not be taken back after it.
        let _left = take_back(&ground, before.as_deref(), linked);
    }
    let changed = configured?;
    let reasons = inspect::overruled(&git, place, &ground.link)?;
    Ok(Installed { schema: "urn:chancery:hook-install:v1", file: ground.file, program: ground.link, changed, reasons })
}

/// Sets what git must be told, between a record of what was there and one of what is.
fn configure(git: &Git, ground: &Ground, record: Option<Record>) -> Result<Vec<Change>, ConfigError> {
    let wanted = settings(&ground.link);
    let record = match record {
        Some(record) => record,
        None => begin(git, ground, &wanted)?,
    };
    let mut changed = Vec::new();
    for setting in wanted.clone() {
        let before = git.values(&ground.file, setting.key)?;
        if before != [setting.value.as_str()] {
            git.replace(&ground.file, setting.key, std::slice::from_ref(&setting.value))?;
            changed.push(Change { setting, before });
        }
    }
    let after = digest(&contents(&ground.file)?.unwrap_or_default());
    let settings = wanted.iter().map(|setting| (setting.key.to_owned(), setting.value.clone())).collect();
    ground.shelf.write(&Record { after, settings, ..record })?;
    Ok(changed)
}

/// Leaves nothing of a first installation that failed half-way.
fn take_back(ground: &Ground, before: Option<&[u8]>, linked: bool) -> Result<(), ConfigError> {
    if linked {
        remove(&ground.link)?;
        // Fails where the folder holds something else.
        let _kept = ground.link.parent().map(fs::remove_dir);
    }
    match before {
        Some(before) if contents(&ground.file)?.as_deref() != Some(before) => replace(&ground.file, before, 0o600)?,
        Some(_) => {}
        None => remove(&ground.file)?,
    }
    ground.shelf.clear()
}

/// Keeps what uninstalling needs, before anything is changed.
fn begin(git: &Git, ground: &Ground, wanted: &[Setting]) -> Result<Record, ConfigError> {
    let before = contents(&ground.file)?;
    let folder = ground.shelf.record.parent().unwrap_or(Path::new("/"));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|source| ConfigError::File {
        what: "make",
        path: folder.to_path_buf(),
        source,
    })?;
    let previous = wanted.iter().map(|setting| {
        let values = git.values(&ground.file, setting.key)?;
        Ok(Previous { key: setting.key.to_owned(), values })
    });
    let record = Record {
        schema: SCHEMA.to_owned(),
        file: ground.file.clone(),
        existed: before.is_some(),
        after: String::new(),
        previous: previous.collect::<Result<_, ConfigError>>()?,
        settings: Vec::new(),
    };
    replace(&ground.shelf.copy, &before.unwrap_or_default(), 0o600)?;
    ground.shelf.write(&record)?;
    Ok(record)
}

/// `<home>/bin/gitsign-hook` leads to this program. Gives whether there was none.
fn make_link(link: &Path) -> Result<bool, HookError> {
    let failed = |what, source| ConfigError::File { what, path: link.to_path_buf(), source };
    let program = std::env::current_exe()
        .and_then(fs::canonicalize)
        .map_err(|source| WireError::Io { what: "find this program's own place", source })?;
    let found = fs::read_link(link);
    let is_new = found.is_err();
    match found {
        Ok(target) if target == program => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            return Err(ConfigError::LinkOccupied { path: link.to_path_buf() }.into());
        }
        _ => {}
    }
    let folder = link.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder).map_err(|source| failed("make the folder of", source))?;
    // A new link takes the old one's place at once: git may call it meanwhile.
    let fresh = link.with_extension(format!("{}.tmp", std::process::id()));
    symlink(&program, &fresh).and_then(|()| fs::rename(&fresh, link)).map_err(|source| failed("link", source))?;
    Ok(is_new)
}
