"""Sigstore's TransparencyLogEntry as protobuf, the entry bodies it stands for, and RFC 6962 proofs."""

import base64
import hashlib
import json


def fields(message):
    """The (number, value) pairs of a protobuf message; integers and byte strings only."""
    found, at = [], 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        value = varint()
        if tag & 7 == 2:
            value, at = message[at : at + value], at + value
        found.append((tag >> 3, value))
    return found


def field(message, number):
    return next((value for found, value in fields(message) if found == number), 0)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def encode(pairs):
    out = b""
    for number, value in pairs:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value) if value else b""
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def body(digest, signature, certificate):
    """Rekor v2's hashedrekord 0.0.2 in RFC 8785 form."""
    text = lambda data: base64.b64encode(data).decode()
    verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": text(certificate)}}
    record = {
        "data": {"algorithm": "SHA2_256", "digest": text(digest)},
        "signature": {"content": text(signature), "verifier": verifier},
    }
    document = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": record}}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def leaf(entry_body):
    return hashlib.sha256(b"\0" + entry_body).digest()


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


def proof(leaves, index):
    """RFC 6962 2.1.1, leaf's sibling first."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return proof(leaves[:half], index) + [root(leaves[half:])]
    return proof(leaves[half:], index - half) + [root(leaves[:half])]


def with_later_proof(message, leaves, checkpoint):
    """The same entry, proven into the tree of all `leaves`, whose signed `checkpoint` a log published."""
    index = field(message, 1)
    envelope = encode([(1, checkpoint)])
    hashes = [(4, hash) for hash in proof(leaves, index)]
    later = encode([(1, index), (2, root(leaves)), (3, len(leaves)), *hashes, (5, envelope)])
    return encode([(1, index), (2, field(message, 2)), (3, field(message, 3)), (6, later)])
