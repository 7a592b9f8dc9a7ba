//! The broker's program: `chancery-broker serve --home DIR`.

fn main() -> std::process::ExitCode {
    signer_broker::serve::main()
}
