//! Published checkpoints and cosignatures: known witnesses count once, strangers not at all, one lie spoils the note.

use super::*;

const WITNESS: &str = "witness.example/w1";
const NOW: Timestamp = match Timestamp::from_unix(1_679_315_147) {
    Ok(time) => time,
    Err(_) => Timestamp::EPOCH,
};

fn log() -> VerifierKey {
    VerifierKey::new(ORIGIN, KeyRole::Log, key().public()).unwrap()
}

struct Cosigner {
    key: Ed25519Key,
    named: VerifierKey,
}

impl Cosigner {
    fn new(name: &str) -> Self {
        let key = Ed25519Key::generate().unwrap();
        let named = VerifierKey::new(name, KeyRole::Witness, key.public()).unwrap();
        Self { key, named }
    }

    fn line(&self, text: &str) -> String {
        cosign(text, &self.named, &self.key, NOW)
    }
}

fn read(note: &str, witnesses: &[&Cosigner]) -> Result<Published, Code> {
    let keys: Vec<_> = witnesses.iter().map(|witness| witness.named.clone()).collect();
    Published::verify(note, &log(), &keys).map_err(|error| error.code())
}

#[test]
fn a_cosignature_is_the_one_of_c2sp() {
    let witness = Cosigner::new(WITNESS);
    let text = checkpoint().note_text();
    let line = witness.line(&text);
    let blob = STANDARD.decode(line.trim_end().rsplit(' ').next().unwrap()).unwrap();
    let id = [WITNESS.as_bytes(), b"\n\x04", witness.key.public().as_bytes()].concat();
    assert_eq!(blob[..4], Digest::of(&id).as_bytes()[..4]);
    assert_eq!(blob[4..12], NOW.unix().to_be_bytes());
    let message = format!("cosignature/v1\ntime 1679315147\n{text}");
    witness.key.public().verify(message.as_bytes(), &blob[12..]).unwrap();
}

#[test]
fn names_of_keys_are_those_that_others_write() {
    // Verifier keys of transparency-dev/formats and of C2SP signed-note.
    for (text, role) in [
        ("TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6", KeyRole::Log),
        ("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", KeyRole::Witness),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyRole::Log),
    ] {
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!((key.to_string().as_str(), key.role()), (text, role));
    }
}

#[test]
fn rejects_every_other_spelling_of_a_verifier_key() {
    let right = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6";
    let long = "a".repeat(256);
    for text in [
        "",
        "TEST",
        "TEST+7997405c",
        "TEST+7997405c+",
        "TEST+7997405c+AQ==",
        "TEST+7997405C+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "TEST+7997405d+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "TE ST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "OTHER+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        "TEST+7997405c+AwcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
        &format!("{right}="),
        &format!("{right}\n"),
        &format!("{long}{right}"),
    ] {
        assert_eq!(text.parse::<VerifierKey>().map_err(|error| error.code()), Err(Code::LogKeyMalformed), "{text:?}");
    }
}

#[test]
fn known_witnesses_count_in_the_readers_order_and_strangers_are_dropped() {
    let (first, second, stranger) = (Cosigner::new(WITNESS), Cosigner::new("w2"), Cosigner::new("w3"));
    let text = checkpoint().note_text();
    let (one, two, three) = (first.line(&text), second.line(&text), stranger.line(&text));
    let own = line(&text, ORIGIN, ORIGIN, &key()).to_string();
    let published = read(&format!("{text}\n{three}{two}{own}{one}"), &[&first, &second]).unwrap();
    let found: Vec<_> = published.cosignatures().iter().map(|found| (found.witness, found.time)).collect();
    assert_eq!(found, [(0, NOW), (1, NOW)]);
    assert_eq!(published.note(), format!("{text}\n{own}{one}{two}"));
    assert_eq!(read(&published.note(), &[&first, &second]), Ok(published));
}

/// LOG-17: the same witness twice is one witness.
#[test]
fn a_witness_that_cosigned_twice_counts_once() {
    let witness = Cosigner::new(WITNESS);
    let text = checkpoint().note_text();
    let later = cosign(&text, &witness.named, &witness.key, NOW.plus(1));
    let note = format!("{}{}{later}", checkpoint().sign(&key()), witness.line(&text));
    assert_eq!(read(&note, &[&witness]).unwrap().cosignatures().len(), 1);
    let mut published = read(&checkpoint().sign(&key()), &[]).unwrap();
    published.admit(&witness.line(&text), std::slice::from_ref(&witness.named)).unwrap();
    published.admit(&later, std::slice::from_ref(&witness.named)).unwrap();
    assert_eq!(published.cosignatures().len(), 1);
}

/// LOG-11: one line of a known key that does not verify spoils the note, whatever else stands in it.
#[test]
fn one_bad_cosignature_of_a_known_witness_spoils_the_note() {
    let witness = Cosigner::new(WITNESS);
    let text = checkpoint().note_text();
    let signed = checkpoint().sign(&key());
    let other = Checkpoint { size: 301, ..checkpoint() }.note_text();
    // The bare note signed by the witness's key, as if it were a log's; another tree; no time at all.
    let plain = SignatureLine {
        name: WITNESS.to_owned(),
        key_hash: witness.named.hint(),
        signature: witness.key.sign(text.as_bytes()),
    };
    let short = SignatureLine { signature: vec![0; 7], ..SignatureLine { name: WITNESS.to_owned(), ..clone(&plain) } };
    let late = [u64::MAX.to_be_bytes().as_slice(), &[0; 64]].concat();
    let late = SignatureLine { signature: late, ..clone(&plain) };
    for bad in [witness.line(&other), plain.to_string(), short.to_string(), late.to_string()] {
        assert_eq!(read(&format!("{signed}{bad}"), &[&witness]), Err(Code::LogWitnessSignature), "{bad}");
        let good = witness.line(&text);
        assert_eq!(read(&format!("{signed}{good}{bad}"), &[&witness]), Err(Code::LogWitnessSignature), "{bad}");
        // To who does not know the witness it is a stranger's.
        assert!(read(&format!("{signed}{bad}"), &[]).is_ok());
    }
}

fn clone(line: &SignatureLine) -> SignatureLine {
    SignatureLine { name: line.name.clone(), key_hash: line.key_hash, signature: line.signature.clone() }
}

/// LOG-10: a log's key is not a witness's, and a witness cannot stand in for the log.
#[test]
fn a_witness_does_not_sign_for_the_log() {
    let witness = Cosigner::new(ORIGIN);
    let text = checkpoint().note_text();
    let note = format!("{text}\n{}", witness.line(&text));
    assert_eq!(read(&note, &[&witness]), Err(Code::LogCheckpointSignature));
    assert_eq!(
        Published::verify(&checkpoint().sign(&key()), &witness.named, &[]).map_err(|error| error.code()),
        Err(Code::LogOriginMismatch)
    );
    // The log's own key under the witness's role would make the log its own witness; its lines are the log's.
    let own = VerifierKey::new(ORIGIN, KeyRole::Witness, key().public()).unwrap();
    let published = Published::verify(&checkpoint().sign(&key()), &log(), &[own, log()]).unwrap();
    assert!(published.cosignatures().is_empty());
}

#[test]
fn extension_lines_of_other_logs_are_cosigned_and_mean_nothing() {
    let witness = Cosigner::new(WITNESS);
    let text = format!("{}extension one\nextension two\n", checkpoint().note_text());
    let note = format!("{}{}", sign_text(&text, ORIGIN, &key()), witness.line(&text));
    let published = read(&note, &[&witness]).unwrap();
    assert_eq!((published.checkpoint(), published.text()), (&checkpoint(), text.as_str()));
    let bare = format!("{}{}", sign_text(&text, ORIGIN, &key()), witness.line(&checkpoint().note_text()));
    assert_eq!(read(&bare, &[&witness]), Err(Code::LogWitnessSignature));
}

/// LOG-09 for checkpoints of any log.
#[test]
fn rejects_every_other_spelling_of_a_published_text() {
    let root = STANDARD.encode(Digest::of(b"root").as_bytes());
    for text in [
        format!("{ORIGIN}\n300\n"),
        format!("\n300\n{root}\n"),
        format!("{ORIGIN}\n0300\n{root}\n"),
        format!("{ORIGIN}\n-300\n{root}\n"),
        format!("{ORIGIN}\n+300\n{root}\n"),
        format!("{ORIGIN}\n9223372036854775808\n{root}\n"),
        format!("{ORIGIN}\n300\n{root}=\n"),
        format!("{ORIGIN}\n300\n{root}\n\nextension\n"),
        format!("{ORIGIN}\n300\n{root}\n\n"),
        format!("{ORIGIN}\r\n300\r\n{root}\r\n"),
    ] {
        assert_eq!(read(&sign_text(&text, ORIGIN, &key()), &[]), Err(Code::LogCheckpointMalformed), "{text:?}");
    }
    let other = format!("log-other.example\n300\n{root}\n");
    assert_eq!(read(&sign_text(&other, ORIGIN, &key()), &[]), Err(Code::LogOriginMismatch));
}

/// LOG-12: sixty-four lines, no more, and no more bytes than the limit.
#[test]
fn rejects_a_bomb_of_cosignatures() {
    let signed = checkpoint().sign(&key());
    let stranger = SignatureLine { name: "w.example".to_owned(), key_hash: [1; 4], signature: vec![2; 64] }.to_string();
    let huge = SignatureLine { name: "w.example".to_owned(), key_hash: [1; 4], signature: vec![2; 5_000] }.to_string();
    assert!(read(&format!("{signed}{}", stranger.repeat(63)), &[]).is_ok());
    for bomb in [stranger.repeat(64), stranger.repeat(100_000), huge.repeat(10)] {
        assert_eq!(read(&format!("{signed}{bomb}"), &[]), Err(Code::LimitNoteSignatures));
        let mut published = read(&signed, &[]).unwrap();
        assert_eq!(published.admit(&bomb, &[]).map_err(|error| error.code()).is_err(), bomb.len() > 64 * 1024);
    }
}

#[test]
fn an_answer_is_signature_lines_and_nothing_else() {
    let witness = Cosigner::new(WITNESS);
    let text = checkpoint().note_text();
    let good = witness.line(&text);
    let named = std::slice::from_ref(&witness.named);
    let other = witness.line(&Checkpoint { size: 299, ..checkpoint() }.note_text());
    for (answer, expected) in [
        (String::new(), Code::LogCheckpointMalformed),
        ("\n".to_owned(), Code::LogCheckpointMalformed),
        (good.trim_end().to_owned(), Code::LogCheckpointMalformed),
        (format!("\n{good}"), Code::LogCheckpointMalformed),
        (format!("text\n\n{good}"), Code::LogCheckpointMalformed),
        (format!("{good}{other}"), Code::LogWitnessSignature),
        (other, Code::LogWitnessSignature),
    ] {
        let mut published = read(&checkpoint().sign(&key()), &[]).unwrap();
        assert_eq!(published.admit(&answer, named).map_err(|error| error.code()), Err(expected), "{answer:?}");
        assert!(published.cosignatures().is_empty());
    }
    let mut published = read(&checkpoint().sign(&key()), &[]).unwrap();
    published.admit(&Cosigner::new("w9").line(&text), named).unwrap();
    assert!(published.cosignatures().is_empty());
}
