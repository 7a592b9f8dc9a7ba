//! Sends a request in one piece. The library writes head and body apart, and the engine, woken by the head, would find
//! nothing more to read and go to sleep again while the body is on its way.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Most bytes that are held back; more go out as they come.
const MAX_HELD: usize = 64 * 1024;

/// Holds back what a connection writes until an answer is waited for.
#[derive(Debug)]
pub(crate) struct Whole;

impl<In: Transport> Connector<In> for Whole {
    type Out = WholeTransport<In>;

    fn connect(&self, _details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| WholeTransport { inner, held: Vec::new() }))
    }
}

/// A connection that writes as late as it may.
#[derive(Debug)]
pub(crate) struct WholeTransport<In> {
    inner: In,
    held: Vec<u8>,
}

impl<In: Transport> WholeTransport<In> {
    fn send(&mut self, timeout: NextTimeout) -> Result<(), Error> {
        let mut rest = self.held.as_slice();
        while !rest.is_empty() {
            let room = self.inner.buffers().output();
            let (piece, later) = rest.split_at(rest.len().min(room.len()));
            if let Some(room) = room.get_mut(..piece.len()) {
                room.copy_from_slice(piece);
            }
            self.inner.transmit_output(piece.len(), timeout)?;
            rest = later;
        }
        self.held.clear();
        Ok(())
    }
}

impl<In: Transport> Transport for WholeTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = self.inner.buffers().output();
        self.held.extend_from_slice(output.get(..amount).unwrap_or(output));
        if self.held.len() > MAX_HELD { self.send(timeout) } else { Ok(()) }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.send(timeout)?;
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

#[cfg(test)]
mod tests;
