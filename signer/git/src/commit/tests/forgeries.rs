//! Objects that no stock git writes, by entry of the attack catalogue.

use super::*;

#[test]
fn takes_the_object_all_forgeries_start_from() {
    assert!(Commit::parse(&forge(&[TREE, PARENT, AUTHOR, COMMITTER]), SHA1).is_ok());
    let signed = forge(&[TREE, PARENT, AUTHOR, COMMITTER, &signature("gpgsig")]);
    assert!(Commit::parse(&signed, SHA1).is_ok() && split_signature(&signed, SHA1).is_ok());
}

// GIT-01, GIT-02.
#[test]
fn refuses_a_header_that_stands_twice() {
    let other_tree = "tree 5b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let mallory = "author Mallory <m@example.com> 1795000000 +0100";
    let committed = "committer Mallory <m@example.com> 1795000000 +0100";
    for lines in [
        [TREE, other_tree, AUTHOR, COMMITTER].as_slice(),
        &[other_tree, TREE, AUTHOR, COMMITTER],
        &[TREE, AUTHOR, COMMITTER, other_tree],
        &[TREE, AUTHOR, mallory, COMMITTER],
        &[TREE, mallory, AUTHOR, COMMITTER],
        &[TREE, AUTHOR, COMMITTER, committed],
        &[TREE, AUTHOR, committed, COMMITTER],
        &[TREE, AUTHOR, COMMITTER, "encoding UTF-8", "encoding UTF-16"],
        &[TREE, AUTHOR, COMMITTER, "change-id a", "change-id b"],
    ] {
        assert_eq!(refusal(&forge(lines)), Code::GitMalformedDuplicateHeader, "{lines:?}");
        let signed = signature("gpgsig");
        let lines = [lines, &[signed.as_str()]].concat();
        assert_eq!(split_refusal(&forge(&lines)), Code::GitMalformedDuplicateHeader, "{lines:?}");
    }
}

// GIT-03.
#[test]
fn refuses_headers_out_of_order() {
    for lines in [
        [TREE, AUTHOR, PARENT, COMMITTER].as_slice(),
        &[TREE, AUTHOR, COMMITTER, PARENT],
        &[PARENT, TREE, AUTHOR, COMMITTER],
        &[TREE, COMMITTER, AUTHOR],
        &[TREE, AUTHOR, "change-id x", COMMITTER],
        &[TREE, AUTHOR, COMMITTER, "change-id x", "encoding UTF-8"],
        &[TREE, AUTHOR, COMMITTER, "object 1"],
        &[TREE, AUTHOR, COMMITTER, &signature("gpgsig"), "change-id x"],
        &[TREE, AUTHOR, &signature("gpgsig"), COMMITTER],
    ] {
        assert_eq!(refusal(&forge(lines)), Code::GitMalformedHeaderOrder, "{lines:?}");
    }
    let buried = forge(&[TREE, AUTHOR, COMMITTER, &signature("gpgsig"), "encoding UTF-8"]);
    assert_eq!(split_refusal(&buried), Code::GitMalformedHeaderOrder);
}

// GIT-04.
#[test]
fn refuses_a_missing_header_or_separator() {
    for lines in [[AUTHOR, COMMITTER].as_slice(), &[TREE, COMMITTER], &[TREE, AUTHOR], &[TREE]] {
        assert_eq!(refusal(&forge(lines)), Code::GitMalformedMissingHeader, "{lines:?}");
    }
    for text in ["", "\n", TREE, &format!("{TREE}\n{AUTHOR}\n{COMMITTER}\nmessage\n")] {
        assert_eq!(refusal(text.as_bytes()), Code::GitMalformedNoBodySeparator, "{text:?}");
    }
    for line in ["key", " continued", "k\u{e9}y x", "key\tx", ""] {
        let bytes = format!("{line}\n{TREE}\n\n");
        assert_eq!(refusal(bytes.as_bytes()), Code::GitMalformedHeader, "{line:?}");
    }
}

// GIT-05, GIT-06.
#[test]
fn refuses_nul_bytes() {
    let name = AUTHOR.replace("Ada", "A\0da");
    assert_eq!(refusal(&forge(&[TREE, &name, COMMITTER])), Code::GitMalformedNulInHeader);
    assert_eq!(refusal(&forge(&[TREE, AUTHOR, COMMITTER, "x a\0b"])), Code::GitMalformedNulInHeader);
    let hidden = [forge(&[TREE, AUTHOR, COMMITTER]), b"\0Agent-Session: forged\n".to_vec()].concat();
    assert_eq!(refusal(&hidden), Code::GitMalformedNulInMessage);
}

// GIT-07, GIT-08: which bytes were signed is decided over the payload, so every altered byte is in it.
#[test]
fn every_altered_byte_outside_the_signature_alters_the_payload() {
    let object = forge(&[TREE, PARENT, AUTHOR, COMMITTER, &signature("gpgsig")]);
    let original = split_signature(&object, SHA1).unwrap();
    for at in 0..object.len() {
        let mut altered = object.clone();
        altered[at] ^= 1;
        if let Ok(signed) = split_signature(&altered, SHA1) {
            assert!(signed != original, "{at}");
        }
    }
}

// GIT-10, GIT-16.
#[test]
fn refuses_every_second_signature_header() {
    let (own, other) = (signature("gpgsig"), signature("gpgsig-sha256"));
    for lines in [[&own, &own], [&own, &other], [&other, &own], [&other, &other]] {
        let bytes = forge(&[TREE, AUTHOR, COMMITTER, lines[0], lines[1]]);
        assert_eq!(refusal(&bytes), Code::GitSigDuplicateHeader);
        assert_eq!(split_refusal(&bytes), Code::GitSigDuplicateHeader);
    }
    let wrong = forge(&[TREE, AUTHOR, COMMITTER, &other]);
    assert_eq!(refusal(&wrong), Code::GitSigWrongHashHeader);
    assert_eq!(split_refusal(&wrong), Code::GitSigWrongHashHeader);
    let reverse = split_signature(&forge(&[TREE, AUTHOR, COMMITTER, &own]), ObjectFormat::Sha256);
    assert_eq!(reverse.unwrap_err().code(), Code::GitSigWrongHashHeader);
}

// GIT-11.
#[test]
fn refuses_a_second_block_inside_the_header() {
    let two = format!("gpgsig {}", ARMOR.repeat(2).trim_end().replace('\n', "\n "));
    assert_eq!(split_refusal(&forge(&[TREE, AUTHOR, COMMITTER, &two])), Code::GitSigMultipleBlocks);
}

// GIT-18.
#[test]
fn takes_no_signature_from_the_message() {
    let message = format!("{TREE}\n{AUTHOR}\n{COMMITTER}\n\n{}\n\nmore\n", signature("gpgsig"));
    assert_eq!(split_refusal(message.as_bytes()), Code::GitSigMissing);
    assert!(!Commit::parse(message.as_bytes(), SHA1).unwrap().has_signature);
}

// GIT-19.
#[test]
fn refuses_an_empty_signature() {
    assert_eq!(split_refusal(&forge(&[TREE, AUTHOR, COMMITTER, "gpgsig "])), Code::GitSigEmpty);
    assert_eq!(split_refusal(&forge(&[TREE, AUTHOR, COMMITTER, "gpgsig"])), Code::GitMalformedHeader);
}

// GIT-20, GIT-21.
#[test]
fn marks_unusual_encodings_and_refuses_headers_that_are_not_utf8() {
    for encoding in ["ISO-2022-JP", "UTF-16LE", "latin1"] {
        let commit = Commit::parse(&forge(&[TREE, AUTHOR, COMMITTER, &format!("encoding {encoding}")]), SHA1);
        assert!(commit.unwrap().has_unusual_encoding());
    }
    for encoding in ["", "a b", "UTF-8\n x", "é"] {
        let bytes = forge(&[TREE, AUTHOR, COMMITTER, &format!("encoding {encoding}")]);
        assert_eq!(refusal(&bytes), Code::GitMalformedHeader, "{encoding:?}");
    }
    let mut bytes = forge(&[TREE, AUTHOR, COMMITTER]);
    let at = bytes.windows(3).position(|part| part == b"Ada").unwrap();
    bytes[at] = 0xe9;
    assert_eq!(refusal(&bytes), Code::GitMalformedUtf8);
}

// GIT-24, GIT-25; the tables are in `ident/tests.rs`.
#[test]
fn refuses_malformed_identities_of_either_role() {
    for (line, code) in [
        ("author Ada <a@b> <m@evil> 1 +0000", Code::GitMalformedIdent),
        ("author Ada <a@b> 1 +9999", Code::GitMalformedDate),
    ] {
        assert_eq!(refusal(&forge(&[TREE, line, COMMITTER])), code);
        let committer = line.replace("author", "committer");
        assert_eq!(refusal(&forge(&[TREE, AUTHOR, &committer])), code);
    }
}

// GIT-28.
#[test]
fn refuses_objects_over_the_limits() {
    let mut large = forge(&[TREE, AUTHOR, COMMITTER]);
    large.resize(MAX_OBJECT + 1, b'x');
    assert_eq!(refusal(&large), Code::LimitObjectSize);
    assert_eq!(split_refusal(&large), Code::LimitObjectSize);
    let headers: Vec<_> = (0..70).map(|number| format!("x{number} y")).collect();
    let lines: Vec<_> = [TREE, AUTHOR, COMMITTER].into_iter().chain(headers.iter().map(String::as_str)).collect();
    assert_eq!(refusal(&forge(&lines)), Code::LimitHeaders);
    let parents: Vec<_> = (0..65).map(|number| format!("parent {number:040}")).collect();
    let lines: Vec<_> = parents.iter().map(String::as_str).collect();
    assert_eq!(refusal(&forge(&[&[TREE], lines.as_slice(), &[AUTHOR, COMMITTER]].concat())), Code::LimitParents);
    let armor = format!("gpgsig {}", "A\n ".repeat(MAX_ARMOR));
    assert_eq!(split_refusal(&forge(&[TREE, AUTHOR, COMMITTER, armor.trim_end()])), Code::LimitSignatureSize);
}

// HIST-09, HIST-30.
#[test]
fn refuses_a_parent_named_twice_and_ids_of_another_length() {
    assert_eq!(refusal(&forge(&[TREE, PARENT, PARENT, AUTHOR, COMMITTER])), Code::GitMalformedDuplicateParent);
    for id in ["", "1111111", &"1".repeat(64), &"A".repeat(40), &format!("{} ", "1".repeat(40))] {
        let parent = format!("parent {id}");
        assert_eq!(refusal(&forge(&[TREE, &parent, AUTHOR, COMMITTER])), Code::GitMalformedObjectId, "{id:?}");
        let tree = format!("tree {id}");
        assert_eq!(refusal(&forge(&[&tree, AUTHOR, COMMITTER])), Code::GitMalformedObjectId, "{id:?}");
    }
}

#[test]
fn refuses_continued_lines_in_headers_that_have_one() {
    let id = format!("{TREE}\n {}", "1".repeat(40));
    assert_eq!(refusal(&forge(&[&id, AUTHOR, COMMITTER])), Code::GitMalformedObjectId);
    let author = format!("{AUTHOR}\n parent {}", "1".repeat(40));
    assert_eq!(refusal(&forge(&[TREE, &author, COMMITTER])), Code::GitMalformedDate);
}
