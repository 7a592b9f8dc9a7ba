#!/usr/bin/env bash
# Whatever system call of a writing engine fails or kills it, no acknowledged entry is lost and no answer is wrong (LOG-28).
# CHANCERY_FAULTS=all fails every call with every fault; a number takes a sample of that size, 16 otherwise.
# CHANCERY_LANES faults at a time, each on a copy of the same state with a port of its own: a fault is mostly waited for.
# CHANCERY_RESULTS names a file for what became of each.
FAULTS=${CHANCERY_FAULTS:-16}
LANES=${CHANCERY_LANES:-4} RESULTS=${CHANCERY_RESULTS:-}
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"

KINDS=%file,%desc,%network

# runs: the engine has not ended. One that has may still be a process until it is waited for.
runs() {
    local state
    state=$(cut -d ' ' -f 3 "/proc/$ENGINE/stat" 2>/dev/null) && [ "$state" != Z ]
}

# begin DIR [COMMAND…]: an engine over DIR/engine on $PORT, its process in ENGINE; fails where it ends before it is ready.
begin() {
    local place=$1; shift
    : >"$place/ready"
    "$@" "$BIN/chancery-server" serve --state "$place/engine" --listen "127.0.0.1:$PORT" \
        --credential-file "$SCRATCH/owner" --public-log --json --log off >"$place/ready" 2>"$place/refused" &
    ENGINE=$!
    for _ in $(seq 3000); do
        [ ! -s "$place/ready" ] || return 0
        runs || return 1
        sleep 0.01
    done
    return 1
}

# over: the engine is gone; how it ended is in ENDED. A strace above it ends with it, and has then written everything.
over() {
    pkill -9 -P "$ENGINE" 2>/dev/null || kill -9 "$ENGINE" 2>/dev/null || true
    ENDED=0
    wait "$ENGINE" 2>/dev/null || ENDED=$?
}

# work DIR COUNT PATIENCE LIMIT: two clients with synced ledgers go on where they were, for at most so many seconds.
work() {
    timeout "$4" "$LOAD" load --engine "http://127.0.0.1:$PORT" --owner-file "$SCRATCH/owner" --clients 2 \
        --ledger "$1/ledgers" --resume --count "$2" --seconds 30 --patience "$3"
}

# stands DIR: a fresh engine gives every acknowledged answer again, its tree holds them, and its store is whole.
stands() {
    begin "$1" || return 1
    work "$1" 1 60 300 >/dev/null &&
        "$LOAD" check --engine "http://127.0.0.1:$PORT" --ledger "$1/ledgers" --trust-root "$1/engine/trusted_root.json" >/dev/null || return 1
    over
    "$BIN/chancery-server" fsck --state "$1/engine" --json >/dev/null
}

# suffer DIR CALL FAULT NUMBER: the fault, and what became of the engine in a line: CALL FAULT NUMBER felt|missed END stands|broken.
# END is `ran` where it still ran, `killed` by the fault, the code of its refusal, or whatever else it did; and who panicked.
suffer() {
    local run=$1 call=$2 fault=$3 number=$4 felt=missed end verdict=broken ran=0
    rm -rf "$run"; cp -a "$FIRST" "$run"
    # Its filter in the kernel would make strace faster, and lose the signals that are to be injected.
    begin "$run" strace -f -qq -o "$run/trace" -e "trace=$call" -e "inject=$call:$fault:when=$number" &&
        work "$run" 3 0 10 >/dev/null 2>&1 || sleep 0.05
    if runs; then ran=1; fi
    over
    case $ran$ENDED in
        1*) end=ran ;;
        0137) end=killed ;;
        # The loader's own word for a program that it cannot load.
        0127) end=unloaded ;;
        *) end=$(sed -n 's/^error\[\([a-z0-9_.]*\)\].*/\1/p' "$run/refused" | head -n 1); end=${end:-status-$ENDED} ;;
    esac
    # The runtime panics where the kernel fails it in a way that no manual names; a panic of ours would be a defect.
    if grep -q 'panicked at .*/tokio-[^/]*/src/' "$run/refused"; then
        end=$end,runtime
    elif grep -q 'panicked at' "$run/refused"; then
        end=$end,panicked
    fi
    # A fault that nobody felt, because the call was made by another thread or less often, shows nothing.
    if [ "$end" = killed ] || grep -q INJECTED "$run/trace"; then felt=felt; fi
    if stands "$run" 2>"$run/err"; then
        verdict=stands
    else
        over
        tail -n 3 "$run/err" "$run/refused" >&2
    fi
    echo "$call $fault $number $felt $end $verdict"
}

# lane NUMBER: every LANES-th fault of the plan.
lane() {
    local call fault number
    PORT=$(free_port)
    while read -r call fault number; do suffer "$SCRATCH/run-$1" "$call" "$fault" "$number"; done \
        < <(awk -v lane="$1" -v lanes="$LANES" 'NR % lanes == lane' "$SCRATCH/plan") >"$SCRATCH/lane-$1" 2>"$SCRATCH/lane-$1.err"
}

# Sessions, keys and some entries, from which every run starts.
FIRST=$SCRATCH/first
PORT=$(free_port)
mkdir -p "$FIRST/ledgers"
"$BIN/chancery-server" init --state "$FIRST/engine" --owner-out "$SCRATCH/owner" --json >/dev/null
begin "$FIRST"
"$LOAD" load --engine "http://127.0.0.1:$PORT" --owner-file "$SCRATCH/owner" --clients 2 --ledger "$FIRST/ledgers" --count 2 --seconds 30 >/dev/null
over
# As after a crash before its log had room: what lies in it is read, and room is made, in every run.
python3 - "$FIRST/engine/engine.sqlite-wal" <<'PYTHON'
import sys
log, frame = open(sys.argv[1], "r+b"), 24 + 8192
written = len(log.read().rstrip(b"\0"))
log.truncate(32 + -(-(written - 32) // frame) * frame)
PYTHON

# What a writing run calls.
cp -a "$FIRST" "$SCRATCH/dry"
begin "$SCRATCH/dry" strace -f -qq -o "$SCRATCH/trace" -e "trace=$KINDS"
work "$SCRATCH/dry" 3 5 60 >/dev/null
over
holds 'the dry run stands' stands "$SCRATCH/dry"
python3 "$LIB/fault_plan.py" "$SCRATCH/trace" $([ "$FAULTS" = all ] || echo "$FAULTS") >"$SCRATCH/plan" 2>"$SCRATCH/planned"
cat "$SCRATCH/planned"

LANE=()
for number in $(seq 0 $((LANES - 1))); do lane "$number" & LANE+=($!); done
for number in "${LANE[@]}"; do wait "$number" || broken 'a lane ended'; done
grep -hv Killed "$SCRATCH"/lane-*.err >&2 || true
cat "$SCRATCH"/lane-? >"$SCRATCH/results"
[ -z "$RESULTS" ] || cp "$SCRATCH/results" "$RESULTS"

count() { awk "$1" "$SCRATCH/results" | wc -l; }
PLANNED=$(wc -l <"$SCRATCH/plan") FELT=$(count '$4 == "felt"') STOOD=$(count '$6 == "stands"')
awk '$6 != "stands"' "$SCRATCH/results" >&2
holds "$STOOD of $PLANNED faults cost no acknowledged entry and forked nothing; $FELT were felt" [ "$STOOD" = "$PLANNED" ]
holds 'most faults were felt' [ "$((FELT * 4))" -ge "$((PLANNED * 3))" ]
# `poll … 1` is the standard library's, before `main`: it aborts where it cannot learn whether its three streams are open.
# Status 3 without a code is a refusal whose words could not be written.
UNTYPED=$(awk '($5 ~ /panicked|^status/) && $5 !~ /^status-3|,runtime$/ && !($1 == "poll" && $3 == 1)' "$SCRATCH/results")
holds "the engine ended with a code wherever it ended by itself $UNTYPED" [ -z "$UNTYPED" ]
awk '{ ends[$5]++ } END { for (end in ends) print "ended: " end, ends[end] }' "$SCRATCH/results" | sort
