//! Authorities and tokens of other people's code: `openssl ts`, with the keys that real authorities have.

use super::named;
use crate::foreign_time::{ForeignAuthorities, ForeignToken};
use crate::forge::openssl::OpenSsl;
use crate::reason::{Code, Coded as _};
use crate::time_stamp::Asked;
use crate::{digest::Digest, token};

const CONFIG: &str = "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\n\
    other_policies=1.2.3.4.2\ndigests=sha1,sha256\naccuracy=secs:1,millisecs:500\nordering=yes\ntsa_name=yes\n\
    ess_cert_id_chain=no\ness_cert_id_alg=ALG\n\
    [usage]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=USAGE\n\
    [none]\nbasicConstraints=critical,CA:FALSE\n";
const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:";

/// An authority with such a key, under a root of the same kind.
fn authority(key: &str, ess: &str, usage: &str) -> OpenSsl {
    let openssl = OpenSsl::new();
    openssl.file("config", CONFIG.replace("ALG", ess).replace("USAGE", usage).as_bytes());
    openssl.file("serial", b"01\n");
    let section = if usage.is_empty() { "none" } else { "usage" };
    for command in [
        &format!("req -x509 {key} -nodes -keyout root.key -out root.pem -days 3650 -subj /CN=root"),
        &format!("req {key} -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa"),
        &format!(
            "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 7 -days 3650 -out tsa.pem \
             -extfile config -extensions {section}"
        ),
        "x509 -in root.pem -outform DER -out root.der",
        "x509 -in tsa.pem -outform DER -out tsa.der",
    ] {
        openssl.run(command).unwrap();
    }
    openssl
}

fn file(openssl: &OpenSsl) -> String {
    named(&[&[&openssl.read("tsa.der"), &openssl.read("root.der")]])
}

/// What it answers to our question about `message`.
fn answer(openssl: &OpenSsl, asked: &Asked, digest: &str) -> Vec<u8> {
    openssl.file("query", &asked.to_der());
    let reply = format!(
        "ts -reply -config config -section t -queryfile query -signer tsa.pem -inkey tsa.key -chain root.pem -{digest} -out reply"
    );
    openssl.run(&reply).unwrap();
    openssl.read("reply")
}

#[test]
fn tokens_of_the_keys_that_authorities_have_count_and_openssl_verifies_our_form() {
    for (key, digest, ess) in [
        (format!("{EC}prime256v1"), "sha256", "sha256"),
        (format!("{EC}prime256v1"), "sha512", "sha1"),
        (format!("{EC}secp384r1"), "sha384", "sha384"),
        (format!("{EC}secp384r1"), "sha256", "sha256"),
        ("-newkey rsa:2048".to_owned(), "sha256", "sha256"),
        ("-newkey rsa:3072".to_owned(), "sha512", "sha512"),
    ] {
        let openssl = authority(&key, ess, "critical,timeStamping");
        let authorities = ForeignAuthorities::parse(&file(&openssl)).unwrap();
        for round in 0..4_u8 {
            let message = [7, round];
            let asked = Asked::new(Digest::of(&message), [round.saturating_add(1); 8]);
            let reply = answer(&openssl, &asked, digest);
            let der = ForeignToken::read(asked.check(&reply).unwrap()).unwrap().to_der().unwrap();
            let token = ForeignToken::parse(&der).unwrap();
            token.verify(authorities.list(), &message).unwrap_or_else(|error| panic!("{key} {digest}: {error}"));
            let other = token.verify(authorities.list(), b"other").map(drop).map_err(|error| error.code());
            assert_eq!(other, Err(Code::TimeImprintMismatch));
            openssl.file("message", &message);
            openssl.file("response", &token::response(&der));
            let verify = "ts -verify -data message -CAfile root.pem -untrusted tsa.pem -in response";
            openssl.run(verify).unwrap_or_else(|said| panic!("{key} {digest}: {said}"));
        }
    }
}

#[test]
fn a_certificate_is_for_time_stamping_alone_and_says_so_critically() {
    // TIME-07.
    let parse = |usage: &str| {
        let openssl = authority(&format!("{EC}prime256v1"), "sha256", usage);
        ForeignAuthorities::parse(&file(&openssl)).map(drop).map_err(|error| error.code())
    };
    assert_eq!(parse("critical,timeStamping"), Ok(()));
    for usage in ["timeStamping", "critical,timeStamping,codeSigning", "critical,codeSigning", ""] {
        assert_eq!(parse(usage), Err(Code::TimeTsaEku), "{usage}");
    }
}
