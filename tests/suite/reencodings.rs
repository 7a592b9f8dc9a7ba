//! One signature has one form: whatever says the same in other bytes is refused (docs/formats.md F1, F3).

use ::der::Encode as _;
use chancery_tests::office::{ORIGIN, entry_in};
use chancery_tests::{Parts, Signed, World, der};
use signer_core::checkpoint::Checkpoint;
use signer_core::crypto::{Ed25519Key, SignP256 as _};
use signer_core::digest::Digest;
use signer_core::log_entry::LogEntry;
use signer_core::reason::{Code, Coded as _};
use signer_core::{armor, merkle, oid};
use signer_git::ObjectFormat;

fn signed() -> (World, Signed) {
    let world = World::new();
    let commit = world.agent("builder").commits("src/lib.rs", "one\n");
    (world, commit)
}

fn parts(commit: &Signed) -> Parts {
    Parts::of(&commit.bytes, ObjectFormat::Sha1)
}

fn code(world: &World, object: &[u8]) -> Code {
    world.check(object).expect_err("another form was to be refused").code()
}

/// The same ECDSA signature with the other s.
fn twin(signature: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_der(signature).unwrap();
    let (r, s) = signature.split_scalars();
    p256::ecdsa::Signature::from_scalars(r, -s).unwrap().to_der().as_bytes().to_vec()
}

#[test]
fn refuses_unsigned_attributes_in_any_other_order() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let [a, b, c] = <[Vec<u8>; 3]>::try_from(parts.evidence()).unwrap();
    assert_eq!(parts.object_with(&parts.der_with(&[a.clone(), b.clone(), c.clone()])), commit.bytes);
    for order in [[&a, &c, &b], [&b, &a, &c], [&b, &c, &a], [&c, &a, &b], [&c, &b, &a]] {
        let order: Vec<Vec<u8>> = order.into_iter().cloned().collect();
        assert_eq!(code(&world, &parts.object_with(&parts.der_with(&order))), Code::CmsNotDer);
    }
}

#[test]
fn refuses_signed_attributes_in_another_order_even_where_that_was_signed() {
    let (world, commit) = signed();
    let mut parts = parts(&commit);
    let mut attributes = der::children(&parts.attributes);
    attributes.reverse();
    parts.attributes = der::element(der::SET, &[&attributes.concat()]);
    assert_eq!(code(&world, &parts.object()), Code::CmsNotDer);
    parts.signature = commit.by.key.sign_p256(&parts.attributes).unwrap();
    assert_eq!(code(&world, &parts.stamped(&world.office, world.now()).object()), Code::CmsNotDer);
}

#[test]
fn refuses_an_extra_unsigned_attribute() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let with = |attribute: Vec<u8>| {
        let mut attributes = parts.evidence();
        attributes.push(attribute);
        attributes.sort();
        parts.object_with(&parts.der_with(&attributes))
    };
    assert_eq!(code(&world, &with(der::attribute(oid::SIGNING_TIME, &[5, 0]))), Code::CmsUnsignedAttrUnknown);
    let second = world.office.stamp(&parts.signature, world.now());
    assert_eq!(code(&world, &with(der::attribute(oid::TIME_STAMP_TOKEN, &second))), Code::TimeDuplicate);
    let entry = der::element(der::OCTETS, &[&parts.entry]);
    assert_eq!(code(&world, &with(der::attribute(oid::LOG_ENTRY, &entry))), Code::CmsAttrDuplicate);
    let decision = der::element(der::OCTETS, &[&parts.decision]);
    assert_eq!(code(&world, &with(der::attribute(oid::DECISION, &decision))), Code::CmsAttrDuplicate);
}

#[test]
fn refuses_an_attribute_with_two_values() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let second = world.office.countersign(&parts.signature, world.now(), &Digest::of(&parts.decision));
    let values = der::set_of(der::SET, vec![parts.token.clone(), second]);
    let both = der::element(der::SEQUENCE, &[&oid::TIME_STAMP_TOKEN.to_der().unwrap(), &values]);
    let mut attributes = der::evidence(&parts.token, None, &parts.entry, &parts.decision);
    let honest = der::attribute(oid::TIME_STAMP_TOKEN, &parts.token);
    attributes.retain(|attribute| *attribute != honest);
    attributes.push(both);
    attributes.sort();
    assert_eq!(code(&world, &parts.object_with(&parts.der_with(&attributes))), Code::TimeDuplicate);
}

#[test]
fn refuses_the_other_s_of_a_signature() {
    let (world, commit) = signed();
    let mut parts = parts(&commit);
    parts.signature = twin(&parts.signature);
    let body = parts.body();
    parts.entry = world.office.logs(&body).encode().unwrap();
    let parts = parts.decided(&world.office, world.now(), |record| record.leaf = merkle::leaf_hash(&body));
    assert_eq!(code(&world, &parts.object()), Code::CmsSignatureEncoding);
}

#[test]
fn refuses_the_other_s_of_a_tokens_signature() {
    let (world, commit) = signed();
    let mut parts = parts(&commit);
    let honest = last_octets(&parts.token);
    let other = twin(&honest);
    // The twin may be a byte longer or shorter, so every length around it is written anew.
    parts.token = replaced(&parts.token, &der::element(der::OCTETS, &[&honest]), &der::element(der::OCTETS, &[&other]));
    assert_eq!(code(&world, &parts.object()), Code::TimeTsaSignature);
}

#[test]
fn refuses_the_other_s_of_a_certificates_signature() {
    let (world, commit) = signed();
    let fields = der::children(&commit.by.certificate);
    let other = twin(&fields[2][der::split(&fields[2]).0.len() + 1..]);
    let bits = der::element(0x03, &[&[0], &other]);
    let certificate = der::element(der::SEQUENCE, &[&fields[0], &fields[1], &bits]);
    let by = chancery_tests::actor::Credential { certificate, ..commit.by.clone() };
    assert_eq!(code(&world, &world.forges(&commit).signed_by(&by).object()), Code::X509Signature);
}

#[test]
fn refuses_a_later_proof_of_the_same_entry() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    world.agent("builder").commits("src/other.rs", "two\n");
    let bodies = world.engine().entries(0, 1000).unwrap().entries;
    let leaves: Vec<Digest> = bodies.iter().map(|body| merkle::leaf_hash(&body.0)).collect();
    let index = usize::try_from(parts.proof().index).unwrap();
    let root = root(&leaves);
    let size = u64::try_from(leaves.len()).unwrap();
    assert!(size > parts.proof().size);
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&world.office.log);
    let later = LogEntry { size, root, hashes: path(&leaves, index), checkpoint, ..parts.proof() };
    let log = world.office.trust(world.now());
    assert!(later.verify(&parts.body(), &log.log(ORIGIN).unwrap().parts()).is_ok(), "the later proof is true");
    let forged = Parts { entry: later.encode().unwrap(), ..parts };
    assert_eq!(code(&world, &forged.object()), Code::LogIndexMismatch);
}

#[test]
fn refuses_a_strangers_line_under_the_checkpoint() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let proof = parts.proof();
    let stranger = Ed25519Key::generate().unwrap();
    let checkpoint = Checkpoint { origin: "log-0.example.org".to_owned(), size: proof.size, root: proof.root };
    let line = checkpoint.sign(&stranger).lines().last().unwrap().to_owned();
    let cosigned = LogEntry { checkpoint: format!("{}{line}\n", proof.checkpoint), ..proof };
    let forged = Parts { entry: cosigned.encode().unwrap(), ..parts };
    let code = code(&world, &forged.object());
    assert!(matches!(code, Code::LogCheckpointMalformed | Code::LogCheckpointSignature), "{code}");
}

#[test]
fn refuses_lengths_that_only_ber_allows() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let honest = parts.der();
    for forged in [der::with_long_length(&honest), der::with_indefinite_length(&honest)] {
        assert_ne!(forged, honest);
        assert_eq!(code(&world, &parts.object_with(&forged)), Code::CmsNotDer);
    }
    for inner in [&parts.attributes, &parts.token, &parts.certificate] {
        let mut forged = parts.clone();
        let long = der::with_long_length(inner);
        if *inner == parts.token {
            forged.token = long;
            assert_eq!(code(&world, &forged.object()), Code::CmsNotDer);
        } else if *inner == parts.certificate {
            // The writer reads the certificate for issuer and number, so only its bytes are exchanged.
            let object = parts.object_with(&replaced(&honest, &parts.certificate, &long));
            assert!(world.check(&object).is_err());
        } else {
            forged.attributes = long;
            assert!(world.check(&forged.object()).is_ok(), "only the content of the set is embedded");
            let (_, content) = der::split(&parts.attributes);
            let embedded = der::element(der::CONTEXT_0, &[content]);
            let object = parts.object_with(&replaced(&honest, &embedded, &der::with_long_length(&embedded)));
            assert_eq!(code(&world, &object), Code::CmsNotDer);
        }
    }
}

#[test]
fn refuses_a_second_certificate() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let one = der::element(der::CONTEXT_0, &[&parts.certificate]);
    let two = der::element(der::CONTEXT_0, &[&parts.certificate, &world.office.issuing.certificate]);
    let object = parts.object_with(&replaced(&parts.der(), &one, &two));
    assert_eq!(code(&world, &object), Code::CmsCertificateCount);
}

#[test]
fn refuses_armour_that_other_readers_take() {
    let (world, commit) = signed();
    let parts = parts(&commit);
    let text = armor::encode(&parts.der());
    let body = text.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let one_line = format!("-----BEGIN SIGNED MESSAGE-----\n{body}\n-----END SIGNED MESSAGE-----\n");
    for other in [
        one_line,
        text.replace("-----BEGIN", "Unsigned words.\n-----BEGIN"),
        format!("{text}Unsigned words.\n"),
        text.replacen("MESSAGE-----\n", "MESSAGE-----\nComment: x\n", 1),
        text.replacen("MESSAGE-----\n", "MESSAGE-----\n\n", 1),
        text.replacen("\nM", "\n M", 1),
    ] {
        let object = signer_git::commit::join(&parts.payload, other.as_bytes(), ObjectFormat::Sha1).unwrap();
        assert_eq!(code(&world, &object), Code::GitSigArmorNoncanonical);
    }
    let windows = text.replace('\n', "\r\n");
    assert!(signer_git::commit::join(&parts.payload, windows.as_bytes(), ObjectFormat::Sha1).is_err());
}

#[test]
fn refuses_a_log_entry_whose_numbers_are_written_longer() {
    let (world, commit) = signed();
    let parts = world.forges(&commit).parts();
    let honest = parts.entry.clone();
    // Field 5 of the proof's outer message would be the promise, field 4 the integrated time: neither may stand here.
    for extra in [vec![0x20, 0x01], vec![0x08, 0x00], vec![0x2a, 0x00]] {
        for entry in [[extra.clone(), honest.clone()].concat(), [honest.clone(), extra].concat()] {
            let forged = Parts { entry, ..parts.clone() };
            assert_eq!(code(&world, &forged.object()), Code::LogEntryMalformed);
        }
    }
    let other = entry_in(ORIGIN, &world.office.log, &[merkle::leaf_hash(&parts.body())], 0);
    assert_eq!(other.encode().unwrap(), honest, "one proof, one form");
}

/// The bytes with `old` exchanged, and every length around it written anew.
fn replaced(element: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    if element == old {
        return new.to_vec();
    }
    let holds = element.windows(old.len()).any(|window| window == old);
    // Attributes' values nest in strings as well; only constructed elements are opened.
    if !holds || element[0] & 0x20 == 0 {
        return element.to_vec();
    }
    let children: Vec<Vec<u8>> = der::children(element).iter().map(|child| replaced(child, old, new)).collect();
    der::element(element[0], &[&children.concat()])
}

/// The last OCTET STRING of a token: its signature.
fn last_octets(token: &[u8]) -> Vec<u8> {
    let mut open = token.to_vec();
    while open[0] != der::OCTETS {
        open = der::children(&open).pop().unwrap();
    }
    let (_, content) = der::split(&open);
    content.to_vec()
}

/// RFC 6962 2.1: the root over leaf hashes.
fn root(leaves: &[Digest]) -> Digest {
    if let [only] = leaves {
        return *only;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    merkle::node_hash(&root(left), &root(right))
}

/// RFC 6962 2.1.1: the audit path of one leaf.
fn path(leaves: &[Digest], index: usize) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut inner, other) = if index < left.len() {
        (path(left, index), root(right))
    } else {
        (path(right, index - left.len()), root(left))
    };
    inner.push(other);
    inner
}
