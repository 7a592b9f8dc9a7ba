//! No file of the state holds a private key or credential, in any spelling that a search would find.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Shown, credential, found};
use crate::init::sealing_context;
use crate::keyring::Keyring;
use crate::{seal, state};

/// The private scalar or seed inside a PKCS#8 document, after the octet string's header.
fn private(pkcs8: &[u8], header: &[u8]) -> Vec<u8> {
    let at = pkcs8.windows(header.len()).position(|window| window == header).expect("the header of the private key");
    pkcs8[at + header.len()..][..32].to_vec()
}

/// Every secret of a fresh engine, read through its own seal.
fn secrets(path: &std::path::Path) -> Vec<Vec<u8>> {
    let read = |name: &str| std::fs::read(path.join(name)).unwrap();
    let (engine, trust_root, owner) = (read(state::ENGINE), read(state::TRUST_ROOT), read(state::OWNER));
    let context = sealing_context(state::KEYS, &[&engine, &trust_root, &owner]);
    let keys = seal::unseal(&credential("correct horse"), &context, &read(state::KEYS)).unwrap();
    let keyring = Keyring::decode(&keys).unwrap();
    let context = sealing_context(state::ROOT_KEY, &[&engine]);
    let root = seal::unseal(&credential("correct horse"), &context, &read(state::ROOT_KEY)).unwrap();
    let p256 = [0x02, 0x01, 0x01, 0x04, 0x20];
    let mut secrets = vec![
        private(&root, &p256),
        private(&keyring.log.to_pkcs8().unwrap(), &[0x04, 0x22, 0x04, 0x20]),
        keyring.mac.to_vec(),
    ];
    for key in [&keyring.issuing, &keyring.ct, &keyring.countersign, &keyring.time] {
        secrets.push(private(&key.to_pkcs8().unwrap(), &p256));
    }
    secrets
}

/// The secret itself, in hexadecimal, and in base64 at each of the three places it can start.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![secret.to_vec(), hex::encode(secret).into_bytes(), hex::encode_upper(secret).into_bytes()];
    for start in 0..3 {
        let whole = &secret[start..];
        let whole = &whole[..whole.len() / 3 * 3];
        spellings.push(STANDARD_NO_PAD.encode(whole).into_bytes());
        spellings.push(URL_SAFE_NO_PAD.encode(whole).into_bytes());
    }
    spellings
}

fn holds(file: &[u8], spelling: &[u8]) -> bool {
    file.windows(spelling.len()).any(|window| window == spelling)
}

#[test]
fn no_file_holds_a_private_key_or_a_credential() {
    let parent = tempfile::tempdir().unwrap();
    let founded = found(parent.path(), &[], Some("correct horse")).unwrap();
    let Some(Shown(owner)) = &founded.owner_credential else { panic!("the credential is shown") };
    let mut secrets = secrets(parent.path());
    secrets.push(owner.as_bytes().to_vec());
    secrets.push(b"correct horse".to_vec());
    for entry in std::fs::read_dir(parent.path()).unwrap() {
        let path = entry.unwrap().path();
        let file = std::fs::read(&path).unwrap();
        for spelling in secrets.iter().flat_map(|secret| spellings(secret)) {
            assert!(!holds(&file, &spelling), "{} holds a secret", path.display());
        }
    }
}

#[test]
fn the_search_would_find_them() {
    let secret: Vec<u8> = (0..32).collect();
    let document = format!("{{\"key\":\"{}\"}}", STANDARD_NO_PAD.encode([b"xy".as_slice(), &secret].concat()));
    assert!(spellings(&secret).iter().any(|spelling| holds(document.as_bytes(), spelling)));
}
