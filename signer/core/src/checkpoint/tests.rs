//! Checkpoints: one spelling each, one signer, no strangers.

mod published;

use super::*;
use crate::reason::{Code, Coded};
use crate::time::Timestamp;

const ORIGIN: &str = "log-7f3a.example.chancery.internal";

/// The key of RFC 8032 §7.1, test 1.
fn key() -> Ed25519Key {
    let document = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    Ed25519Key::from_pkcs8(&hex::decode(document).unwrap()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 300, root: Digest::of(b"root") }
}

/// Signs a text of any form as the log would.
fn sign_text(text: &str, origin: &str, key: &Ed25519Key) -> String {
    format!("{text}\n{}", line(text, origin, origin, key))
}

fn line(text: &str, name: &str, origin: &str, key: &Ed25519Key) -> SignatureLine {
    let key_hash = key_hash(&log_id(origin, &key.public()));
    SignatureLine { name: name.to_owned(), key_hash, signature: key.sign(text.as_bytes()) }
}

fn code(text: &str) -> Code {
    Checkpoint::verify(text, ORIGIN, &key().public()).unwrap_err().code()
}

fn published(text: &str) -> Result<Checkpoint, Code> {
    Checkpoint::verify_published(text, ORIGIN, &key().public()).map_err(|error| error.code())
}

#[test]
fn reads_what_it_signs() {
    for size in [0, 1, 300, i64::MAX.unsigned_abs()] {
        let checkpoint = Checkpoint { size, ..checkpoint() };
        let text = checkpoint.sign(&key());
        assert_eq!(Checkpoint::verify(&text, ORIGIN, &key().public()).as_ref(), Ok(&checkpoint));
        assert_eq!(published(&text).as_ref(), Ok(&checkpoint));
    }
}

#[test]
fn the_key_id_is_the_one_of_c2sp_signed_note() {
    let bytes = [ORIGIN.as_bytes(), b"\n\x01", key().public().as_bytes()].concat();
    assert_eq!(log_id(ORIGIN, &key().public()), *Digest::of(&bytes).as_bytes());
}

// LOG-09.
#[test]
fn rejects_every_other_spelling_of_its_text() {
    let root = STANDARD.encode(Digest::of(b"root").as_bytes());
    let unpadded = root.trim_end_matches('=');
    let short = STANDARD.encode([7; 31]);
    // The last character of a padded group has two bits that must be zero.
    let trailing_bits = format!("{}B=", root.get(..42).unwrap());
    for text in [
        String::new(),
        format!("{ORIGIN}\n"),
        format!("{ORIGIN}\n300\n"),
        format!("{ORIGIN}\n{root}\n"),
        format!("300\n{root}\n"),
        format!("\n300\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n0300\n{root}\n"),
        format!("{ORIGIN}\n+300\n{root}\n"),
        format!("{ORIGIN}\n-300\n{root}\n"),
        format!("{ORIGIN}\n300 \n{root}\n"),
        format!("{ORIGIN}\n0x12c\n{root}\n"),
        format!("{ORIGIN}\n٣\n{root}\n"),
        format!("{ORIGIN}\n9223372036854775808\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n300\n{unpadded}\n"),
        format!("{ORIGIN}\n300\n{short}\n"),
        format!("{ORIGIN}\n300\n{trailing_bits}\n"),
        format!("{ORIGIN}\n300\n{root} \n"),
        format!("{ORIGIN}\n300\n\n"),
        format!("{ORIGIN}\n300\n{root}\nextension\n"),
        format!("{ORIGIN}\n300\n{root}\n\n"),
        format!("\n{ORIGIN}\n300\n{root}\n"),
        format!("{ORIGIN}\r\n300\r\n{root}\r\n"),
        format!("{ORIGIN}\n300\n{root}\t\n"),
        format!("{ORIGIN}\n300\n{root}\u{85}\n"),
        format!("{ORIGIN}\0\n300\n{root}\n"),
        format!("{}\n300\n{root}\n", ORIGIN.to_uppercase()),
        format!("{ORIGIN}:8080\n300\n{root}\n"),
        format!("{ORIGIN}/log\n300\n{root}\n"),
        format!("{ORIGIN}.\n300\n{root}\n"),
        format!("{ORIGIN} \n300\n{root}\n"),
    ] {
        assert_eq!(code(&sign_text(&text, ORIGIN, &key())), Code::LogCheckpointMalformed, "{text:?}");
    }
}

// LOG-09.
#[test]
fn rejects_every_other_form_of_its_signature_block() {
    let text = checkpoint().note_text();
    let signed = checkpoint().sign(&key());
    let line = line(&text, ORIGIN, ORIGIN, &key()).to_string();
    let blob = line.trim_end().rsplit(' ').next().unwrap();
    for note in [
        text.clone(),
        format!("{text}\n"),
        format!("{text}{line}"),
        format!("{text}\n\n{line}"),
        format!("{text}\n{line}\n"),
        format!("{text}\n{line}trailing"),
        format!("{text}\n{line}trailing\n"),
        signed.trim_end().to_owned(),
        signed.replace('—', "-"),
        signed.replace('—', "–"),
        signed.replace("— ", "—"),
        signed.replace("— ", "—  "),
        signed.replace("— ", " — "),
        signed.replace(&format!(" {blob}"), &format!("  {blob}")),
        signed.replace(blob, &format!("{blob}=")),
        signed.replace(blob, &blob.replace('=', "")),
        signed.replace(blob, "AAAAAA=="),
        signed.replace(blob, "AAAA"),
        signed.replace(blob, ""),
        signed.replace(&line, &format!("— {ORIGIN}+1 {blob}\n")),
        signed.replace('\n', "\r\n"),
    ] {
        assert_eq!(code(&note), Code::LogCheckpointMalformed, "{note:?}");
    }
}

#[test]
fn rejects_every_altered_byte() {
    let signed = checkpoint().sign(&key());
    for place in 0..signed.len() {
        let mut bytes = signed.clone().into_bytes();
        bytes[place] ^= 0x01;
        if let Ok(altered) = String::from_utf8(bytes) {
            assert!(Checkpoint::verify(&altered, ORIGIN, &key().public()).is_err(), "byte {place}");
            assert!(published(&altered).is_err(), "byte {place}");
        }
    }
}

// LOG-10.
#[test]
fn rejects_a_checkpoint_of_another_log_or_key() {
    let other = Ed25519Key::generate().unwrap();
    let text = checkpoint().note_text();
    let renamed = Checkpoint { origin: "log-other.example".to_owned(), ..checkpoint() };
    assert_eq!(code(&renamed.sign(&key())), Code::LogOriginMismatch);
    assert_eq!(code(&format!("{text}\n{}", line(&text, "log-other.example", ORIGIN, &key()))), Code::LogOriginMismatch);
    assert_eq!(code(&checkpoint().sign(&other)), Code::LogCheckpointSignature);
    // The right hint over a signature of another key.
    let mut forged = line(&text, ORIGIN, ORIGIN, &key());
    forged.signature = other.sign(text.as_bytes());
    assert_eq!(code(&format!("{text}\n{forged}")), Code::LogCheckpointSignature);
    assert_eq!(published(&format!("{text}\n{forged}")), Err(Code::LogCheckpointSignature));
    // A right signature over another root.
    let moved = Checkpoint { root: Digest::of(b"other"), ..checkpoint() };
    assert_eq!(
        code(&format!("{}\n{}", moved.note_text(), line(&text, ORIGIN, ORIGIN, &key()))),
        Code::LogCheckpointSignature
    );
}

// LOG-10.
#[test]
fn rejects_strangers_in_an_embedded_checkpoint_and_ignores_them_in_a_published_one() {
    let text = checkpoint().note_text();
    let own = line(&text, ORIGIN, ORIGIN, &key());
    let stranger = line(&text, "witness.example", "witness.example", &Ed25519Key::generate().unwrap());
    let after = format!("{text}\n{own}{stranger}");
    let before = format!("{text}\n{stranger}{own}");
    let twice = format!("{text}\n{own}{own}");
    assert_eq!(code(&after), Code::LogCheckpointMalformed);
    assert_eq!(code(&before), Code::LogOriginMismatch);
    assert_eq!(code(&twice), Code::LogCheckpointMalformed);
    assert_eq!(published(&after), Ok(checkpoint()));
    assert_eq!(published(&before), Ok(checkpoint()));
    assert_eq!(published(&format!("{text}\n{stranger}")), Err(Code::LogCheckpointSignature));
}

// LOG-11.
#[test]
fn one_bad_line_of_the_log_spoils_a_published_checkpoint() {
    let text = checkpoint().note_text();
    let own = line(&text, ORIGIN, ORIGIN, &key());
    let bad = line("another text", ORIGIN, ORIGIN, &key());
    assert_eq!(published(&format!("{text}\n{own}{bad}")), Err(Code::LogCheckpointSignature));
    assert_eq!(published(&format!("{text}\n{bad}{own}")), Err(Code::LogCheckpointSignature));
}

// LOG-12.
#[test]
fn rejects_a_bomb_of_signature_lines() {
    let text = checkpoint().note_text();
    let own = line(&text, ORIGIN, ORIGIN, &key()).to_string();
    let stranger = SignatureLine { name: "w.example".to_owned(), key_hash: [1; 4], signature: vec![2; 64] }.to_string();
    let huge = SignatureLine { name: "w.example".to_owned(), key_hash: [1; 4], signature: vec![2; 5_000] }.to_string();
    assert_eq!(published(&format!("{text}\n{own}{}", stranger.repeat(MAX_SIGNATURES - 1))), Ok(checkpoint()));
    for bomb in [stranger.repeat(MAX_SIGNATURES), stranger.repeat(100_000), huge.repeat(15)] {
        let note = format!("{text}\n{own}{bomb}");
        assert_eq!(code(&note), Code::LimitNoteSignatures);
        assert_eq!(published(&note), Err(Code::LimitNoteSignatures));
    }
}

#[test]
fn a_log_is_named_by_a_host() {
    for sound in ["log", ORIGIN, "log2025-1.rekor.sigstore.dev"] {
        assert_eq!(check_origin(sound), Ok(()));
    }
    let long = "a".repeat(254);
    for wrong in ["", ".", "a..b", ".a", "a.", "A.example", "a b", "a+b", "a:1", "a/b", "a\n", "é.example", &long] {
        assert_eq!(check_origin(wrong).map_err(|error| error.code()), Err(Code::LogCheckpointMalformed), "{wrong:?}");
    }
}
