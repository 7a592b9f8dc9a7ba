"""Commands in turn, round after round: what drifts on the machine drifts under all of them.

turns.py ROUNDS OUT NAME PREPARE COMMAND [NAME PREPARE COMMAND ...]

The first is what the others are compared with. OUT gets hyperfine's document (times in seconds), and for each of the others
`added`: the median, over the rounds, of what it took longer than the first in the same round.
"""

import json
import shlex
import statistics
import subprocess
import sys
import time

WARM_UP = 5


def timed(prepare: str, command: list[str]) -> float:
    subprocess.run(prepare, shell=True, check=True)
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begun


def main() -> None:
    rounds, out, *rest = sys.argv[1:]
    ways = [(name, prepare, shlex.split(command)) for name, prepare, command in zip(*[iter(rest)] * 3, strict=True)]
    times: dict[str, list[float]] = {name: [] for name, _, _ in ways}
    for turn in range(WARM_UP + int(rounds)):
        for name, prepare, command in ways:
            taken = timed(prepare, command)
            if turn >= WARM_UP:
                times[name].append(taken)
    first = times[ways[0][0]]
    results = []
    for name, taken in times.items():
        added = statistics.median(own - base for own, base in zip(taken, first, strict=True))
        results.append({"command": name, "median": statistics.median(taken), "min": min(taken), "times": taken, "added": added})
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"results": results}, file)


main()
