//! Where a repository's parts lie (gitrepository-layout), which storage format it has, and what stands beside its
//! objects that changes what other readers see.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::object_id::ObjectFormat;
use crate::repository::RepositoryError;

/// Most bytes of a small file: `HEAD`, `.git`, `commondir`, a loose ref.
const MAX_SMALL: u64 = 4096;
/// Most bytes of `config`.
const MAX_CONFIG: u64 = 1024 * 1024;
/// Most entries of `refs/replace` that are counted.
const MAX_REPLACE: usize = 10_000;

/// The directories of a repository.
#[derive(Clone)]
pub(super) struct Layout {
    /// `HEAD` of this work tree.
    pub(super) git_dir: PathBuf,
    /// Objects and shared refs; another directory for linked work trees only.
    pub(super) common_dir: PathBuf,
    pub(super) format: ObjectFormat,
}

/// What stands beside the objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RepositoryState {
    /// The clone is shallow: its history ends early.
    pub shallow: bool,
    /// A grafts file gives commits other parents for git's own walks.
    pub grafts: bool,
    /// Objects are borrowed from another store.
    pub alternates: bool,
    /// How many replace refs git itself would apply; none is applied here (`hist.replace_refs_present`).
    pub replace_refs: usize,
}

impl RepositoryState {
    /// Fails where history or objects may be other than they seem. Replace refs are ignored, so they do no harm here.
    pub const fn require_whole(&self) -> Result<(), RepositoryError> {
        match self {
            Self { shallow: true, .. } => Err(RepositoryError::Shallow),
            Self { grafts: true, .. } => Err(RepositoryError::Grafts),
            Self { alternates: true, .. } => Err(RepositoryError::Alternates),
            _ => Ok(()),
        }
    }
}

impl Layout {
    /// The repository at `path`. Fails where there is none, or one in a format we do not read.
    pub(super) fn find(path: &Path) -> Result<Self, RepositoryError> {
        let git_dir = git_dir(path)?;
        let common_dir = match read_small(&git_dir.join("commondir"))? {
            Some(text) => git_dir.join(text.trim_end_matches(['\n', '\r'])),
            None => git_dir.clone(),
        };
        if !common_dir.join("objects").is_dir() {
            return Err(RepositoryError::NotARepository { path: path.to_owned() });
        }
        let config = read_text(&common_dir.join("config"), MAX_CONFIG)?.unwrap_or_default();
        Ok(Self { git_dir, common_dir, format: storage_format(&config)? })
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.common_dir.join("objects")
    }

    pub(super) fn state(&self) -> Result<RepositoryState, RepositoryError> {
        let exists = |path: &str| has_content(&self.common_dir.join(path));
        Ok(RepositoryState {
            shallow: exists("shallow")?,
            grafts: exists("info/grafts")?,
            alternates: exists("objects/info/alternates")? || exists("objects/info/http-alternates")?,
            replace_refs: self.count_replace_refs()?,
        })
    }

    fn count_replace_refs(&self) -> Result<usize, RepositoryError> {
        let packed = self.packed_refs()?;
        let packed = packed.iter().filter(|(name, _)| name.starts_with("refs/replace/")).count();
        let directory = self.common_dir.join("refs/replace");
        match fs::read_dir(&directory) {
            Ok(entries) => Ok(packed + entries.take(MAX_REPLACE).count()),
            Err(error) if is_absent(&error) => Ok(packed),
            Err(source) => Err(RepositoryError::Io { path: directory, source }),
        }
    }
}

fn git_dir(path: &Path) -> Result<PathBuf, RepositoryError> {
    let missing = || RepositoryError::NotARepository { path: path.to_owned() };
    let dot_git = path.join(".git");
    if dot_git.is_dir() {
        return Ok(dot_git);
    }
    if let Some(text) = read_small(&dot_git)? {
        let target = text.strip_prefix("gitdir: ").ok_or_else(missing)?.trim_end_matches(['\n', '\r']);
        return Ok(path.join(target));
    }
    let is_bare = path.join("HEAD").is_file() && (path.join("objects").is_dir() || path.join("commondir").is_file());
    if is_bare { Ok(path.to_owned()) } else { Err(missing()) }
}

/// The object format a `config` file names. Only `core.repositoryFormatVersion` and `extensions.*` are read, from this
/// one file: a wrong answer makes objects unreadable, never readable as something else.
fn storage_format(config: &str) -> Result<ObjectFormat, RepositoryError> {
    let (mut section, mut format, mut version, mut unknown) = (String::new(), ObjectFormat::Sha1, 0, None);
    for line in config.lines() {
        let mut line = line.trim();
        if let Some((name, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            section = name.trim().to_ascii_lowercase();
            line = rest.trim();
        }
        let Some((key, value)) = variable(line) else { continue };
        match (section.as_str(), key.as_str()) {
            ("core", "repositoryformatversion") => version = value.parse().unwrap_or(u8::MAX),
            ("extensions", "objectformat") => {
                format = value.parse().map_err(|_| RepositoryError::Unsupported { extension: value })?;
            }
            ("extensions", "refstorage") if value == "files" => {}
            ("extensions", "noop" | "preciousobjects" | "partialclone" | "worktreeconfig" | "relativeworktrees") => {}
            ("extensions", _) => unknown = Some(key),
            _ => {}
        }
    }
    match unknown {
        Some(extension) => Err(RepositoryError::Unsupported { extension }),
        None if version > 1 => Err(RepositoryError::Unsupported { extension: "repositoryFormatVersion".to_owned() }),
        None => Ok(format),
    }
}

fn variable(line: &str) -> Option<(String, String)> {
    if line.is_empty() || line.starts_with(['#', ';']) {
        return None;
    }
    let (key, value) = line.split_once('=').unwrap_or((line, "true"));
    let value = value.split(['#', ';']).next().unwrap_or_default().trim().trim_matches('"');
    Some((key.trim().to_ascii_lowercase(), value.to_ascii_lowercase()))
}

fn has_content(path: &Path) -> Result<bool, RepositoryError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(!metadata.is_file() || metadata.len() > 0),
        Err(error) if is_absent(&error) => Ok(false),
        Err(source) => Err(RepositoryError::Io { path: path.to_owned(), source }),
    }
}

/// A file of one line or so; nothing where there is none.
pub(super) fn read_small(path: &Path) -> Result<Option<String>, RepositoryError> {
    read_text(path, MAX_SMALL)
}

/// A regular text file of at most `limit` bytes; nothing where there is none, or a directory.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<Option<String>, RepositoryError> {
    let strange = || RepositoryError::StrangeFile { path: path.to_owned() };
    let failed = |source| RepositoryError::Io { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Ok(None),
        // A pipe would make the reader wait for ever.
        Ok(metadata) if !metadata.is_file() || metadata.len() > limit => return Err(strange()),
        Ok(_) => {}
        Err(error) if is_absent(&error) => return Ok(None),
        Err(source) => return Err(failed(source)),
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read <= limit) {
        return String::from_utf8(bytes).map(Some).map_err(|_| strange());
    }
    Err(strange())
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
