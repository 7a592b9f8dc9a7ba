#!/usr/bin/env bash
# A large log starts at once, grows on, is checked in little memory, and shows whatever was altered in it.
# CHANCERY_ENTRIES=10000000 takes some minutes and 8 GB; 20000 otherwise. How fast it is checked is told beside what hashing
# the same bytes takes by itself.
ENTRIES=${CHANCERY_ENTRIES:-20000}
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"

STATE_DIR=$SCRATCH/engine
"$BIN/chancery-server" init --state "$STATE_DIR" --owner-out "$SCRATCH/owner" --json >/dev/null
PORT=$(free_port)
grow() { "$LOAD" grow --state "$STATE_DIR" --owner-file "$SCRATCH/owner" --entries "$1"; }
fsck() { "$BIN/chancery-server" fsck --state "$STATE_DIR" --json "$@"; }
sql() { python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()' "$STATE_DIR/engine.sqlite" "$1"; }
# differs CODE WHAT COMMAND…: the command exits 1 and names a row with this code.
differs() {
    local code=$1 what=$2 exit=0; shift 2
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || exit=$?
    if [ "$exit" = 1 ] && jq -e --arg code "$code" 'any(.differences[]; .code == $code)' "$SCRATCH/out" >/dev/null; then
        claim "$what: $code"
    else
        broken "$what: exit $exit, $(head -c 300 "$SCRATCH/out")"
    fi
}

holds "the log grows to $ENTRIES entries" grow "$ENTRIES"
holds 'every row of it is whole' fsck
holds 'and so is the log alone' fsck --log-only
BEGAN=$EPOCHREALTIME
fsck --log-only >/dev/null
jq -r --arg began "$BEGAN" --arg ended "$EPOCHREALTIME" '(($ended | tonumber) - ($began | tonumber)) as $took |
    "the log alone: \(.entries / $took | floor) entries/s; hashing \(.bytes) bytes by itself: \(.entries / .seconds | floor) entries/s"' \
    <("$LOAD" hashes --state "$STATE_DIR")
serve_on "$PORT"
fails 'it does not grow under a running engine' grow "$((ENTRIES + 100))"
holds 'an engine goes on in it, and what it answers verifies' \
    "$LOAD" load --engine "http://127.0.0.1:$PORT" --owner-file "$SCRATCH/owner" --clients 4 --count 20 --seconds 60
kill "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
holds 'it grows on behind real entries' grow "$((ENTRIES + 2000))"
holds 'and is whole' fsck
cp -a "$STATE_DIR" "$SCRATCH/whole"
again() { rm -rf "$STATE_DIR"; cp -a "$SCRATCH/whole" "$STATE_DIR"; }

sql "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'SHA2_256', 'SHA2_257') AS BLOB) WHERE place = $((ENTRIES / 2))"
differs engine.row_altered 'a body in the middle' fsck --log-only
differs log.consistency 'does not lead to what was signed' fsck --log-only
again; sql "DELETE FROM entries WHERE place = $((ENTRIES / 3))"
differs engine.row_missing 'an entry that is gone' fsck --log-only
again; sql 'UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND place = 7'
differs engine.row_altered 'the root of a tile' fsck --log-only
again; sql "UPDATE checkpoints SET note = replace(note, char(10), char(10) || ' ') WHERE size = (SELECT size FROM checkpoints LIMIT 1 OFFSET 9)"
differs log.checkpoint_malformed 'an older checkpoint' fsck --log-only
again; sql "UPDATE events SET document = CAST(replace(CAST(document AS TEXT), 'open-entry', 'issuance') AS BLOB) WHERE number = $((ENTRIES / 4))"
holds 'events are no part of the log alone' fsck --log-only
differs engine.row_altered 'an event' fsck
