//! What one key signs, no other key can be talked into signing (docs/formats.md F1).

use chancery_tests::{Parts, World, der};
use signer_core::change::ChangeList;
use signer_core::crypto::P256Key;
use signer_core::digest::Digest;
use signer_core::identity::Purpose;
use signer_core::oracle::refuse_foreign_form;
use signer_core::reason::{Code, Coded as _};
use signer_core::{csr, dsse};
use signer_git::ObjectFormat;

/// Everything some key of a world signs, by name, as it is signed.
fn forms(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let parts = Parts::of(&commit.bytes, ObjectFormat::Sha1);
    let request = csr::make(&P256Key::generate().unwrap()).unwrap();
    let note = parts.proof().checkpoint;
    let head = note.rsplit_once("\n\n").unwrap().0.to_owned() + "\n";
    vec![
        ("signed attributes of a commit", parts.attributes.clone()),
        ("a checkpoint", head.into_bytes()),
        ("a signed note", note.into_bytes()),
        ("a certificate to be signed", der::children(&parts.certificate).remove(0)),
        ("a request to be signed", der::children(&request).remove(0)),
        ("an envelope's encoding", dsse::pae(dsse::PAYLOAD_TYPE, b"{}")),
        ("a time-stamp", time_stamp_info(&parts.token)),
        ("signed attributes of a token", token_attributes(&parts.token)),
        ("a cosignature", b"cosignature/v1\ntime 1795000000\nlog.example.org\n1\nAAAA\n".to_vec()),
    ]
}

/// The OCTET STRING's content inside a token's encapsulated content.
fn time_stamp_info(token: &[u8]) -> Vec<u8> {
    let data = der::children(&der::children(token)[1]).remove(0);
    let encapsulated = der::children(&data).remove(2);
    let content = der::children(&der::children(&encapsulated)[1]).remove(0);
    der::split(&content).1.to_vec()
}

fn token_attributes(token: &[u8]) -> Vec<u8> {
    let data = der::children(&der::children(token)[1]).remove(0);
    let signer = der::children(&der::children(&data).pop().unwrap()).remove(0);
    let mut attributes = der::children(&signer).into_iter().find(|field| field[0] == der::CONTEXT_0).unwrap();
    attributes[0] = der::SET;
    attributes
}

#[test]
fn every_form_is_refused_where_files_are_signed() {
    let world = World::new();
    for (name, bytes) in forms(&world) {
        let refused = refuse_foreign_form(&bytes).expect_err(name);
        assert_eq!(refused.code(), Code::SignOracle, "{name}");
    }
}

#[test]
fn every_form_is_refused_as_a_statement() {
    let world = World::new();
    for (name, bytes) in forms(&world) {
        for purpose in [Purpose::Prompt, Purpose::Artifact, Purpose::Attestation] {
            let refused = world.person().signs_statement(purpose, &bytes).err();
            assert_eq!(refused, Some(Code::SignOracle), "{name}");
        }
    }
}

#[test]
fn the_product_signs_what_people_write() {
    for text in [&b"{}"[..], b"Fix the parser.\n", b"tree 0000\nauthor x\n", b"# Checkpoint\n\n42\n", b"\x7fELF", b""] {
        assert!(refuse_foreign_form(text).is_ok(), "{}", text.escape_ascii());
    }
}

#[test]
fn signed_attributes_are_no_statement_and_a_statement_no_attributes() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let parts = Parts::of(&commit.bytes, ObjectFormat::Sha1);
    let pae = dsse::pae(dsse::PAYLOAD_TYPE, &parts.attributes);
    assert_ne!(pae[0], parts.attributes[0]);
    assert!(signer_core::attributes::SignedAttributes::parse(&pae).is_err());
    let changes = ChangeList::default();
    let armored = signer_core::armor::encode(&parts.token);
    let repository = world.repository.to_string();
    let read = world.verifier().commit(&parts.payload, armored.as_bytes(), &repository, &changes);
    assert!(read.is_err(), "a token is no commit's signature");
}

#[test]
fn a_plain_time_stamp_over_anything_decides_nothing() {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    let mut parts = Parts::of(&commit.bytes, ObjectFormat::Sha1);
    for message in [parts.signature.clone(), parts.attributes.clone(), Digest::of(&parts.payload).as_bytes().to_vec()] {
        parts.token = world.engine().time_stamp(&message, world.now()).unwrap();
        let code = world.check(&parts.object()).unwrap_err().code();
        assert!(matches!(code, Code::TimePolicy | Code::TimeImprintMismatch), "{code}");
    }
}
