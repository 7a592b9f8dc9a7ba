#!/usr/bin/env bash
# Sigstore's own time authority as the clock that somebody else runs: it stamps what the engine records, policy demands its
# word, and stock verifiers judge the bundles that bear both stamps.
source "$(dirname "$0")/lib/place.sh"
source "$INTEROP/lib/judges.sh"

clock_of() { GOBIN=$1 go install -ldflags='-s -w' github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server@v2.1.2; }
CLOCK=$(kept timestamp-server-2.1.2 clock_of)
JS=$(kept sigstore-js-5.1.0 js_of) GO=$(kept "go-$(cat "$INTEROP"/go/go.* "$INTEROP"/go/*/*.go | sha256sum | cut -c1-12)" go_of)
JUDGES='js go ours'
if [ -x "$FOREIGN/cosign-3.1.3/cosign" ]; then COSIGN=$FOREIGN/cosign-3.1.3 JUDGES="$JUDGES cosign"; else echo 'not run: cosign is not built; `tests/interop/run cosign` builds it'; fi

world
ENGINE_STATE=$CHANCERY_HOME/engine URL=$(field world .engine) OWNER=$SCRATCH/world.owner
PERSON=$(field world .person)

# clock: the authority on CLOCK_PORT, with a key and a chain of its own at each start; its process in STAMPING.
CLOCK_PORT=$(free_port)
clock() {
    "$CLOCK/timestamp-server" serve --host 127.0.0.1 --port "$CLOCK_PORT" --disable-ntp-monitoring --timestamp-signer memory \
        >"$SCRATCH/clock.out" 2>"$SCRATCH/clock.err" & STAMPING=$! RUNNING="$RUNNING $!"
    for _ in $(seq 300); do curl -sf "http://127.0.0.1:$CLOCK_PORT/api/v1/timestamp/certchain" -o "$SCRATCH/$1.pem" && return; sleep 0.1; done
    broken "the clock does not answer: $(tail -n 3 "$SCRATCH/clock.out")"; exit 1
}
stop_clock() { kill "$STAMPING"; wait "$STAMPING" 2>/dev/null || true; }
authority() { jq -n --rawfile chain "$SCRATCH/$1.pem" --arg url "http://127.0.0.1:$CLOCK_PORT/api/v1/timestamp" '{authorities: [{$url, $chain}]}' >"$SCRATCH/$1.json"; }
engine() { # engine [ARGUMENT…]: the world's engine where the world left its address
    rm -f "$SCRATCH/engine.ready"
    "$BIN/chancery-server" serve --state "$ENGINE_STATE" --listen "${URL#http://}" --credential-file "$OWNER" --json --log warn "$@" \
        >"$SCRATCH/engine.ready" 2>>"$SCRATCH/engine.err" & RUNNING="$RUNNING $!"
    appears "$SCRATCH/engine.ready"
}

clock sigstore
authority sigstore
stop_engine "$ENGINE_STATE"
engine --time-authority "$SCRATCH/sigstore.json"
demand_foreign_time
holds 'an anchor names it and demands it' \
    person "$BIN/chancery" anchor update --time-authority "$SCRATCH/sigstore.json" --out "$SCRATCH/anchor.foreign"
FROM=$SCRATCH/anchor.foreign

# What is signed, and what our verifier says of it.
holds 'a person commits' change stamped
holds 'an agent does' agent 'echo agent >>notes.txt; git add notes.txt; git commit -qm Agent'
holds 'both are accepted, without a network' unshare -rn "$BIN/chancery-ci" verify --json --repo "$REPO" --anchor "$FROM" --range HEAD~2..HEAD
holds 'as foreign' jq -e '[.subjects[] | select(.kind == "commit").time_assurance] == ["foreign", "foreign"]' "$SCRATCH/out"
holds 'stock git asks our program' person git -C "$REPO" verify-commit HEAD
echo one >"$REPO/one.txt"; echo 'Do it.' >"$REPO/prompt.md"
holds 'an artifact' person "$BIN/chancery" artifact sign one.txt
holds 'verifies' person "$BIN/chancery" artifact verify one.txt --anchor "$FROM" --json
holds 'as foreign' jq -e '.subjects[0].time_assurance == "foreign"' "$SCRATCH/out"
holds 'a prompt' person "$BIN/chancery" prompt sign prompt.md
holds 'verifies' person "$BIN/chancery" prompt verify prompt.md --anchor "$FROM" --json

# What stock verifiers say of two stamps.
mkdir "$SCRATCH/main" "$SCRATCH/alone"
cp "$ENGINE_STATE/trusted_root.json" "$SCRATCH/alone/"
holds 'a trusted root with both clocks' "$BIN/chancery" trust export --format trusted-root --time-authority "$SCRATCH/sigstore.json" --out "$SCRATCH/main/trusted_root.json"
ISSUER=$(jq -r '.certificateAuthorities[0].uri' "$SCRATCH/main/trusted_root.json")
# The stamps are over the same signature: the second by Sigstore's authority.
stamp() { jq -r ".verificationMaterial.timestampVerificationData.rfc3161Timestamps[$1].signedTimestamp" "$REPO/one.txt.sigstore.json" | base64 -d; }
stamp 1 >"$SCRATCH/stamp.tsr"
jq -r '.dsseEnvelope.signatures[0].sig' "$REPO/one.txt.sigstore.json" | base64 -d >"$SCRATCH/signature"
holds 'openssl verifies the second' openssl ts -verify -in "$SCRATCH/stamp.tsr" -data "$SCRATCH/signature" -CAfile "$SCRATCH/sigstore.pem" -untrusted "$SCRATCH/sigstore.pem"
for n in 0 1; do
    jq --argjson n "$n" '.verificationMaterial.timestampVerificationData.rfc3161Timestamps |= [.[$n]]' "$REPO/prompt.md.sigstore.json" >"$SCRATCH/only.$n.json"
done
python3 - "$REPO/prompt.md.sigstore.json" >"$SCRATCH/flipped.json" <<'PYTHON'
import base64, json, sys
bundle = json.load(open(sys.argv[1]))
stamp = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][1]
token = bytearray(base64.b64decode(stamp["signedTimestamp"]))
token[-1] ^= 1
stamp["signedTimestamp"] = base64.b64encode(token).decode()
json.dump(bundle, sys.stdout)
PYTHON
for judge in $JUDGES; do
    of() { "judge_$judge" "$SCRATCH/$1" "$2" "$PERSON" "$ISSUER" "${3:-$REPO/prompt.md}"; }
    holds "$judge takes a prompt with both stamps" of main "$REPO/prompt.md.sigstore.json"
    # sigstore-js looks at an envelope alone.
    [ "$judge" = js ] || fails "$judge: not over another file" of main "$REPO/prompt.md.sigstore.json" "$REPO/one.txt"
    holds "$judge takes it with the engine's alone" of main "$SCRATCH/only.0.json"
    holds "$judge takes it with Sigstore's alone" of main "$SCRATCH/only.1.json"
    case $judge in
        go | cosign) holds "$judge asks for one stamp that verifies, and passes over another" of main "$SCRATCH/flipped.json" ;;
        *) fails "$judge: not with a bit of Sigstore's flipped" of main "$SCRATCH/flipped.json" ;;
    esac
    fails "$judge: not with Sigstore's alone where nobody trusts it" of alone "$SCRATCH/only.1.json"
done

# An authority that is gone, and one that comes back with another key under the same address.
stop_clock
refuses time.foreign_missing 'while it is away nothing is signed' person "$BIN/chancery" artifact sign --bundle "$SCRATCH/refused.sigstore.json" one.txt
holds 'and nothing is left' test ! -e "$SCRATCH/refused.sigstore.json"
clock another
refuses time.foreign_missing 'nor where another key answers in its place' person "$BIN/chancery" artifact sign --bundle "$SCRATCH/refused.sigstore.json" one.txt
holds 'and nothing is left' test ! -e "$SCRATCH/refused.sigstore.json"
