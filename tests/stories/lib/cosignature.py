"""Takes a cosigned checkpoint apart for openssl: the signed message, the signature and the key of one witness.

usage: cosignature.py NOTE VKEY MESSAGE SIGNATURE KEY_DER
"""
import base64
import pathlib
import sys

note, vkey, message, signature, key = sys.argv[1:]
text, block = pathlib.Path(note).read_text().rsplit("\n\n", 1)
name, hint, material = vkey.split("+", 2)
material = base64.b64decode(material)
assert material[0] == 4, "a cosignature key"
for line in block.splitlines():
    dash, signer, blob = line.split(" ")
    blob = base64.b64decode(blob)
    if signer == name and blob[:4].hex() == hint:
        break
else:
    sys.exit(f"no line of {name}")
time = int.from_bytes(blob[4:12], "big")
pathlib.Path(message).write_bytes(f"cosignature/v1\ntime {time}\n{text}\n".encode())
pathlib.Path(signature).write_bytes(blob[12:])
# RFC 8410: the fixed head of an Ed25519 SubjectPublicKeyInfo.
pathlib.Path(key).write_bytes(bytes.fromhex("302a300506032b6570032100") + material[1:])
