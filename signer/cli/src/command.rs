//! The commands, one file each.

pub(crate) mod anchor_create;
pub(crate) mod anchor_show;
pub(crate) mod anchor_update;
pub(crate) mod artifact_sign;
pub(crate) mod artifact_verify;
pub(crate) mod artifact_verify_sigstore;
pub(crate) mod doctor;
pub(crate) mod engine;
pub(crate) mod git_sign_elsewhere;
pub(crate) mod grant;
pub(crate) mod log;
pub(crate) mod log_export;
pub(crate) mod log_mirror;
pub(crate) mod log_monitor;
pub(crate) mod log_verify;
pub(crate) mod login;
pub(crate) mod manual;
pub(crate) mod policy;
pub(crate) mod prompt_sign;
pub(crate) mod prompt_verify;
pub(crate) mod registry;
pub(crate) mod revoke;
pub(crate) mod run;
pub(crate) mod trust;
pub(crate) mod trust_keys;
pub(crate) mod trust_rotate;
