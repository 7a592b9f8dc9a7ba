//! `chancery-load`: clients of a running engine that count, kill, forge and check.
//!
//! It speaks the engine's protocol the way brokers do and keeps ledgers of every answer, so that a test can ask later
//! whether the engine still stands by each of them.

mod arguments;
mod certificates;
mod check;
mod client;
mod clock;
mod crash;
mod curves;
mod door;
mod errand;
mod flight;
mod forged_commit;
mod grow;
mod hand;
mod hashes;
mod issuer;
mod ledger;
mod load;
mod measured;
mod office;
mod open_certificates;
mod raw_http;
mod report;
mod side_doors;
mod splices;
mod synthetic;
mod tokens;
mod wire;
mod wrong_requests;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Certificates(arguments) => certificates::perform(&arguments),
        Command::Check(arguments) => check::perform(&arguments),
        Command::Curves => curves::perform(),
        Command::Grow(arguments) => grow::perform(&arguments),
        Command::Hashes(arguments) => hashes::perform(&arguments),
        Command::Kills(arguments) => crash::perform(&arguments),
        Command::Load(arguments) => load::perform(&arguments),
        Command::OpenCertificates(arguments) => open_certificates::perform(&arguments),
        Command::SideDoors(arguments) => side_doors::perform(&arguments),
        Command::Tokens(arguments) => tokens::perform(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            report::remark(&format!("error: {error:#}"));
            ExitCode::from(3)
        }
    }
}
