//! Connections: HTTP/1.1 with limits on headers, on idle time and on how many there are, none of which axum's own loop
//! sets. Where there are as many as there may be, the one that has asked for nothing for the longest time makes room.

mod open;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;

use open::Open;

/// Most connections at a time; one more takes the place of one that asks for nothing.
pub const MAX_CONNECTIONS: usize = 512;
/// Most headers of a request.
pub const MAX_HEADERS: usize = 32;
/// Most bytes of a request's line and headers.
pub const MAX_HEADER_BYTES: usize = 32 * 1024;
/// How long a connection may stay without a whole request head.
const IDLE: Duration = Duration::from_secs(300);
/// How long requests may go on after the server was asked to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How long an answer may lie at a client that does not read it.
const UNREAD: Duration = Duration::from_secs(30);
/// How long to wait after a failed accept, as descriptors may have run out, and for an idle connection to leave.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until `stop` resolves, lets open requests end, and gives what `stop` gave.
pub async fn serve<T>(listener: TcpListener, router: Router, stop: impl Future<Output = T>) -> T {
    serve_at_most(MAX_CONNECTIONS, listener, router, stop).await
}

/// The same with another limit on connections.
pub(super) async fn serve_at_most<T>(
    most: usize,
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = T>,
) -> T {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(IDLE).max_headers(MAX_HEADERS).max_buf_size(MAX_HEADER_BYTES);
    let graceful = GracefulShutdown::new();
    let (places, open) = (Arc::new(Semaphore::new(most)), Arc::new(Open::default()));
    let mut stop = std::pin::pin!(stop);
    let stopped = loop {
        let stream = tokio::select! {
            accepted = accept(&listener) => accepted,
            stopped = &mut stop => break stopped,
        };
        let place = place(&places, &open).await;
        let caller = open.enter();
        let (service, asking) = (TowerToHyperService::new(router.clone()), Arc::clone(&caller));
        let service = service_fn(move |request| {
            let (answer, asked) = (service.call(request), asking.asks());
            async move {
                let answer = answer.await;
                drop(asked);
                answer
            }
        });
        let connection = graceful.watch(protocol.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = loop {
                tokio::select! {
                    ended = &mut connection => break Some(ended),
                    // Whoever has asked meanwhile is answered first.
                    () = caller.told_to_leave() => if caller.is_idle() { break None },
                }
            };
            match ended {
                Some(Ok(())) => {}
                Some(Err(error)) => tracing::debug!(%error, "a connection ended early"),
                None => tracing::debug!("an idle connection made room"),
            }
            drop((caller, place));
        });
    };
    if time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still open when the server stopped");
    }
    stopped
}

/// A place for one more connection; where there is none, idle ones are told to leave until there is.
async fn place(places: &Arc<Semaphore>, open: &Open) -> Option<OwnedSemaphorePermit> {
    if let Ok(free) = Arc::clone(places).try_acquire_owned() {
        return Some(free);
    }
    loop {
        open.make_room();
        if let Ok(left) = time::timeout(PAUSE, Arc::clone(places).acquire_owned()).await {
            // Nobody closes the semaphore, so there always is one.
            return left.ok();
        }
    }
}

/// The next connection.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it a small answer may wait 40 ms for the client's acknowledgement.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "no TCP_NODELAY");
                }
                // An answer that nobody reads would keep its memory and its place for ever.
                let unread = u32::try_from(UNREAD.as_millis()).unwrap_or(u32::MAX);
                if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(&stream, unread) {
                    tracing::debug!(%error, "no TCP_USER_TIMEOUT");
                }
                return stream;
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                time::sleep(PAUSE).await;
            }
        }
    }
}
