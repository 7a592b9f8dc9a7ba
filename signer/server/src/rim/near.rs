//! The same routes for neighbours: clients of the same user on this machine, over a socket in the abstract namespace and
//! without HTTP in between. Its name is told over HTTP and is no secret (`/proc/net/unix` has it): a caller of another user
//! is not let in.
//!
//! A thread for each connection answers on itself: there is nothing to wait for but the question and the disk.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use signer_core::crypto;
use signer_core::protocol::MAX_BODY;
use signer_wire::near::{Door, HEADER, MAX_QUESTION, Question, Reply};
use signer_wire::seats::Seats;
use signer_wire::{frame, socket};
use tokio::runtime::Handle;

use super::auth::OWNER_HEADER;

/// Most connections at a time.
const MAX_CONNECTIONS: usize = 16;
/// How long a connection may say nothing, and its answer lie unread.
const IDLE: Duration = Duration::from_secs(300);
const UNREAD: Duration = Duration::from_secs(30);
/// How long questions may go on after the server was asked to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait between looks at what goes on, and after a failed accept.
const PAUSE: Duration = Duration::from_millis(10);

/// The open door. When it is dropped, whoever is being answered gets the answer, and nobody else is answered.
pub struct Near {
    listener: Arc<UnixListener>,
    routes: Routes,
}

/// Whoever is being answered holds the router for as long as that takes, and nobody gets it any more who asks after it was
/// taken away.
#[derive(Clone)]
struct Routes(Arc<Mutex<Option<Arc<Router>>>>);

impl Routes {
    fn new(router: Router) -> Self {
        Self(Arc::new(Mutex::new(Some(Arc::new(router)))))
    }

    fn open(&self) -> Option<Arc<Router>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn close(&self) -> Option<Arc<Router>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Near {
    /// Opens one where the system lets us, and gives the router for everybody else, whose answers say where it is.
    pub fn open(router: Router, runtime: &Handle) -> (Option<Self>, Router) {
        match Self::try_open(&router, runtime) {
            Ok((near, said)) => (Some(near), announcing(router, said)),
            Err(error) => {
                tracing::debug!(%error, "everybody comes over HTTP");
                (None, router)
            }
        }
    }

    fn try_open(router: &Router, runtime: &Handle) -> io::Result<(Self, HeaderValue)> {
        let name = crypto::random::<16>().map_err(io::Error::other)?;
        let (door, listener) = Door::open(format!("chancery-{}", hex::encode(name)))?;
        let said = HeaderValue::from_str(&door.to_string()).map_err(io::Error::other)?;
        let near = Self { listener: Arc::new(listener), routes: Routes::new(router.clone()) };
        let (listener, held, runtime) = (Arc::clone(&near.listener), near.routes.clone(), runtime.clone());
        thread::Builder::new().name("near".to_owned()).spawn(move || attend(&listener, &held, &runtime))?;
        Ok((near, said))
    }
}

impl Drop for Near {
    fn drop(&mut self) {
        let Some(router) = self.routes.close() else { return };
        let _woken = rustix::net::shutdown(&*self.listener, rustix::net::Shutdown::Both);
        let deadline = Instant::now() + GRACE;
        while Arc::strong_count(&router) > 1 {
            if Instant::now() >= deadline {
                tracing::warn!("neighbours were still being answered when the server stopped");
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}

fn announcing(router: Router, said: HeaderValue) -> Router {
    router.layer(map_response(move |mut response: Response| {
        response.headers_mut().insert(HEADER, said.clone());
        std::future::ready(response)
    }))
}

/// Takes connections until the door is closed.
fn attend(listener: &UnixListener, routes: &Routes, runtime: &Handle) {
    let seats = Seats::new(MAX_CONNECTIONS);
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return,
            // Descriptors may have run out.
            Err(error) => {
                tracing::warn!(%error, "a neighbour was not let in");
                thread::sleep(PAUSE);
                continue;
            }
        };
        // Strangers take no seat.
        let Some(seat) = is_neighbour(&stream).then(|| seats.take()).flatten() else { continue };
        let (held, runtime) = (routes.clone(), runtime.clone());
        let converse = move || {
            let _seat = seat;
            converse(stream, &held, &runtime)
        };
        if let Err(error) = thread::Builder::new().name("near".to_owned()).spawn(converse) {
            tracing::debug!(%error, "no thread for a neighbour");
        }
    }
}

fn is_neighbour(stream: &UnixStream) -> bool {
    socket::peer(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid().as_raw())
}

/// Answers one neighbour until it goes away; what it says wrongly is answered by nothing.
fn converse(mut stream: UnixStream, routes: &Routes, runtime: &Handle) -> Option<()> {
    stream.set_read_timeout(Some(IDLE)).ok()?;
    stream.set_write_timeout(Some(UNREAD)).ok()?;
    loop {
        let question = frame::read_at_most::<Question>(&mut stream, MAX_QUESTION).ok()?;
        let held = routes.open()?;
        let reply = runtime.block_on(answer(Router::clone(&held), question))?;
        drop(held);
        frame::write(&mut stream, &reply).ok()?;
    }
}

async fn answer(router: Router, question: Question) -> Option<Reply> {
    let mut request = Request::post(question.route)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(bearer) = &question.bearer {
        request = request.header(header::AUTHORIZATION, ["Bearer ", bearer.expose()].concat());
    }
    if let Some(owner) = &question.owner {
        request = request.header(OWNER_HEADER, owner.expose());
    }
    let request = request.body(Body::from(question.body)).ok()?;
    let Ok(response) = TowerToHyperService::new(router).call(request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), MAX_BODY).await.ok()?;
    Some(Reply { status, body: String::from_utf8(body.into()).ok()? })
}

#[cfg(test)]
mod tests;
