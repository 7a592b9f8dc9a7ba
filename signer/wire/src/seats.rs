//! How many conversations go on at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A bounded number of seats; clones share them.
#[derive(Clone, Debug)]
pub struct Seats {
    taken: Arc<AtomicUsize>,
    most: usize,
}

impl Seats {
    /// So many, and all free.
    pub fn new(most: usize) -> Self {
        Self { taken: Arc::default(), most }
    }

    /// One of them, if one is free.
    pub fn take(&self) -> Option<Seat> {
        let before = self.taken.fetch_add(1, Ordering::SeqCst);
        let seat = Seat(Arc::clone(&self.taken));
        (before < self.most).then_some(seat)
    }
}

/// A seat that is taken; free again when dropped, however its thread ends.
#[derive(Debug)]
pub struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_seats_are_taken_than_there_are_and_each_is_free_again() {
        let seats = Seats::new(2);
        let first = seats.take().unwrap();
        let _second = seats.clone().take().unwrap();
        assert!(seats.take().is_none());
        assert!(seats.take().is_none());
        drop(first);
        assert!(seats.take().is_some());
    }

    #[test]
    fn a_thread_that_panics_gives_up_its_seat() {
        let seats = Seats::new(1);
        let seat = seats.take();
        let panicked = std::thread::spawn(move || {
            let _seat = seat;
            panic!("on purpose");
        });
        assert!(panicked.join().is_err());
        assert!(seats.take().is_some());
    }
}
