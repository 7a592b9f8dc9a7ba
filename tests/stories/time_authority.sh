#!/usr/bin/env bash
# A clock that somebody else runs: `openssl ts` stamps every signature before it is recorded, the anchor says whose word counts,
# and policy demands it. An authority that is gone, slow or lying leaves nothing behind.
source "$(dirname "$0")/lib/story.sh"
world

PIDS=()
stop() { kill "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }
end_all() {
    local code=$?
    for pid in "${PIDS[@]}"; do stop "$pid"; done
    (exit "$code") || true
    end
}
trap end_all EXIT
ready() { for _ in $(seq 300); do [ ! -s "$1" ] || return 0; sleep 0.1; done; broken "not ready: $1"; exit 1; }
ENGINE_STATE=$CHANCERY_HOME/engine URL=$(field world .engine) OWNER=$SCRATCH/world.owner

# authority FOLDER KEY DIGEST: an authority of openssl's under a root of its own.
authority() {
    mkdir -p "$1"
    (
        cd "$1"; echo 01 >serial
        cat >config <<CONFIG
[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = root.pem
signer_digest = $3
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[usage]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
CONFIG
        openssl req -x509 $2 -nodes -keyout root.key -out root.pem -days 3650 -subj "/CN=Root of ${1##*/}"
        openssl req $2 -nodes -keyout tsa.key -out tsa.csr -subj "/CN=Clock of ${1##*/}"
        openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial "$RANDOM" -days 3650 -out tsa.pem -extfile config -extensions usage
        cat tsa.pem root.pem >chain.pem
    ) >"$SCRATCH/openssl.out" 2>&1
}
EC='-newkey ec -pkeyopt ec_paramgen_curve:secp384r1'
CLOCK=$SCRATCH/clock
authority "$CLOCK" "$EC" sha384
authority "$CLOCK/stranger" "$EC" sha384
authority "$SCRATCH/second" '-newkey rsa:3072' sha512
for name in clock second; do
    python3 "$LIB/time_authority.py" "$SCRATCH/$name" >"$SCRATCH/$name.port" & PIDS+=($!)
    ready "$SCRATCH/$name.port"
done
url() { echo "http://127.0.0.1:$(cat "$SCRATCH/$1.port")/stamp"; }
# file CHAIN URL [MEMBERS]: a file of one authority.
file() { jq -n --rawfile chain "$1" --arg url "$2" --argjson more "${3:-{\}}" '{authorities: [{url: $url, chain: $chain} + $more]}'; }
file "$CLOCK/chain.pem" "$(url clock)" >"$SCRATCH/authority.json"
lie() { echo "$1" >"$CLOCK/lie"; }
honest() { rm -f "$CLOCK/lie"; }

# engine [ARGUMENT…]: the engine where the world left its address; its process in ENGINE.
engine() {
    rm -f "$SCRATCH/engine.ready"
    "$BIN/chancery-server" serve --state "${SERVED:-$ENGINE_STATE}" --listen "${URL#http://}" --credential-file "$OWNER" --json --log warn \
        "$@" >"$SCRATCH/engine.ready" 2>>"$SCRATCH/engine.log" &
    ENGINE=$!; PIDS+=("$ENGINE")
    ready "$SCRATCH/engine.ready"
}
again() { stop "$ENGINE"; engine "$@"; }
starts_with() { "$BIN/chancery-server" serve --state "$ENGINE_STATE" --credential-file "$OWNER" --json --log error --time-authority "$1"; }
undo() { git -C "$REPO" reset -q --hard HEAD~1; }
assurance() { jq -r '[.subjects[] | select(.kind == "commit")] | last | .time_assurance' "$SCRATCH/out"; }

stop_engine "$ENGINE_STATE"

# --- What is no foreign authority.
echo '{"authorities": []}' >"$SCRATCH/nobody.json"
refuses trust.tsa_missing 'an engine that shall ask nobody' starts_with "$SCRATCH/nobody.json"
file "$CLOCK/root.pem" "$(url clock)" >"$SCRATCH/short.json"
refuses time.authorities 'an authority without its chain' starts_with "$SCRATCH/short.json"
cat "$CLOCK/tsa.pem" "$SCRATCH/second/root.pem" >"$SCRATCH/mixed.pem"
file "$SCRATCH/mixed.pem" "$(url clock)" >"$SCRATCH/mixed.json"
refuses x509.untrusted "an authority under another's root" starts_with "$SCRATCH/mixed.json"
file "$CLOCK/chain.pem" http://192.0.2.1/stamp >"$SCRATCH/open.json"
refuses elsewhere.address 'an authority without a protected transport' starts_with "$SCRATCH/open.json"
jq -r '.timestampAuthorities[1].certChain.certificates[].rawBytes' "$ENGINE_STATE/trusted_root.json" |
    while read -r der; do printf -- '-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n' "$(fold -w 64 <<<"$der")"; done >"$SCRATCH/own.pem"
file "$SCRATCH/own.pem" "$URL/api/v1/timestamp" >"$SCRATCH/own.json"
refuses time.own_authority "the engine's own time authority" starts_with "$SCRATCH/own.json"

# --- The anchor says whose word counts.
engine --time-authority "$SCRATCH/authority.json"
holds 'a commit before the anchor names the authority' change 'too early'
refuses time.tsa_untrusted 'is refused' ci --commit HEAD
undo
again
demand_foreign_time
holds 'the next anchor names it and demands it' \
    person "$BIN/chancery" anchor update --time-authority "$SCRATCH/authority.json" --out "$SCRATCH/anchor.foreign"
FROM=$SCRATCH/anchor.foreign
holds 'a commit of an engine that asks nobody' change 'alone'
refuses time.foreign_missing 'is refused, and the reasons say why' ci --commit HEAD
undo
again --time-authority "$SCRATCH/authority.json"
holds 'a commit' change 'stamped'
holds 'is accepted' ci --commit HEAD
holds 'as foreign' test "$(assurance)" = foreign
holds 'without a network and without anything of ours around' unshare -rn "$BIN/chancery-ci" verify --json --repo "$REPO" --anchor "$FROM" --commit HEAD
holds 'stock git asks our program' person git -C "$REPO" verify-commit HEAD
holds 'an agent does as well' agent 'echo agent >>notes.txt; git add notes.txt; git commit -qm "Agent"'
holds 'whose commit is accepted' ci --commit HEAD
holds 'as foreign' test "$(assurance)" = foreign
holds 'a tag' person git -C "$REPO" tag -s -m one v1
holds 'is accepted with its history since' ci --tag v1
echo one >"$REPO/one.txt"
holds 'an artifact' person "$BIN/chancery" artifact sign one.txt
holds 'verifies' person "$BIN/chancery" artifact verify one.txt --anchor "$FROM" --json
holds 'as foreign' test "$(jq -r '.subjects[0].time_assurance' "$SCRATCH/out")" = foreign
holds 'with two time-stamps in its bundle' jq -e '.verificationMaterial.timestampVerificationData.rfc3161Timestamps | length == 2' "$REPO/one.txt.sigstore.json"
echo 'Do it.' >"$REPO/prompt.md"
holds 'a prompt' person "$BIN/chancery" prompt sign prompt.md
holds 'verifies' person "$BIN/chancery" prompt verify prompt.md --anchor "$FROM" --json
# openssl judges the second stamp: over the signature, by the authority.
jq -r '.verificationMaterial.timestampVerificationData.rfc3161Timestamps[1].signedTimestamp' "$REPO/one.txt.sigstore.json" | base64 -d >"$SCRATCH/stamp.tsr"
jq -r '.dsseEnvelope.signatures[0].sig' "$REPO/one.txt.sigstore.json" | base64 -d >"$SCRATCH/signature"
holds 'openssl verifies it' openssl ts -verify -in "$SCRATCH/stamp.tsr" -data "$SCRATCH/signature" -CAfile "$CLOCK/root.pem" -untrusted "$CLOCK/tsa.pem"
fails "openssl: not under another's root" openssl ts -verify -in "$SCRATCH/stamp.tsr" -data "$SCRATCH/signature" -CAfile "$SCRATCH/second/root.pem" -untrusted "$CLOCK/tsa.pem"

# Stock clients need a trusted root that names both clocks.
stock() {
    "$BIN/chancery" artifact verify --sigstore "$REPO/one.txt" --trusted-root "$1" --json \
        --identity "$(field world .person)" --issuer "$(jq -r '.certificateAuthorities[0].uri' "$1")"
}
holds 'a trusted root for stock clients' "$BIN/chancery" trust export --format trusted-root --time-authority "$SCRATCH/authority.json" --out "$SCRATCH/stock.json"
holds 'under which the stock client takes both stamps' stock "$SCRATCH/stock.json"
holds 'at both times' test "$(jq '.timestampAuthorities | length' "$SCRATCH/stock.json")" = 3
refuses 'time\..*' 'and not without' stock "$ENGINE_STATE/trusted_root.json"

# --- Taken out, it is missing.
STAMPED=$(git -C "$REPO" rev-parse HEAD)
git -C "$REPO" cat-file commit HEAD >"$SCRATCH/commit"
python3 "$LIB/stamps.py" strip "$SCRATCH/commit" >"$SCRATCH/stripped"
git -C "$REPO" update-ref refs/heads/main "$(git -C "$REPO" hash-object -t commit -w "$SCRATCH/stripped")"
refuses time.foreign_missing 'the commit without its foreign token' ci --commit HEAD
python3 "$LIB/stamps.py" double "$SCRATCH/commit" >"$SCRATCH/doubled"
git -C "$REPO" update-ref refs/heads/main "$(git -C "$REPO" hash-object -t commit -w "$SCRATCH/doubled")"
refuses 'limit.timestamps' 'the commit with a token twice' ci --commit HEAD
git -C "$REPO" update-ref refs/heads/main "$STAMPED"
holds 'as it was' ci --commit HEAD

# --- Authorities that do not vouch: nothing is recorded, nothing is left.
for wrong in down junk other nonce stranger refused flood; do
    lie "$wrong"
    refuses time.foreign_missing "an authority that lies: $wrong" person "$BIN/chancery" artifact sign --bundle "$SCRATCH/refused.sigstore.json" one.txt
    holds 'leaves nothing' test ! -e "$SCRATCH/refused.sigstore.json"
done
lie slow
started=$(date +%s)
refuses time.foreign_missing 'an authority that does not answer' person "$BIN/chancery" artifact sign one.txt
holds 'is given up in time' test $(($(date +%s) - started)) -lt 20
fails 'and git commits nothing' change 'never'
git -C "$REPO" reset -q --hard HEAD
holds 'the engine answers others meanwhile' person "$BIN/chancery" person register late@example.org
honest
holds 'it answers again, and so does the engine' change 'afterwards'
holds 'is accepted' ci --commit HEAD

# --- A second authority answers where the first is gone.
jq -s '{authorities: map(.authorities[0])}' "$SCRATCH/authority.json" <(file "$SCRATCH/second/chain.pem" "$(url second)") >"$SCRATCH/both.json"
holds 'the next anchor names both' person "$BIN/chancery" anchor update --time-authority "$SCRATCH/both.json" --out "$SCRATCH/anchor.both"
FROM=$SCRATCH/anchor.both
again --time-authority "$SCRATCH/both.json"
lie down
holds 'a commit while the first is down' change 'second'
holds 'is accepted' ci --commit HEAD
holds 'as foreign, by RSA' test "$(assurance)" = foreign
honest

# --- Repeats: the same bytes, after a restart and in a restored state.
python3 "$LIB/stamps.py" list "$SCRATCH/commit" >"$SCRATCH/tokens"
kept() { python3 - "$1" "$SCRATCH/tokens" <<'PYTHON'
import pathlib, sqlite3, sys
kept = {row[0].hex() for row in sqlite3.connect(f"file:{sys.argv[1]}/stamped.sqlite?mode=ro", uri=True).execute("SELECT token FROM stamped")}
sys.exit(not any(line in kept for line in pathlib.Path(sys.argv[2]).read_text().split()))
PYTHON
}
holds 'what a commit carries is kept beside the store' kept "$ENGINE_STATE"
holds 'for its owner alone' test "$(stat -c %a "$ENGINE_STATE/stamped.sqlite")" = 600
holds 'a backup' "$BIN/chancery-server" backup --state "$ENGINE_STATE" "$SCRATCH/backup"
holds 'holds it' kept "$SCRATCH/backup"
holds 'is restored' "$BIN/chancery-server" restore --state "$SCRATCH/restored" "$SCRATCH/backup"
holds 'with it' kept "$SCRATCH/restored"
cp -a "$SCRATCH/backup" "$SCRATCH/altered"; printf x >>"$SCRATCH/altered/stamped.sqlite"
refuses engine.backup_invalid 'a backup whose tokens were altered' "$BIN/chancery-server" restore --state "$SCRATCH/never" "$SCRATCH/altered"

# --- Windows.
issued=$(openssl x509 -in "$CLOCK/tsa.pem" -noout -startdate | cut -d= -f2)
jq --arg until "$(date -u -d "$issued + 2 seconds" +%FT%TZ)" '.authorities[0].valid_for = {start: "2020-01-01T00:00:00Z", end: $until}' "$SCRATCH/authority.json" >"$SCRATCH/past.json"
holds 'all of it is accepted' ci --all
holds 'an anchor that trusted the authority once' person "$BIN/chancery" anchor update --time-authority "$SCRATCH/past.json" --out "$SCRATCH/anchor.past"
FROM=$SCRATCH/anchor.past
again --time-authority "$SCRATCH/authority.json"
holds 'a commit' change 'too late'
refuses time.tsa_outside_window 'is outside its window' ci --commit HEAD
