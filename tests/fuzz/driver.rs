//! libFuzzer over one parser, named by `CHANCERY_PARSER`.
#![no_main]

use std::sync::LazyLock;

use chancery_parsers::{Parser, parser, parsers};

static PARSER: LazyLock<Parser> = LazyLock::new(|| {
    let name = std::env::var("CHANCERY_PARSER").unwrap_or_default();
    parser(&name).copied().unwrap_or_else(|| {
        let names: Vec<_> = parsers().map(|parser| parser.name).collect();
        panic!("CHANCERY_PARSER names none of {}", names.join(" "))
    })
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (PARSER.takes)(bytes);
});
