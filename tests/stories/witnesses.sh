#!/usr/bin/env bash
# Two witnesses of other people's cosign the log, a third lies. What two of three have seen is published; an engine that
# is restored from an older copy is stopped by what they have seen; a monitor finds the fork.
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"
world

PIDS=()
stop() { kill "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }
end_all() { for pid in "${PIDS[@]}"; do stop "$pid"; done; end; }
trap end_all EXIT
ready() { for _ in $(seq 300); do [ ! -s "$1" ] || return 0; sleep 0.1; done; broken "not ready: $1"; exit 1; }
seconds() { date +%s; }

ENGINE_STATE=$CHANCERY_HOME/engine URL=$(field world .engine) OWNER=$SCRATCH/world.owner
LOG_KEY=$("$BIN/chancery" log status --json | jq -r .key)

# witness NAME PORT: makes it where it is new, and serves it; its process in WITNESS.
witness() {
    [ -d "$SCRATCH/$1" ] || "$BIN/chancery" witness init --state "$SCRATCH/$1" --name "$1.example" \
        --credential-out "$SCRATCH/$1.credential" --json >"$SCRATCH/$1.json"
    rm -f "$SCRATCH/$1.ready"
    "$BIN/chancery" witness serve --state "$SCRATCH/$1" --listen "127.0.0.1:$2" --known-log "$LOG_KEY" \
        --credential-file "$SCRATCH/$1.credential" --json --log error >"$SCRATCH/$1.ready" &
    WITNESS=$!; PIDS+=("$WITNESS")
    ready "$SCRATCH/$1.ready"
}
key_of() { jq -r .key "$SCRATCH/$1.json"; }

# engine STATE [ARGUMENT…]: the engine where the world left its address; its process in ENGINE.
engine() {
    local state=$1; shift
    rm -f "$SCRATCH/engine.ready"
    "$BIN/chancery-server" serve --state "$state" --listen "${URL#http://}" --credential-file "$OWNER" --json --log error \
        "$@" >"$SCRATCH/engine.ready" &
    ENGINE=$!; PIDS+=("$ENGINE")
    ready "$SCRATCH/engine.ready"
}
published() { curl -sf -H "Authorization: Bearer $(cat "$OWNER")" "$URL/checkpoint"; }
sign() { echo "$1" >"$REPO/$1.txt"; person "$BIN/chancery" artifact sign "$1.txt"; }
log_status() { "$BIN/chancery" log status --json --owner-file "$OWNER"; }
# monitor MEMORY [ARGUMENT…]: one look.
monitor() { local memory=$1; shift; "$BIN/chancery" log monitor --once --owner-file "$OWNER" --state "$SCRATCH/$memory" "$@"; }

# alerts CODES WHAT COMMAND…: exit 1, and one of CODES (a|b) among the alerts.
alerts() {
    local codes=$1 what=$2 code=0 found; shift 2
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || code=$?
    found=$(jq -r 'select(.schema == "urn:chancery:log-alert:v1") | .code' "$SCRATCH/out" | sort -u | tr '\n' ' ')
    if [ "$code" = 1 ] && grep -qE "(^| )($codes) " <<<"$found"; then claim "$what: $found"
    else broken "$what: exit $code, alerts: $found $(tail -n 2 "$SCRATCH/err")"; fi
}

# The world's engine ends; the story serves its state from here on.
stop_engine "$ENGINE_STATE"

W1=$(free_port); witness w1 "$W1"; FIRST=$WITNESS
W2=$(free_port); witness w2 "$W2"; SECOND=$WITNESS
python3 "$LIB/witness_liar.py" stranger >"$SCRATCH/liar.port" & PIDS+=($!)
ready "$SCRATCH/liar.port"
"$BIN/chancery" witness init --state "$SCRATCH/w3" --name w3.example --credential-out "$SCRATCH/w3.credential" --json >"$SCRATCH/w3.json"
holds 'no file of a witness is open to others' test -z "$(find "$SCRATCH/w1" "$SCRATCH/w2" -perm /077)"
fails 'its key lies nowhere in the clear' grep -rqa 'PRIVATE KEY' "$SCRATCH/w1"
# serve_witness NAME [ARGUMENT…]: with the credential in OPEN, else its own.
serve_witness() {
    local name=$1; shift
    "$BIN/chancery" witness serve --json --log error --state "$SCRATCH/$name" \
        --credential-file "$SCRATCH/${OPEN:-$name}.credential" "$@"
}
refuses 'engine.exists' 'a second witness in one directory' \
    "$BIN/chancery" witness init --state "$SCRATCH/w1" --name w1.example --json
refuses 'engine.address' 'a witness for other machines' \
    serve_witness w3 --known-log "$LOG_KEY" --listen 0.0.0.0:0
refuses 'log.witness_policy' 'a witness that watches nothing' serve_witness w3
refuses 'log.key_malformed' 'a witness of something that is no log' serve_witness w3 --known-log nonsense
OPEN=w1 refuses 'engine.sealed' 'a witness without its credential' serve_witness w3 --known-log "$LOG_KEY"
refuses 'engine.in_use' 'two witnesses on one state' serve_witness w1 --known-log "$LOG_KEY"
printf 'log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none\n' >"$SCRATCH/other"
refuses 'log.witness_policy' 'an engine under a policy for another log' "$BIN/chancery-server" serve --json --log error \
    --state "$ENGINE_STATE" --credential-file "$OWNER" --witness-policy "$SCRATCH/other"
policy() {
    cat <<POLICY
log $LOG_KEY $URL
witness first $(key_of w1) http://127.0.0.1:$W1
witness second $(key_of w2) http://127.0.0.1:$W2
witness third $(key_of w3) http://127.0.0.1:$1
group two-of-three 2 first second third
quorum two-of-three
POLICY
}
policy "$(cat "$SCRATCH/liar.port")" >"$SCRATCH/policy"

# --- Two of three.
engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum
holds 'an answer leaves once two witnesses have seen its entry' sign one
published >"$SCRATCH/note"
holds 'the checkpoint carries the log and two witnesses' test "$(grep -c '^— ' "$SCRATCH/note")" = 3
for name in w1 w2; do
    python3 "$LIB/cosignature.py" "$SCRATCH/note" "$(key_of "$name")" "$SCRATCH/message" "$SCRATCH/signature" "$SCRATCH/key.der"
    verified() { openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$SCRATCH/key.der" -in "$SCRATCH/message" -sigfile "$SCRATCH/signature"; }
    holds "openssl verifies the cosignature of $name" verified
    printf x >>"$SCRATCH/message"
    fails "openssl refuses it over another text" verified
done
holds 'the liar is named to the operator' \
    test "$(log_status | jq -r '.witnesses.witnesses[] | select(.name == "third").problem')" = log.witness_answer
holds 'a bundle verifies against the witnessed log' \
    "$BIN/chancery" log verify "$REPO/one.txt.sigstore.json" --log "$URL" --policy "$SCRATCH/policy" --owner-file "$OWNER" --json
holds 'two witnesses are named' test "$(jq '.published.witnesses | length' "$SCRATCH/out")" = 2
for lie in ahead junk slow; do
    python3 "$LIB/witness_liar.py" "$lie" >"$SCRATCH/$lie.port" & PIDS+=($!)
    ready "$SCRATCH/$lie.port"
    stop "$ENGINE"
    policy "$(cat "$SCRATCH/$lie.port")" >"$SCRATCH/policy.$lie"
    engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy.$lie" --witness-quorum
    before=$(seconds)
    holds "a witness that answers with '$lie' does not hold up the other two" sign "$lie"
    holds 'and costs no time' test $(($(seconds) - before)) -lt 5
done
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum

# --- A monitor follows it.
holds 'a monitor finds nothing' monitor monitor --policy "$SCRATCH/policy" --repo "$REPO"
holds 'it looks again and finds nothing' monitor monitor --policy "$SCRATCH/policy" --repo "$REPO"
alerts 'log.identity_seen' 'a watched name is an alert' monitor first --identity '*/agent/builder/*'
alerts 'log.identity_unexplained' 'an agent that nobody registered is an alert' monitor second --agent somebody-else
holds 'a mirror is made' "$BIN/chancery" log mirror "$SCRATCH/mirror" --owner-file "$OWNER" --json
holds 'it is whole' "$BIN/chancery" log fsck "$SCRATCH/mirror" --json
holds 'it exports its entries with proofs' "$BIN/chancery" log export "$SCRATCH/mirror"
holds 'as many as the log has' test "$(wc -l <"$SCRATCH/out")" = "$(($(sed -n 2p "$SCRATCH/mirror/checkpoint") + 1))"
cp -a "$SCRATCH/mirror" "$SCRATCH/broken"
python3 - "$SCRATCH/broken" <<'PYTHON'
import pathlib, sys
bundle = next(p for p in pathlib.Path(sys.argv[1], "tile/entries").rglob("*") if p.is_file())
data = bytearray(bundle.read_bytes()); data[100] ^= 1; bundle.write_bytes(data)
PYTHON
refuses 'log.consistency|log.tile' 'a mirror with one flipped bit' "$BIN/chancery" log fsck "$SCRATCH/broken" --json
alerts 'log.consistency|log.tile' 'a monitor of it alerts' monitor third "$SCRATCH/broken"

# --- What is signed carries them, where the anchor names the witnesses.
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum --witness-embed
holds 'a commit before the anchor names the witnesses' change 'too early'
refuses 'log.checkpoint_malformed' 'is refused' ci --commit HEAD
git -C "$REPO" reset -q --hard HEAD~1
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum
cat >"$REPO/.chancery/policy/witnessed.cedar" <<'CEDAR'
@id("witnessed-time")
@reason("a clock that is not the engine's own stands behind every commit")
forbid (principal, action == Action::"accept", resource is Change)
when { context.time == TimeAssurance::"self" };
CEDAR
holds 'the next anchor names the witnesses and demands them' \
    person "$BIN/chancery" anchor update --witness-policy "$SCRATCH/policy" --out "$SCRATCH/anchor.witnessed"
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum --witness-embed
holds 'a commit' change 'witnessed'
FROM=$SCRATCH/anchor.witnessed holds 'is accepted' ci --all
holds 'as witnessed' test "$(jq '[.subjects[].time_assurance] | index("witnessed") != null' "$SCRATCH/out")" = true
echo cosigned >"$REPO/cosigned.txt"
holds 'an artifact' person "$BIN/chancery" artifact sign cosigned.txt
holds 'verifies as witnessed' person "$BIN/chancery" artifact verify cosigned.txt --anchor "$SCRATCH/anchor.witnessed" --json
holds 'too' test "$(jq -r '.subjects[0].time_assurance' "$SCRATCH/out")" = witnessed
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum
holds 'a commit of an engine that embeds nothing' change 'not witnessed'
FROM=$SCRATCH/anchor.witnessed refuses 'log.witness_quorum' 'is refused, and the reasons say why' ci --commit HEAD
git -C "$REPO" reset -q --hard HEAD~1

# --- Caught by an outage, with cosignatures to be embedded: whole or not at all, whoever dies meanwhile.
EMBED=(--witness-policy "$SCRATCH/policy" --witness-quorum --witness-embed)
LEDGERS=$SCRATCH/ledgers; mkdir "$LEDGERS"
load() { "$LOAD" load --engine "$URL" --owner-file "$OWNER" --clients 1 --ledger "$LEDGERS" --seconds 60 "$@"; }
stop "$ENGINE"; engine "$ENGINE_STATE" "${EMBED[@]}"
holds 'signatures while the witnesses answer' load --count 2
stop "$FIRST"; stop "$SECOND"
fails 'none while they do not' load --resume --count 3 --patience 1
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
engine "$ENGINE_STATE" "${EMBED[@]}"
refuses 'log.witness_quorum' 'and something newer is recorded' sign outage
holds 'a repeat is told to come again' test "$(again "$URL")" = 503
holds 'by its code' jq -e '.reasons[0].code == "log.witness_quorum"' "$SCRATCH/again"
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
witness w1 "$W1"; FIRST=$WITNESS
witness w2 "$W2"; SECOND=$WITNESS
engine "$ENGINE_STATE" "${EMBED[@]}"
holds 'once they are back the repeat is answered' test "$(again "$URL")" = 200
holds 'with the log and two witnesses' test "$(cosigners)" = 3
cp "$SCRATCH/again" "$SCRATCH/whole"
kill -9 "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
engine "$ENGINE_STATE" "${EMBED[@]}"
holds 'and again after another crash' test "$(again "$URL")" = 200
holds 'with the same bytes' cmp "$SCRATCH/whole" "$SCRATCH/again"
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum

# --- One witness is not enough.
cp -a "$ENGINE_STATE" "$SCRATCH/older"; cp -a "$ENGINE_STATE" "$SCRATCH/forked"
stop "$SECOND"
before=$(published | sed -n 2p)
refuses 'log.witness_quorum' 'an answer that one witness alone has seen' sign two
holds 'what was published stays what two have seen' test "$(published | sed -n 2p)" = "$before"
holds 'the entry is recorded all the same' test "$(log_status | jq .size)" -gt "$before"
kill -9 "$FIRST"; wait "$FIRST" 2>/dev/null || true
witness w1 "$W1"; FIRST=$WITNESS
witness w2 "$W2"; SECOND=$WITNESS
holds 'both are back, one of them after a crash, and go on where they were' sign three
holds 'what waited is witnessed too' test "$(log_status | jq .witnesses.witnessed)" -gt "$before"
holds 'the mirror takes up what is new' "$BIN/chancery" log mirror "$SCRATCH/mirror" --owner-file "$OWNER" --json
holds 'and only that' test "$(jq '.added' "$SCRATCH/out")" -lt "$(jq '.size' "$SCRATCH/out")"
holds 'the monitor follows' monitor monitor --repo "$REPO"

# --- Restored from an older copy.
stop "$ENGINE"
engine "$SCRATCH/older" --witness-policy "$SCRATCH/policy" --witness-quorum
stopped() { ! person "$BIN/chancery" person register "late$RANDOM@example.org"; }
for _ in $(seq 50); do stopped >/dev/null 2>&1 && break; sleep 0.2; done
refuses 'log.state_regression' 'an engine on an older copy, once its witnesses have shown what they saw' \
    person "$BIN/chancery" person register late@example.org
alerts 'log.rollback' 'a monitor sees that the log went back' monitor monitor
holds 'and keeps both checkpoints' jq -e '.checkpoints | length == 2' "$SCRATCH/monitor.evidence.json"
stop "$ENGINE"
refuses 'log.state_regression' 'that copy starts no more' \
    "$BIN/chancery-server" serve --state "$SCRATCH/older" --credential-file "$OWNER" --json --log error

# --- A fork: the older copy goes on alone, with nobody to stop it.
engine "$SCRATCH/forked"
for name in a b c d e f g h i j k l m n o p q r s t; do person "$BIN/chancery" person register "$name@example.org" >/dev/null; done
alerts 'log.split_view' 'a monitor sees a tree that excludes the one it saw' monitor monitor
stop "$ENGINE"
engine "$SCRATCH/forked" --witness-policy "$SCRATCH/policy" --witness-quorum
refuses 'log.witness_quorum|log.state_regression' 'a fork gets no quorum' sign four

# --- The right one goes on.
stop "$ENGINE"; engine "$ENGINE_STATE" --witness-policy "$SCRATCH/policy" --witness-quorum
holds 'the engine that has everything goes on' sign five
