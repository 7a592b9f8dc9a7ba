use std::sync::Arc;

use signer_core::digest::Digest;

use super::{MEMORY, SessionMemory};
use crate::store::rows::{SessionRow, Write};
use crate::world::World;

fn row() -> SessionRow {
    World::peopled().alice().row().clone()
}

fn end(row: &SessionRow) -> Write {
    Write::SessionEnd { session: row.id.clone(), at: row.window.start }
}

#[test]
fn a_kept_session_is_found_until_it_changes() {
    let (memory, row) = (SessionMemory::default(), Arc::new(row()));
    let seen = memory.find(&row.credential).unwrap_err();
    memory.keep(seen, &row);
    assert!(memory.find(&row.credential).is_ok());
    assert!(memory.find(&Digest::of(b"another")).is_err());
    let other = SessionRow { id: "another".to_owned(), ..(*row).clone() };
    memory.forget(&[end(&other)]);
    assert!(memory.find(&row.credential).is_ok(), "another session's end is not this one's");
    memory.forget(&[end(&row)]);
    assert!(memory.find(&row.credential).is_err());
}

#[test]
fn a_row_read_before_a_change_is_not_kept_after_it() {
    let (memory, row) = (SessionMemory::default(), Arc::new(row()));
    let seen = memory.find(&row.credential).unwrap_err();
    memory.forget(&[end(&row)]);
    memory.keep(seen, &row);
    assert!(memory.find(&row.credential).is_err());
}

#[test]
fn memory_is_bounded() {
    let (memory, row) = (SessionMemory::default(), row());
    for number in 0..=MEMORY {
        let credential = Digest::of(&number.to_be_bytes());
        let seen = memory.find(&credential).unwrap_err();
        memory.keep(seen, &Arc::new(SessionRow { credential, ..row.clone() }));
    }
    assert!(memory.find(&Digest::of(&0_usize.to_be_bytes())).is_err());
    assert!(memory.find(&Digest::of(&MEMORY.to_be_bytes())).is_ok());
}
