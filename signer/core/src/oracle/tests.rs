//! Every form that another key signs, written strictly and loosely, and files that are none of them.

use super::*;
use crate::forge::certificate::{name, sealed, time, to_be_signed};
use crate::forge::{World, now};
use crate::signed_data::{ContentInfo, SignedData, ecdsa_sha256};
use crate::tlv::{self, CONTEXT_0, INTEGER, OCTET_STRING, SEQUENCE, SET};

const ROOT: &str = "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";

fn form(bytes: impl AsRef<[u8]>) -> Option<Form> {
    refuse_foreign_form(bytes.as_ref()).err().map(|OracleError::ForeignForm { form }| form)
}

fn tst_info(world: &World) -> Vec<u8> {
    let token = world.stamp(b"message");
    let data = SignedData::read(ContentInfo::read(&token).unwrap().content).unwrap();
    tlv::only(data.content.unwrap(), OCTET_STRING).unwrap().content.to_vec()
}

fn request_info(world: &World) -> Vec<u8> {
    let spki = crate::crypto::SignP256::public(&world.leaf.key).to_spki_der().unwrap();
    tlv::write(SEQUENCE, &[&tlv::write(INTEGER, &[&[0]]), &name("agent"), &spki, &tlv::write(CONTEXT_0, &[])])
}

fn revocation_list(version: &[u8]) -> Vec<u8> {
    let (update, next) = (time(now()), time(now().plus(60)));
    tlv::write(SEQUENCE, &[version, &ecdsa_sha256(), &name("Root"), &update, &next])
}

#[test]
fn every_refusal_has_the_same_code() {
    assert_eq!(refuse_foreign_form(b"DSSEv1 0  0 ").unwrap_err().code(), Code::SignOracle);
}

#[test]
fn refuses_a_dsse_envelopes_encoding() {
    assert_eq!(form("DSSEv1 28 application/vnd.in-toto+json 2 {}"), Some(Form::DssePae));
    assert_eq!(form("DSSEv1 "), Some(Form::DssePae));
}

#[test]
fn refuses_checkpoints_and_notes() {
    let checkpoint = format!("log-1.example.internal\n42\n{ROOT}\n");
    let signature = "\u{2014} log-1.example.internal AAAAAAAA\n";
    assert_eq!(form(&checkpoint), Some(Form::Checkpoint));
    assert_eq!(form(checkpoint.trim_end()), Some(Form::Checkpoint));
    assert_eq!(form(format!("{checkpoint}an extension line\n")), Some(Form::Checkpoint));
    assert_eq!(form(format!("{checkpoint}\n{signature}{signature}")), Some(Form::Checkpoint));
    assert_eq!(form(format!("any text\n\n{signature}")), Some(Form::Checkpoint));
}

#[test]
fn refuses_cosignatures() {
    let message = format!("cosignature/v1\ntime 1795000000\nlog-1.example.internal\n42\n{ROOT}\n");
    assert_eq!(form(message), Some(Form::Cosignature));
}

#[test]
fn refuses_signed_attributes_of_commits_and_tokens() {
    let world = World::new();
    assert_eq!(form(world.sign(b"object").attributes), Some(Form::SignedAttributes));
    let token = world.stamp(b"message");
    let data = SignedData::read(ContentInfo::read(&token).unwrap().content).unwrap();
    let signer = crate::signed_data::SignerInfo::read(&{ data.signers }.element().unwrap()).unwrap();
    assert_eq!(form(tlv::write(SET, &[signer.signed_attributes.unwrap()])), Some(Form::SignedAttributes));
}

#[test]
fn refuses_certificates_and_requests_to_be_signed() {
    let world = World::new();
    let tbs = to_be_signed("agent", "Root", &world.leaf.key, 9, now().plus(60), &[]);
    assert_eq!(form(&tbs), Some(Form::Certificate));
    // X.509 version 1 has no version field.
    let without_version = &tlv::only(&tbs, SEQUENCE).unwrap().content[5..];
    assert_eq!(form(tlv::write(SEQUENCE, &[without_version])), Some(Form::Certificate));
    assert_eq!(form(request_info(&world)), Some(Form::CertificateRequest));
}

#[test]
fn refuses_revocation_lists_to_be_signed() {
    assert_eq!(form(revocation_list(&tlv::write(INTEGER, &[&[1]]))), Some(Form::RevocationList));
    assert_eq!(form(revocation_list(&[])), Some(Form::RevocationList));
}

#[test]
fn refuses_time_stamps_to_be_signed() {
    assert_eq!(form(tst_info(&World::new())), Some(Form::TimeStamp));
}

#[test]
fn refuses_promises_to_log_certificates() {
    let world = World::new();
    let tbs = to_be_signed("agent", "Root", &world.leaf.key, 9, now().plus(60), &[]);
    let length = u16::try_from(tbs.len()).unwrap().to_be_bytes();
    let time = 1_795_000_000_000_u64.to_be_bytes();
    let precertificate = [&[0, 0][..], &time, &[0, 1], &[7; 32], &[0], &length, &tbs, &[0, 0]].concat();
    let certificate = [&[0, 0][..], &time, &[0, 0], &[0], &length, &tbs, &[0, 0]].concat();
    assert_eq!(form(precertificate), Some(Form::CertificatePromise));
    assert_eq!(form(certificate), Some(Form::CertificatePromise));
}

/// `der` with the length of its outer element, or of its first inner one, written otherwise.
fn loosely(der: &[u8]) -> Vec<Vec<u8>> {
    let outer = tlv::Reader::new(der).element().unwrap();
    let first = outer.open().element().unwrap();
    let rest = &outer.content[first.whole.len()..];
    let length = |content: &[u8]| u32::try_from(content.len()).unwrap().to_be_bytes();
    let inner = [&[first.tag, 0x80][..], first.content, &[0, 0], rest].concat();
    vec![
        [&[outer.tag, 0x80][..], outer.content, &[0, 0]].concat(),
        [&[outer.tag, 0x84][..], &length(outer.content), outer.content].concat(),
        [der, b"trailing"].concat(),
        der[..der.len() - 1].to_vec(),
        if first.tag & 0x20 == 0 { der.to_vec() } else { tlv::write(outer.tag, &[&inner]) },
    ]
}

#[test]
fn refuses_the_same_forms_however_loosely_written() {
    let world = World::new();
    let tbs = to_be_signed("agent", "Root", &world.leaf.key, 9, now().plus(60), &[]);
    let forms = [
        (tbs, Form::Certificate),
        (world.sign(b"object").attributes, Form::SignedAttributes),
        (request_info(&world), Form::CertificateRequest),
        (revocation_list(&[]), Form::RevocationList),
        (tst_info(&world), Form::TimeStamp),
    ];
    for (der, expected) in forms {
        for loose in loosely(&der) {
            assert_eq!(form(&loose), Some(expected), "{}", hex::encode(&loose));
        }
    }
}

#[test]
fn lets_harmless_files_pass() {
    let commit = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1795000000 +0000\n\nMessage\n";
    let files: [&[u8]; 18] = [
        b"",
        b"0",
        b"1",
        b"10 PRINT \"HELLO\"\n",
        b"0123456789012345678901234567890123456789\n",
        b"A title\n\nA paragraph, an em dash \xe2\x80\x94 and more.\n",
        b"Words\n\n\xe2\x80\x94 somebody famous\n",
        b"DSSEv2 is a name\n",
        b"cosignature/v1 is a format\n",
        b"three\n42\nlines\n",
        b"{\"predicateType\":\"x\",\"list\":[1,2,3]}\n",
        b"//! A module.\n\nfn main() {\n    println!(\"1\");\n}\n",
        commit.as_bytes(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        &[0; 64],
        &[0xff; 64],
    ];
    for file in files {
        assert_eq!(form(file), None, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn lets_finished_certificates_and_signatures_pass() {
    let world = World::new();
    let list = sealed(&revocation_list(&[]), &world.root.key);
    for file in [world.leaf.certificate.clone(), world.sign(b"object").der, world.stamp(b"message"), list] {
        assert_eq!(form(&file), None, "{}", hex::encode(&file));
    }
}

#[test]
fn survives_claimed_lengths_and_endless_indefinite_ones() {
    for bytes in [&[0x31, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x30, 0xff], &[0x30, 0x80].repeat(5000), &[0x31]] {
        assert_eq!(form(bytes), None);
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(prefix in proptest::sample::select(vec![0_u8, 0x30, 0x31]), rest: Vec<u8>) {
        let _ = refuse_foreign_form(&[&[prefix][..], &rest].concat());
    }
}
