#!/usr/bin/env bash
# An engine that is killed at any moment stands by every answer it gave, and gives none before it is durable (LOG-28).
# CHANCERY_KILLS=10000 kills it that often, some 30 minutes on two cores; 20 times otherwise.
KILLS=${CHANCERY_KILLS:-20}
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"

"$BIN/chancery-server" init --state "$SCRATCH/engine" --owner-out "$SCRATCH/owner" --json >"$SCRATCH/init.json"
PORT=$(free_port)
URL=http://127.0.0.1:$PORT
LEDGERS=$SCRATCH/ledgers
killing() {
    "$LOAD" kills --server "$BIN/chancery-server" --state "$SCRATCH/engine" --owner-file "$SCRATCH/owner" \
        --listen "127.0.0.1:$PORT" --clients 8 --ledger "$LEDGERS" --count "$((KILLS / 2))" "$@"
}

# The engine dies.
mkdir "$LEDGERS"
holds "$((KILLS / 2)) kills, half of them and more while requests were in flight" killing
cat "$SCRATCH/out"

# The clients die.
serve_on "$PORT"
"$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 8 --ledger "$LEDGERS" --resume --seconds 60 --patience 60 &
CLIENTS=$!
sleep 2
kill -9 "$CLIENTS" "$ENGINE"
wait "$CLIENTS" "$ENGINE" 2>/dev/null || true

# Both go on where they were.
holds "$((KILLS / 2)) kills more, with clients that came back" killing --resume
cat "$SCRATCH/out"
serve_on "$PORT"
holds 'every answer is given again, verifies and stands at its own place in the log' \
    "$LOAD" check --engine "$URL" --ledger "$LEDGERS" --trust-root "$SCRATCH/engine/trusted_root.json"
cat "$SCRATCH/out"
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
holds 'the stored log leads to its checkpoint' "$BIN/chancery-server" fsck --state "$SCRATCH/engine" --json

# A second engine on the same state is refused while the first runs.
serve_on "$PORT"
refuses 'engine.in_use|engine.storage|engine.state_invalid|engine.exists' 'two engines on one state' \
    "$BIN/chancery-server" serve --state "$SCRATCH/engine" --credential-file "$SCRATCH/owner" --json
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true

# No answer leaves before the write-ahead log is on the disk.
serve_on "$PORT" strace -f -qq -yy -s 80 -o "$SCRATCH/trace" -e trace=fdatasync,fsync,pwrite64,read,recvfrom,write,writev,sendto
"$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 1 --count 50 --seconds 60
# A signal to strace would wait for the engine; the engine is its child.
kill "$(ps -o pid= --ppid "$ENGINE" | tr -d ' ')"; wait "$ENGINE" 2>/dev/null || true
holds 'the log was synced between each request and its answer' python3 "$LIB/wal_order.py" "$SCRATCH/trace"
cat "$SCRATCH/out"
grep -v -e fdatasync -e fsync "$SCRATCH/trace" >"$SCRATCH/unsynced"
fails 'a trace without syncs is told apart' python3 "$LIB/wal_order.py" "$SCRATCH/unsynced"
