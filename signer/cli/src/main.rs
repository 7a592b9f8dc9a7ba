//! `chancery`: people's and scripts' commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    signer_cli::main()
}
