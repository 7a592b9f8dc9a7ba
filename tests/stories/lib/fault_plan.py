"""Reads `strace -f` of a writing engine and prints which calls to fail: one line `SYSCALL FAULT NUMBER` each.

`fault_plan.py TRACE [COUNT]`: every call of every thread with every fault, or a sample of COUNT spread evenly over them.
strace numbers the calls of each thread apart, so a number beyond the busiest thread's would hit nothing.
"""

import collections
import re
import sys

CALL = re.compile(r"^(\d+) +(?:[\d.]+ +)?(\w+)\(")
# What the loader and the allocator do before and beside the engine's own work.
NOT_OURS = {"execve", "mmap", "munmap", "mprotect", "brk", "exit", "exit_group", "madvise"}
FULL = {"pwrite64", "write", "ftruncate", "fallocate", "openat"}

calls = collections.defaultdict(collections.Counter)
for line in open(sys.argv[1], errors="replace"):
    found = CALL.match(line)
    if found and found[2] not in NOT_OURS:
        calls[found[2]][found[1]] += 1

plan = []
for name in sorted(calls):
    faults = ["error=EIO", "signal=KILL"] + (["error=ENOSPC"] if name in FULL else [])
    for number in range(1, max(calls[name].values()) + 1):
        plan += [f"{name} {fault} {number}" for fault in faults]

if len(sys.argv) > 2 and int(sys.argv[2]) < len(plan):
    # What makes answers durable first, then a spread over the rest.
    durable = [line for line in plan if line.startswith(("fdatasync ", "pwrite64 "))]
    rest = [line for line in plan if line not in set(durable)]
    count = int(sys.argv[2])
    pick = lambda lines, n: [lines[at * len(lines) // n] for at in range(n)] if lines else []
    plan = pick(durable, (count + 1) // 2) + pick(rest, count // 2)
print("\n".join(plan))
print(f"{len(plan)} faults at {sum(max(c.values()) for c in calls.values())} calls of {len(calls)} kinds", file=sys.stderr)
