//! A commit that gitsign signed through public Sigstore in its offline mode on 2023-06-05: `internal/e2e/testdata/offline.commit`
//! of the repository sigstore/gitsign at 4bda12e4153e (Apache-2.0), byte for byte.

use std::path::Path;

use super::*;
use crate::trusted_root;

const COMMIT: &str = include_str!("offline.commit");
const HEADER: &str = "gpgsig ";
const END: &str = "-----END SIGNED MESSAGE-----\n";

/// Payload and armour.
fn commit() -> (Vec<u8>, String) {
    let (before, rest) = COMMIT.split_once(HEADER).unwrap();
    let (armor, behind) = rest.split_once(END).unwrap();
    ([before, behind].concat().into_bytes(), format!("{armor}{END}").replace("\n ", "\n"))
}

fn verifier() -> ForeignVerifier {
    ForeignVerifier::new(&trusted_root::read(Path::new(trusted_root::PUBLIC)).unwrap()).unwrap()
}

fn judge(payload: &[u8], armor: &str, holder: Holder) -> Result<ForeignJudgement, Code> {
    verifier().judge_object(payload, armor.as_bytes(), &[holder], today()).map_err(|error| error.code())
}

fn signer() -> Holder {
    holder("billy@chainguard.dev", "https://accounts.google.com")
}

fn today() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

#[test]
fn gitsigns_commit_is_judged_under_the_root_of_public_sigstore() {
    let (payload, armor) = commit();
    let judgement = judge(&payload, &armor, signer()).unwrap();
    assert_eq!(judgement.identity.as_deref(), Some("billy@chainguard.dev"));
    assert_eq!(judgement.times, [Timestamp::from_unix(1_685_981_480).unwrap()]);
    assert_eq!((judgement.log[0].index, judgement.log[0].tree_size), (22_784_639, 18_621_209));
}

#[test]
fn it_counts_for_nobody_else_and_for_nothing_else() {
    let (payload, armor) = commit();
    let eve = Holder { identity: "eve@chainguard.dev".to_owned(), ..signer() };
    assert_eq!(judge(&payload, &armor, eve), Err(Code::IdMismatch));
    let issuer = Holder { issuer: "https://github.com/login/oauth".to_owned(), ..signer() };
    assert_eq!(judge(&payload, &armor, issuer), Err(Code::IdMismatch));
    assert_eq!(judge(b"tree", &armor, signer()), Err(Code::CmsDigest));
}

#[test]
fn every_altered_bit_of_it_is_refused() {
    let (payload, armor) = commit();
    let verifier = verifier();
    let der = armor::decode(armor.as_bytes()).unwrap();
    let accepted = altered(&der).filter(|(_, der)| {
        let armored = armor::encode(der);
        verifier.judge_object(&payload, armored.as_bytes(), &[signer()], today()).is_ok()
    });
    assert_eq!(accepted.map(|(at, _)| at).collect::<Vec<_>>(), Vec::<usize>::new());
}
