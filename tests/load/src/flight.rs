//! Many clients on few threads, each with one request under way. A thread for each client would spend more on being woken
//! than on asking.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use rustix::event::{Timespec, epoll};

use crate::wire::Wire;

/// How long to wait for any answer.
const LIMIT: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };
/// Answers taken up at a time.
const EVENTS: usize = 64;

/// One client: what it asks and what it does with an answer.
pub(crate) trait Asks: Send {
    /// Its connection.
    fn wire(&mut self) -> &mut Wire;
    /// Sends the next request.
    fn ask(&mut self) -> Result<()>;
    /// Takes an answer, as it came.
    fn take(&mut self, answer: Vec<u8>) -> Result<()>;
}

/// Lets every client ask until `end`, or `count` times. Gives how long each answer took.
pub(crate) fn fly<C: Asks>(clients: &mut [C], end: Instant, count: Option<u64>) -> Result<Vec<Duration>> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let took = Mutex::new(Vec::new());
    thread::scope(|scope| -> Result<()> {
        let parts = clients.chunks_mut(clients.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts
            .map(|part| {
                scope.spawn(|| -> Result<()> {
                    let measured = fly_some(part, end, count)?;
                    took.lock().unwrap_or_else(PoisonError::into_inner).extend(measured);
                    Ok(())
                })
            })
            .collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    Ok(took.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn fly_some<C: Asks>(clients: &mut [C], end: Instant, count: Option<u64>) -> Result<Vec<Duration>> {
    let waiting = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut begun = Vec::with_capacity(clients.len());
    let mut done = vec![0_u64; clients.len()];
    let mut took = Vec::new();
    for (number, client) in clients.iter_mut().enumerate() {
        let data = epoll::EventData::new_u64(u64::try_from(number)?);
        epoll::add(&waiting, client.wire(), data, epoll::EventFlags::IN)?;
        begun.push(Instant::now());
        client.ask()?;
    }
    let mut open = clients.len();
    let mut events = [epoll::Event { flags: epoll::EventFlags::empty(), data: epoll::EventData::new_u64(0) }; EVENTS];
    while open > 0 {
        let ready = epoll::wait(&waiting, &mut events, Some(&LIMIT))?;
        ensure!(ready > 0, "the engine does not answer");
        for event in events.iter().take(ready) {
            let number = usize::try_from(event.data.u64())?;
            let lost = || "an answer for nobody";
            let client = clients.get_mut(number).with_context(lost)?;
            let Some(answer) = client.wire().receive()? else { continue };
            let answer = answer.to_vec();
            let start = begun.get_mut(number).with_context(lost)?;
            let done = done.get_mut(number).with_context(lost)?;
            let now = Instant::now();
            took.push(now.duration_since(*start));
            *done += 1;
            client.take(answer)?;
            if now < end && count.is_none_or(|count| *done < count) {
                *start = Instant::now();
                client.ask()?;
            } else {
                epoll::delete(&waiting, client.wire())?;
                open -= 1;
            }
        }
    }
    Ok(took)
}
