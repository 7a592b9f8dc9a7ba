//! A client's ledger: one JSON line per answer, synced before the next request is made. Beside it lie the session and
//! the request that has not been answered yet.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::merkle;
use signer_core::protocol::{Base64, CountersignRequest, Countersignature, SessionOpened};

/// Most clients of one directory.
const MAX_CLIENTS: usize = 1024;

/// A request before its answer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) number: u64,
    /// The commit's bytes.
    pub(crate) payload: Base64,
    pub(crate) request: CountersignRequest,
}

impl Asked {
    /// The idempotency key.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of_parts(&[&self.request.signed_attributes.0, &self.request.signature.0])
    }
}

/// An answered request.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) request: Digest,
    pub(crate) index: u64,
    pub(crate) size: u64,
    pub(crate) leaf: Digest,
    pub(crate) token: Digest,
    pub(crate) asked: Asked,
}

impl Line {
    /// What an answer says. Fails where it is no answer of our form.
    pub(crate) fn of(asked: Asked, answer: &Countersignature) -> Result<Self> {
        let entry = LogEntry::decode(&answer.entry.0)?;
        let sent = &asked.request;
        let signed = Digest::of(&sent.signed_attributes.0);
        let body = signer_core::log_entry::body(&signed, &sent.signature.0, &sent.certificate.0)?;
        Ok(Self {
            request: asked.digest(),
            index: entry.index,
            size: entry.size,
            leaf: merkle::leaf_hash(&body),
            token: Digest::of(&answer.token.0),
            asked,
        })
    }
}

/// The files of one client.
pub(crate) struct Ledger {
    lines: File,
    pending: PathBuf,
}

impl Ledger {
    /// Opens or makes the files of client `client`.
    pub(crate) fn open(directory: &Path, client: usize) -> Result<Self> {
        let lines = OpenOptions::new().append(true).create(true).open(lines_of(directory, client))?;
        Ok(Self { lines, pending: directory.join(format!("client-{client}.pending")) })
    }

    /// Notes what is about to be asked, durably.
    pub(crate) fn ask(&self, asked: &Asked) -> Result<()> {
        let made = self.pending.with_extension("new");
        let mut file = File::create(&made)?;
        file.write_all(&serde_json::to_vec(asked)?)?;
        file.sync_data()?;
        Ok(fs::rename(&made, &self.pending)?)
    }

    /// Notes an answer, durably.
    pub(crate) fn answered(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.lines.write_all(&text)?;
        Ok(self.lines.sync_data()?)
    }

    /// The request that was not answered, if the last one was not.
    pub(crate) fn unanswered(&self, last: Option<&Line>) -> Result<Option<Asked>> {
        let Ok(bytes) = fs::read(&self.pending) else { return Ok(None) };
        let asked: Asked = serde_json::from_slice(&bytes)?;
        Ok((last.map(|line| line.request) != Some(asked.digest())).then_some(asked))
    }
}

/// Keeps a client's session.
pub(crate) fn keep_session(directory: &Path, client: usize, session: &SessionOpened) -> Result<()> {
    let path = directory.join(format!("client-{client}.session"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(&serde_json::to_vec(session)?)?;
    Ok(file.sync_all()?)
}

/// A client's session.
pub(crate) fn session(directory: &Path, client: usize) -> Result<SessionOpened> {
    let path = directory.join(format!("client-{client}.session"));
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Every line of a client. A last line without its end was never synced and is dropped.
pub(crate) fn read(directory: &Path, client: usize) -> Result<Vec<Line>> {
    let path = lines_of(directory, client);
    let Ok(file) = File::open(&path) else { return Ok(Vec::new()) };
    let mut reader = BufReader::new(file);
    let mut lines = Vec::new();
    let (mut text, mut whole) = (String::new(), 0_u64);
    while reader.read_line(&mut text)? != 0 {
        if !text.ends_with('\n') {
            OpenOptions::new().write(true).open(&path)?.set_len(whole)?;
            break;
        }
        whole = whole.saturating_add(u64::try_from(text.len())?);
        lines.push(serde_json::from_str(&text).with_context(|| path.display().to_string())?);
        text.clear();
    }
    Ok(lines)
}

/// How many clients have a ledger here.
pub(crate) fn clients(directory: &Path) -> Result<usize> {
    let found = (0..MAX_CLIENTS).take_while(|client| lines_of(directory, *client).exists()).count();
    if found == 0 {
        bail!("no ledger in `{}`", directory.display());
    }
    Ok(found)
}

fn lines_of(directory: &Path, client: usize) -> PathBuf {
    directory.join(format!("client-{client}.jsonl"))
}
