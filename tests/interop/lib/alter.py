"""One bit of one part of a bundle flipped: alter.py PART BUNDLE prints the altered bundle."""
import base64
import json
import sys

PARTS = {
    "signature": [["messageSignature", "signature"], ["dsseEnvelope", "signatures", 0, "sig"]],
    "payload": [["dsseEnvelope", "payload"]],
    "certificate": [["verificationMaterial", "certificate", "rawBytes"]],
    "time-stamp": [["verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp"]],
    "enclosed": [["verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp"]],
    "proof": [["verificationMaterial", "tlogEntries", 0, "inclusionProof", "hashes", 0]],
    "body": [["verificationMaterial", "tlogEntries", 0, "canonicalizedBody"]],
}


def holder(document, path):
    for step in path[:-1]:
        document = document[step]
    return document


with open(sys.argv[2]) as file:
    bundle = json.load(file)
path = next(path for path in PARTS[sys.argv[1]] if path[0] in bundle)
place = holder(bundle, path)
data = bytearray(base64.b64decode(place[path[-1]]))
# A time-stamp ends with its signature; what stands before may be a certificate that some clients pass over.
data[-8 if sys.argv[1] == "time-stamp" else len(data) // 2] ^= 1
place[path[-1]] = base64.b64encode(data).decode()
json.dump(bundle, sys.stdout)
