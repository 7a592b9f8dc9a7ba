//! What one process says to another on this machine.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use gitsign_hook::arguments;
use signer_wire::frame;
use signer_wire::message::{Answer, Request};

use crate::Parser;

pub(crate) const PARSERS: &[Parser] = &[
    Parser { name: "arguments", takes: hook_arguments },
    Parser { name: "broker-answer", takes: |bytes| frame::read::<Answer>(&mut &*bytes).is_ok() },
    Parser { name: "broker-request", takes: broker_request },
];

/// A request that was read can be written, and is read again.
fn broker_request(bytes: &[u8]) -> bool {
    let Ok(request) = frame::read::<Request>(&mut &*bytes) else { return false };
    let mut written = Vec::new();
    assert!(frame::write(&mut written, &request).is_ok(), "what was read cannot be written");
    assert!(frame::read::<Request>(&mut written.as_slice()).is_ok(), "its own frame is refused");
    true
}

/// Arguments stand one a line.
fn hook_arguments(bytes: &[u8]) -> bool {
    arguments::parse(bytes.split(|byte| *byte == b'\n').map(|word| OsString::from_vec(word.to_vec()))).is_ok()
}
