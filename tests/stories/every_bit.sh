#!/usr/bin/env bash
# No bit of a signed commit can be altered, and no other encoding of the same signature takes its place.
# CHANCERY_ALL_BITS=1 alters all eight bits of every byte instead of one.
source "$(dirname "$0")/lib/story.sh"
world

agent 'echo more >more.txt; git add more.txt; git commit -qm "Add more"; git cat-file commit HEAD' >"$SCRATCH/commit"
holds 'the commit itself is accepted' ci --commit HEAD
CLONE=$SCRATCH/clone.git
git clone -q --bare "$REPO" "$CLONE"
export IN=$CLONE
git -C "$CLONE" cat-file commit HEAD >"$SCRATCH/commit"
git -C "$CLONE" cat-file commit HEAD~1 >"$SCRATCH/other"

# Every bit.
mkdir "$SCRATCH/bits"
python3 "$LIB/every_bit.py" "$SCRATCH/commit" "$SCRATCH/bits" ${CHANCERY_ALL_BITS:+all}
git -C "$CLONE" index-pack --stdin <"$SCRATCH/bits/pack" >/dev/null
code=0
ci --range "HEAD~1..$(cat "$SCRATCH/bits/head")" >"$SCRATCH/bits/verdict" || code=$?
[ "$code" = 1 ] && claim 'the run over altered copies exits 1' || broken "the run over altered copies exits $code"
jq -r '.subjects[] | [.id, .verdict, (.reasons[0].code // "none")] | @tsv' "$SCRATCH/bits/verdict" | sort >"$SCRATCH/bits/judged"
sort "$SCRATCH/bits/mutants" | join -t $'\t' - "$SCRATCH/bits/judged" >"$SCRATCH/bits/refused"
altered=$(wc -l <"$SCRATCH/bits/mutants")
judged=$(wc -l <"$SCRATCH/bits/refused")
accepted=$(cut -f 2 "$SCRATCH/bits/refused" | grep -c accepted || true)
reasonless=$(cut -f 3 "$SCRATCH/bits/refused" | grep -cE '^none$|^git\.duplicate_evidence$|^internal' || true)
if [ "$judged" = "$altered" ] && [ "$accepted$reasonless" = 00 ]; then
    claim "$judged copies, each with one bit altered, are refused, as $(cut -f 3 "$SCRATCH/bits/refused" | sort -u | wc -l) codes"
else
    broken "of $altered altered copies $judged were judged, $accepted accepted, $reasonless without a reason of their own"
    grep -E 'accepted|none$|duplicate_evidence$|internal' "$SCRATCH/bits/refused" | head >&2
fi

one() { # one ID: prints its verdict where it is not a refusal with a reason
    "$BIN/chancery-ci" verify --json --repo "$CLONE" --anchor "$ANCHOR" --commit "$1" |
        jq -r --arg id "$1" 'select(.verdict == "accepted" or ([.subjects[].reasons[]] | length) == 0) | $id'
}
export -f one; export BIN CLONE ANCHOR
slipped=$(xargs -P 2 -I ID bash -c 'one ID' <"$SCRATCH/bits/alone")
[ -z "$slipped" ] && claim "$(wc -l <"$SCRATCH/bits/alone") copies with an altered tree or parent line are refused" ||
    broken "accepted with an altered tree or parent line: $slipped"

# Other encodings, borrowed evidence, and a proof that the log itself would give later.
mkdir "$SCRATCH/log" "$SCRATCH/forged"
agent 'echo later >later.txt; git add later.txt; git commit -qm "Add later"' # so that the log has grown
python3 - "$(field world .engine)" "$SCRATCH/log" "$SCRATCH/world.owner" <<'PYTHON'
import json, pathlib, sys, urllib.request
engine, out = sys.argv[1], pathlib.Path(sys.argv[2])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.addheaders = [("Authorization", "Bearer " + pathlib.Path(sys.argv[3]).read_text().strip())]
checkpoint = opener.open(f"{engine}/v1/log/checkpoint").read()
size, entries = int(checkpoint.split(b"\n")[1]), []
while len(entries) < size:
    page = json.load(opener.open(f"{engine}/v1/log/entries?start={len(entries)}&count={size - len(entries)}"))
    entries += page["entries"]
(out / "checkpoint").write_bytes(checkpoint)
(out / "entries.json").write_text(json.dumps({"entries": entries}))
PYTHON
python3 "$LIB/forgeries.py" "$SCRATCH/commit" "$SCRATCH/other" "$TRUST" "$SCRATCH/log" "$SCRATCH/forged" >"$SCRATCH/list"
while IFS=$'\t' read -r number codes what; do
    refuses "$codes" "$what" ci --commit "$(put "$SCRATCH/forged/$number")"
done <"$SCRATCH/list"

# The same for files: a sample of the bits of each bundle and decision.
unset IN
STEP=101
[ -z "${CHANCERY_ALL_BITS:-}" ] || STEP=1
sampled() { # sampled NOUN PATH FILE: flips a bit here and there in FILE, beside PATH
    local slipped=0 count=0 size at
    size=$(stat -c %s "$3")
    cp "$3" "$SCRATCH/kept"
    for ((at = 0; at < size; at += STEP)); do
        python3 -c 'import sys; d=bytearray(open(sys.argv[1],"rb").read()); i=int(sys.argv[2]); d[i]^=1<<i%8; open(sys.argv[3],"wb").write(d)' "$SCRATCH/kept" "$at" "$3"
        count=$((count + 1))
        ! person "$BIN/chancery" "$1" verify "$2" --anchor "$ANCHOR" --json >/dev/null 2>&1 || slipped=$((slipped + 1))
    done
    cp "$SCRATCH/kept" "$3"
    [ "$slipped" = 0 ] && claim "$count altered copies of $(basename "$3") are refused" || broken "$slipped of $count altered copies of $3 are accepted"
}
PROMPT=$(field world .prompt.file) ARTIFACT=$(field world .artifact.path)
holds 'the prompt itself is accepted' person "$BIN/chancery" prompt verify "$PROMPT" --anchor "$ANCHOR" --json
sampled prompt "$PROMPT" "$(field world .prompt.bundle)"
sampled prompt "$PROMPT" "$PROMPT.decision.json"
sampled prompt "$PROMPT" "$PROMPT"
holds 'the artifact itself is accepted' person "$BIN/chancery" artifact verify "$ARTIFACT" --anchor "$ANCHOR" --json
sampled artifact "$ARTIFACT" "$(field world .artifact.bundle)"
sampled artifact "$ARTIFACT" "$ARTIFACT.decision.json"

# Evidence that is not there at all (HIST-24).
without() { # without CODE NOUN PATH FILE
    mv "$4" "$SCRATCH/kept"
    refuses "$1" "$2 without $(basename "$4")" person "$BIN/chancery" "$2" verify "$3" --anchor "$ANCHOR" --json
    mv "$SCRATCH/kept" "$4"
}
without bundle.missing prompt "$PROMPT" "$(field world .prompt.bundle)"
without bundle.decision_missing prompt "$PROMPT" "$PROMPT.decision.json"
without bundle.missing artifact "$ARTIFACT" "$(field world .artifact.bundle)"
without bundle.decision_missing artifact "$ARTIFACT" "$ARTIFACT.decision.json"
