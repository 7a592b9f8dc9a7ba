#!/usr/bin/env bash
# Stock Sigstore clients sign against a running engine and verify what it made; with `cosign`, cosign does too.
source "$(dirname "$0")/lib/place.sh"
source "$INTEROP/lib/judges.sh"
source "$INTEROP/lib/signers.sh"
source "$INTEROP/lib/older_log.sh"

PYTHON=$(kept sigstore-4.5.1 python_of) JS=$(kept sigstore-js-5.1.0 js_of) GO=$(kept "go-$(cat "$INTEROP"/go/go.* "$INTEROP"/go/*/*.go | sha256sum | cut -c1-12)" go_of)
JUDGES='python js go ours'
if [ "${1:-}" = cosign ]; then
    COSIGN=$(kept cosign-3.1.3 cosign_of)
    JUDGES="$JUDGES cosign"
fi

provide
serve other
serve main
cd "$SCRATCH"
BOB=bob@example.org
echo 'an artifact' >artifact
# Two entries before ours, so that proofs have hashes.
for person in ada bea; do curl -s -o registered -H "Authorization: Bearer $(cat main.owner)" -d "{\"person\":\"$person@example.org\"}" "$URL/v1/persons"; done

# Signing.
holds 'sigstore-python signs' sign_python main "$(token)" python.json artifact
holds 'sigstore-js signs' sign_js main "$(token)" js.json artifact
fails 'sigstore-js signs no envelope: it logs one as an entry that Rekor v2 has given up' sign_js main "$(token)" none.json artifact dsse
mkdir folder; echo one >folder/one
holds 'ours signs, as one of them' sign_ours main "$(token)" elsewhere.json artifact
holds 'and a folder, by a statement about its manifest' sign_ours main "$(token)" folder.json folder
FOLDER=$(jq -r .artifact out)
SIGNED='python js elsewhere'
if [ -n "${COSIGN:-}" ]; then
    holds 'cosign sign-blob signs' sign_cosign main "$(token)" blob.json artifact
    echo '{"made": "by hand"}' >predicate
    holds 'cosign attest-blob signs' cosign_with attest-blob main "$(token)" attestation.json --predicate predicate --type https://example.org/predicate artifact
    SIGNED="$SIGNED blob attestation"
fi

# Everybody verifies everybody, and nobody what was altered.
for signer in $SIGNED; do
    for judge in $JUDGES; do
        case $judge-$signer in
            python-attestation) fails 'sigstore-python takes no statement v0.1, which cosign writes' judge_python main $signer.json "$BOB" "$ISSUER" artifact ;;
            *) holds "$judge verifies what $signer signed" "judge_$judge" main "$signer.json" "$BOB" "$ISSUER" artifact ;;
        esac
    done
done
for judge in $JUDGES; do controls "$judge" main python.json "$BOB" "$ISSUER" artifact other; done
if [ -n "${COSIGN:-}" ]; then
    controls cosign main attestation.json "$BOB" "$ISSUER" artifact other
    fails 'cosign: not as an attestation of another type' "$COSIGN/cosign" verify-blob-attestation --type custom \
        --trusted-root main/trusted_root.json --bundle attestation.json --certificate-identity "$BOB" --certificate-oidc-issuer "$ISSUER" artifact
fi

for judge in $JUDGES; do controls "$judge" main elsewhere.json "$BOB" "$ISSUER" artifact other; done
for judge in js go ours; do
    holds "$judge verifies the folder's statement, by its manifest's digest" "judge_$judge" main folder.json "$BOB" "$ISSUER" "$FOLDER"
done

# An older log: Rekor v1's own code reads what we propose and writes the entries; the engine certifies and stamps.
older_log main older
sign_older() { # sign_older CONFIG TOKEN BUNDLE PATH
    printf '%s' "$2" >token
    "$BIN/chancery" artifact sign "$4" --signing-config "older/$1.json" --trusted-root older/trusted_root.json --identity-token-file token --bundle "$3"
}
holds 'ours signs through Rekor v1' sign_older signing_config "$(token)" older.json artifact
holds 'and where that log alone says when' sign_older without_clock "$(token)" promised.json artifact
holds 'and a folder' sign_older signing_config "$(token)" older_folder.json folder
for judge in $JUDGES; do
    for bundle in older promised; do
        holds "$judge verifies what Rekor v1 logged: $bundle" "judge_$judge" older $bundle.json "$BOB" "$ISSUER" artifact
    done
    # Where a log says when, these pass over a time-stamp that does not verify.
    UNREAD='python-time-stamp go-time-stamp cosign-time-stamp' controls "$judge" older older.json "$BOB" "$ISSUER" artifact main
done
for judge in js go ours; do
    holds "$judge verifies the folder's statement in Rekor v1" "judge_$judge" older older_folder.json "$BOB" "$ISSUER" "$FOLDER"
done
refuses log.origin_mismatch 'ours signs nothing under a trust root that does not know the log' "$BIN/chancery" artifact sign artifact \
    --signing-config older/signing_config.json --trusted-root main/trusted_root.json --identity-token-file <(token) --bundle none.json

# Ours names the reason.
ours() { judge_ours main "$1" "${2:-$BOB}" "${3:-$ISSUER}" "${4:-artifact}"; }
part() { python3 "$INTEROP/lib/alter.py" "$1" python.json >altered.json; ours altered.json; }
refuses art.content_differs 'ours: another file' ours python.json "$BOB" "$ISSUER" another
refuses id.mismatch 'ours: another identity' ours python.json eve@example.org
refuses id.mismatch 'ours: another issuer' ours python.json "$BOB" https://issuer.invalid
refuses log.origin_mismatch "ours: another engine's trust root" judge_ours other python.json "$BOB" "$ISSUER" artifact
refuses log.inclusion_proof 'ours: a flipped bit of the proof' part proof
refuses 'time.tsa_untrusted|time.malformed' 'ours: a flipped bit of the certificate inside the time-stamp' part enclosed
refuses 'log.inclusion_proof|log.body_mismatch.*|log.entry_malformed|bundle.duplicate_key|bundle.json' 'ours: a flipped bit of the log entry' part body

# Tokens that must not sign.
fails 'no certificate for a token with one letter changed' sign_python main "$(token | sed 's/\(.*\.\)\(.\)\(.*\)$/\1\3\2/')" none.json artifact
fails 'no certificate for a token for another service' sign_js main "$(token another)" none.json artifact
fails 'no certificate for an address that nobody verified' sign_js main "$(token sigstore eve)" none.json artifact
sed 's/IdToken: () => 600/IdToken: () => -600/' "$IDP/provider.js" >"$IDP/stale.js"
node "$IDP/stale.js" >stale.url 2>stale.err & RUNNING="$RUNNING $!"
appears stale.url
STALE=$(head -n 1 stale.url)
jq --arg url "$STALE" '.issuers += [.issuers[0] | .url = $url]' oidc.json >both.json && mv both.json oidc.json
serve late
EXPIRED=$(python3 "$IDP/login.py" "$STALE" sigstore bob)
printf '%s' "$EXPIRED" >token
fails 'no certificate for an expired token' node "$JS/sign.js" late/signing_config.json token none.json artifact

# An independent reader of the log, and openssl on the clock.
KEY=$(jq -r '.tlogs[0].publicKey.rawBytes' main/trusted_root.json)
ORIGIN=$(jq -r '.tlogs[0].baseUrl | ltrimstr("https://")' main/trusted_root.json)
MAIN=$(jq -r '.rekorTlogUrls[0].url' main/signing_config.json)
for base in "$MAIN" "$MAIN/api/v2"; do
    holds "Go's own tlog package reads ${base#"$MAIN"}/ from checkpoint to every entry" "$GO/tiles" "$base" "$ORIGIN" "$KEY"
done
fails "not under another log's key" "$GO/tiles" "$MAIN" "$ORIGIN" "$(jq -r '.tlogs[0].publicKey.rawBytes' other/trusted_root.json)"
fails 'not as another log' "$GO/tiles" "$MAIN" "log.invalid" "$KEY"
openssl ts -query -data artifact -sha256 -cert -out query.tsq 2>/dev/null
curl -s -o answer.tsr -H 'Content-Type: application/timestamp-query' --data-binary @query.tsq "$MAIN/api/v1/timestamp"
jq -r '.timestampAuthorities[-1].certChain.certificates[-1].rawBytes' main/trusted_root.json | base64 -d | openssl x509 -inform DER -out root.pem
holds 'openssl ts verifies a time-stamp' openssl ts -verify -queryfile query.tsq -in answer.tsr -CAfile root.pem
fails 'and not over another file' openssl ts -verify -data another -in answer.tsr -CAfile root.pem
