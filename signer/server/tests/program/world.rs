//! A founded engine in a directory of its own, and the program run on it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_chancery-server");

/// A founded engine in a directory of its own, and the file with its owner credential.
pub(crate) struct World {
    directory: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { directory: tempfile::tempdir().unwrap() };
        let made = world.run(&["init", "--owner-out", world.owner().to_str().unwrap(), "--json"]);
        assert!(made.status.success(), "{made:?}");
        world
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.path().join("engine")
    }

    pub(crate) fn owner(&self) -> PathBuf {
        self.directory.path().join("owner")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg(arguments[0]).arg("--state").arg(self.state()).args(&arguments[1..]);
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A server that has said that it is ready.
    pub(crate) fn serve(&self, more: &[&str]) -> Server {
        self.served(more, &[], Stdio::null())
    }

    /// The same, with what it says on stderr in a file.
    pub(crate) fn serve_logged(&self, log: &Path) -> Server {
        self.served(&["--log", "trace"], &[], fs::File::create(log).unwrap().into())
    }

    /// The same, with these variables in its environment.
    pub(crate) fn serve_under(&self, variables: &[(&str, &str)]) -> Server {
        self.served(&[], variables, Stdio::null())
    }

    fn served(&self, more: &[&str], variables: &[(&str, &str)], log: Stdio) -> Server {
        let owner = self.owner();
        let arguments = [&["serve", "--json", "--credential-file", owner.to_str().unwrap()], more].concat();
        let mut command = self.command(&arguments);
        command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("one ready line");
        assert_eq!(ready["schema"], "urn:chancery:serve:v1");
        let url = ready["url"].as_str().unwrap().to_owned();
        assert_eq!(fs::read_to_string(self.state().join("address")).unwrap(), url);
        Server { child, url }
    }

    pub(crate) fn register(&self, server: &Server, person: &str) -> u16 {
        let owner = fs::read_to_string(self.owner()).unwrap();
        server.post("/v1/persons", owner.trim_end(), &format!("{{\"person\":\"{person}\"}}"))
    }

    pub(crate) fn entries(&self) -> u64 {
        let checked = self.run(&["fsck", "--json"]);
        assert!(checked.status.success(), "{checked:?}");
        serde_json::from_slice::<Value>(&checked.stdout).unwrap()["entries"].as_u64().unwrap()
    }
}

pub(crate) struct Server {
    pub(crate) child: Child,
    url: String,
}

impl Server {
    pub(crate) fn post(&self, route: &str, bearer: &str, body: &str) -> u16 {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST {route} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {bearer}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Sends bytes as they are; the answer's own bytes.
    pub(crate) fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, within ten seconds.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn code(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr);
    let code = text.split("error[").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
    assert!(text.contains("help: "), "{text}");
    (output.status.code(), code.to_owned())
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
