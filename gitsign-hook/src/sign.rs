//! Git signs: the object from stdin goes to the broker, or to a Sigstore elsewhere, the answer is checked, and only then printed, whole.

use std::ffi::OsString;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use signer_wire::bytes::Bytes;
use signer_wire::frame::MAX_PAYLOAD;
use signer_wire::message::SignGit;
use signer_wire::{Client, Home, Secret, secret_file};

use crate::check;
use crate::elsewhere;
use crate::failure::HookError;
use crate::status_channel::StatusChannel;
use crate::way::Way;

/// Most bytes of a file with an owner credential.
const MAX_OWNER: u64 = 4096;
/// Bytes of a signature, of the message that brings it, and of what is read of both.
const ROOM: usize = 24 * 1024;

/// How what `git push --signed` has signed begins (gitformat-pack-protocol(5), push certificate); no object does.
const PUSH_CERTIFICATE: &[u8] = b"certificate version ";

/// Signs the object on stdin. Nothing is on stdout unless all of it is.
pub fn sign(way: Way, status: Option<u32>, home: Option<PathBuf>) -> Result<(), HookError> {
    let mut status = StatusChannel::open(status)?;
    let directory = Surroundings::of_process()?.directory()?;
    let home = Home::of_process(home)?;
    let (payload, armor) = match way {
        Way::Engine => through_engine(&home, &directory)?,
        Way::Elsewhere => {
            let payload = read_object(&mut io::stdin().lock())?;
            let armor = elsewhere::sign(&home, &directory, &payload)?;
            (payload, armor)
        }
    };
    let checked = check::check(&armor, &payload)?;
    let mut out = io::stdout().lock();
    out.write_all(armor.as_bytes()).and_then(|()| out.flush()).map_err(|source| HookError::Output { source })?;
    drop(out);
    // GnuPG doc/DETAILS: D detached, 19 ECDSA, 8 SHA-256, class 00.
    let created = format!("SIG_CREATED D 19 8 00 {} {}", checked.signed_at, checked.fingerprint);
    status.lines(&["BEGIN_SIGNING", &created])
}

fn through_engine(home: &Home, directory: &Path) -> Result<(Vec<u8>, String), HookError> {
    // First, so that the broker looks at who asks while git still writes.
    let mut broker = Client::connect(home)?;
    if let Some(engine) = std::env::var("CHANCERY_ENGINE").ok().filter(|engine| !engine.is_empty()) {
        broker.require_engine(&engine)?;
    }
    let payload = read_object(&mut io::stdin().lock())?;
    let request = request(payload.clone(), directory)?;
    let armor = broker.sign_git_and_part(request, make_room)?.armor;
    Ok((payload, armor))
}

/// Has the kernel give the memory for an answer while the broker works, and not page by page while git waits.
fn make_room() {
    drop(black_box(vec![1_u8; ROOM]));
}

fn request(payload: Vec<u8>, directory: &Path) -> Result<SignGit, HookError> {
    let session = std::env::var("CHANCERY_SESSION").ok().filter(|handle| !handle.is_empty()).map(Secret::new);
    let owner = match std::env::var_os("CHANCERY_OWNER_FILE").filter(|path| !path.is_empty()) {
        // An agent's session never speaks for its owner, so that the credential is not even read.
        Some(path) if session.is_none() => Some(secret_file::read(Path::new(&path), MAX_OWNER)?),
        _ => None,
    };
    Ok(SignGit { payload: Bytes(payload), directory: Bytes(directory.as_os_str().as_bytes().to_vec()), session, owner })
}

fn read_object(stdin: &mut impl Read) -> Result<Vec<u8>, HookError> {
    let limit = u64::try_from(MAX_PAYLOAD).unwrap_or(u64::MAX);
    let mut payload = Vec::new();
    stdin.take(limit.saturating_add(1)).read_to_end(&mut payload).map_err(|source| HookError::Input { source })?;
    if payload.starts_with(PUSH_CERTIFICATE) {
        return Err(HookError::PushCertificate);
    }
    if payload.len() > MAX_PAYLOAD { Err(HookError::TooLarge) } else { Ok(payload) }
}

/// What tells a program that git started which repository is meant.
#[derive(Clone, Default, Debug)]
pub struct Surroundings {
    /// The current folder.
    pub current: PathBuf,
    /// `GIT_DIR`.
    pub git_dir: Option<OsString>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<OsString>,
    /// The first variable found that points git at objects or refs of another place.
    pub redirected: Option<&'static str>,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Result<Self, HookError> {
        let redirections = ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE"];
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Ok(Self {
            current: std::env::current_dir().map_err(|source| HookError::Input { source })?,
            git_dir: variable("GIT_DIR"),
            work_tree: variable("GIT_WORK_TREE"),
            redirected: redirections.into_iter().find(|name| variable(name).is_some()),
        })
    }

    /// The folder the broker looks for the repository in. Fails where variables contradict each other.
    pub fn directory(&self) -> Result<PathBuf, HookError> {
        if let Some(variable) = self.redirected {
            return Err(HookError::Environment { variable });
        }
        if let Some(tree) = &self.work_tree {
            // Git runs its programs at the top of the work tree, so that another one is not the caller's doing.
            let tree = std::fs::canonicalize(self.current.join(tree));
            if !tree.is_ok_and(|tree| self.current.starts_with(tree)) {
                return Err(HookError::Environment { variable: "GIT_WORK_TREE" });
            }
        }
        Ok(self.git_dir.as_ref().map_or_else(|| self.current.clone(), |folder| self.current.join(folder)))
    }
}

#[cfg(test)]
mod tests;
