//! `kills`: an engine is killed and restarted on the same address while clients work on it. No client gives up; each
//! repeats what was not answered.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::json;
use signer_core::crypto;

use crate::arguments::Kills;
use crate::client::{Patience, Pulse};
use crate::load;
use crate::report::{self, Latencies};

/// How long a client waits for an answer, through as many lives as that takes: on a busy machine few lives are long
/// enough for one.
const PATIENCE: Duration = Duration::from_secs(600);
/// Every so many lives lasts until there was an answer for each client, so that none goes without for ever.
const BREATH: u32 = 25;
/// How long such a life may last.
const LONGEST: Duration = Duration::from_secs(60);
/// The shortest and longest life of an engine, in milliseconds.
const LIFE: (u64, u64) = (20, 240);
/// Every so many lives the engine is killed before it has said that it is ready.
const STILLBORN: u32 = 10;
/// Every so many deaths leave a torn write behind the last whole transaction.
const TORN: u32 = 7;

/// Runs the clients and kills the engine beneath them. Answers whether half of all kills met a request in flight.
pub(crate) fn perform(arguments: &Kills) -> Result<bool> {
    let url = format!("http://{}", arguments.listen);
    let pulse = Arc::new(Pulse::default());
    let patience = Patience::new(PATIENCE, Arc::clone(&pulse));
    let (mut engine, first) = start(arguments)?;
    let directory = Some(&arguments.ledger);
    let sessions =
        load::sessions(&url, &arguments.owner_file, arguments.clients, Some(&arguments.ledger), arguments.resume)?;
    let clients = load::clients(&url, &sessions, directory, &patience)?;
    let (mut met, mut starts) = (0_u32, vec![first]);
    let took = thread::scope(|scope| -> Result<Vec<Duration>> {
        let working = Arc::clone(&pulse);
        let work = scope.spawn(move || load::run(clients, |_| !working.stop.load(Ordering::SeqCst)));
        let killed = (1..=arguments.count).try_for_each(|kill| -> Result<()> {
            if kill % STILLBORN == 0 {
                stillborn(arguments, &mut engine)?;
            } else {
                let answered = pulse.answers.load(Ordering::Relaxed);
                thread::sleep(life()?);
                if kill % BREATH == 0 {
                    breathe(&pulse, answered.saturating_add(u64::try_from(arguments.clients)?));
                }
                met += u32::from(pulse.in_flight.load(Ordering::SeqCst) > 0);
                kill_now(&mut engine)?;
            }
            if kill % TORN == 0 {
                tear(arguments)?;
            }
            let (next, took) = start(arguments)?;
            engine = next;
            starts.push(took);
            ensure!(!work.is_finished(), "the clients stopped at kill {kill}");
            Ok(())
        });
        // The last engine answers what is open.
        thread::sleep(Duration::from_millis(300));
        pulse.stop.store(true, Ordering::SeqCst);
        let took = work.join().map_err(|_| anyhow!("a client panicked"))?;
        // Clients that stopped are why there were no more kills.
        took.context("a client gave up").and_then(|took| killed.map(|()| took))
    });
    kill_now(&mut engine)?;
    let starts = Latencies::new(starts);
    report::answer(&json!({
        "schema": "urn:chancery:kills:v1", "kills": arguments.count, "with_requests_in_flight": met,
        "clients": arguments.clients, "answers": took?.len(), "repeats": pulse.repeats.load(Ordering::Relaxed),
        "start_p50_ms": starts.quantile(50), "start_max_ms": starts.quantile(100),
    }))?;
    Ok(met.saturating_mul(2) >= arguments.count)
}

/// Waits until the clients have this many answers, for a while.
fn breathe(pulse: &Pulse, answers: u64) {
    let end = Instant::now() + LONGEST;
    while pulse.answers.load(Ordering::Relaxed) < answers && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Starts the engine and waits until it says that it is ready.
fn start(arguments: &Kills) -> Result<(Child, Duration)> {
    let begun = Instant::now();
    let mut child = spawn(arguments)?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    if line.is_empty() {
        bail!("the engine ended before it was ready: {}", child.wait()?);
    }
    Ok((child, begun.elapsed()))
}

fn spawn(arguments: &Kills) -> Result<Child> {
    let mut command = Command::new(&arguments.server);
    command.arg("serve").arg("--state").arg(&arguments.state).arg("--listen").arg(arguments.listen.to_string());
    command.arg("--credential-file").arg(&arguments.owner_file).args(["--public-log", "--json", "--log", "error"]);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

/// Replaces the engine by one that dies somewhere on its way to being ready.
fn stillborn(arguments: &Kills, engine: &mut Child) -> Result<()> {
    kill_now(engine)?;
    *engine = spawn(arguments)?;
    let [random] = crypto::random::<1>()?;
    thread::sleep(Duration::from_millis(u64::from(random) / 4));
    kill_now(engine)
}

/// Garbage behind the newest frame of the write-ahead log, as a write leaves it that power loss cut short.
fn tear(arguments: &Kills) -> Result<()> {
    // Without one there is nothing to tear; a file that SQLite did not make would have another mode.
    let Ok(log) = OpenOptions::new().read(true).write(true).open(arguments.state.join("engine.sqlite-wal")) else {
        return Ok(());
    };
    let [length] = crypto::random::<1>()?;
    let garbage: [u8; 4096] = crypto::random()?;
    Ok(log.write_all_at(garbage.get(..usize::from(length) * 16).unwrap_or(&garbage), log_end(&log)?)?)
}

/// Where the frames end that belong together: those with the salts of the log's header.
fn log_end(log: &File) -> Result<u64> {
    let eight = |at| {
        let mut eight = [0; 8];
        log.read_exact_at(&mut eight, at).ok().map(|()| eight)
    };
    let (Some([page @ .., _, _, _, _]), Some(newest)) = (eight(8), eight(16)) else { return Ok(log.metadata()?.len()) };
    let frame = 24 + u64::from(u32::from_be_bytes(page));
    let mut end = 32;
    while eight(end + 8) == Some(newest) {
        end += frame;
    }
    Ok(end)
}

/// `kill -9`.
fn kill_now(engine: &mut Child) -> Result<()> {
    engine.kill()?;
    engine.wait()?;
    Ok(())
}

fn life() -> Result<Duration> {
    let random = u64::from_be_bytes(crypto::random()?);
    let (shortest, longest) = LIFE;
    Ok(Duration::from_millis(shortest + random % (longest - shortest)))
}
