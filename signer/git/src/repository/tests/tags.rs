//! Tags whose ref, object and target disagree.

use super::*;

fn forge_tag(world: &World, object: &ObjectId, kind: &str, name: &str) {
    let text = format!("object {object}\ntype {kind}\ntag {name}\ntagger A <a@b> 1 +0000\n\nforged\n");
    let id = world.forge("tag", text.as_bytes());
    world.write(&format!(".git/refs/tags/{name}"), format!("{id}\n"));
}

#[test]
fn reads_a_tag_and_what_it_points_to() {
    for format in FORMATS {
        let world = World::new(format);
        let id = world.commit("1");
        world.git(&["tag", "-a", "-m", "x", "v1"]);
        let repository = world.open();
        let (object, tag) = repository.tag_at("refs/tags/v1").unwrap();
        assert_eq!(object.id, world.id("refs/tags/v1"));
        assert_eq!(repository.tagged(&tag).unwrap().id, id);
    }
}

// GIT-34.
#[test]
fn refuses_a_tag_under_another_ref() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    world.git(&["tag", "-a", "-m", "x", "v1"]);
    world.git(&["update-ref", "refs/tags/v2", "refs/tags/v1"]);
    assert_eq!(code(world.open().tag_at("refs/tags/v2")), Code::GitTagNameMismatch);
}

// GIT-35.
#[test]
fn refuses_a_tag_that_lies_about_its_target_and_a_tag_of_a_tag() {
    let world = World::new(FORMATS[0]);
    world.write("file", "content");
    let commit = world.commit("1");
    forge_tag(&world, &world.id("HEAD:file"), "commit", "lie");
    forge_tag(&world, &commit, "commit", "inner");
    forge_tag(&world, &world.id("refs/tags/inner"), "tag", "outer");
    forge_tag(&world, &world.id("refs/tags/inner"), "commit", "hidden");
    let repository = world.open();
    let tagged = |name: &str| repository.tagged(&repository.tag_at(name).unwrap().1);
    assert_eq!(code(tagged("refs/tags/lie")), Code::GitTagTypeMismatch);
    assert_eq!(code(tagged("refs/tags/outer")), Code::GitTagNested);
    assert_eq!(code(tagged("refs/tags/hidden")), Code::GitTagTypeMismatch);
    assert_eq!(code(repository.resolve_commit("refs/tags/lie")), Code::GitMalformedObjectType);
    assert_eq!(repository.resolve_commit("refs/tags/outer").unwrap(), commit);
}

// GIT-36.
#[test]
fn refuses_a_lightweight_or_absent_tag() {
    let world = World::new(FORMATS[0]);
    world.commit("1");
    world.git(&["tag", "v3"]);
    assert_eq!(code(world.open().tag_at("refs/tags/v3")), Code::GitTagUnsigned);
    assert_eq!(code(world.open().tag_at("refs/tags/v4")), Code::HistUnknownRevision);
    assert_eq!(code(world.open().tag_at("v3")), Code::HistBadRefname);
}
