//! Of the two values that s can have in an ECDSA signature, the low one is the only one we write and read
//! (docs/formats.md F1).

use der::{Decode, Encode};

/// The order of P-256, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
/// Half of it.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// The order of P-384.
const ORDER_384: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0,
    0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// An ECDSA signature as DER has it (RFC 3279 2.2.3).
#[derive(der::Sequence)]
struct Signature<'a> {
    r: der::asn1::UintRef<'a>,
    s: der::asn1::UintRef<'a>,
}

/// Whether a DER ECDSA signature has s at most half the order. Malformed signatures do not.
pub(super) fn has_low_s(signature: &[u8]) -> bool {
    let Ok(parsed) = Signature::from_der(signature) else { return false };
    let (r, s) = (parsed.r.as_bytes(), parsed.s.as_bytes());
    if r.len() > 32 || s.len() > 32 {
        return false;
    }
    s.len() < 32 || s <= HALF_ORDER.as_slice()
}

/// The signature with a low s: (r, n − s) verifies wherever (r, s) does. None where it is malformed.
pub(super) fn with_low_s(signature: &[u8]) -> Option<Vec<u8>> {
    if has_low_s(signature) {
        return Some(signature.to_vec());
    }
    let Signature { r, s } = Signature::from_der(signature).ok()?;
    let low = negated(ORDER, s.as_bytes())?;
    let lowered = Signature { r, s: der::asn1::UintRef::new(&low).ok()? }.to_der().ok()?;
    has_low_s(&lowered).then_some(lowered)
}

/// The same for a stranger's signature on P-256 or P-384. A number of more than 32 bytes is of P-384; nobody finds a key of
/// P-384 and a signature without one.
pub(super) fn with_low_s_on_either(signature: &[u8]) -> Option<Vec<u8>> {
    let Signature { r, s } = Signature::from_der(signature).ok()?;
    if r.as_bytes().len().max(s.as_bytes().len()) <= 32 {
        return with_low_s(signature);
    }
    let negative = negated(ORDER_384, s.as_bytes())?;
    let other = der::asn1::UintRef::new(&negative).ok()?;
    // Big-endian without leading zeros: the shorter one is the smaller.
    let rank = |number: &[u8]| (number.len(), number.to_vec());
    let low = if rank(other.as_bytes()) < rank(s.as_bytes()) { other } else { s };
    Signature { r, s: low }.to_der().ok()
}

/// The order less `number`, which is big-endian and smaller. Signatures are public, so the time this takes may tell it.
fn negated<const N: usize>(order: [u8; N], number: &[u8]) -> Option<[u8; N]> {
    let mut digits = order;
    let mut borrow = false;
    let subtrahend = number.iter().rev().copied().chain(std::iter::repeat(0));
    for (digit, less) in digits.iter_mut().rev().zip(subtrahend) {
        let (without, under) = digit.overflowing_sub(less);
        let (rest, again) = without.overflowing_sub(u8::from(borrow));
        *digit = rest;
        borrow = under || again;
    }
    (number.len() <= N && !borrow).then_some(digits)
}

#[cfg(test)]
mod tests;
