//! Why a run could not judge anything at all.

use signer_core::anchor::{AnchorError, RepositoryId};
use signer_core::feed::FeedError;
use signer_core::foreign_time::ForeignAuthorityError;
use signer_core::reason::{Code, Coded};
use signer_core::repository_config::ConfigError;
use signer_core::trust_root::TrustRootError;
use signer_core::witness_policy::WitnessPolicyError;
use signer_git::change::ChangeListError;
use signer_git::object::{ObjectError, ObjectKind};
use signer_git::object_id::{ObjectFormat, ObjectId};
use signer_git::repository::RepositoryError;
use signer_policy::PolicyError;

/// What stops a run, or one subject of it, before verification proper.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The anchor.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// No file in the tree has the digest given.
    #[error("no anchor in the repository has the digest {digest}")]
    AnchorAbsent {
        /// The digest given.
        digest: signer_core::digest::Digest,
    },
    /// Neither given nor found.
    #[error("no anchor was given")]
    AnchorMissing,
    /// The commit's base has none, and it is not the adoption change.
    #[error("the commit's base holds no anchor, and the commit is not the adoption change")]
    NotAdopted,
    /// A tag of something else than a commit.
    #[error("the tag names a {kind}, not a commit")]
    TagTarget {
        /// What it names.
        kind: ObjectKind,
    },
    /// The tree holds an older anchor than one in force.
    #[error("the tree holds anchor version {found}, version {current} is in force")]
    AnchorRollback {
        /// In force.
        current: u32,
        /// Found.
        found: u32,
    },
    /// An anchor in the tree that is not the one in force.
    #[error("the tree's anchor version {version} is not the one that is in force")]
    AnchorForeign {
        /// Its version.
        version: u32,
    },
    /// The adoption commit's content is not what the anchor says.
    #[error("the adoption commit's bytes or files are not those the anchor names")]
    AdoptionDiffers,
    /// `.chancery` changed without a new anchor.
    #[error("the commit alters `.chancery` without bringing a new anchor")]
    SelfModification,
    /// A change list that could not be computed.
    #[error(transparent)]
    Change(#[from] ChangeListError),
    /// The feed of revocations.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// A feed that cannot be read.
    #[error("the feed `{path}` cannot be read")]
    FeedUnread {
        /// Where it should be.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The configuration in the tree.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration names another repository than the anchor.
    #[error("`.chancery/config.toml` names another repository than the anchor")]
    ConfigForeign,
    /// An anchor of another repository.
    #[error("the anchor is of repository {anchor}, this one is {here}")]
    AnchorElsewhere {
        /// The anchor's repository.
        anchor: RepositoryId,
        /// The one that is judged.
        here: RepositoryId,
    },
    /// An anchor of a repository in the other object format.
    #[error("the anchor is of repository {anchor}, whose object ids are {named}; here they are {here}")]
    AnchorFormat {
        /// The anchor's repository.
        anchor: RepositoryId,
        /// Its object format.
        named: ObjectFormat,
        /// The one of the repository that is judged.
        here: ObjectFormat,
    },
    /// The adoption commit is not there.
    #[error("the adoption commit {adoption} of repository {anchor}, which the anchor is of, is not here")]
    AdoptionAbsent {
        /// The anchor's repository.
        anchor: RepositoryId,
        /// The commit.
        adoption: ObjectId,
    },
    /// A commit of before the adoption.
    #[error("{id} is from before the adoption: the anchor speaks of what came after {adoption}")]
    PreAdoption {
        /// The commit.
        id: String,
        /// The last one before the anchor.
        adoption: String,
    },
    /// A commit outside the adopted history.
    #[error("{id} does not descend from the adoption commit")]
    NotDescendant {
        /// The commit.
        id: String,
    },
    /// A second root.
    #[error("{id} is a root commit of its own")]
    NewRoot {
        /// The commit.
        id: String,
    },
    /// What is given as a digest is none.
    #[error("`{given}` is no digest: that is `sha256:` and 64 hexadecimal digits")]
    AnchorDigest {
        /// What was given.
        given: String,
    },
    /// The anchor's file could not be read.
    #[error("the anchor `{path}` cannot be read")]
    AnchorUnread {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// An object git would not have written.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// An empty selection.
    #[error("the selection holds no commit")]
    Nothing,
    /// The policy in the tree.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The policy in the tree is not the anchor's.
    #[error("the policy in the tree is not the one anchor version {version} names")]
    PolicyForeign {
        /// The anchor's version.
        version: u32,
    },
    /// The repository.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A lightweight tag.
    #[error("`{name}` is a lightweight tag")]
    TagUnsigned {
        /// The tag.
        name: String,
    },
    /// No such tag.
    #[error("there is no tag `{name}`")]
    TagUnknown {
        /// The tag.
        name: String,
    },
    /// A target that the anchor does not protect.
    #[error("the commit was signed for `{target}`, which the anchor does not protect")]
    TargetForeign {
        /// The target in the provenance.
        target: String,
    },
    /// The foreign time authorities inside the anchor.
    #[error(transparent)]
    TimeAuthorities(#[from] ForeignAuthorityError),
    /// The trust root inside the anchor.
    #[error(transparent)]
    TrustRoot(#[from] TrustRootError),
    /// The witness policy inside the anchor.
    #[error(transparent)]
    Witnesses(#[from] WitnessPolicyError),
}

impl Coded for RunError {
    fn code(&self) -> Code {
        match self {
            Self::Anchor(error) => error.code(),
            Self::AnchorAbsent { .. }
            | Self::AnchorDigest { .. }
            | Self::AnchorMissing
            | Self::AnchorUnread { .. }
            | Self::NotAdopted => Code::AnchorMissing,
            Self::TagTarget { .. } => Code::GitTagTarget,
            Self::AnchorRollback { .. } => Code::AnchorRollback,
            Self::AdoptionAbsent { .. } => Code::HistMissingObject,
            Self::AdoptionDiffers
            | Self::AnchorElsewhere { .. }
            | Self::AnchorForeign { .. }
            | Self::AnchorFormat { .. }
            | Self::ConfigForeign => Code::AnchorChain,
            Self::SelfModification => Code::PolicySelfModification,
            Self::Change(error) => error.code(),
            Self::Feed(error) => error.code(),
            Self::FeedUnread { .. } => Code::RevokedUnavailable,
            Self::Config(error) => error.code(),
            Self::NotDescendant { .. } | Self::PreAdoption { .. } => Code::HistNotDescendant,
            Self::NewRoot { .. } => Code::HistNewRoot,
            Self::Nothing => Code::InternalNothing,
            Self::Object(error) => error.code(),
            Self::Policy(error) => error.code(),
            Self::PolicyForeign { .. } => Code::PolicyMismatch,
            Self::Repository(error) => error.code(),
            Self::TagUnsigned { .. } => Code::GitTagUnsigned,
            Self::TagUnknown { .. } => Code::HistUnknownRevision,
            Self::TargetForeign { .. } => Code::ScopeTarget,
            Self::TimeAuthorities(error) => error.code(),
            Self::TrustRoot(error) => error.code(),
            Self::Witnesses(error) => error.code(),
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::AnchorElsewhere { .. } | Self::AnchorFormat { .. } => {
                "Name this repository's own anchor by --anchor."
            }
            Self::AdoptionAbsent { .. } => {
                "Check that --anchor names this repository's own; if it does, fetch the full history without filters."
            }
            Self::PreAdoption { .. } => {
                "Name a later commit, or judge all that came after by `chancery-ci verify --all`: what the repository was \
                 adopted with, its keyholders answer for, and no signature."
            }
            _ => self.code().help(),
        }
    }
}
