//! Authorities over real sockets: one that answers is asked once for a signature; one that is gone, slow or lying costs a
//! typed refusal, and nothing is kept of it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Redirect, Response};
use signer_core::crypto::{P256Key, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::foreign_time::ForeignToken;
use signer_core::issue::{self, Authority};
use signer_core::pem;
use signer_core::time::{Timestamp, Window};
use signer_core::time_stamp::{self, Query, Rejection};
use signer_core::trust_root::Parts;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::*;
use crate::rim::connection;
use crate::rim::problem::Refused;

const SIGNATURE: &[u8] = b"a signature value";
const DAY: u64 = 86_400;

fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

/// Ten minutes from now on.
fn life() -> Window {
    Window { start: now(), end: now().plus(600) }
}

/// Somebody else's authority.
struct Clock {
    key: P256Key,
    certificate: Vec<u8>,
    root: Vec<u8>,
}

impl Clock {
    fn new() -> Self {
        let (root_key, key) = (P256Key::generate().unwrap(), P256Key::generate().unwrap());
        let life = Window { start: now().minus(DAY), end: now().plus(DAY) };
        let root = issue::root("Elsewhere", &root_key, life, signer_core::crypto::random().unwrap()).unwrap();
        let authority = Authority { key: &root_key, certificate_der: &root };
        let serial = signer_core::crypto::random().unwrap();
        let certificate = issue::time_authority(&key.public(), life, serial, &authority).unwrap();
        Self { key, certificate, root }
    }

    /// What it answers to a request at this time.
    fn grants(&self, request: &[u8], time: Timestamp) -> Vec<u8> {
        time_stamp::grant(&self.key, &self.certificate, &Query::from_der(request).unwrap(), time, &[7; 16]).unwrap()
    }

    fn entry(&self, address: SocketAddr) -> serde_json::Value {
        let chain = [&self.certificate, &self.root].map(|der| pem::certificate(der).unwrap()).concat();
        serde_json::json!({ "url": format!("http://{address}/stamp"), "chain": chain })
    }
}

type Answer = dyn Fn(&Clock, &[u8]) -> Response + Send + Sync;

/// A clock behind a socket.
struct Office {
    clock: Arc<Clock>,
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl Office {
    fn honest() -> Self {
        Self::answers(|clock, request| clock.grants(request, now()).into_response())
    }

    fn answers(answer: impl Fn(&Clock, &[u8]) -> Response + Send + Sync + 'static) -> Self {
        let (clock, asked) = (Arc::new(Clock::new()), Arc::new(AtomicUsize::new(0)));
        let answer: Arc<Answer> = Arc::new(answer);
        let handler = {
            let (clock, asked) = (Arc::clone(&clock), Arc::clone(&asked));
            move |body: Bytes| {
                asked.fetch_add(1, Ordering::SeqCst);
                std::future::ready(answer(&clock, &body))
            }
        };
        Self::over(Router::new().fallback(handler), clock, asked)
    }

    /// Takes requests and never answers.
    fn slow() -> Self {
        let router = Router::new().fallback(std::future::pending::<Response>);
        Self::over(router, Arc::new(Clock::new()), Arc::default())
    }

    fn over(router: Router, clock: Arc<Clock>, asked: Arc<AtomicUsize>) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(connection::serve(listener, router, std::future::pending::<()>()));
        Self { clock, address, asked, _runtime: runtime }
    }

    fn entry(&self) -> serde_json::Value {
        self.clock.entry(self.address)
    }
}

/// The trust root of an engine that nobody here is part of.
fn trust() -> TrustRoot {
    TrustRoot::new(Parts {
        certificate_authorities: Vec::new(),
        logs: Vec::new(),
        ct_logs: Vec::new(),
        time_authorities: Vec::new(),
    })
    .unwrap()
}

fn named(entries: &[serde_json::Value]) -> ForeignAuthorities {
    ForeignAuthorities::parse(&serde_json::json!({ "authorities": entries }).to_string()).unwrap()
}

fn open(state: &TempDir, entries: &[serde_json::Value]) -> TimeAuthorities {
    patient(state, entries, PATIENCE)
}

fn patient(state: &TempDir, entries: &[serde_json::Value], patience: Duration) -> TimeAuthorities {
    TimeAuthorities::open(named(entries), trust(), Roots::system(), state.path(), patience).unwrap()
}

impl TimeAuthorities {
    /// Has a signature stamped, as before it is recorded; gives the token that is kept, or what is said instead.
    fn stamps(&self, signature: &[u8]) -> Result<Vec<u8>, String> {
        let question = Question { signature: signature.to_vec(), window: life() };
        let imprint = question.imprint();
        let runtime = Runtime::new().unwrap();
        let asked = runtime.block_on(self.stamp_question(question));
        runtime.shutdown_background();
        match asked {
            Ok(()) => Ok(self.0.stamped.find(&imprint).unwrap().expect("it is kept")),
            Err(refusal) => {
                assert_eq!(refusal.code(), Code::TimeForeignMissing);
                Err(refusal.reasons().map(|reason| reason.message.clone()).collect())
            }
        }
    }
}

fn kept(authorities: &TimeAuthorities) -> bool {
    authorities.0.stamped.find(&Digest::of(SIGNATURE)).unwrap().is_some()
}

#[test]
fn a_signature_is_stamped_once_and_its_token_outlives_the_server() {
    let (state, office) = (TempDir::new().unwrap(), Office::honest());
    let authorities = open(&state, &[office.entry()]);
    let token = authorities.stamps(SIGNATURE).unwrap();
    let read = ForeignToken::parse(&token).unwrap();
    let (stamp, counts) = authorities.0.authorities.judge(&read, SIGNATURE, &trust()).unwrap();
    assert_eq!((stamp.time, counts), (now(), true));
    assert_eq!(authorities.stamps(SIGNATURE), Ok(token.clone()));
    drop(authorities);
    assert_eq!(open(&state, &[office.entry()]).stamps(SIGNATURE), Ok(token));
    assert_eq!(office.asked.load(Ordering::SeqCst), 1);
    open(&state, &[office.entry()]).stamps(b"another").unwrap();
    assert_eq!(office.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn who_lies_refuses_or_fails_leaves_nothing() {
    // TIME-01, 06, 08, 09, 11, 12, 16, 20 at the engine's own request.
    let stranger = Clock::new();
    let says = |status: StatusCode, body: Vec<u8>| (status, body).into_response();
    let lies: Vec<(Code, Box<Answer>)> = vec![
        (Code::ElsewhereRefused, Box::new(move |_, _| says(StatusCode::INTERNAL_SERVER_ERROR, Vec::new()))),
        (Code::ElsewhereRedirect, Box::new(|_, _| Redirect::to("http://127.0.0.1:1/").into_response())),
        (Code::TimeMalformed, Box::new(move |_, _| says(StatusCode::OK, b"no token".to_vec()))),
        (Code::ElsewhereLimit, Box::new(move |_, _| says(StatusCode::OK, vec![0x30; 100_000]))),
        (Code::TimeStatus, Box::new(move |_, _| says(StatusCode::OK, time_stamp::reject(Rejection::Time)))),
        (Code::TimeTsaUntrusted, Box::new(move |_, request| stranger.grants(request, now()).into_response())),
        (Code::TimeConflict, Box::new(|clock, request| clock.grants(request, now().minus(10)).into_response())),
        (Code::TimeConflict, Box::new(|clock, request| clock.grants(request, life().end).into_response())),
        (
            Code::TimeOutsideWindow,
            Box::new(|clock, request| clock.grants(request, now().plus(2 * DAY)).into_response()),
        ),
        // Behind version and algorithm, in the digest; before `certReq`, in the nonce.
        (
            Code::TimeImprintMismatch,
            Box::new(|clock, request| clock.grants(&altered(request, 24), now()).into_response()),
        ),
        (
            Code::TimeNonce,
            Box::new(|clock, request| clock.grants(&altered(request, request.len() - 4), now()).into_response()),
        ),
        (
            Code::TimeTsaSignature,
            Box::new(|clock, request| {
                let reply = clock.grants(request, now());
                altered(&reply, reply.len() - 1).into_response()
            }),
        ),
    ];
    for (code, lie) in lies {
        let (state, office) = (TempDir::new().unwrap(), Office::answers(lie));
        let authorities = open(&state, &[office.entry()]);
        let said = authorities.stamps(SIGNATURE).unwrap_err();
        assert!(said.ends_with(&format!("({code})")), "{code}: {said}");
        assert!(!kept(&authorities), "{code}");
    }
}

fn altered(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut other = bytes.to_vec();
    other[place] ^= 1;
    other
}

#[test]
fn who_is_slow_or_gone_is_given_up_and_the_next_is_asked() {
    let state = TempDir::new().unwrap();
    let slow = Office::slow();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = patient(&state, &[slow.entry()], Duration::from_millis(300)).stamps(SIGNATURE).unwrap_err();
    assert_eq!(said, "no time authority answered in time");
    let (dead, honest) = (Clock::new(), Office::honest());
    let said = open(&state, &[dead.entry(gone)]).stamps(SIGNATURE).unwrap_err();
    assert!(said.ends_with("(elsewhere.unreachable)"), "{said}");
    assert!(open(&state, &[dead.entry(gone), honest.entry()]).stamps(SIGNATURE).is_ok());
}

#[test]
fn a_refusal_says_that_another_attempt_may_succeed() {
    let response = Refused(missing(&"nobody answered")).into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "1");
}

#[test]
fn a_clock_that_is_a_moment_behind_is_waited_for() {
    // A certificate's first signature is made in its first second.
    let state = TempDir::new().unwrap();
    let rounds = AtomicUsize::new(0);
    let behind = Office::answers(move |clock, request| {
        let round = u64::try_from(rounds.fetch_add(1, Ordering::SeqCst)).unwrap();
        clock.grants(request, now().minus(1).plus(round)).into_response()
    });
    assert!(open(&state, &[behind.entry()]).stamps(SIGNATURE).is_ok());
    assert_eq!(behind.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn only_addresses_that_may_be_asked_and_nobodys_own_clock() {
    let (state, clock) = (TempDir::new().unwrap(), Clock::new());
    let opened = |url: &str| {
        let mut entry = clock.entry("127.0.0.1:1".parse().unwrap());
        entry["url"] = serde_json::json!(url);
        let opened = TimeAuthorities::open(named(&[entry]), trust(), Roots::system(), state.path(), PATIENCE);
        opened.map(drop).map_err(|error| error.code())
    };
    for url in ["https://time.example/stamp", "http://127.0.0.1:8080/stamp", "http://localhost:1"] {
        assert_eq!(opened(url), Ok(()), "{url}");
    }
    for url in ["http://time.example/stamp", "ftp://127.0.0.1/", "http://user@127.0.0.1:1/", "time.example"] {
        assert_eq!(opened(url), Err(Code::ElsewhereAddress), "{url}");
    }
}
