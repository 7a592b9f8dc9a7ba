//! A commit whose client lied twice: the signed change list and the one sent agree, and both differ from what the
//! commit does. The engine cannot know; the verifier recomputes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use signer_core::armor;
use signer_core::change::{ChangeList, Content, Edit, Entry, Side};
use signer_core::cms::{self, Evidence};
use signer_core::digest::Digest;
use signer_core::reason::Code;

use crate::arguments::SideDoors;
use crate::clock;
use crate::door::Doors;
use crate::hand::anyhow_of;
use crate::side_doors::Insider;
use crate::synthetic;

const TEXT: &[u8] = b"written by a patched client\n";

/// Forges the commit, and an honest one beside it, and asks the verifier about both.
pub(crate) fn perform(doors: &mut Doors, insider: &Insider, arguments: &SideDoors) -> Result<()> {
    let forge = Forge::new(&arguments.repository)?;
    let honest = forge.commit(insider, "docs/note.md", "docs/note.md")?;
    let (accepted, _) = forge.judge(arguments, &honest)?;
    doors.control("an honest commit made without the broker is accepted", accepted)?;
    let lie = forge.commit(insider, "src/note.md", "docs/note.md")?;
    let (accepted, codes) = forge.judge(arguments, &lie)?;
    doors.control("a commit that lies twice is not accepted", !accepted)?;
    doors.note("docs/ declared and sent, src/ committed", Code::ScopeClaimMismatch, &codes)?;
    forge.clean()
}

/// A bare copy of the repository to forge in.
struct Forge {
    copy: PathBuf,
}

impl Forge {
    fn new(source: &Path) -> Result<Self> {
        let copy = source.with_extension("forge.git");
        let status = Command::new("git").args(["clone", "--quiet", "--bare", "--"]).arg(source).arg(&copy).status()?;
        if status.success() { Ok(Self { copy }) } else { bail!("the repository cannot be cloned") }
    }

    fn clean(self) -> Result<()> {
        Ok(std::fs::remove_dir_all(self.copy)?)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<String> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.copy).args(arguments).env("GIT_INDEX_FILE", self.copy.join("forge.index"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        child.stdin.take().context("no stdin")?.write_all(input)?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("git {} failed", arguments.join(" "));
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// A commit that adds `done` and is signed as adding `declared`.
    fn commit(&self, insider: &Insider, done: &str, declared: &str) -> Result<String> {
        let parent = self.git(&["rev-parse", "HEAD"], b"")?;
        let blob = self.git(&["hash-object", "-w", "--stdin"], TEXT)?;
        self.git(&["read-tree", &parent], b"")?;
        self.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{done}")], b"")?;
        let tree = self.git(&["write-tree"], b"")?;
        let time = clock::now().unix();
        let who = format!("load <load@example.org> {time} +0000");
        let head = format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n");
        let message = format!("\nAdd {declared}\n");
        let payload = [head.as_bytes(), message.as_bytes()].concat();
        let side = Side { mode: 0o100_644, id: hex::decode(&blob)? };
        let content = Content { side, size: u64::try_from(TEXT.len())?, sha256: Digest::of(TEXT) };
        let list = ChangeList::new(vec![Entry { path: declared.as_bytes().to_vec(), edit: Edit::Add(content) }])?;
        let armored = signed(insider, &payload, &list)?;
        let header = format!("gpgsig {}\n", armored.trim_end().replace('\n', "\n "));
        let object = [head.as_bytes(), header.as_bytes(), message.as_bytes()].concat();
        self.git(&["hash-object", "-t", "commit", "-w", "--stdin"], &object)
    }

    /// Whether the verifier accepts a commit, and with which codes it refuses it.
    fn judge(&self, arguments: &SideDoors, commit: &str) -> Result<(bool, Vec<Code>)> {
        let mut command = Command::new(&arguments.verifier);
        command.args(["verify", "--json", "--commit", commit, "--repo"]).arg(&self.copy);
        let output = command.arg("--anchor").arg(&arguments.anchor).output()?;
        let verdict: Value = serde_json::from_slice(&output.stdout).context("the verifier gave no verdict")?;
        let reasons = verdict.pointer("/subjects/0/reasons").and_then(Value::as_array).cloned().unwrap_or_default();
        let codes = reasons.iter().filter_map(|reason| Code::from_code(reason.get("code")?.as_str()?));
        let codes = codes.filter(|code| code.severity() != signer_core::reason::Severity::Warn).collect();
        Ok((output.status.success(), codes))
    }
}

fn signed(insider: &Insider, payload: &[u8], list: &ChangeList) -> Result<String> {
    let request = synthetic::request(&insider.hand, &insider.claims(payload, list, list), None)?;
    let answer = insider.office.engine.countersign(&insider.session, None, &request).map_err(anyhow_of)?;
    let evidence =
        Evidence { token: answer.token.0, entry: answer.entry.0, decision: answer.decision.0, foreign: None };
    let der = cms::assemble(&request.signed_attributes.0, &request.signature.0, &request.certificate.0, &evidence)?;
    Ok(armor::encode(&der))
}
