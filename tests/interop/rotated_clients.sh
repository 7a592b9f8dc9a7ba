#!/usr/bin/env bash
# Stock Sigstore clients before and after an engine rotates its keys, one kind after the other: what was signed before
# verifies under every later trust root, what is signed after verifies under no earlier one.
source "$(dirname "$0")/lib/place.sh"
source "$INTEROP/lib/judges.sh"
source "$INTEROP/lib/signers.sh"

PYTHON=$(kept sigstore-4.5.1 python_of) JS=$(kept sigstore-js-5.1.0 js_of) GO=$(kept "go-$(cat "$INTEROP"/go/go.* "$INTEROP"/go/*/*.go | sha256sum | cut -c1-12)" go_of)
SIGNERS='python js ours'
JUDGES='python js go ours'
if [ -x "$FOREIGN/cosign-3.1.3/cosign" ]; then
    COSIGN=$FOREIGN/cosign-3.1.3 SIGNERS="$SIGNERS cosign" JUDGES="$JUDGES cosign"
else
    echo 'not run: cosign is not built; `tests/interop/run cosign` builds it'
fi

provide
serve other
serve main
cd "$SCRATCH"
BOB=bob@example.org
echo 'an artifact' >artifact

# everybody_signs PUBLISHED: every client signs with what that folder says; the bundles are PUBLISHED-CLIENT.json.
everybody_signs() {
    local signer
    for signer in $SIGNERS; do holds "$signer signs: $1" "sign_$signer" "$1" "$(token)" "$1-$signer.json" artifact; done
}
# everybody_verifies PUBLISHED SIGNED [SIGNER]: every client takes what was signed under SIGNED, under the trust root of
# PUBLISHED.
everybody_verifies() {
    local signer judge
    for signer in ${3:-$SIGNERS}; do
        for judge in $JUDGES; do
            holds "$judge verifies under $1 what $signer signed under $2" "judge_$judge" "$1" "$2-$signer.json" "$BOB" "$ISSUER" artifact
        done
    done
}
nobody_verifies() { # nobody_verifies PUBLISHED SIGNED
    local judge
    for judge in $JUDGES; do
        fails "$judge: not under $1 what was signed under $2" "judge_$judge" "$1" "$2-python.json" "$BOB" "$ISSUER" artifact
    done
}
# stamp PUBLISHED NAME: openssl asks the time authority that the folder names; the answer is NAME.tsr.
stamp() {
    openssl ts -query -data artifact -sha256 -cert -out "$2.tsq" 2>/dev/null
    curl -sf -o "$2.tsr" -H 'Content-Type: application/timestamp-query' --data-binary "@$2.tsq" "$(jq -r '.tsaUrls[0].url' "$1/signing_config.json")"
}
# stamped PUBLISHED NAME: openssl takes that answer under the root of the folder's newest time authority.
stamped() {
    jq -r '.timestampAuthorities[-1].certChain.certificates[-1].rawBytes' "$1/trusted_root.json" | base64 -d | openssl x509 -inform DER -out root.pem
    openssl ts -verify -queryfile "$2.tsq" -in "$2.tsr" -CAfile root.pem
}
# log_of PUBLISHED PLACE: base address, origin and key of the log that was in force PLACE rotations ago.
log_of() {
    jq -r --argjson place "$2" '[.rekorTlogUrls[].url][$place]' "$1/signing_config.json"
    jq -r --argjson place "$2" '.tlogs | reverse | .[$place] | (.baseUrl | ltrimstr("https://")), .publicKey.rawBytes' "$1/trusted_root.json"
}

everybody_signs main
everybody_verifies main main
holds 'openssl gets a time-stamp' stamp main first
BEFORE=main
for what in log issuing time ct; do
    kill "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
    holds "$what is rotated" "$BIN/chancery-server" rotate $what --state main.state --credential-file main.owner --yes --json
    start main $what "${URL#http://}"
    everybody_verifies $what main python
    everybody_signs $what
    everybody_verifies $what $what
    nobody_verifies $BEFORE $what
    holds "openssl gets a time-stamp after $what" stamp $what $what
    for name in first $what; do holds "openssl takes $name's under $what's trust root" stamped $what $name; done
    BEFORE=$what
done
everybody_verifies ct main
for signed in log issuing time; do everybody_verifies ct $signed python; done
for judge in $JUDGES; do controls $judge ct main-python.json "$BOB" "$ISSUER" artifact other; done

# Who still has what was published before the rotations reaches the same addresses, and believes nothing that comes from there.
refuses 'log.origin_mismatch|x509.untrusted' 'ours signs nothing under the trust root of before' sign_ours main "$(token)" none.json artifact
fails 'sigstore-python signs nothing under the trust root of before' sign_python main "$(token)" none.json artifact
holds 'sigstore-js signs, since it judges nothing' sign_js main "$(token)" late.json artifact
for judge in $JUDGES; do
    fails "$judge takes that under no older trust root" "judge_$judge" time late.json "$BOB" "$ISSUER" artifact
    holds "$judge takes it under the newest" "judge_$judge" ct late.json "$BOB" "$ISSUER" artifact
done

# The closed log is read as before, beside the one in force.
for place in 0 1; do
    mapfile -t LOG < <(log_of ct $place)
    holds "Go's own tlog package reads ${LOG[1]} whole" "$GO/tiles" "${LOG[@]}"
done
