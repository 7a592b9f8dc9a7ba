//! `chancery-server`; everything is in the library.

use mimalloc::MiMalloc;

/// What one thread makes for a request, another gives back: the system's allocator took a tenth of the time of an answer.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::process::ExitCode {
    signer_server::main()
}
