//! libgit2 as a second judge: of what a store holds it reads the same bytes, object by object.

use git2::{ObjectFormat as Format, ObjectType, Odb, Oid};
use proptest::prelude::*;

use super::*;
use crate::object_id::ObjectFormat;

/// Every object of the work tree's store, as libgit2 reads it.
fn judged(world: &World) -> Vec<(ObjectId, ObjectKind, Vec<u8>)> {
    let format = if world.format == ObjectFormat::Sha1 { Format::Sha1 } else { Format::Sha256 };
    let odb = Odb::new_ext(format).unwrap();
    odb.add_disk_alternate(world.path().join(".git/objects").to_str().unwrap()).unwrap();
    let read = |id: &str| {
        let object = odb.read(Oid::from_str_ext(id, format).unwrap()).unwrap();
        let kind = match object.kind() {
            ObjectType::Commit => ObjectKind::Commit,
            ObjectType::Tree => ObjectKind::Tree,
            ObjectType::Blob => ObjectKind::Blob,
            ObjectType::Tag => ObjectKind::Tag,
            ObjectType::Any => panic!("{id} has no kind"),
        };
        (id.parse().unwrap(), kind, object.data().to_vec())
    };
    world.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]).lines().map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_read_the_same_from_whatever_git_packs(
        texts in prop::collection::vec(("[ab]{1,3}", "[a-d\n]{0,400}", 1_usize..40), 1..12),
        window in 0_usize..20, depth in 0_usize..60, sha256: bool, packs: bool,
    ) {
        let world = World::new(FORMATS[usize::from(sha256)]);
        for (number, (path, text, times)) in texts.iter().enumerate() {
            world.write(path, text.repeat(*times));
            world.commit(&number.to_string());
            if packs && number % 3 == 0 {
                world.git(&["repack", "-q", "-d", &format!("--window={window}"), &format!("--depth={depth}")]);
            }
        }
        world.git(&["tag", "-a", "-m", "tag", "v1"]);
        let (repository, judged) = (world.open(), judged(&world));
        prop_assert!(judged.len() >= 3);
        for (id, kind, bytes) in judged {
            let read = repository.read(&id).unwrap();
            prop_assert_eq!((read.kind, read.bytes), (kind, bytes));
        }
    }
}
