//! The names of the schema, parsed once: parsing a type's name costs more than the rest of a decision.

use std::fmt;
use std::sync::LazyLock;

use cedar_policy::{EntityId, EntityTypeName, EntityUid};

/// An entity by its type and id. Cedar's own form of it costs more than the answer that is remembered for it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Uid {
    kind: Kind,
    id: String,
}

impl Uid {
    /// Its id within its type.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl From<&Uid> for EntityUid {
    fn from(Uid { kind, id }: &Uid) -> Self {
        Self::from_type_name_and_id(kind.type_name(), EntityId::new(id))
    }
}

macro_rules! kinds {
    ($($kind:ident $noun:literal;)*) => {
        /// An entity type of `schema.cedarschema`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[expect(clippy::enum_variant_names, reason = "the names are the schema's")]
        pub(crate) enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// The type's name.
            pub(crate) fn type_name(self) -> EntityTypeName {
                match self {
                    $(Self::$kind => {
                        static NAME: LazyLock<EntityTypeName> = LazyLock::new(|| parse(stringify!($kind)));
                        NAME.clone()
                    })*
                }
            }

            /// What people call it.
            pub(crate) const fn noun(self) -> &'static str {
                match self { $(Self::$kind => $noun,)* }
            }

            /// The entity of this type with that id.
            pub(crate) fn uid(self, id: impl fmt::Display) -> Uid {
                Uid { kind: self, id: id.to_string() }
            }
        }
    };
}

kinds! {
    Action "action";
    Agent "agent";
    Artifact "artifact";
    Attestation "attestation";
    Certificate "certificate";
    Change "change";
    ChangeKind "kind of change";
    Custody "custody";
    Enrolment "enrolment";
    Grant "grant";
    OpenEntry "open entry";
    PathGroup "path group";
    Person "person";
    Prompt "prompt";
    Purpose "purpose";
    Selector "selector";
    SelectorKind "kind of selector";
    Tag "tag";
    TimeAssurance "time assurance";
    Trust "trust";
    Workload "workload";
}

#[expect(clippy::expect_used, reason = "the names of this table are identifiers; a test resolves each of them")]
fn parse(name: &'static str) -> EntityTypeName {
    name.parse().expect("an identifier is the name of a type")
}
