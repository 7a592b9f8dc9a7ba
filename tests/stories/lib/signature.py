"""Commit objects and the CMS inside, taken apart and put together again with every part open to change."""

import base64
import copy
import re

import der

TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
ENTRY = bytes.fromhex("060a2b0601040183bf300301")
# 2.25.246148246.3
DECISION = bytes.fromhex("060669f5afd91603")


def split(commit):
    """Payload and armour of a commit, as git takes them apart."""
    head, separator, body = commit.partition(b"\n\n")
    lines, armor, payload = (head + b"\n").splitlines(keepends=True), b"", b""
    inside = False
    for line in lines:
        inside = line.startswith(b"gpgsig ") or (inside and line.startswith(b" "))
        if inside:
            armor += line.removeprefix(b"gpgsig").removeprefix(b" ")
        else:
            payload += line
    return payload + b"\n" + body, armor


def join(payload, armor, header=b"gpgsig"):
    head, _, body = payload.partition(b"\n\n")
    folded = b"".join(b" " + line for line in armor.splitlines(keepends=True))
    return head + b"\n" + header + folded + b"\n" + body


def dearm(armor):
    return base64.b64decode(re.sub(rb"-----[^\n]*-----", b"", armor))


def arm(cms, columns=64, label=b"SIGNED MESSAGE", end=b"\n"):
    text = base64.b64encode(cms)
    rows = [text[at : at + columns] for at in range(0, len(text), columns)]
    return end.join([b"-----BEGIN " + label + b"-----", *rows, b"-----END " + label + b"-----"]) + end


class Cms:
    """SignedData with one signer. Fields are (tag, content) pairs; `write` encodes whatever they hold."""

    def __init__(self, data):
        self.kind, wrapped = der.items(der.only(data))
        self.version, self.digests, self.content, *certificates, signers = der.items(der.only(wrapped[1]))
        # A token encloses none.
        self.certificates = certificates[0] if certificates else None
        self.signer = der.items(der.only(signers[1]))
        self.more_signers = b""

    def write(self):
        signers = (0x31, der.write(0x30, der.join(self.signer)) + self.more_signers)
        certificates = [self.certificates] if self.certificates else []
        data = der.join([self.version, self.digests, self.content, *certificates, signers])
        return der.write(0x30, der.join([self.kind, (0xA0, der.write(0x30, data))]))

    def changed(self, change):
        """The encoding of a copy that `change` has altered."""
        other = copy.deepcopy(self)
        change(other)
        return other.write()

    def attributes(self, place):
        return [der.write(*element) for element in der.items(self.signer[place][1])]

    signed = property(lambda self: self.attributes(3))
    unsigned = property(lambda self: self.attributes(6))
    signed_der = property(lambda self: der.write(0x31, self.signer[3][1]))
    value = property(lambda self: self.signer[5][1])
    certificate = property(lambda self: self.certificates[1])

    def set_unsigned(self, attributes, sort=True):
        content = b"".join(sorted(attributes) if sort else attributes)
        self.signer[6] = (0xA1, content)

    def evidence(self, oid):
        """The one value of an unsigned attribute: a token's DER, or the content of an OCTET STRING."""
        (values,) = [der.only(attribute)[len(oid) :] for attribute in self.unsigned if der.only(attribute).startswith(oid)]
        value = der.only(values)
        return value if oid == TOKEN else der.only(value)

    def replace(self, oid, value):
        """Puts another value (an encoded element) under the attribute `oid`; None drops it."""
        kept = [attribute for attribute in self.unsigned if not der.only(attribute).startswith(oid)]
        new = [] if value is None else [der.write(0x30, oid + der.write(0x31, value))]
        self.set_unsigned(kept + new)


def octets(content):
    return der.write(0x04, content)
