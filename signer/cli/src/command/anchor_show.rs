//! `chancery anchor show [FILE]`: what an anchor says, once its own keyholders' signatures hold.

use std::path::Path;

use signer_core::anchor::{self, Anchor};
use signer_core::reason::Code;

use crate::args::AnchorShow;
use crate::config::Config;
use crate::evidence;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::named_file;

/// Prints the terms.
pub(crate) fn show(config: &Config, arguments: &AnchorShow) -> Result<Exit, Failure> {
    let anchor = match &arguments.file {
        Some(file) => {
            let bytes = named_file::read(file, anchor::MAX_BYTES, Code::InternalIo)?;
            Anchor::parse(&bytes)?.trust()?
        }
        None => evidence::anchor(config, Path::new("."))?,
    };
    let terms = anchor.terms();
    let adoption = terms.adoption.as_ref().map_or("an empty repository", |adoption| adoption.commit.as_str());
    let keyholders: Vec<&str> = terms.keyholders.iter().map(|holder| holder.name.as_str()).collect();
    let text = format!(
        "anchor {} version {}\nrepository {}\nadopted from {adoption}\npolicy {}\nkeyholders {} of {}: {}",
        anchor.digest(),
        terms.version,
        terms.repository,
        terms.policy,
        terms.threshold,
        terms.keyholders.len(),
        keyholders.join(", ")
    );
    let document =
        serde_json::json!({ "schema": "urn:chancery:anchor-terms:v1", "anchor": anchor.digest(), "terms": terms });
    config.output.answer(&document, &text);
    Ok(Exit::Accepted)
}
