//! Work of one kind for several threads.

use std::panic;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What `find` returns, and what `work` makes of every item it hands over, in no order, on as many threads as there are
/// processors: work begins while `find` still runs. A thread calls `start` before its first item.
pub(crate) fn on_all_processors<I: Send, S, R: Send, T>(
    find: impl FnOnce(&mut dyn FnMut(I)) -> T,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I) -> R + Sync,
) -> (T, Vec<R>) {
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let run = || {
        let mut done = Vec::new();
        let Some(first) = next(&receiver) else { return done };
        let mut state = start();
        done.push(work(&mut state, first));
        while let Some(item) = next(&receiver) {
            done.push(work(&mut state, item));
        }
        done
    };
    let others = thread::available_parallelism().map_or(0, |all| usize::from(all).saturating_sub(1));
    thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(run)).collect();
        // A queue without a reader holds nothing anybody waits for.
        let found = find(&mut move |item| drop(sender.send(item)));
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|broken| panic::resume_unwind(broken)));
        }
        (found, done)
    })
}

fn next<I>(receiver: &Mutex<Receiver<I>>) -> Option<I> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::on_all_processors;

    #[test]
    fn everything_found_is_worked_on_once() {
        let find = |hand: &mut dyn FnMut(usize)| (0..1000).for_each(hand);
        let (found, mut done) = on_all_processors(find, || (), |(), item| item);
        done.sort_unstable();
        assert_eq!((found, done), ((), (0..1000).collect()));
    }

    #[test]
    fn nothing_found_starts_nothing() {
        let (found, done) = on_all_processors(|_| 7, || panic!("started"), |(), item: usize| item);
        assert_eq!((found, done), (7, Vec::new()));
    }
}
