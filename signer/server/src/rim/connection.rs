//! Connections: HTTP/1.1 with limits on headers, on idle time and on how many there are, none of which axum's own loop
//! sets.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;

/// Most connections at a time; more wait to be accepted.
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
/// How long to wait after a failed accept: descriptors may have run out.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until `stop` resolves, lets open requests end, and gives what `stop` gave.
pub async fn serve<T>(listener: TcpListener, router: Router, stop: impl Future<Output = T>) -> T {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(IDLE).max_headers(MAX_HEADERS).max_buf_size(MAX_HEADER_BYTES);
    let open = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    let stopped = loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            stopped = &mut stop => break stopped,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = open.watch(protocol.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    };
    if time::timeout(GRACE, open.shutdown()).await.is_err() {
        tracing::warn!("requests were still open when the server stopped");
    }
    stopped
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // Nobody closes the semaphore, so there always is one.
    let place = Arc::clone(places).acquire_owned().await.ok();
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
                return (stream, place);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                time::sleep(PAUSE).await;
            }
        }
    }
}
