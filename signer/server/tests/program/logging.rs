//! What the program writes into its log when callers choose the words (attacks SRV-09, SRV-11).

use std::fs;

use crate::world::World;

// SRV-09: line ends, escapes of terminals and made-up records in every place that a caller fills.
#[test]
fn no_caller_writes_a_line_of_the_log() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let server = world.serve_logged(&log);
    let forged = "2026-01-01T00:00:00Z ERROR signer_server: FORGED";
    let quiet = "Host: 127.0.0.1\r\nConnection: close";
    let requests: [Vec<u8>; 6] = [
        format!("GET /%0d%0a{} HTTP/1.1\r\n{quiet}\r\n\r\n", forged.replace(' ', "%20")).into(),
        [b"GET /\x1b[2J\x1b[31mFORGED HTTP/1.1\r\n".as_slice(), quiet.as_bytes(), b"\r\n\r\n"].concat(),
        ["GET /\u{85}FORGED\u{2028}FORGED HTTP/1.1\r\n".as_bytes(), quiet.as_bytes(), b"\r\n\r\n"].concat(),
        format!("GET /v1/status HTTP/1.1\r\nX-Request-Id: a\r\n {forged}\r\n{quiet}\r\n\r\n").into(),
        format!("GET /v1/status HTTP/1.1\r\nHost: a\u{1b}[31m{forged}\r\nConnection: close\r\n\r\n").into(),
        format!("FORGED /v1/status HTTP/1.1\r\n{quiet}\r\n\r\n").into(),
    ];
    for request in &requests {
        server.raw(request);
    }
    // JSON's own escapes, in a value that is repeated in the refusal.
    let owner = fs::read_to_string(world.owner()).unwrap();
    let person = format!("a\\r\\n{forged}\\u001b[31m");
    assert_eq!(server.post("/v1/persons", owner.trim_end(), &format!("{{\"person\":\"{person}\"}}")), 400);
    drop(server);
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("FORGED"), "the requests are in the log: {text}");
    for line in text.lines() {
        assert!(!line.starts_with(forged) && !line.trim_start().starts_with("FORGED"), "{line:?}");
        let harmless = |sign: char| !sign.is_control() && !matches!(sign, '\u{2028}' | '\u{2029}');
        assert!(line.chars().all(harmless), "{line:?}");
    }
    // SRV-11.
    assert!(!text.contains(owner.trim_end()));
}
