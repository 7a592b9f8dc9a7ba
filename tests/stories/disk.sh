#!/usr/bin/env bash
# A full disk costs no acknowledged entry: the engine refuses, says why, and goes on when there is room (SRV-20).
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"
if [ "${1:-}" != apart ]; then
    # A small file system that nobody else sees.
    own=(unshare --mount); [ "$(id -u)" = 0 ] || own=(unshare --map-root-user --mount)
    if CHANCERY_BIN=$BIN "${own[@]}" bash "${BASH_SOURCE[0]}" apart; then claim 'a full disk'; else broken 'a full disk'; fi
    exit 0
fi

SMALL=$SCRATCH/small
mkdir "$SMALL" && mount -t tmpfs -o size=6m tmpfs "$SMALL"
"$BIN/chancery-server" init --state "$SMALL/engine" --owner-out "$SCRATCH/owner" --json >/dev/null
ln -s "$SMALL/engine" "$SCRATCH/engine"
PORT=$(free_port)
URL=http://127.0.0.1:$PORT
mkdir "$SCRATCH/ledgers"
work() { "$LOAD" load --engine "$URL" --owner-file "$SCRATCH/owner" --clients 4 --ledger "$SCRATCH/ledgers" --seconds 20 "$@"; }
fill() { dd if=/dev/zero of="$SMALL/ballast" bs=4096 2>/dev/null || true; }
many() {
    python3 - "$PORT" <<'PY' &
import socket, sys, time
held = []
for _ in range(100):
    try:
        held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=1))
    except OSError:
        break
time.sleep(2)
PY
    work --resume --count 2 --patience 20 && wait $!
}
checked() { "$LOAD" check --engine "$URL" --ledger "$SCRATCH/ledgers" --trust-root "$SMALL/engine/trusted_root.json"; }

serve_on "$PORT"
holds 'there is room' work --count 3
fill
refused() { if work --resume --count 200 >"$SCRATCH/out" 2>"$SCRATCH/err"; then return 1; fi; grep -q 'engine.storage' "$SCRATCH/err"; }
holds 'a full disk is told as engine.storage, and nothing is answered' refused
refuses 'engine.storage|internal.io' 'a backup does not fit either' "$BIN/chancery-server" backup --state "$SMALL/engine" "$SMALL/backup" --json
rm -f "$SMALL/ballast"; rm -rf "$SMALL/backup"
holds 'the same engine goes on when there is room again' work --resume --count 3 --patience 10
holds 'and stands by everything' checked

# Read-only for a while, and with hardly any descriptors (SRV-20).
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
mount -o remount,ro "$SMALL"
refuses 'engine.storage|internal.io' 'a read-only disk' \
    "$BIN/chancery-server" serve --state "$SMALL/engine" --credential-file "$SCRATCH/owner" --json --log off
mount -o remount,rw "$SMALL"
serve_on "$PORT" prlimit --nofile=48
holds 'with 48 descriptors and many connections everybody is served in the end' many
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
serve_on "$PORT"
holds 'and nothing was lost' checked

# Killed while the disk is full, and started again on the full disk.
fill
work --resume --count 200 >/dev/null 2>&1 || true
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
rm -f "$SMALL/ballast"
serve_on "$PORT"
holds 'clients go on after a crash on a full disk' work --resume --count 3 --patience 10
holds 'and get every answer again' checked
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
holds 'the store is whole' "$BIN/chancery-server" fsck --state "$SMALL/engine" --json
umount "$SMALL"
