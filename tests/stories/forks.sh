#!/usr/bin/env bash
# A state that is older than what its engine acknowledged does not sign again: copied back, cut, restored, or with a
# clock that went back. What was lost is found again, and then everything goes on (LOG-28, TIME-19, SRV-24).
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"

"$BIN/chancery-server" init --state "$SCRATCH/engine" --owner-out "$SCRATCH/owner" --json >"$SCRATCH/init.json"
PORT=$(free_port)
URL=http://127.0.0.1:$PORT
mkdir "$SCRATCH/ledgers"
serve() { timeout 60 "$BIN/chancery-server" serve --state "$SCRATCH/engine" --listen "127.0.0.1:$PORT" --credential-file "$SCRATCH/owner" --json --log off "$@"; }
stop() { kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true; }
work() { "$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 2 --ledger "$SCRATCH/ledgers" --count "${1:-3}" --seconds 30 --patience 10 "${@:2}"; }
keep() { rm -rf "${SCRATCH:?}/$1"; cp -a "$SCRATCH/engine" "$SCRATCH/$1"; }
back() { rm -rf "$SCRATCH/engine"; cp -a "$SCRATCH/$1" "$SCRATCH/engine"; }
database() { rm -f "$SCRATCH/engine"/engine.sqlite*; cp -a "$SCRATCH/$1"/engine.sqlite* "$SCRATCH/engine"; }
whole() { "$BIN/chancery-server" fsck --state "$SCRATCH/engine" --json; }
checked() { "$LOAD" check --engine "$URL" --ledger "$SCRATCH/ledgers" --trust-root "$SCRATCH/engine/trusted_root.json"; }
# log_end: where the write-ahead log's frames end, which are those with the salts of its header; zeros follow.
log_end() {
    python3 - "$SCRATCH/engine/engine.sqlite-wal" <<'PY'
import pathlib, sys
log = pathlib.Path(sys.argv[1]).read_bytes()
end = 32
while log[end + 8 : end + 16] == log[16:24]:
    end += 24 + int.from_bytes(log[8:12], 'big')
print(end)
PY
}
seen() { sqlite3 -readonly "$SCRATCH/$1/engine.sqlite" 'SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1' | head -c -1; }

serve_on "$PORT"; work >/dev/null; stop
keep hour
serve_on "$PORT"; work 3 --resume >/dev/null
holds 'a backup is taken beside the running engine' "$BIN/chancery-server" backup --state "$SCRATCH/engine" "$SCRATCH/backup" --json
work 3 --resume >/dev/null; stop
keep newest
seen newest >"$SCRATCH/checkpoint"
seen hour >"$SCRATCH/old-checkpoint"

# An hour-old copy of the database, and of everything.
database hour
refuses log.state_regression 'the database of an hour ago' serve
back hour
refuses log.state_regression 'the whole state of an hour ago, and a checkpoint that a client has' serve --expect-checkpoint "$SCRATCH/checkpoint"
back newest

# Files that are gone, cut or another engine's.
rm "$SCRATCH/engine/head"
refuses log.head_missing 'a state without its head' serve
refuses log.head_missing 'an older checkpoint says nothing about the rest' serve --expect-checkpoint "$SCRATCH/old-checkpoint"
back newest; rm -f "$SCRATCH/engine"/engine.sqlite*
refuses log.state_regression 'a state without its database' serve
back newest; truncate -s $(($(log_end) - 5000)) "$SCRATCH/engine/engine.sqlite-wal"
refuses log.state_regression 'a write-ahead log that was cut' serve
back newest; truncate -s $(($(log_end) - 5000)) "$SCRATCH/engine/engine.sqlite-wal"; truncate -s 16M "$SCRATCH/engine/engine.sqlite-wal"
refuses log.state_regression 'a write-ahead log that was cut and has room' serve
back newest; truncate -s 0 "$SCRATCH/engine/engine.sqlite-wal"
refuses log.state_regression 'a write-ahead log that was emptied' serve
back newest; head -c 3000 /dev/urandom | dd of="$SCRATCH/engine/engine.sqlite-wal" bs=1 seek="$(log_end)" conv=notrunc status=none
serve_on "$PORT"; holds 'a torn write after the last answer costs nothing' checked; stop
back newest
"$BIN/chancery-server" init --state "$SCRATCH/other" --owner-out "$SCRATCH/other-owner" --json >/dev/null
mv "$SCRATCH/engine" "$SCRATCH/ours"; mv "$SCRATCH/other" "$SCRATCH/engine"; mv "$SCRATCH/owner" "$SCRATCH/our-owner"; mv "$SCRATCH/other-owner" "$SCRATCH/owner"
serve_on "$PORT"; mkdir "$SCRATCH/other-ledgers"
"$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 1 --ledger "$SCRATCH/other-ledgers" --count 1 --seconds 30 >/dev/null; stop
keep other; mv "$SCRATCH/our-owner" "$SCRATCH/owner"
back newest; database other
refuses 'log.origin_mismatch|log.checkpoint_signature' 'the database of another engine' serve
back newest; cp "$SCRATCH/other/keys.sealed" "$SCRATCH/engine/keys.sealed"
refuses engine.sealed 'the keys of another engine' serve
back newest; cp "$SCRATCH/other/trusted_root.json" "$SCRATCH/engine/trusted_root.json"
refuses engine.sealed 'the trust root of another engine' serve
back newest; cp "$SCRATCH/other/head" "$SCRATCH/engine/head"
refuses log.head_damaged 'the head of another engine' serve

# Clocks.
back newest
# SRV-24: randomness that is refused, and drawings that stay zeros.
for drawn in error=EIO error=ENOSYS retval=32; do
    refuses internal.entropy "a system without randomness: $drawn" strace -f -qq -o "$SCRATCH/drawn" -e trace=getrandom -e "inject=getrandom:$drawn" \
        "$BIN/chancery-server" serve --state "$SCRATCH/engine" --credential-file "$SCRATCH/owner" --json --log off
done
refuses time.clock_regression 'a clock behind the log' faketime -f -2h "$BIN/chancery-server" serve --state "$SCRATCH/engine" --credential-file "$SCRATCH/owner" --json --log off
FAKETIME_LIB=$(find /usr/lib -name 'libfaketime.so.1' -print -quit)
echo +0 >"$SCRATCH/clock"
serve_on "$PORT" env LD_PRELOAD="$FAKETIME_LIB" FAKETIME_TIMESTAMP_FILE="$SCRATCH/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
holds 'a clock that keeps time' work 1 --resume
jumped() { if work 1 --resume >"$SCRATCH/out" 2>"$SCRATCH/err"; then return 1; fi; grep -q time.clock_jump "$SCRATCH/err"; }
for jump in -2h +2h; do
    echo "$jump" >"$SCRATCH/clock"
    holds "a clock that jumps by $jump while the engine runs is told as time.clock_jump" jumped
    echo +0 >"$SCRATCH/clock"
    stop
    serve_on "$PORT" env LD_PRELOAD="$FAKETIME_LIB" FAKETIME_TIMESTAMP_FILE="$SCRATCH/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1
    holds "the same requests, once the clock is right again" work 1 --resume
done
holds 'everything stands' checked
stop
keep newest
seen newest >"$SCRATCH/checkpoint"

# Restored from the backup: older than what was acknowledged.
rm -rf "$SCRATCH/engine"
holds 'the backup is restored' "$BIN/chancery-server" restore --state "$SCRATCH/engine" "$SCRATCH/backup" --json
holds 'a restored state is whole' whole
refuses log.restored 'a restored state' serve
refuses log.restored 'a restored state, and an older checkpoint' serve --expect-checkpoint "$SCRATCH/old-checkpoint"
refuses log.state_regression 'a restored state, and what was lost' serve --expect-checkpoint "$SCRATCH/checkpoint"

# A backup that holds everything that was acknowledged serves again.
back newest
holds 'a backup of a stopped engine' "$BIN/chancery-server" backup --state "$SCRATCH/engine" "$SCRATCH/full" --json
rm -rf "$SCRATCH/engine"
"$BIN/chancery-server" restore --state "$SCRATCH/engine" "$SCRATCH/full" --json >/dev/null
refuses log.restored 'a full backup too, before anybody says that it is full' serve
printf '#!/bin/sh\nexec "$@" --expect-checkpoint %s\n' "$SCRATCH/checkpoint" >"$SCRATCH/expecting"
chmod +x "$SCRATCH/expecting"
serve_on "$PORT" "$SCRATCH/expecting"
holds 'clients go on with the restored engine' work 2 --resume
holds 'and get every answer again' checked
stop
serve_on "$PORT"; stop
refuses engine.backup_invalid 'an altered backup' bash -c 'printf x >>"$1/trusted_root.json" && exec "$2" restore --state "$3" "$1" --json' - "$SCRATCH/full" "$BIN/chancery-server" "$SCRATCH/never"
refuses engine.exists 'a restoration over an engine' "$BIN/chancery-server" restore --state "$SCRATCH/engine" "$SCRATCH/backup" --json
refuses engine.exists 'a backup over a backup' "$BIN/chancery-server" backup --state "$SCRATCH/engine" "$SCRATCH/backup" --json

# Edited behind the engine's back.
edited() { back newest; sqlite3 "$SCRATCH/engine/engine.sqlite" "PRAGMA foreign_keys = OFF; $1"; whole; }
refuses engine.row_altered 'an agent with another sponsor' edited "INSERT INTO persons (subject, registered) SELECT 'mallory@example.org', registered FROM persons LIMIT 1; UPDATE agents SET sponsor = 'mallory@example.org'"
refuses engine.row_altered 'a session that lives longer' edited "UPDATE sessions SET expires = expires + 9999"
refuses engine.row_altered 'a grant that allows more' edited "UPDATE grants SET scope = replace(scope, 'src/', '/'), depth = 3"
refuses engine.row_altered 'a grant that may be redeemed again' edited 'UPDATE grants SET redeemed = NULL'
refuses engine.row_altered 'an altered answer' edited "UPDATE answers SET document = CAST(replace(CAST(document AS TEXT), 'A', 'B') AS BLOB) WHERE id = 3"
refuses engine.row_missing 'a deleted answer' edited 'DELETE FROM answers WHERE id = 3'
refuses engine.row_missing 'a deleted agent' edited 'DELETE FROM agents'
refuses engine.row_missing 'a deleted statement' edited 'DELETE FROM statements WHERE id = 2'
refuses engine.row_unfounded 'an inserted person' edited "INSERT INTO persons (subject, registered) VALUES ('eve@example.org', 1)"
refuses 'engine.row_altered' 'an altered event' edited "UPDATE events SET document = CAST(replace(CAST(document AS TEXT), 'load@', 'eve_@') AS BLOB)"
back newest
holds 'and nothing where nothing was edited' whole
