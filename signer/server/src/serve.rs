//! `chancery-server serve`, from a closed state to the last answer.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use signer_core::digest::DigestError;
use signer_core::reason::{Code, Coded};
use signer_core::time::Timestamp;
use signer_core::trust_root::{self, LogKey, TrustRoot, TrustRootError};
use signer_engine::deployment::Deployment;
use signer_engine::engine::{Engine, OpenError};
use signer_engine::keys::Keys;
use signer_engine::store::StoreError;
use signer_outbound::{MAX_ROOTS_BYTES, OutboundError, Roots};
use signer_policy::{PolicyError, PolicySet};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock::Clock;
use crate::credential::{Credential, CredentialError, Source};
use crate::failure::Failure;
use crate::fork::{self, ForkError};
use crate::head::Headed;
use crate::named_file::{self, FileError};
use crate::oidc::{self, Fetch, HttpFetch, Issuers, OidcError};
use crate::output::Output;
use crate::owner::OwnerDigest;
use crate::process::{self, ProcessError};
use crate::rim::near::Near;
use crate::rim::{self, LogReaders, Rim, connection};
use crate::state::{self, StateDirectory, StateError};
use crate::time_authority::{self, TimeAuthorities, TimeAuthorityError};
use crate::unsealed::{self, UnsealError, Unsealed};
use crate::witnessing::{self, Asking, Release, Witnessing, WitnessingError};
use crate::writer::Writer;
use crate::{args, store};

/// The one line a server prints, when it answers requests.
#[derive(Serialize)]
struct Ready {
    schema: &'static str,
    url: String,
}

/// Serves until it is told to stop.
pub(crate) fn run(arguments: &args::Serve, output: Output) -> Result<(), Failure> {
    Ok(serve(arguments, output)?)
}

fn serve(arguments: &args::Serve, output: Output) -> Result<(), ServeError> {
    let address = loopback(arguments.listen)?;
    let state = StateDirectory::open(&arguments.state)?;
    log_to(&arguments.log, arguments.background, &state)?;
    let source = Source::named(&arguments.credential)?.unwrap_or(Source::Terminal);
    process::harden()?;
    let policy = PolicySet::baseline()?;
    // Holds the lock on the state from here on: a second server ends before it asks for a credential.
    let (reader, mut ledger_store) = store::open(state.path())?;
    let (keys, deployment, public) = unseal(&state, &source.read()?)?;
    let head = fork::pass(&state, &public.log, &*reader, arguments.expect_checkpoint.as_deref())?;
    let ahead = ledger_store.make_room().unwrap_or_else(|error| {
        tracing::debug!(%error, "the write-ahead log grows as it is written");
        None
    });
    let ledger_store = Box::new(Headed::new(ledger_store, head));
    let (engine, ledger) = Engine::open(keys, deployment, policy, reader, ledger_store)?;
    let clock = Clock::system();
    check_clock(ledger.last_time(), clock.newest())?;
    tracing::info!(origin = engine.deployment().origin, entries = ledger.size(), "the engine is open");
    let (writer, mut writing) = Writer::start(ledger, clock.clone()).map_err(|source| ServeError::Start { source })?;
    let readers = if arguments.public_log { LogReaders::Everybody } else { LogReaders::Known };
    let issuers = issuers(arguments, &state, engine.deployment())?;
    let (witnessing, asking) = witnessing(arguments, &engine, &state, &clock)?.unzip();
    let rim = Rim::new(engine, writer, public.owner, public.trust_root, clock.clone()).with_log_readers(readers);
    let rim = rim.with_time_authorities(time_authorities(arguments, &state)?).with_log_ahead(ahead);
    let rim = Arc::new(rim.with_issuers(issuers).with_witnessing(witnessing));
    let runtime = Runtime::new().map_err(|source| ServeError::Start { source })?;
    let listener = runtime.block_on(TcpListener::bind(address)).map_err(|source| ServeError::Bind { source })?;
    let engine = rim.engine();
    let (near, router) = Near::open(rim::router(rim), runtime.handle());
    let runtime_ended = process::runtime_ended();
    let served = runtime.block_on(async {
        let stop = stop_asked(&mut writing.ended)?;
        announce(&listener, &state, arguments.background, output)?;
        // Ends with the runtime: nothing that was recorded depends on it.
        for log in asking.unwrap_or_default() {
            tokio::spawn(log.run(Arc::clone(&engine)));
        }
        let _learning = tokio::task::spawn_blocking(move || {
            engine
                .learn_given()
                .inspect_err(|refusal| tracing::warn!(code = %refusal.code(), "every request asks the store"))
        });
        tokio::select! {
            served = connection::serve(listener, router, stop) => served,
            // Nothing that waits for anything comes to its end any more.
            Ok(()) = runtime_ended => Err(ServeError::Runtime),
        }
    });
    drop(near);
    state.remove(state::ADDRESS)?;
    // Requests that are still open are dropped, and with the last of them the way to the ledger.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    // Those of a runtime that has failed may stay; what the ledger has acknowledged is durable.
    if !matches!(served, Err(ServeError::Runtime)) {
        writing.join();
    }
    tracing::info!("stopped");
    served
}

/// Credentials cross this interface in the open, so that no other machine may reach it.
pub(crate) fn loopback(address: SocketAddr) -> Result<SocketAddr, ServeError> {
    if address.ip().is_loopback() { Ok(address) } else { Err(ServeError::NotLoopback { address }) }
}

pub(crate) fn log_to(filter: &str, background: bool, state: &StateDirectory) -> Result<(), ServeError> {
    let filter: Targets = filter.parse().map_err(|_| ServeError::LogFilter { filter: filter.to_owned() })?;
    let writer = if background {
        BoxMakeWriter::new(Mutex::new(state.append(state::LOG)?))
    } else {
        BoxMakeWriter::new(io::stderr)
    };
    let log = tracing_subscriber::registry().with(filter).with(fmt::layer().with_writer(writer));
    // A second subscriber is refused where a test has set one; the first goes on.
    let _set = log.try_init();
    Ok(())
}

/// The witnesses of the policy that was named, and the tasks that ask them.
fn witnessing(
    arguments: &args::Serve,
    engine: &Engine,
    state: &StateDirectory,
    clock: &Clock,
) -> Result<Option<(Witnessing, Vec<Asking>)>, ServeError> {
    if !arguments.witness_embed {
        witnessing::embed_nothing(state.path())?;
    }
    let Some(path) = &arguments.witness_policy else { return Ok(None) };
    let release = if arguments.witness_quorum {
        Release::Witnessed { patience: witnessing::PATIENCE, embeds: arguments.witness_embed }
    } else {
        Release::Recorded
    };
    let policy = witnessing::read_policy(path)?;
    Ok(Some(Witnessing::open(&policy, release, engine.written_logs(), state.path(), clock)?))
}

/// What of the public files a running server needs.
pub struct Public {
    /// Whom it takes for its owner.
    pub owner: OwnerDigest,
    /// `trusted_root.json` as it is published.
    pub trust_root: Vec<u8>,
    /// The log it writes.
    pub log: LogKey,
}

/// The engine's keys. They open beside the very public files they were sealed with, and fail with the first that is
/// malformed, another state's, or sealed under another credential.
pub fn unseal(state: &StateDirectory, credential: &Credential) -> Result<(Keys, Deployment, Public), ServeError> {
    let Unsealed { files, engine, log, keyring, .. } = unsealed::open(state, credential)?;
    let public = Public { owner: OwnerDigest::decode(&files.owner)?, trust_root: files.trust_root, log };
    Ok((keyring.into_keys(&engine.certificates), engine.deployment(), public))
}

/// Time never falls along the log, so that an engine whose clock is behind it could record nothing.
pub(crate) fn check_clock(last: Option<Timestamp>, now: Timestamp) -> Result<(), ServeError> {
    match last {
        Some(last) if now < last => Err(ServeError::Clock { last, now }),
        Some(_) | None => Ok(()),
    }
}

/// The identity issuers of the file that was named, or of the state's own.
fn issuers(
    arguments: &args::Serve,
    state: &StateDirectory,
    deployment: &Deployment,
) -> Result<Option<Issuers>, ServeError> {
    let bytes = match &arguments.oidc {
        Some(path) => named_file::bytes(path, oidc::MAX_BYTES).map_err(ServeError::Issuers)?,
        None if state.file(state::OIDC).exists() => state.read(state::OIDC, oidc::MAX_BYTES)?,
        None => return Ok(None),
    };
    let fetch: Arc<dyn Fetch> = Arc::new(HttpFetch::new(roots(arguments)?));
    Ok(Some(Issuers::new(oidc::Config::read(&bytes, &deployment.issuer_url)?, &fetch)))
}

/// The foreign time authorities of the file that was named.
fn time_authorities(arguments: &args::Serve, state: &StateDirectory) -> Result<Option<TimeAuthorities>, ServeError> {
    let Some(path) = &arguments.time_authority else { return Ok(None) };
    let trust = TrustRoot::from_json(&state.read(state::TRUST_ROOT, trust_root::MAX_BYTES)?)?;
    let (authorities, roots) = (time_authority::read(path)?, roots(arguments)?);
    Ok(Some(TimeAuthorities::open(authorities, trust, roots, state.path(), time_authority::PATIENCE)?))
}

/// Whose word counts on the names of issuers and time authorities.
fn roots(arguments: &args::Serve) -> Result<Roots, ServeError> {
    let Some(path) = &arguments.ca else { return Ok(Roots::system()) };
    let text = named_file::bytes(path, MAX_ROOTS_BYTES).map_err(ServeError::Roots)?;
    Roots::from_pem(&text).map_err(|source| ServeError::Authorities { path: path.clone(), source })
}

/// Resolves when somebody asks the server to stop, or the ledger has.
fn stop_asked(
    ledger_ended: &mut oneshot::Receiver<()>,
) -> Result<impl Future<Output = Result<(), ServeError>>, ServeError> {
    let listen = |kind| signal(kind).map_err(|source| ServeError::Start { source });
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
            _ = ledger_ended => Err(ServeError::Ledger),
        }
    })
}

/// Says where the server answers: in the state, then on stdout, once.
pub(crate) fn announce(
    listener: &TcpListener,
    state: &StateDirectory,
    background: bool,
    output: Output,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(|source| ServeError::Bind { source })?;
    let ready = Ready { schema: "urn:chancery:serve:v1", url: format!("http://{address}") };
    if background {
        process::leave_session()?;
    }
    state.write(state::ADDRESS, ready.url.as_bytes())?;
    output.answer(&ready, &format!("listening on {}", ready.url)).map_err(|source| ServeError::Announce { source })?;
    if background {
        process::leave_streams(&state.append(state::LOG)?)?;
    }
    Ok(())
}

/// Why a server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The authorities that shall vouch for issuers' names.
    #[error("`{}` cannot be used", path.display())]
    Authorities {
        /// Which file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        #[source]
        source: OutboundError,
    },
    /// Nobody could be told the address.
    #[error("the address could not be printed")]
    Announce {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("the address cannot be listened on")]
    Bind {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The clock is behind the log.
    #[error("the clock says {now}, the log's newest time is {last}")]
    Clock {
        /// The newest time that was recorded.
        last: Timestamp,
        /// The system's time.
        now: Timestamp,
    },
    /// The credential is none.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The state could fork the log.
    #[error(transparent)]
    Fork(#[from] ForkError),
    /// The file of identity issuers does not serve.
    #[error(transparent)]
    Issuers(FileError),
    /// The ledger's thread ended while requests were answered.
    #[error("the ledger has ended; the log says why")]
    Ledger,
    /// The log filter cannot be read.
    #[error("`{filter}` is no log filter")]
    LogFilter {
        /// What was given.
        filter: String,
    },
    /// Another machine could reach the address.
    #[error("`{address}` is not a loopback address")]
    NotLoopback {
        /// What was given.
        address: SocketAddr,
    },
    /// The identity issuers are malformed.
    #[error(transparent)]
    OidcConfig(#[from] OidcError),
    /// The engine refuses its own state.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// `owner.digest` is malformed.
    #[error("`{}` is malformed", state::OWNER)]
    Owner(#[from] DigestError),
    /// The policy is none.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The process cannot be protected.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The file of authorities for protected connections does not serve.
    #[error(transparent)]
    Roots(FileError),
    /// The runtime has failed; its own words are on stderr.
    #[error("the server's runtime failed, and nobody can be answered any more")]
    Runtime,
    /// No thread, runtime or signal.
    #[error("the server cannot start")]
    Start {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The state directory does not serve.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store fails, or another server has it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The foreign time authorities cannot be asked.
    #[error(transparent)]
    TimeAuthorities(#[from] TimeAuthorityError),
    /// The trust root is malformed.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
    /// The keys do not open.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// The witnesses cannot be asked.
    #[error(transparent)]
    Witnessing(#[from] WitnessingError),
}

impl Coded for ServeError {
    fn code(&self) -> Code {
        match self {
            Self::Bind { source } if source.kind() == io::ErrorKind::AddrInUse => Code::EngineAddressInUse,
            Self::Announce { .. } | Self::Bind { .. } | Self::Start { .. } => Code::InternalIo,
            Self::Clock { .. } => Code::TimeClockRegression,
            Self::Credential(source) => source.code(),
            Self::Issuers(source) => source.code_or(Code::OidcConfig),
            Self::Roots(source) => source.code_or(Code::TlsRoots),
            Self::Owner(_) => Code::EngineState,
            Self::Fork(source) => source.code(),
            Self::Ledger | Self::Runtime => Code::Internal,
            Self::LogFilter { .. } => Code::Usage,
            Self::NotLoopback { .. } => Code::EngineAddress,
            Self::Authorities { source, .. } => source.code(),
            Self::OidcConfig(source) => source.code(),
            Self::Open(source) => source.code(),
            Self::Policy(source) => source.code(),
            Self::Process(source) => source.code(),
            Self::State(source) => source.code(),
            Self::Store(StoreError::InUse) => Code::EngineInUse,
            Self::Store(source) => source.code(),
            Self::TimeAuthorities(source) => source.code(),
            Self::TrustRoot(source) => source.code(),
            Self::Unseal(source) => source.code(),
            Self::Witnessing(source) => source.code(),
        }
    }
}

#[cfg(test)]
mod tests;
