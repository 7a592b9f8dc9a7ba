"""DER cut into (tag, content) pairs and written again, BER where a forger wants it."""


def items(data):
    """The elements that stand one after the other in `data`."""
    found, at = [], 0
    while at < len(data):
        tag, first = data[at], data[at + 1]
        at += 2
        length = first
        if first & 0x80:
            size = first & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        found.append((tag, data[at : at + length]))
        at += length
    return found


def only(data):
    """The content of the one element in `data`."""
    ((_, content),) = items(data)
    return content


def length(size):
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def write(tag, content):
    return bytes([tag]) + length(len(content)) + content


def join(elements):
    return b"".join(write(tag, content) for tag, content in elements)


def integer(number):
    return write(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def high_s(signature):
    """The other signature that plain ECDSA accepts: (r, n - s)."""
    (_, r), (_, s) = items(only(signature))
    twin = integer(int.from_bytes(r, "big")) + integer(ORDER - int.from_bytes(s, "big"))
    return write(0x30, twin)


def set_of(tag, elements):
    """A SET OF in DER's order: elements sorted by their encodings."""
    return write(tag, b"".join(sorted(elements)))
