#!/usr/bin/env bash
# What Chancery signs, before stock verifiers: a commit as a bundle, a prompt, an artifact; and what its certificates do not
# get from the wires that stock clients use.
source "$(dirname "$0")/lib/place.sh"
source "$INTEROP/lib/judges.sh"

JS=$(kept sigstore-js-5.1.0 js_of) GO=$(kept "go-$(cat "$INTEROP"/go/go.* "$INTEROP"/go/*/*.go | sha256sum | cut -c1-12)" go_of)
JUDGES='js go ours'
if [ -x "$FOREIGN/cosign-3.1.3/cosign" ]; then COSIGN=$FOREIGN/cosign-3.1.3 JUDGES="$JUDGES cosign"; else echo 'not run: cosign is not built; `tests/interop/run cosign` builds it'; fi

world
agent 'echo judged >judged.txt; git add judged.txt; git commit -qm "Add what is judged"; git cat-file commit HEAD' >"$SCRATCH/commit"
JUDGED=$(git -C "$REPO" rev-parse HEAD)
PARTS=$SCRATCH/parts
mkdir "$PARTS" "$SCRATCH/main" "$SCRATCH/other"
python3 "$LIB/take_apart.py" "$SCRATCH/commit" "$TRUST" "$PARTS"
cp "$TRUST" "$SCRATCH/main/trusted_root.json"
"$BIN/chancery-server" init --state "$SCRATCH/other.state" --owner-out "$SCRATCH/other.owner" >/dev/null
cp "$SCRATCH/other.state/trusted_root.json" "$SCRATCH/other/trusted_root.json"
cd "$SCRATCH"
ISSUER=$(cat "$PARTS/issuer")
AGENT=$(ci --commit "$JUDGED" | jq -r '.subjects[0].signer.identity')
PERSON=$(field world .person)

for judge in $JUDGES; do
    holds "$judge verifies the commit as a bundle" "judge_$judge" main "$PARTS/bundle.json" "$AGENT" "$ISSUER" "$PARTS/attributes.der"
    fails "$judge: not over the commit's text" "judge_$judge" main "$PARTS/bundle.json" "$AGENT" "$ISSUER" "$PARTS/payload"
    holds "$judge verifies the prompt" "judge_$judge" main "$(field world .prompt.bundle)" "$PERSON" "$ISSUER" "$(field world .prompt.file)"
    controls "$judge" main "$PARTS/bundle.json" "$AGENT" "$ISSUER" "$PARTS/attributes.der" other
    [ "$judge" = js ] || fails "$judge: the prompt is nothing else" "judge_$judge" main "$(field world .prompt.bundle)" "$PERSON" "$ISSUER" "$PARTS/payload"
done
ARTIFACT=$(field world .artifact.bundle)
SUBJECT=$(jq -r '.dsseEnvelope.payload | @base64d | fromjson | .subject[0].digest.sha256' "$ARTIFACT")
BUILDER=$(person "$BIN/chancery" artifact verify "$(field world .artifact.path)" --anchor "$ANCHOR" --json | jq -r '.subjects[0].signer.identity')
for judge in go ours; do
    holds "$judge verifies the artifact by its digest" "judge_$judge" main "$ARTIFACT" "$BUILDER" "$ISSUER" "sha256:$SUBJECT"
    fails "$judge: and no other digest" "judge_$judge" main "$ARTIFACT" "$BUILDER" "$ISSUER" "sha256:$(sha256sum <commit | cut -d' ' -f1)"
done

# Side doors: live certificates of Chancery's own purposes on Rekor's and Fulcio's wires.
ENGINE=$(field world .engine)
declined() { # declined CODES WHAT ROUTE: the body on stdin
    local found; found=$(curl -s -H 'Content-Type: application/json' --data-binary @- "$ENGINE$3" | jq -r '.details[0].reason // .reasons[0].code // "accepted"')
    grep -qxE "$1" <<<"$found" && claim "$2: $found" || broken "$2: expected $1, got $found"
}
# entry BUNDLE: what its log entry says, as Rekor v2 is asked for it.
entry() {
    jq '.verificationMaterial.tlogEntries[0].canonicalizedBody | @base64d | fromjson | .spec.hashedRekordV002
        | {hashedRekordRequestV002: {digest: .data.digest, signature: .signature}}' "$1"
}
for made in "commit $PARTS/bundle.json" "prompt $(field world .prompt.bundle)" "artifact $ARTIFACT"; do
    read -r kind bundle <<<"$made"
    entry "$bundle" | declined x509.purpose "a live $kind certificate logs nothing of its bearer's choice" /api/v2/log/entries
    entry "$bundle" | jq --arg digest "$(head -c 32 "$PARTS/payload" | base64 -w0)" '.hashedRekordRequestV002.digest = $digest' |
        declined 'x509.purpose|log.entry_signature' "nor does its signature over another digest" /api/v2/log/entries
done
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -subj /CN=x -out own.csr 2>/dev/null
jq -n --arg csr "$(base64 -w0 own.csr)" '{certificateSigningRequest: $csr}' | declined 'issue.unauthorized|oidc.not_configured' 'no certificate without an identity token' /api/v2/signingCert
jq -n --arg csr "$(base64 -w0 own.csr)" --arg token "$(cat world.owner)" '{certificateSigningRequest: $csr, credentials: {oidcIdentityToken: $token}}' |
    declined oidc.not_configured "nor for the owner's credential" /api/v2/signingCert
