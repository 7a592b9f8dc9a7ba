//! One conversation with the broker, which is started where it does not run.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::WireError;
use crate::frame;
use crate::home::Home;
use crate::message::{
    AcceptPrompt, Answer, CreateGrant, EndSession, GitSigned, GrantCreated, Login, PersonStatus, Pong, Request,
    SessionStarted, SignGit, SignStatement, StartSession, StatementSigned, Status,
};
use crate::{socket, start};

/// How long a started broker may take until it listens.
const START: Duration = Duration::from_secs(5);
/// A signature may wait for a person who reads and answers.
const ANSWER: Duration = Duration::from_secs(180);
const SEND: Duration = Duration::from_secs(10);

/// A connection to the broker; several requests may follow each other.
pub struct Client {
    stream: UnixStream,
}

macro_rules! questions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty)?) -> $answer:ty, $request:expr, $pattern:pat => $out:expr;)*) => {
        impl Client {
            $($(#[$doc])*
            pub fn $name(&mut self $(, $argument: $kind)?) -> Result<$answer, WireError> {
                match self.ask(&$request)? {
                    $pattern => Ok($out),
                    _ => Err(WireError::UnexpectedAnswer),
                }
            })*
        }
    };
}

questions! {
    /// Is anybody there?
    ping() -> Pong, Request::Ping, Answer::Pong(pong) => pong;
    /// Signs a git commit or tag.
    sign_git(what: SignGit) -> GitSigned, Request::SignGit(what), Answer::GitSigned(signed) => signed;
    /// Signs a statement.
    sign_statement(what: SignStatement) -> StatementSigned, Request::SignStatement(what), Answer::StatementSigned(signed) => signed;
    /// Signs and records a grant.
    create_grant(what: CreateGrant) -> GrantCreated, Request::CreateGrant(what), Answer::GrantCreated(created) => created;
    /// Starts an agent's session.
    start_session(what: StartSession) -> SessionStarted, Request::StartSession(what), Answer::SessionStarted(started) => started;
    /// Ends an agent's session.
    end_session(what: EndSession) -> (), Request::EndSession(what), Answer::Done => ();
    /// Accepts a prompt for a session.
    accept_prompt(what: AcceptPrompt) -> (), Request::AcceptPrompt(what), Answer::Done => ();
    /// Opens a person's session.
    login(what: Login) -> PersonStatus, Request::Login(what), Answer::LoggedIn(person) => person;
    /// Ends the person's session.
    logout() -> (), Request::Logout, Answer::Done => ();
    /// The broker, at a glance.
    status() -> Status, Request::Status, Answer::Status(status) => status;
    /// Ends the broker.
    stop() -> (), Request::Stop, Answer::Done => ();
}

impl Client {
    /// Connects to the broker of `home` and starts it first where it does not run.
    pub fn connect(home: &Home) -> Result<Self, WireError> {
        if let Some(client) = Self::attach(home)? {
            return Ok(client);
        }
        let started = start::broker(home)?;
        let deadline = Instant::now() + START;
        let mut pause = Duration::from_millis(1);
        while Instant::now() < deadline {
            if let Some(client) = Self::attach(home)? {
                started.yield_to(socket::peer(&client.stream)?.pid);
                return Ok(client);
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(16));
        }
        Err(WireError::BrokerSilent { seconds: START.as_secs(), log: home.broker_log() })
    }

    /// Connects to the broker of `home` where it runs. Fails where another user serves the socket.
    pub fn attach(home: &Home) -> Result<Option<Self>, WireError> {
        let io = |source| WireError::Io { what: "connect to the broker", source };
        let stream = match socket::connect(&home.socket()) {
            Ok(stream) => stream,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(io(error)),
        };
        let (expected, actual) = (rustix::process::geteuid().as_raw(), socket::peer(&stream)?.uid);
        if actual != expected {
            return Err(WireError::ForeignBroker { expected, actual });
        }
        stream.set_read_timeout(Some(ANSWER)).map_err(io)?;
        stream.set_write_timeout(Some(SEND)).map_err(io)?;
        Ok(Some(Self { stream }))
    }

    /// Fails where the broker signs with another engine than the one at `url`. A broker that knows no engine says so by
    /// itself when it is asked to sign.
    pub fn require_engine(&mut self, url: &str) -> Result<(), WireError> {
        match self.status()?.engine {
            Some(home) if place(&home) != place(url) => Err(WireError::OtherEngine { asked: url.to_owned(), home }),
            _ => Ok(()),
        }
    }

    /// [`Self::sign_git`] as the last question: the broker need not wait for another when it has answered. `meanwhile`
    /// is done while it works.
    pub fn sign_git_and_part(&mut self, what: SignGit, meanwhile: impl FnOnce()) -> Result<GitSigned, WireError> {
        frame::write(&mut self.stream, &Request::SignGit(what))?;
        // A broker that has gone is told by the answer that does not come.
        let _parted = self.stream.shutdown(Shutdown::Write);
        meanwhile();
        match self.answer()? {
            Answer::GitSigned(signed) => Ok(signed),
            _ => Err(WireError::UnexpectedAnswer),
        }
    }

    /// Asks one question. A refusal is an error of kind `Refused`.
    pub fn ask(&mut self, request: &Request) -> Result<Answer, WireError> {
        frame::write(&mut self.stream, request)?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Answer, WireError> {
        frame::wait(&self.stream, ANSWER)?;
        match frame::read(&mut self.stream)? {
            Answer::Refused(refusal) => Err(WireError::Refused { refusal }),
            answer => Ok(answer),
        }
    }
}

/// Where an address leads, however it is written.
fn place(url: &str) -> String {
    url.trim_end_matches('/').replacen("://localhost:", "://127.0.0.1:", 1)
}

#[cfg(test)]
mod tests;
