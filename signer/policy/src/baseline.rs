//! The files of `policies/`, compiled in.

/// Name and content of each file of the baseline, sorted.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("baseline/agents.cedar", include_str!("../../../policies/baseline/agents.cedar")),
    ("baseline/certificates.cedar", include_str!("../../../policies/baseline/certificates.cedar")),
    ("baseline/changes.cedar", include_str!("../../../policies/baseline/changes.cedar")),
    ("baseline/documents.cedar", include_str!("../../../policies/baseline/documents.cedar")),
    ("baseline/grants.cedar", include_str!("../../../policies/baseline/grants.cedar")),
    ("baseline/paths.cedar", include_str!("../../../policies/baseline/paths.cedar")),
    ("groups.json", include_str!("../../../policies/groups.json")),
    ("schema.cedarschema", SCHEMA),
];

/// The one schema this program states facts in.
pub(crate) const SCHEMA: &str = include_str!("../../../policies/schema.cedarschema");

/// Whether these files, sorted, are the baseline byte for byte.
pub(crate) fn is(files: &[(String, Vec<u8>)]) -> bool {
    files
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .eq(FILES.iter().map(|(name, text)| (*name, text.as_bytes())))
}

#[cfg(test)]
pub(crate) mod tests;
