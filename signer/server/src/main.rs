//! `chancery-server`; everything is in the library.

fn main() -> std::process::ExitCode {
    signer_server::main()
}
