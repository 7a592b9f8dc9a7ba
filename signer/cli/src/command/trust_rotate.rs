//! `chancery trust rotate`: chancery-server in this program's place, on this home's engine unless another is named.

use std::os::unix::process::CommandExt as _;

use clap::ValueEnum as _;
use signer_core::reason::Code;

use crate::args::TrustRotate;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::programs;

/// Becomes chancery-server; comes back only with the reason it could not.
pub(crate) fn rotate(config: &Config, arguments: &TrustRotate) -> Result<Exit, Failure> {
    let what = arguments.what.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let state = arguments.state.clone().unwrap_or_else(|| config.home.path().join("engine"));
    let mut server = programs::command(programs::SERVER)?;
    server.args(["rotate", &what]).arg("--state").arg(state);
    if let Some(file) = arguments.credential_file.as_deref().or_else(|| config.owner_file()) {
        server.arg("--credential-file").arg(file);
    }
    for (flag, is_set) in [("--dry-run", arguments.dry_run), ("--yes", arguments.yes), ("--json", config.output.json)] {
        if is_set {
            server.arg(flag);
        }
    }
    let error = server.exec();
    Err(Failure::new(Code::InternalIo, format_args!("chancery-server does not start: {error}")))
}
