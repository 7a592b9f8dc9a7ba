"""Lays a commit's parts out as files for other tools: `take_apart.py COMMIT TRUSTED_ROOT OUT`.

payload, cms.der, attributes.der (what was signed), value (the signature), leaf.pem, token.der, bundle.json (the same
signature as a Sigstore bundle over attributes.der), root.pem, issuing.pem, authority.pem (of the countersigning time
authority), trust_config.json (client trust configuration for sigstore-python), issuer (of the leaf, as text).
"""

import base64
import hashlib
import json
import pathlib
import sys

import der
import log_entry
from signature import ENTRY, TOKEN, Cms, dearm, split

commit, trust, out = [pathlib.Path(argument) for argument in sys.argv[1:]]
payload, armor = split(commit.read_bytes())
cms = Cms(dearm(armor))
trust = json.loads(trust.read_text())


def text(data):
    return base64.b64encode(data).decode()


def pem(data):
    rows = text(data)
    rows = [rows[at : at + 64] for at in range(0, len(rows), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *rows, "-----END CERTIFICATE-----", ""])


def chain(authority):
    return [base64.b64decode(certificate["rawBytes"]) for certificate in authority["certChain"]["certificates"]]


def signing_config():
    """sigstore-python reads no trust configuration without services to sign with; nothing is asked of these."""

    def service(version):
        start = {"start": "2020-01-01T00:00:00Z"}
        return [{"url": "https://nobody.invalid", "majorApiVersion": version, "validFor": start, "operator": "nobody"}]

    return {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": service(1),
        "oidcUrls": service(1),
        "rekorTlogUrls": service(2),
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": service(1),
        "tsaConfig": {"selector": "ANY"},
    }


def tlog_entry():
    """The embedded protobuf as an element of a bundle's `tlogEntries`, with the body rebuilt."""
    entry = cms.evidence(ENTRY)
    proof = log_entry.field(entry, 6)
    body = log_entry.body(hashlib.sha256(cms.signed_der).digest(), cms.value, cms.certificate)
    return {
        "logIndex": str(log_entry.field(entry, 1)),
        "logId": {"keyId": text(log_entry.field(log_entry.field(entry, 2), 1))},
        "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
        "inclusionProof": {
            "logIndex": str(log_entry.field(proof, 1)),
            "rootHash": text(log_entry.field(proof, 2)),
            "treeSize": str(log_entry.field(proof, 3)),
            "hashes": [text(value) for number, value in log_entry.fields(proof) if number == 4],
            "checkpoint": {"envelope": log_entry.field(log_entry.field(proof, 5), 1).decode()},
        },
        "canonicalizedBody": text(body),
    }


def bundle():
    response = der.write(0x30, der.write(0x30, der.integer(0)) + cms.evidence(TOKEN))
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": text(cms.certificate)},
            "tlogEntries": [tlog_entry()],
            "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": text(response)}]},
        },
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": text(hashlib.sha256(cms.signed_der).digest())},
            "signature": text(cms.value),
        },
    }


def issuer():
    """Fulcio's 1.3.6.1.4.1.57264.1.1: the text itself, in an OCTET STRING."""
    oid = bytes.fromhex("060a2b0601040183bf300101")
    after = cms.certificate[cms.certificate.index(oid) + len(oid) :]
    return after[2 : 2 + after[1]].decode()


issuing, root = chain(trust["certificateAuthorities"][0])
# The token names its authority by digest (ESS signingCertificateV2).
stamped = cms.evidence(TOKEN)
(authority,) = [
    chain(found)[0] for found in trust["timestampAuthorities"] if hashlib.sha256(chain(found)[0]).digest() in stamped
]
config = {
    "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
    "trustedRoot": trust,
    "signingConfig": signing_config(),
}
files = {
    "payload": payload,
    "cms.der": cms.write(),
    "attributes.der": cms.signed_der,
    "value": cms.value,
    "leaf.pem": pem(cms.certificate),
    "token.der": stamped,
    "bundle.json": json.dumps(bundle()),
    "root.pem": pem(root),
    "issuing.pem": pem(issuing),
    "authority.pem": pem(authority),
    "trust_config.json": json.dumps(config),
    "issuer": issuer(),
}
for name, content in files.items():
    (out / name).write_bytes(content if isinstance(content, bytes) else content.encode())
