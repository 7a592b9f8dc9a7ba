//! Links the signing program statically where the C library allows it: git starts it for every commit, and finding,
//! mapping and relocating shared libraries takes longer than all that it does itself.
//!
//! The standard library asks for shared libraries by name. Linker scripts of these names, found first, name the archives
//! in their place, for this one program and no other: `crt-static` would be a setting of the whole workspace.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What the standard library asks for.
const LIBRARIES: [&str; 7] = ["c", "dl", "gcc_s", "m", "pthread", "rt", "util"];

fn main() -> io::Result<()> {
    let mut cargo = io::stdout();
    writeln!(cargo, "cargo:rerun-if-changed=build.rs")?;
    let target = env::var("TARGET").unwrap_or_default();
    let (true, Some(folder)) = (target == "x86_64-unknown-linux-gnu", env::var_os("OUT_DIR").map(PathBuf::from)) else {
        return Ok(());
    };
    for library in LIBRARIES {
        // Some systems package the archives apart, and another machine has others: there the program stays dynamic.
        let Some(archive) = archive(library).filter(|_| env::var("HOST").as_ref() == Ok(&target)) else {
            return Ok(());
        };
        fs::write(folder.join(format!("lib{library}.so")), format!("INPUT({})\n", archive.display()))?;
    }
    writeln!(cargo, "cargo:rustc-link-arg-bin=gitsign-hook=-L{}", folder.display())?;
    writeln!(cargo, "cargo:rustc-link-arg-bin=gitsign-hook=-static-pie")
}

/// Where the C compiler, which links, finds the archive; it repeats the name of one that it does not find.
fn archive(library: &str) -> Option<PathBuf> {
    // GCC's unwinder is named otherwise as an archive.
    let name = format!("lib{}.a", if library == "gcc_s" { "gcc_eh" } else { library });
    let output = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(Path::new(path.trim())).filter(|path| path.is_absolute() && path.is_file()).map(Path::to_path_buf)
}
