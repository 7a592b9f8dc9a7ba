"""Reads a whole log by C2SP tlog-tiles alone, with nothing of the product: every entry bundle against its leaf hashes,
every tile against the one above, the right edge against the checkpoint. URL on the command line; CREDENTIAL in the
environment where the log is private. Prints the size and the root."""

import base64
import hashlib
import os
import sys
import urllib.request

url = sys.argv[1]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
if os.environ.get("CREDENTIAL"):
    opener.addheaders = [("Authorization", "Bearer " + os.environ["CREDENTIAL"])]


def read(path):
    return opener.open(f"{url}/{path}").read()


def path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


def leaf(body):
    return hashlib.sha256(b"\0" + body).digest()


def root(hashes):
    """RFC 6962 section 2.1 over hashes of any one level."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\1" + root(hashes[:half]) + root(hashes[half:])).digest()


def tiles(level, nodes):
    """The hashes of a level, tile by tile, each as wide as the tree has it."""
    for index in range((nodes + 255) // 256):
        width = min(256, nodes - index * 256)
        data = read(path(level, index, width))
        assert len(data) == 32 * width, f"{path(level, index, width)}: {len(data)} bytes"
        yield index, width, [data[at : at + 32] for at in range(0, len(data), 32)]


def bundle(index, width):
    data, entries = read(path("entries", index, width)), []
    while data:
        length = int.from_bytes(data[:2], "big")
        assert len(data) >= 2 + length
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


origin, size, signed, blank, *signatures = read("checkpoint").decode().split("\n")
size = int(size)
assert blank == "" and any(line.startswith(f"\u2014 {origin} ") for line in signatures)

leaves, complete = [], []
for index, width, hashes in tiles(0, size):
    entries = bundle(index, width)
    assert [leaf(entry) for entry in entries] == hashes, f"bundle {index}"
    leaves += hashes
    if width == 256:
        complete.append(root(hashes))
level = 1
while complete:
    above, found = [], []
    for index, width, hashes in tiles(level, len(complete)):
        found += hashes
        if width == 256:
            above.append(root(hashes))
    assert found == complete, f"level {level}"
    complete, level = above, level + 1
computed = base64.b64encode(root(leaves)).decode()
assert computed == signed, f"the tiles lead to {computed}, the checkpoint says {signed}"
print(size, computed)
