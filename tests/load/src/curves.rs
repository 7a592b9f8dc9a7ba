//! `curves`: what the machine gives for the operations that nobody who issues or verifies can do without, on one core and
//! on all at once, so that figures of different machines and hours can be compared.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use signer_core::crypto::{Ed25519Key, P256Key, P256Verifier, SignP256 as _};
use signer_core::digest::Digest;

use crate::report;

/// How long each operation is repeated.
const TURN: Duration = Duration::from_millis(250);
/// Bytes that are signed and verified.
const MESSAGE: [u8; 256] = [0x5a; 256];

/// Prints how often in a second each operation is done.
pub(crate) fn perform() -> Result<bool> {
    let (p256, ed25519) = (P256Key::generate()?, Ed25519Key::generate()?);
    let digest = Digest::of(&MESSAGE);
    let signature = p256.sign_digest(&digest)?;
    let verifier = P256Verifier::new(p256.public())?;
    let (checkpoint, log) = (ed25519.sign(&MESSAGE), ed25519.public());
    let piece = vec![0_u8; 1024 * 1024];
    let check = || verifier.verify(&MESSAGE, &signature).map_err(Into::into);
    report::answer(&json!({
        "schema": "urn:chancery:load-curves:v1",
        "cores": cores(),
        "p256_verify_per_second": on(1, check)?,
        "p256_verify_per_second_all_cores": on(cores(), check)?,
        "p256_sign_per_second": on(1, || p256.sign_digest(&digest).map(drop).map_err(Into::into))?,
        "ed25519_verify_per_second": on(1, || log.verify(&MESSAGE, &checkpoint).map_err(Into::into))?,
        "ed25519_sign_per_second": on(1, || { black_box(ed25519.sign(&MESSAGE)); Ok(()) })?,
        "sha256_mib_per_second": on(1, || { black_box(Digest::of(&piece)); Ok(()) })?,
    }))?;
    Ok(true)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// How often in a second `threads` threads together do `act`, each as fast as it can.
fn on(threads: usize, act: impl Fn() -> Result<()> + Sync) -> Result<u64> {
    let act = &act;
    let counts: Vec<Result<u64>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(move || repeated(act))).collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread panicked"))))
            .collect()
    });
    counts.into_iter().sum()
}

/// How often in a second one thread does `act`.
fn repeated(act: impl Fn() -> Result<()>) -> Result<u64> {
    let (begun, mut count) = (Instant::now(), 0_u64);
    while begun.elapsed() < TURN {
        act()?;
        count += 1;
    }
    Ok(count * 1000 / u64::try_from(TURN.as_millis())?)
}
