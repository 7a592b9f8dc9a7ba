//! Who is asked, and which protected connections come about: certificates of a made-up authority, right and wrong.

mod bounds;
mod protection;
mod service;

use std::time::Duration;

use signer_core::reason::{Code, Coded as _};

use crate::{Answer, Call, Outbound, Roots};

/// Long for a machine that answers itself, short for one that does not.
const LIMIT: Duration = Duration::from_secs(10);
const MOST: u64 = 64;

fn ask(outbound: &Outbound, url: &str) -> Result<Answer, Code> {
    let call = Call { url, accept: "text/plain", bearer: None, body: None, most: MOST };
    outbound.ask(&call).map_err(|error| error.code())
}

fn outbound(roots: Roots) -> Outbound {
    Outbound::new(roots, LIMIT)
}
