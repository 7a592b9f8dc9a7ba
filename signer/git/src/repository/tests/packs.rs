//! Packs that git writes, and packs that it never would.

use std::os::unix::fs::FileTypeExt;

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::*;

const COMMIT: u8 = 1;
const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;

/// An entry: its kind, the size it says, what stands before the stream, and what the stream inflates to.
fn entry(kind: u8, size: u64, head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | u8::try_from(size & 15).unwrap()];
    let mut rest = size >> 4;
    while rest > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(u8::try_from(rest & 0x7f).unwrap());
        rest >>= 7;
    }
    [&bytes, head, &compress_to_vec_zlib(body, 1)].concat()
}

fn sound(kind: u8, head: &[u8], body: &[u8]) -> Vec<u8> {
    entry(kind, u64::try_from(body.len()).unwrap(), head, body)
}

fn id(number: u16) -> ObjectId {
    let mut bytes = [7; 20];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    ObjectId::Sha1(bytes)
}

/// A repository with a pack of these entries and the index of it, in which entry n has the id n.
fn forged(entries: &[Vec<u8>]) -> World {
    let world = World::new(FORMATS[0]);
    let count = u32::try_from(entries.len()).unwrap().to_be_bytes();
    let (mut pack, mut ids, mut offsets) = ([b"PACK\0\0\0\x02".as_slice(), &count].concat(), Vec::new(), Vec::new());
    for (number, entry) in (0..).zip(entries) {
        ids.extend_from_slice(id(number).as_bytes());
        offsets.extend(u32::try_from(pack.len()).unwrap().to_be_bytes());
        pack.extend_from_slice(entry);
    }
    pack.extend([0; 20]);
    let below = |first: usize| entries.len().min((first + 1) * 256);
    let counts: Vec<u8> = (0..256).flat_map(|first| u32::try_from(below(first)).unwrap().to_be_bytes()).collect();
    let checksums = vec![0; entries.len() * 4];
    let index = [b"\xfftOc\0\0\0\x02".as_slice(), &counts, &ids, &checksums, &offsets, &[0; 40]].concat();
    world.write(".git/objects/pack/pack-forged.pack", pack);
    world.write(".git/objects/pack/pack-forged.idx", index);
    world
}

fn refusal(entries: &[Vec<u8>]) -> Code {
    let last = u16::try_from(entries.len() - 1).unwrap();
    code(forged(entries).open().read(&id(last)))
}

#[test]
fn reads_every_object_as_git_does_through_deltas_and_without() {
    for format in FORMATS {
        let world = World::new(format);
        for number in 0..40 {
            world.write(&format!("a/{number}"), number.to_string().repeat(50));
            world.write("long", "line\n".repeat(number));
            world.commit(&number.to_string());
        }
        world.git(&["tag", "-a", "-m", "tag", "v1"]);
        for depth in ["--depth=0", "--depth=50"] {
            world.git(&["repack", "-q", "-a", "-d", "-f", depth]);
            let repository = world.open();
            let all = world.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"]);
            for (id, kind) in all.lines().filter_map(|line| line.split_once(' ')) {
                let (id, kind) = (id.parse().unwrap(), kind.parse::<ObjectKind>().unwrap());
                let read = repository.read(&id).unwrap();
                assert_eq!((read.kind, read.bytes), (kind, world.raw(kind.as_str(), &id)));
            }
        }
    }
}

#[test]
fn finds_what_was_packed_or_written_after_it_was_opened() {
    for format in FORMATS {
        let world = World::new(format);
        world.commit("1");
        let (repository, other) = (world.open(), world.open().reopen());
        let packed = world.commit("2");
        world.git(&["repack", "-q", "-a", "-d"]);
        let loose = world.commit("3");
        for repository in [repository, other] {
            assert_eq!(repository.walk(&loose, &[]).unwrap().len(), 3);
            assert_eq!(repository.resolve(&packed.to_string()).unwrap(), packed);
            assert_eq!(repository.resolve(packed.to_string().split_at(10).0).unwrap(), packed);
        }
    }
}

#[test]
fn an_abbreviation_means_what_one_pack_or_file_holds() {
    let world = forged(&[vec![], vec![]]);
    let packed = id(1).to_string();
    assert_eq!(world.open().resolve(packed.split_at(7).0).unwrap(), id(1));
    let near = ObjectId::from_hex(packed.replace("0707070707", "0707070708").as_bytes(), FORMATS[0]).unwrap();
    world.write(world.loose_file(&near).to_str().unwrap(), "");
    assert_eq!(code(world.open().resolve(packed.split_at(7).0)), Code::HistUnknownRevision);
    assert_eq!(world.open().resolve(near.to_string().split_at(39).0).unwrap(), near);
}

#[test]
fn reads_through_what_a_clone_borrows_from() {
    let world = World::new(FORMATS[0]);
    let tip = world.commit("1");
    let (near, far) = (world.beside("near"), world.beside("far"));
    world.git(&["clone", "-q", "--shared", ".", near.to_str().unwrap()]);
    world.git(&["clone", "-q", "--shared", near.to_str().unwrap(), far.to_str().unwrap()]);
    // Borrowing in a circle.
    world.write(".git/objects/info/alternates", format!("# far\n\n{}\n", far.join(".git/objects").display()));
    for packed in [false, true] {
        if packed {
            world.git(&["repack", "-q", "-a", "-d"]);
        }
        let repository = Repository::danger_open_incomplete(&far).unwrap();
        assert_eq!(repository.commit(&tip).unwrap().message, b"1\n");
        assert_eq!(code(repository.read(&id(1))), Code::HistMissingObject);
    }
}

// GIT-28.
#[test]
fn refuses_what_says_it_is_too_large_before_it_is_inflated() {
    let huge = 1 << 40;
    let small = sound(COMMIT, b"", b"base");
    let of_small = |size, body: &[u8]| entry(REF_DELTA, size, id(0).as_bytes(), body);
    let makes_much = b"\x04\x80\x80\x80\x80\x80\x20\x90\x04";
    for entries in [
        vec![entry(COMMIT, huge, b"", b"x")],
        vec![small.clone(), of_small(huge, b"x")],
        vec![small.clone(), of_small(9, makes_much)],
        // What it is made of is too large, not itself.
        vec![entry(COMMIT, huge, b"", b"x"), of_small(4, b"\x04\x01\x90\x01")],
        vec![small, of_small(9, makes_much), sound(REF_DELTA, id(1).as_bytes(), b"\x01\x01\x90\x01")],
    ] {
        assert_eq!(refusal(&entries), Code::LimitObjectSize);
    }
}

#[test]
fn refuses_deltas_that_lead_nowhere() {
    let delta = b"\x04\x01\x90\x01";
    let of = |number: u16| sound(REF_DELTA, id(number).as_bytes(), delta);
    for entries in [
        vec![of(0)],
        vec![of(1), of(0)],
        vec![of(1), of(2), of(0)],
        vec![of(9)],
        vec![sound(OFS_DELTA, &[0], delta)],
        vec![sound(OFS_DELTA, &[0x7f], delta)],
        vec![sound(OFS_DELTA, &[0xff; 12], delta)],
    ] {
        assert_eq!(refusal(&entries), Code::HistObjectIdMismatch);
    }
}

#[test]
fn refuses_a_chain_of_deltas_that_git_would_not_make() {
    let first = sound(COMMIT, b"", b"base");
    let of = |number: u16| sound(REF_DELTA, id(number).as_bytes(), b"\x04\x04\x90\x04");
    let chain = |deltas: u16| std::iter::once(first.clone()).chain((0..deltas).map(of)).collect::<Vec<_>>();
    let read = |deltas: u16| forged(&chain(deltas)).open().read(&id(deltas)).unwrap_err();
    // The bytes are there, and hash to something else.
    assert!(matches!(read(4096), RepositoryError::IdMismatch { .. }));
    assert!(matches!(read(4097), RepositoryError::Damaged { .. }));
}

#[test]
fn refuses_streams_that_are_damaged_or_of_another_length() {
    let mut cut = sound(COMMIT, b"", &b"some bytes".repeat(9));
    cut.truncate(9);
    for entries in [
        vec![entry(COMMIT, 3, b"", b"1234")],
        vec![entry(COMMIT, 5, b"", b"1234")],
        vec![vec![COMMIT << 4 | 4, 1, 2, 3, 4]],
        vec![cut],
        vec![vec![0x04, 0]],
        vec![vec![0x54, 0]],
        vec![vec![0xff; 30]],
        vec![vec![]],
        vec![sound(COMMIT, b"", b"base"), sound(REF_DELTA, id(0).as_bytes(), b"\x05\x01\x90\x01")],
    ] {
        assert_eq!(refusal(&entries), Code::HistObjectIdMismatch, "{entries:?}");
    }
}

#[test]
fn what_a_damaged_pack_holds_is_missing() {
    let world = World::new(FORMATS[0]);
    let tip = world.commit("1");
    world.git(&["repack", "-q", "-a", "-d"]);
    let folder = world.path().join(".git/objects/pack");
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for file in
        files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "idx" || extension == "pack"))
    {
        let whole = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        for length in [0, 4, 11, 20, 40] {
            fs::write(file, &whole[..length]).unwrap();
            assert!(world.open().read(&tip).is_err(), "{length}");
        }
        fs::remove_file(file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success());
        assert!(fs::metadata(file).unwrap().file_type().is_fifo());
        assert_eq!(code(world.open().read(&tip)), Code::HistMissingObject);
        fs::remove_file(file).unwrap();
        fs::write(file, &whole).unwrap();
    }
    assert!(world.open().read(&tip).is_ok());
}
