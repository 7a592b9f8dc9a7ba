#!/usr/bin/env bash
# Whatever system call of a writing engine fails or kills it, no acknowledged entry is lost and no answer is wrong.
# CHANCERY_FAULTS=all fails every call with every fault; a number takes a sample of that size, 16 otherwise.
FAULTS=${CHANCERY_FAULTS:-16}
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"

PORT=$(free_port)
URL=http://127.0.0.1:$PORT
KINDS=%file,%desc,%network

# begin DIR [COMMAND…]: an engine over DIR/engine, its process in ENGINE; fails where it ends before it is ready.
begin() {
    local place=$1; shift
    rm -f "$place/ready"
    "$@" "$BIN/chancery-server" serve --state "$place/engine" --listen "127.0.0.1:$PORT" \
        --credential-file "$SCRATCH/owner" --public-log --json --log off >"$place/ready" 2>"$place/refused" &
    ENGINE=$!
    for _ in $(seq 2000); do
        [ ! -s "$place/ready" ] || return 0
        kill -0 "$ENGINE" 2>/dev/null || return 1
        sleep 0.01
    done
    return 1
}

# over: the engine is gone, and with it the strace above it.
over() {
    pkill -9 -P "$ENGINE" 2>/dev/null || true
    kill -9 "$ENGINE" 2>/dev/null || true
    wait "$ENGINE" 2>/dev/null || true
}

# work DIR COUNT PATIENCE: two clients with synced ledgers go on where they were.
work() {
    "$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 2 --ledger "$1/ledgers" --resume \
        --count "$2" --seconds 30 --patience "$3"
}

# stands DIR: a fresh engine gives every acknowledged answer again, its tree holds them, and its store is whole.
stands() {
    begin "$1" || return 1
    work "$1" 1 10 >/dev/null &&
        "$LOAD" check --engine "$URL" --ledger "$1/ledgers" --trust-root "$1/engine/trusted_root.json" >/dev/null || return 1
    over
    "$BIN/chancery-server" fsck --state "$1/engine" --json >/dev/null
}

# Sessions, keys and some entries, from which every run starts.
FIRST=$SCRATCH/first
mkdir -p "$FIRST/ledgers"
"$BIN/chancery-server" init --state "$FIRST/engine" --owner-out "$SCRATCH/owner" --json >/dev/null
begin "$FIRST"
"$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 2 --ledger "$FIRST/ledgers" --count 2 --seconds 30 >/dev/null
over

# What a writing run calls.
cp -a "$FIRST" "$SCRATCH/dry"
begin "$SCRATCH/dry" strace -f -qq -o "$SCRATCH/trace" -e "trace=$KINDS"
work "$SCRATCH/dry" 3 5 >/dev/null
over
holds 'the dry run stands' stands "$SCRATCH/dry"
python3 "$LIB/fault_plan.py" "$SCRATCH/trace" $([ "$FAULTS" = all ] || echo "$FAULTS") >"$SCRATCH/plan" 2>"$SCRATCH/planned"
cat "$SCRATCH/planned"

DONE=0 FELT=0
while read -r call fault number; do
    RUN=$SCRATCH/run
    rm -rf "$RUN"; cp -a "$FIRST" "$RUN"
    answered=0
    if begin "$RUN" strace -f -qq -o "$RUN/trace" -e "trace=$call" -e "inject=$call:$fault:when=$number" && work "$RUN" 3 0 >/dev/null 2>&1; then
        answered=1
    fi
    over
    # A fault that nobody felt, because the call was made by another thread or less often, shows nothing.
    if grep -qE 'INJECTED|killed by SIGKILL' "$RUN/trace" 2>/dev/null || [ "$answered" = 0 ]; then FELT=$((FELT + 1)); fi
    if stands "$RUN" 2>"$SCRATCH/err"; then
        DONE=$((DONE + 1))
    else
        over
        broken "$call $fault $number: $(tail -n 3 "$SCRATCH/err" "$RUN/refused" | tr '\n' ' ')"
    fi
done <"$SCRATCH/plan"

PLANNED=$(wc -l <"$SCRATCH/plan")
holds "$DONE of $PLANNED faults cost no acknowledged entry and forked nothing; $FELT were felt" [ "$DONE" = "$PLANNED" ]
holds 'most faults were felt' [ "$((FELT * 4))" -ge "$((PLANNED * 3))" ]
