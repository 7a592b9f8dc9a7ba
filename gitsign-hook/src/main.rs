//! Git's signing program.

fn main() -> std::process::ExitCode {
    gitsign_hook::main()
}
