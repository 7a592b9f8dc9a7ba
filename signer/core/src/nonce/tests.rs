use super::*;

#[test]
fn is_its_hexadecimal_digits() {
    let nonce = Nonce::from_bytes([0xa5; 16]);
    assert_eq!(nonce.to_string(), "a5".repeat(16));
    assert_eq!(nonce.to_string().parse(), Ok(nonce));
}

#[test]
fn rejects_every_other_spelling() {
    for text in ["", "a5", &"A5".repeat(16), &"a5".repeat(17), &"a5".repeat(15), &"0x".repeat(16), &" a".repeat(16)] {
        assert_eq!(text.parse::<Nonce>(), Err(NonceError::Malformed), "{text}");
    }
}
