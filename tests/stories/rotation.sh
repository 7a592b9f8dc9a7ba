#!/usr/bin/env bash
# An engine rotates its keys, one kind after the other. What was signed before and after verifies under the next anchor;
# the new keys count under no older one; the closed log is still read; killed at any moment it is the old engine or the new.
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"
world

PIDS=()
stop() { kill "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }
end_all() { for pid in "${PIDS[@]}"; do stop "$pid"; done; end; }
trap end_all EXIT
ENGINE_STATE=$CHANCERY_HOME/engine URL=$(field world .engine) OWNER=$SCRATCH/world.owner

# serve [ARGUMENT…]: the engine where the world left its address; its process in ENGINE.
serve() {
    rm -f "$SCRATCH/engine.ready"
    "$BIN/chancery-server" serve --state "$ENGINE_STATE" --listen "${URL#http://}" --credential-file "$OWNER" --json --log error \
        "$@" >"$SCRATCH/engine.ready" 2>"$SCRATCH/engine.err" &
    ENGINE=$!; PIDS+=("$ENGINE")
    for _ in $(seq 300); do [ ! -s "$SCRATCH/engine.ready" ] || return 0; sleep 0.1; done
    broken "the engine does not start: $(cat "$SCRATCH/engine.err")"; exit 1
}
rotate() { "$BIN/chancery" trust rotate --owner-file "$OWNER" --json "$@"; }
origin() { "$BIN/chancery" log status --json | jq -r .origin; }
commit() { echo "$1" >>"$REPO/notes.txt"; git -C "$REPO" add notes.txt; person git -C "$REPO" commit -q -m "$1"; }
# says WHAT FILTER [ARGUMENT…]: what the last command answered holds under a filter of jq.
says() { local what=$1 filter=$2; shift 2; holds "$what" test "$(jq "$@" "$filter" "$SCRATCH/out")" = true; }

# --- Beside a running engine nothing is rotated; a look costs nothing.
refuses 'engine.in_use' 'a rotation beside a running engine' rotate log --yes
holds 'a dry run shows what would leave' rotate log --dry-run
says 'and names the log' '.rotated == null and .leaving[0].name == $origin' --arg origin "$(origin)"
FIRST=$(origin)
FIRST_KEY=$("$BIN/chancery" log status --json | jq -r .key)
LEDGERS=$SCRATCH/ledgers; mkdir "$LEDGERS"
holds 'a signature of before' "$LOAD" load --engine "$URL" --owner-file "$OWNER" --clients 1 --count 1 --ledger "$LEDGERS"
commit 'before the rotation'
holds 'it verifies' ci --all

stop_engine "$ENGINE_STATE"
cp -a "$ENGINE_STATE" "$SCRATCH/set-back"

# --- Killed at each step: the old engine or the new, never anything else.
for call in openat fsync rename fdatasync pwrite64; do
    for when in 1 3 7 15; do
        rm -rf "$SCRATCH/trial"; cp -a "$ENGINE_STATE" "$SCRATCH/trial"
        strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$((when * 3))+" \
            "$BIN/chancery-server" rotate log --state "$SCRATCH/trial" --credential-file "$OWNER" --yes --json \
            >"$SCRATCH/trial.json" 2>/dev/null || true
        if ! "$BIN/chancery-server" fsck --state "$SCRATCH/trial" --json >"$SCRATCH/fsck.json" 2>"$SCRATCH/fsck.err"; then
            broken "after a kill at $call $when: $(cat "$SCRATCH/fsck.err")"; continue
        fi
        if [ -e "$SCRATCH/trial/rotation" ] || [ -e "$SCRATCH/trial/rotation.new" ]; then
            broken "after a kill at $call $when something is left over"
        fi
        if ! "$BIN/chancery-server" rotate ct --state "$SCRATCH/trial" --credential-file "$OWNER" --yes --json >/dev/null 2>"$SCRATCH/fsck.err"; then
            broken "after a kill at $call $when the engine does not go on: $(cat "$SCRATCH/fsck.err")"
        fi
    done
done
claim 'killed at twenty places, the engine was the old or the new one, and went on'

# --- The log.
refuses 'engine.sealed' 'a rotation under another credential' \
    "$BIN/chancery" trust rotate log --yes --json --credential-file <(printf 'own_nothing')
refuses 'agent.presence_missing' 'a rotation that nobody confirms' setsid -w "$BIN/chancery" trust rotate log --owner-file "$OWNER" --json
holds 'the log is rotated' rotate log --yes
says 'its last tree is named' '.closed.origin == $origin and .closed.size > 0' --arg origin "$FIRST"
holds 'every row is whole' "$BIN/chancery-server" fsck --state "$ENGINE_STATE" --json
serve
SECOND=$(origin)
fails 'another log is written' test "$FIRST" = "$SECOND"
holds 'the signing config names both, the one in force first' \
    curl -sf "$URL/v1/trust/signing_config"
says 'and the closed one with its end' '(.rekorTlogUrls | length) == 2 and (.rekorTlogUrls[0].validFor.end == null)
    and (.rekorTlogUrls[1].url | endswith("/log/" + $origin)) and .rekorTlogUrls[1].validFor.end != null' --arg origin "$FIRST"
signed() { git -C "$REPO" cat-file commit HEAD | sed '/^gpgsig/,/^ -----END/d' | (cd "$REPO" && "$BIN/gitsign-hook" --status-fd=2 -bsau key); }
refuses 'anchor.behind' 'a commit of the new log under the old anchor' person signed
cp "$SCRATCH/out" "$SCRATCH/half"; cp "$SCRATCH/err" "$SCRATCH/why"
fails 'of which git gets nothing' test -s "$SCRATCH/half"
holds 'the help says what to bring' grep -q 'chancery anchor update' "$SCRATCH/why"
holds 'the next anchor brings the new trust root' person "$BIN/chancery" anchor update --out "$SCRATCH/anchor-2.json"
commit 'after the rotation'
holds 'everything verifies from the first anchor' ci --all
FROM=$SCRATCH/anchor-2.json holds 'and from the second' ci --all
says 'commits of both logs are in it' '[.subjects[].log.origin] | unique | length == 2'
holds 'stock verification of what was signed before goes on under the new trust root' \
    "$BIN/chancery" artifact verify "$(field world .artifact.path)" --bundle "$(field world .artifact.bundle)" --anchor "$SCRATCH/anchor-2.json" --json

# --- The closed log is read as before.
for name in "$FIRST" "$SECOND"; do
    rm -rf "$SCRATCH/mirror.$name"
    holds "a mirror of $name" "$BIN/chancery" log mirror "$SCRATCH/mirror.$name" --log "$URL/log/$name" --owner-file "$OWNER" --json
    holds 'is whole' "$BIN/chancery" log fsck "$SCRATCH/mirror.$name" --json
done
holds 'a backup holds both' "$BIN/chancery-server" backup --state "$ENGINE_STATE" "$SCRATCH/backup" --json
holds 'and restores' "$BIN/chancery-server" restore --state "$SCRATCH/restored" "$SCRATCH/backup" --json
refuses 'log.restored' 'which does not serve yet' "$BIN/chancery-server" serve --state "$SCRATCH/restored" \
    --credential-file "$OWNER" --json --log error --listen 127.0.0.1:0
refuses 'log.restored' 'a checkpoint of the closed log says nothing about the new one' \
    "$BIN/chancery-server" serve --state "$SCRATCH/restored" --expect-checkpoint "$SCRATCH/mirror.$FIRST/checkpoint" \
    --credential-file "$OWNER" --json --log error --listen 127.0.0.1:0

# --- Its end reaches the witnesses, although the engine was stopped before they had seen it.
W=$(free_port)
"$BIN/chancery" witness init --state "$SCRATCH/w" --name w.example --credential-out "$SCRATCH/w.credential" --json >"$SCRATCH/w.json"
"$BIN/chancery" witness serve --state "$SCRATCH/w" --listen "127.0.0.1:$W" --credential-file "$SCRATCH/w.credential" --json \
    --log error --known-log "$FIRST_KEY" --known-log "$("$BIN/chancery" log status --json | jq -r .key)" >"$SCRATCH/w.ready" & PIDS+=($!)
for _ in $(seq 300); do [ ! -s "$SCRATCH/w.ready" ] || break; sleep 0.1; done
printf 'witness w %s http://127.0.0.1:%s\nquorum w\n' "$(jq -r .key "$SCRATCH/w.json")" "$W" >"$SCRATCH/policy"
stop "$ENGINE"
serve --witness-policy "$SCRATCH/policy" --witness-quorum
holds 'who asks for an entry of the closed log gets it' test "$(again "$URL")" = 200
closed() { curl -sf -H "Authorization: Bearer $(cat "$OWNER")" "$URL/log/$FIRST/checkpoint"; }
holds 'and its last checkpoint carries the cosignature' test "$(closed | grep -c '^— ')" = 2
holds 'as the operator is told' "$BIN/chancery" log status --json --owner-file "$OWNER"
says 'with its size' '.witnesses.closed[0] | .origin == $origin and .witnessed == .size' --arg origin "$FIRST"

# --- The other keys.
for what in issuing time ct; do
    stop "$ENGINE"
    holds "$what is rotated" rotate "$what" --yes
    serve
    refuses 'anchor.behind' 'nothing is signed that the old anchor would not accept' person signed
    holds 'the next anchor brings it' person "$BIN/chancery" anchor update --out "$SCRATCH/anchor.json"
    commit "after $what"
    FROM=$SCRATCH/anchor.json holds 'everything verifies' ci --all
done
holds 'each key says until when it counts' "$BIN/chancery" trust show --json
says 'the old ones are kept' '[.keys[] | select(.in_force | not)] | length >= 5'
person "$BIN/chancery" doctor --json >"$SCRATCH/out" || true
says 'the doctor finds the keys in order' '.checks[] | select(.what == "keys") | .ok'
holds 'the log answers' "$BIN/chancery" log status --json
says 'and says how old its checkpoint is' '.checkpoint_age >= 0 and (.keys | length) == 3'

stop "$ENGINE"

# --- An engine set back to before the rotation.
ENGINE_STATE=$SCRATCH/set-back serve
echo late >"$REPO/late.txt"
refuses 'log.origin_mismatch|log.state_regression' 'an engine that was set back to before the rotation' \
    person "$BIN/chancery" artifact sign late.txt
