//! Attacks GIT-11, GIT-13 to GIT-15 and GIT-19, and every other text that means the same bytes.

use proptest::prelude::*;

use super::*;

fn code(text: impl AsRef<[u8]>) -> Code {
    decode(text.as_ref()).unwrap_err().code()
}

fn block() -> String {
    encode(&(0..=255).collect::<Vec<u8>>())
}

#[test]
fn writes_64_columns_and_ends_with_a_line_feed() {
    let text = block();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "-----BEGIN SIGNED MESSAGE-----");
    assert!(lines[1..6].iter().all(|line| line.len() == 64));
    assert_eq!(lines[6].len(), 24);
    assert_eq!(lines[7], "-----END SIGNED MESSAGE-----");
    assert!(text.ends_with("-----\n"));
}

#[test]
fn reads_the_largest_signature() {
    let der = vec![0x30; cms::MAX_BYTES];
    assert_eq!(decode(encode(&der).as_bytes()).unwrap(), der);
}

#[test]
fn refuses_text_over_the_limit_before_decoding_it() {
    assert_eq!(code(encode(&vec![0x30; cms::MAX_BYTES + 64])), Code::LimitSignatureSize);
}

#[test]
fn refuses_an_empty_signature() {
    // GIT-19.
    assert_eq!(code(""), Code::GitSigEmpty);
    assert_eq!(code("\n \n"), Code::GitSigEmpty);
    assert_eq!(code("-----BEGIN SIGNED MESSAGE-----\n-----END SIGNED MESSAGE-----\n"), Code::GitSigEmpty);
    assert_eq!(code("-----BEGIN SIGNED MESSAGE-----\n\n-----END SIGNED MESSAGE-----\n"), Code::GitSigEmpty);
}

#[test]
fn refuses_several_blocks_in_any_order() {
    // GIT-11.
    let pgp = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";
    assert_eq!(code(block() + &block()), Code::GitSigMultipleBlocks);
    assert_eq!(code(block() + pgp), Code::GitSigMultipleBlocks);
    assert_eq!(code(pgp.to_owned() + &block()), Code::GitSigMultipleBlocks);
}

#[test]
fn refuses_other_kinds_of_signature() {
    // GIT-13.
    assert_eq!(
        code("-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"),
        Code::GitSigUnsupportedFormat
    );
    assert_eq!(
        code("-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"),
        Code::GitSigUnsupportedFormat
    );
    assert_eq!(code("untrusted comment: minisign\nRWQ=\n"), Code::GitSigUnsupportedFormat);
}

#[test]
fn refuses_other_labels() {
    // GIT-14.
    for label in ["PKCS7", "CMS", "CERTIFICATE", "signed message", "SIGNED  MESSAGE", "SIGNED MESSAGE "] {
        assert_eq!(code(block().replace("SIGNED MESSAGE", label)), Code::GitSigUnsupportedFormat, "{label}");
    }
}

#[test]
fn refuses_text_around_and_inside_the_armour() {
    // GIT-15.
    let begin = "-----BEGIN SIGNED MESSAGE-----\n";
    for text in [
        format!("Approved by the owner\n{}", block()),
        format!("{}Approved by the owner\n", block()),
        format!("\n{}", block()),
        format!("{}\n", block()),
        block().replace(begin, &format!("{begin}Comment: approved\n\n")),
        block().replace(begin, &format!("{begin}\n")),
    ] {
        assert_eq!(code(&text), Code::GitSigArmorNoncanonical, "{text}");
    }
}

#[test]
fn refuses_other_line_ends_and_lengths() {
    let text = block();
    let rewrapped = text.replacen('\n', "\u{0}", 1).replacen('\n', "", 1).replace('\u{0}', "\n");
    for text in
        [text.replace('\n', "\r\n"), text.trim_end().to_owned(), rewrapped, text.replace("\n-----END", " \n-----END")]
    {
        assert_eq!(code(&text), Code::GitSigArmorNoncanonical, "{text}");
    }
}

#[test]
fn refuses_a_second_base64_form_of_the_same_bytes() {
    let text = encode(b"a");
    assert!(text.contains("YQ=="));
    for second in ["YR==", "YQ=", "YQ", "YQ==YQ==", "Y Q=="] {
        assert_eq!(code(text.replace("YQ==", second)), Code::GitSigArmorNoncanonical, "{second}");
    }
}

#[test]
fn refuses_bytes_that_are_no_text() {
    let mut bytes = block().into_bytes();
    bytes[40] = 0xff;
    assert_eq!(code(bytes), Code::GitSigArmorNoncanonical);
}

proptest! {
    #[test]
    fn reads_what_it_writes(der in prop::collection::vec(any::<u8>(), 1..400)) {
        prop_assert_eq!(decode(encode(&der).as_bytes()).unwrap(), der);
    }

    #[test]
    fn accepts_no_other_text_for_the_same_bytes(der in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, byte: u8) {
        let mut text = encode(&der).into_bytes();
        let at = at.index(text.len());
        prop_assume!(text[at] != byte);
        text[at] = byte;
        prop_assert!(decode(&text).map_or(true, |other| other != der));
    }
}
