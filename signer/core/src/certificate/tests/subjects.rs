//! Who the leaf names: one name, of the right type, the same everywhere (X509-10 to X509-12, X509-14).

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::{Any, Ia5String, OctetString, Utf8StringRef};
use der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};

use super::world::*;
use super::{Leaf, code, name};
use crate::identity::Subject;
use crate::leaf::LeafIdentity;
use crate::oid;
use crate::reason::{Code, Coded};

fn mail(text: &str) -> GeneralName {
    GeneralName::Rfc822Name(Ia5String::new(text).unwrap())
}

fn uri(text: &str) -> GeneralName {
    GeneralName::UniformResourceIdentifier(Ia5String::new(text).unwrap())
}

/// A leaf of our issuer with any names, under the identity of a person.
fn named(names: Vec<GeneralName>) -> Code {
    let value = SubjectAltName(names).to_der().unwrap();
    code(&World::new().forge(|tbs| {
        set(tbs, SubjectAltName::OID, &value);
        set(tbs, oid::IDENTITY, &person().to_der().unwrap());
    }))
}

#[test]
fn rejects_no_name_and_several_names() {
    assert_eq!(named(vec![]), Code::IdMultipleSan);
    assert_eq!(named(vec![mail("a@example.com"), mail("b@example.com")]), Code::IdMultipleSan);
    assert_eq!(named(vec![mail("a@example.com"), uri("https://example.com/a")]), Code::IdMultipleSan);
}

#[test]
fn rejects_a_name_of_another_type_than_its_text() {
    let text = "alice@example.com";
    let other = OtherName {
        type_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.7"),
        value: Any::encode_from(&Utf8StringRef::new(text).unwrap()).unwrap(),
    };
    for name in [
        uri("mailto:alice@example.com"),
        uri(text),
        mail("https://example.com/alice"),
        GeneralName::DnsName(Ia5String::new(text).unwrap()),
        GeneralName::OtherName(other),
        GeneralName::DirectoryName(name::leaf(&text.parse().unwrap()).unwrap()),
        GeneralName::IpAddress(OctetString::new([127, 0, 0, 1]).unwrap()),
        GeneralName::RegisteredId(oid::CODE_SIGNING),
    ] {
        assert_eq!(named(vec![name]), Code::IdTypeMismatch);
    }
}

#[test]
fn rejects_names_with_nul_control_or_space() {
    for text in ["alice@example.com\0.evil", "alice@example.com\n", "alice @example.com", "", "a@b@c", "alice"] {
        assert_eq!(named(vec![mail(text)]), Code::IdMismatch, "{text:?}");
    }
}

#[test]
fn rejects_a_name_that_is_not_ascii() {
    // A Cyrillic first letter inside an `IA5String`.
    let raw = [&[0x81, 18][..], "аlice@example.com".as_bytes()].concat();
    let value = [&[0x30, 20][..], &raw].concat();
    let der = World::new().forge(|tbs| set(tbs, SubjectAltName::OID, &value));
    assert_eq!(code(&der), Code::X509ExtensionUnparsable);
}

#[test]
fn rejects_another_common_name_than_the_subjects() {
    for shown in ["alice@example.com.evil", "Alice@example.com", "root"] {
        let shown = name::authority("Example", shown).unwrap();
        assert_eq!(code(&World::new().forge(|tbs| tbs.subject = shown)), Code::IdMismatch);
    }
}

fn refused(subject: &str, identity: &LeafIdentity) -> Code {
    World::new().issue(&subject.parse().unwrap(), identity).unwrap_err().code()
}

#[test]
fn rejects_an_agent_whose_uri_names_another_agent_or_session() {
    for subject in [
        "spiffe://example.chancery.internal/agent/other/s-1",
        "spiffe://example.chancery.internal/agent/builder/s-2",
        "spiffe://example.chancery.internal/agent/Builder/s-1",
    ] {
        assert_eq!(refused(subject, &agent()), Code::IdMismatch, "{subject}");
    }
}

#[test]
fn rejects_an_agent_without_an_agents_uri() {
    for subject in [
        "alice@example.com",
        "https://example.com/agent/builder/s-1",
        "spiffe://example.chancery.internal/agents/builder/s-1",
        "spiffe://example.chancery.internal/agent/builder",
        "spiffe://example.chancery.internal/agent/builder/s-1/x",
        "spiffe:///agent/builder/s-1",
        "spiffe://example.chancery.internal/x/agent/builder/s-1",
    ] {
        assert_eq!(refused(subject, &agent()), Code::IdTypeMismatch, "{subject}");
    }
}

#[test]
fn rejects_a_person_or_workload_with_an_agents_uri() {
    for identity in [person(), workload()] {
        for subject in ["spiffe://example.com/agent/builder/s-1", "SPIFFE://example.com/Agent/builder/s-1"] {
            assert_eq!(refused(subject, &identity), Code::IdTypeMismatch, "{subject}");
        }
    }
    assert_eq!(refused("alice@example.com", &workload()), Code::IdTypeMismatch);
}

#[test]
fn rejects_agents_without_particulars_and_others_with_them() {
    let subject = agent_subject().to_string();
    assert_eq!(refused(&subject, &LeafIdentity { agent: None, ..agent() }), Code::IdTypeMismatch);
    assert_eq!(refused(&subject, &LeafIdentity { sponsor: None, ..agent() }), Code::IdTypeMismatch);
    let person = LeafIdentity { agent: agent().agent, ..person() };
    assert_eq!(refused("alice@example.com", &person), Code::IdTypeMismatch);
}

#[test]
fn rejects_a_session_id_that_cannot_be_shown() {
    for session in ["", "s 1", "s\u{1b}[2J", "\u{202e}s", &"s".repeat(129)] {
        let identity = LeafIdentity { session: session.into(), ..person() };
        assert_eq!(refused("alice@example.com", &identity), Code::X509ExtensionUnparsable, "{session:?}");
    }
}

#[test]
fn shows_agents_by_name_and_cuts_long_subjects() {
    let world = World::new();
    let common_name = |subject: &Subject, identity: &LeafIdentity| {
        let der = world.issue(subject, identity).unwrap();
        Leaf::parse(&der).unwrap();
        name::common_name(&x509_cert::Certificate::from_der(&der).unwrap().tbs_certificate.subject).unwrap()
    };
    assert_eq!(common_name(&agent_subject(), &agent()), "agent builder");
    assert_eq!(common_name(&"alice@example.com".parse().unwrap(), &person()), "alice@example.com");
    let long: Subject = format!("{}@example.com", "a".repeat(100)).parse().unwrap();
    assert_eq!(common_name(&long, &person()), "a".repeat(64));
}
