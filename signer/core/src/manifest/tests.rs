use proptest::prelude::*;

use super::*;
use crate::reason::{Code, Coded};
use crate::statement::{Predicate as _, Resource, Statement};

fn entry(path: &str) -> Entry {
    Entry { path: path.parse().unwrap(), size: 1, sha256: Digest::of(path.as_bytes()), executable: false }
}

fn manifest(paths: &[&str]) -> Manifest {
    Manifest::new(paths.iter().map(|path| entry(path)).collect()).unwrap()
}

fn refused(paths: &[&str]) -> Code {
    Manifest::new(paths.iter().map(|path| entry(path)).collect()).unwrap_err().code()
}

fn artifact(kind: ArtifactKind, name: &str, manifest: Manifest) -> Artifact {
    Artifact { name: name.parse().unwrap(), terms: ArtifactTerms { kind, manifest } }
}

#[test]
fn is_sorted_by_path_bytes_whatever_order_it_was_found_in() {
    let manifest = manifest(&["b", "a/z", "a-b", "Z"]);
    let paths: Vec<&str> = manifest.entries().iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["Z", "a-b", "a/z", "b"]);
    let hex = Digest::of(b"x").to_hex();
    let one = Manifest::new(vec![entry("x")]).unwrap().encode().unwrap();
    let expected = format!(r#"{{"files":[{{"executable":false,"path":"x","sha256":"sha256:{hex}","size":1}}]}}"#);
    assert_eq!(String::from_utf8(one).unwrap(), expected);
}

#[test]
fn rejects_paths_that_leave_the_artifact_or_mean_two_things() {
    let long = "x".repeat(256);
    let deep = "x/".repeat(2100);
    let cases: [(&str, RelPathError); 22] = [
        ("/etc/passwd", RelPathError::Absolute),
        ("//server/share", RelPathError::Absolute),
        ("../x", RelPathError::ParentComponent),
        ("a/../../b", RelPathError::ParentComponent),
        ("prompts/../../etc/passwd", RelPathError::ParentComponent),
        ("./x", RelPathError::CurrentComponent),
        ("", RelPathError::EmptyComponent),
        ("a//b", RelPathError::EmptyComponent),
        ("a/", RelPathError::EmptyComponent),
        ("C:/x", RelPathError::Character { character: ':' }),
        ("C:\\x", RelPathError::Character { character: ':' }),
        ("\\\\?\\x", RelPathError::Character { character: '\\' }),
        ("a\0b", RelPathError::Character { character: '\0' }),
        ("a\nb", RelPathError::Character { character: '\n' }),
        ("a\u{1b}[8m", RelPathError::Character { character: '\u{1b}' }),
        ("a\u{202e}b", RelPathError::Character { character: '\u{202e}' }),
        ("a\u{200b}b", RelPathError::Character { character: '\u{200b}' }),
        ("file.", RelPathError::Ending),
        ("dir /x", RelPathError::Ending),
        ("a/NUL.txt", RelPathError::Device),
        (&long, RelPathError::TooLong { actual: 256 }),
        (&deep, RelPathError::TooLong { actual: 4200 }),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<RelPath>(), Err(error), "{text}");
    }
    for device in ["con", "Aux", "COM1", "lpt9.tar.gz", "com¹", "prn .x"] {
        assert_eq!(device.parse::<RelPath>(), Err(RelPathError::Device), "{device}");
    }
    for good in ["a", ".hidden", "..a", "a b", "console", "com10", "ä/日本", "a-b_c+d@e,f;g(h)[i]{j}~"] {
        assert_eq!(good.parse::<RelPath>().unwrap().as_str(), good);
    }
}

#[test]
fn rejects_names_that_collide_on_some_file_system() {
    assert_eq!(refused(&["A", "a"]), Code::ArtCollision);
    assert_eq!(refused(&["dir/x", "Dir/y"]), Code::ArtCollision);
    assert_eq!(refused(&["\u{e9}", "e\u{301}"]), Code::ArtCollision);
    assert_eq!(refused(&["\u{c9}", "e\u{301}"]), Code::ArtCollision);
    assert_eq!(refused(&["\u{e9}/x", "e\u{301}/y"]), Code::ArtCollision);
    assert_eq!(refused(&["a", "a/b"]), Code::ArtCollision);
    assert_eq!(refused(&["a/b", "A"]), Code::ArtCollision);
    assert_eq!(refused(&["a", "a"]), Code::ArtCollision);
    assert_eq!(manifest(&["dir/x", "dir/y", "dir/sub/x", "e", "\u{e9}"]).entries().len(), 5);
}

#[test]
fn rejects_nothing_and_too_much() {
    assert_eq!(refused(&[]), Code::ArtEmpty);
    let sized = |sizes: &[u64]| {
        let sized = sizes.iter().enumerate().map(|(index, size)| Entry { size: *size, ..entry(&format!("f{index}")) });
        Manifest::new(sized.collect())
    };
    assert_eq!(sized(&[MAX_SIZE]).unwrap().size(), MAX_SIZE);
    assert_eq!(sized(&[MAX_SIZE, 1]).unwrap_err().code(), Code::ArtLimit);
    assert_eq!(sized(&[u64::MAX, u64::MAX]).unwrap_err().code(), Code::ArtLimit);
    let many = (0..=MAX_FILES).map(|index| Entry { size: 0, path: format!("f{index}").parse().unwrap(), ..entry("x") });
    assert_eq!(Manifest::new(many.collect()).unwrap_err().code(), Code::ArtLimit);
}

#[test]
fn every_kind_of_difference_is_told() {
    let signed = manifest(&["content", "gone", "mode", "same"]);
    let mut found: Vec<Entry> = ["content", "mode", "new", "same"].iter().map(|path| entry(path)).collect();
    found[0].sha256 = Digest::of(b"altered");
    found[1].executable = true;
    let path = |text: &str| text.parse().unwrap();
    let expected = [
        Difference::Content { path: path("content") },
        Difference::Missing { path: path("gone") },
        Difference::Mode { path: path("mode") },
        Difference::Extra { path: path("new") },
    ];
    let found = Manifest::new(found).unwrap();
    assert_eq!(compare(&signed, &found), expected);
    assert!(expected.iter().all(|difference| difference.reason().code == Code::ArtDiffers));
    assert_eq!(compare(&signed, &signed), []);
}

#[test]
fn a_swap_of_two_files_is_two_differences() {
    let signed = manifest(&["a", "b"]);
    let swapped =
        vec![Entry { path: "a".parse().unwrap(), ..entry("b") }, Entry { path: "b".parse().unwrap(), ..entry("a") }];
    assert_eq!(compare(&signed, &Manifest::new(swapped).unwrap()).len(), 2);
    assert_eq!(compare(&signed, &manifest(&["a", "c"])).len(), 2);
}

#[test]
fn a_file_is_its_content_and_a_directory_its_manifest() {
    let file = artifact(ArtifactKind::File, "app", manifest(&["app"])).into_statement().unwrap();
    assert_eq!(file.subjects(), [Resource { name: "app".to_owned(), sha256: Digest::of(b"app") }]);
    let files = manifest(&["a", "b/c"]);
    let directory = artifact(ArtifactKind::Directory, "dist", files.clone()).into_statement().unwrap();
    let sha256 = Digest::of(&files.encode().unwrap());
    assert_eq!(directory.subjects(), [Resource { name: "dist".to_owned(), sha256 }]);
    for statement in [file, directory] {
        assert_eq!(Statement::<ArtifactTerms>::decode(&statement.encode().unwrap()).unwrap(), statement);
    }
}

#[test]
fn rejects_a_statement_whose_subject_is_not_its_manifest() {
    let terms = |kind, paths| ArtifactTerms { kind, manifest: manifest(paths) };
    let subject = |name: &str, sha256| vec![Resource { name: name.to_owned(), sha256 }];
    let file = terms(ArtifactKind::File, &["app"]);
    let code = |terms: &ArtifactTerms, subjects: &[Resource]| terms.check(subjects).unwrap_err().code();
    assert_eq!(code(&file, &subject("app", Digest::of(b"x"))), Code::IntotoSubject);
    assert_eq!(code(&file, &subject("other", Digest::of(b"app"))), Code::IntotoSubject);
    assert_eq!(code(&file, &subject("../app", Digest::of(b"app"))), Code::ArtName);
    let both = [subject("app", Digest::of(b"app")), subject("b", Digest::of(b"b"))].concat();
    assert_eq!(code(&file, &both), Code::IntotoNoSubject);
    let two = terms(ArtifactKind::File, &["app", "b"]);
    assert_eq!(code(&two, &subject("app", Digest::of(b"app"))), Code::IntotoPredicate);
    let directory = terms(ArtifactKind::Directory, &["app"]);
    assert_eq!(code(&directory, &subject("dist", Digest::of(b"app"))), Code::IntotoSubject);
}

#[test]
fn rejects_manifests_that_are_unsorted_repeated_or_unsafe() {
    let file = artifact(ArtifactKind::Directory, "dist", manifest(&["a", "b"]));
    let good = String::from_utf8(file.into_statement().unwrap().encode().unwrap()).unwrap();
    let cases = [
        ("repeated", good.replace(r#""path":"b""#, r#""path":"a""#)),
        ("unsorted", good.replace(r#""path":"a""#, r#""path":"c""#)),
        ("colliding", good.replace(r#""path":"b""#, r#""path":"a/b""#)),
        ("climbing", good.replace(r#""path":"a""#, r#""path":"../a""#)),
        ("with a number out of range", good.replace(r#""size":1"#, r#""size":-1"#)),
        ("with an unknown member", good.replace(r#""size":1"#, r#""size":1,"target":"x""#)),
    ];
    for (what, text) in cases {
        assert_ne!(text, good);
        assert_eq!(
            Statement::<ArtifactTerms>::decode(text.as_bytes()).expect_err(what).code(),
            Code::IntotoPredicate,
            "{what}"
        );
    }
    let altered = good.replace(r#""executable":false"#, r#""executable":true"#);
    assert_eq!(Statement::<ArtifactTerms>::decode(altered.as_bytes()).unwrap_err().code(), Code::IntotoSubject);
}

#[test]
fn a_signed_file_does_not_stand_for_another_name_or_kind() {
    let signed = ArtifactTerms { kind: ArtifactKind::File, manifest: manifest(&["uninstall"]) };
    let mut renamed = entry("uninstall");
    renamed.path = "install".parse().unwrap();
    let found = artifact(ArtifactKind::File, "install", Manifest::new(vec![renamed]).unwrap());
    assert_eq!(signed.differences(&found).len(), 2);
    let directory = artifact(ArtifactKind::Directory, "uninstall", manifest(&["uninstall"]));
    assert_eq!(signed.differences(&directory), [Difference::Kind]);
    let signed = ArtifactTerms { kind: ArtifactKind::Directory, manifest: manifest(&["a"]) };
    assert_eq!(signed.differences(&artifact(ArtifactKind::Directory, "elsewhere", manifest(&["a"]))), []);
}

proptest! {
    #[test]
    fn every_manifest_survives_its_own_bytes(
        paths in proptest::collection::btree_set("[a-m]{1,6}(/[0-9]{1,3}x){0,3}", 1..12), size in 0..1_u64 << 30, executable in any::<bool>(),
    ) {
        let entries = paths.iter().map(|path| Entry { size, executable, ..entry(path) }).collect();
        if let Ok(manifest) = Manifest::new(entries) {
            let bytes = manifest.encode().unwrap();
            prop_assert_eq!(canonical::from_slice::<Manifest>(&bytes, bytes.len()).unwrap(), manifest);
        }
    }

    #[test]
    fn a_path_is_itself_or_nothing(text in ".{0,40}") {
        if let Ok(path) = text.parse::<RelPath>() {
            prop_assert_eq!(path.as_str(), text.as_str());
            prop_assert!(std::path::Path::new(&text).components().all(|part| matches!(part, std::path::Component::Normal(_))));
        }
    }

    #[test]
    fn comparing_a_manifest_with_itself_finds_nothing(paths in proptest::collection::btree_set("[a-m]{1,3}", 1..9), other in proptest::collection::btree_set("[a-m]{1,3}", 1..9)) {
        let make = |paths: &std::collections::BTreeSet<String>| Manifest::new(paths.iter().map(|path| entry(path)).collect()).unwrap();
        prop_assert_eq!(compare(&make(&paths), &make(&paths)), []);
        prop_assert_eq!(compare(&make(&paths), &make(&other)).is_empty(), paths == other);
        prop_assert_eq!(compare(&make(&paths), &make(&other)).len(), paths.symmetric_difference(&other).count());
    }
}
