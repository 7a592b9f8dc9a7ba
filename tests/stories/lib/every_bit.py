"""Alters a signed commit bit by bit.

`every_bit.py COMMIT OUT [all]` writes OUT/pack with every altered copy and, so that one run of the verifier judges them
all, unsigned octopus merges above them; OUT/head names the top one, OUT/mutants the copies below it. Copies whose tree
or parent line is altered have no history that could be walked: OUT/alone names those, to be judged one by one. Without
`all` each byte is altered in one bit, a different one from byte to byte.
"""

import hashlib
import pathlib
import struct
import sys
import zlib

MOST_PARENTS = 64

commit = pathlib.Path(sys.argv[1]).read_bytes()
out = pathlib.Path(sys.argv[2])
every = sys.argv[3:] == ["all"]
tree = commit[5:45].decode()
links = commit.index(b"author ")
objects = {}


def add(data):
    name = hashlib.sha1(b"commit %d\0" % len(data) + data).hexdigest()
    objects[name] = data
    return name


def merge(parents):
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    return add("\n".join([*lines, "author m <m@m> 0 +0000", "committer m <m@m> 0 +0000", "", "m", ""]).encode())


def entry(data):
    size, head = len(data), b""
    byte = 1 << 4 | size & 0xF
    size >>= 4
    while size:
        head += bytes([byte | 0x80])
        byte, size = size & 0x7F, size >> 7
    return head + bytes([byte]) + zlib.compress(data, 1)


alone, mutants = [], []
for at in range(len(commit)):
    for bit in range(8) if every else [at % 8]:
        altered = bytearray(commit)
        altered[at] ^= 1 << bit
        (alone if at < links else mutants).append(add(bytes(altered)))

level = mutants
while len(level) > 1:
    level = [merge(level[start : start + MOST_PARENTS]) for start in range(0, len(level), MOST_PARENTS)]

pack = struct.pack(">4sII", b"PACK", 2, len(objects)) + b"".join(map(entry, objects.values()))
(out / "pack").write_bytes(pack + hashlib.sha1(pack).digest())
(out / "head").write_text(level[0] + "\n")
(out / "mutants").write_text("".join(f"{name}\n" for name in mutants))
(out / "alone").write_text("".join(f"{name}\n" for name in alone))
