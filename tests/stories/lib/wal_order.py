"""Reads `strace -f -yy` of an engine: was the write-ahead log synced between each countersign request and its answer?

`wal_order.py TRACE` exits 0 when every answer to POST /v1/countersign was preceded, after the request was read, by a
write to the log of the database and then by an fsync or fdatasync of it that had returned.
"""

import pathlib
import re
import sys

CALL = re.compile(r"^(\d+) +(?:[\d.]+ +)?(.*)$")
SOCKET = re.compile(r"\w+\(\d+<(TCP[^:]*:\[[^\]]*\])>")

started = {}
asked = {}  # socket -> "asked", "written" or "synced"
answers = late = 0


def advance(old, new):
    for socket, state in asked.items():
        if state == old:
            asked[socket] = new


def returned(call):
    """A call whose effect is there."""
    if "-wal>" in call:
        if call.startswith(("pwrite64(", "write(")):
            # A write after a sync must be synced again.
            advance("asked", "written")
            advance("synced", "written")
        elif call.startswith(("fsync(", "fdatasync(")) and call.endswith("= 0"):
            advance("written", "synced")
    socket = SOCKET.match(call)
    if socket and call.startswith(("read(", "recvfrom(")) and '"POST /v1/countersign ' in call:
        asked[socket[1]] = "asked"


def begun(call):
    """A call that may take effect from now on."""
    global answers, late
    socket = SOCKET.match(call)
    if not socket or not call.startswith(("write(", "writev(", "sendto(")) or socket[1] not in asked:
        return
    if "HTTP/1.1 200" in call:
        answers += 1
        if asked[socket[1]] != "synced":
            late += 1
            print("answered before the log was synced:", call[:120], file=sys.stderr)
        del asked[socket[1]]


for line in pathlib.Path(sys.argv[1]).read_text(errors="replace").splitlines():
    found = CALL.match(line)
    if not found:
        continue
    process, call = found[1], found[2]
    if call.endswith("<unfinished ...>"):
        call = call.removesuffix("<unfinished ...>").rstrip()
        started[process] = call
        begun(call)
    elif call.startswith("<... "):
        whole = started.pop(process, "") + call.split("resumed>", 1)[-1]
        returned(whole)
    else:
        begun(call)
        returned(call)

print(f"{answers} answers, {late} before their sync")
sys.exit(0 if answers and not late else 1)
