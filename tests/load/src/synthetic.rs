//! Synthetic commits: object bytes, a change list of three paths, and the request for their countersignature.

use anyhow::Result;
use signer_core::attributes;
use signer_core::change::{ChangeList, Content, Edit, Entry, Side};
use signer_core::crypto;
use signer_core::digest::Digest;
use signer_core::protocol::{Base64, CountersignRequest};
use signer_core::provenance::{CommitProvenance, Counts, Provenance};

use crate::clock;
use crate::hand::Hand;
use crate::ledger::Asked;

/// The repository that synthetic commits say they are made in.
pub(crate) const REPOSITORY: &str = "load-repository";
/// The ref they say they are meant for.
pub(crate) const TARGET: &str = "refs/heads/main";

/// What a commit says of itself, and about what.
pub(crate) struct Claims<'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) repository: &'a str,
    pub(crate) target: &'a str,
    /// The list whose digest and counts are signed.
    pub(crate) declared: &'a ChangeList,
    /// The list that is sent.
    pub(crate) sent: &'a ChangeList,
    pub(crate) grant: Option<Digest>,
}

/// The bytes of commit `number` of client `client`.
pub(crate) fn payload(client: usize, number: u64) -> Result<Vec<u8>> {
    let tree = hex::encode(crypto::random::<20>()?);
    let parent = hex::encode(crypto::random::<20>()?);
    let time = clock::now().unix();
    Ok(format!(
        "tree {tree}\nparent {parent}\nauthor load <load@example.org> {time} +0000\n\
         committer load <load@example.org> {time} +0000\n\nCommit {number} of client {client}\n"
    )
    .into_bytes())
}

/// An addition, a modification and a deletion below `folder`, which ends in `/`.
pub(crate) fn changes(folder: &str, number: u64) -> Result<ChangeList> {
    let side = || -> Result<Side> { Ok(Side { mode: 0o100_644, id: crypto::random::<20>()?.to_vec() }) };
    let content = |size| -> Result<Content> {
        Ok(Content { side: side()?, size, sha256: Digest::from_bytes(crypto::random()?) })
    };
    let entry = |name: &str, edit| Entry { path: format!("{folder}{name}").into_bytes(), edit };
    Ok(ChangeList::new(vec![
        entry(&format!("added-{number}.rs"), Edit::Add(content(1_200)?)),
        entry("deleted.rs", Edit::Delete(side()?)),
        entry("modified.rs", Edit::Modify(side()?, content(48_000)?)),
    ])?)
}

/// The signed request for commit `number` of client `client`, under `grant`.
pub(crate) fn asked(
    hand: &Hand,
    client: usize,
    number: u64,
    grant: Option<Digest>,
    seen: Option<String>,
) -> Result<Asked> {
    let payload = payload(client, number)?;
    let changes = changes("src/", number)?;
    let claims =
        Claims { payload: &payload, repository: REPOSITORY, target: TARGET, declared: &changes, sent: &changes, grant };
    let request = request(hand, &claims, seen)?;
    Ok(Asked { number, payload: Base64(payload), request })
}

/// Signs the claims and asks for their countersignature.
pub(crate) fn request(hand: &Hand, claims: &Claims<'_>, seen: Option<String>) -> Result<CountersignRequest> {
    let provenance = Provenance::Commit(CommitProvenance {
        repository: claims.repository.to_owned(),
        target: claims.target.to_owned(),
        change: claims.declared.digest(),
        counts: Counts::of(claims.declared),
        grant: claims.grant,
        prompt: None,
        instructions: None,
        tools: None,
        attribution: None,
        derived: Vec::new(),
        salt: hex::encode(crypto::random::<16>()?),
    });
    let object = Digest::of(claims.payload);
    let signed_attributes = attributes::encode(&object, clock::now(), &hand.digest, &provenance.encode()?)?;
    let signature = hand.sign(&signed_attributes)?;
    Ok(CountersignRequest {
        signed_attributes: Base64(signed_attributes),
        signature: Base64(signature),
        certificate: Base64(hand.certificate.clone()),
        change_list: Some(Base64(claims.sent.encode())),
        newest_checkpoint: seen,
    })
}
