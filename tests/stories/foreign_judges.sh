#!/usr/bin/env bash
# Judges who share no code with us: OpenSSL, GnuPG, sigstore-python and git say what docs/formats.md promises they say.
source "$(dirname "$0")/lib/story.sh"
world

agent 'echo judged >judged.txt; git add judged.txt; git commit -qm "Add what is judged"; git cat-file commit HEAD' >"$SCRATCH/commit"
JUDGED=$(git -C "$REPO" rev-parse HEAD)
PARTS=$SCRATCH/parts
mkdir "$PARTS"
python3 "$LIB/take_apart.py" "$SCRATCH/commit" "$TRUST" "$PARTS"
cd "$PARTS"
cat root.pem issuing.pem >chain.pem
# altered FILE COPY: the copy has one bit flipped in the middle.
altered() { python3 -c 'import sys; d=bytearray(open(sys.argv[1],"rb").read()); d[len(d)//2]^=1; open(sys.argv[2],"wb").write(d)' "$1" "$2"; }
altered payload payload.altered; altered token.der token.altered; altered value value.altered
sed 's/judged/Judged/' payload >payload.reworded

# OpenSSL: certificate, commit, token.
holds 'openssl verifies the leaf below issuing authority and root' \
    openssl verify -purpose any -CAfile root.pem -untrusted issuing.pem leaf.pem
fails 'openssl does not verify it without the issuing authority' openssl verify -purpose any -CAfile root.pem leaf.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out impostor.pem \
    -subj "$(openssl x509 -in root.pem -noout -subject -nameopt compat | sed 's/^subject= *//')" 2>/dev/null
fails "openssl does not verify it below an impostor's root of the same name" openssl verify -purpose any -CAfile impostor.pem -untrusted issuing.pem leaf.pem
commit_is_good() { openssl cms -verify -binary -inform DER -in cms.der -content "$1" -CAfile chain.pem -purpose any -out /dev/null "${@:2}"; }
holds 'openssl cms verifies the commit' commit_is_good payload
holds 'openssl cms -cades verifies it, ESS certificate reference included' commit_is_good payload -cades
fails 'openssl cms does not verify another message' commit_is_good payload.reworded -cades
fails 'openssl cms does not verify a flipped bit' commit_is_good payload.altered -cades
end=$(date -ud "$(openssl x509 -in leaf.pem -noout -enddate | cut -d= -f2)" +%s)
start=$(date -ud "$(openssl x509 -in leaf.pem -noout -startdate | cut -d= -f2)" +%s)
[ $((end - start)) -le 3600 ] && claim "the leaf lives $((end - start)) s" || broken "the leaf lives $((end - start)) s"
holds 'openssl cms verifies it at the first second of the leaf' commit_is_good payload -attime "$start"
fails 'and not at the end of it' commit_is_good payload -attime "$end"
stamp_is_good() { openssl ts -verify -in "${2:-token.der}" -token_in -data "${1:-value}" -CAfile root.pem -untrusted authority.pem; }
holds 'openssl ts verifies the token over the signature' stamp_is_good
fails 'openssl ts does not verify it over another signature' stamp_is_good value.altered
fails 'openssl ts does not verify an altered token' stamp_is_good value token.altered
holds 'openssl reads the token without complaint' openssl asn1parse -inform DER -in token.der
holds 'openssl reads the commit without complaint' openssl cms -cmsout -print -inform DER -in cms.der -noout

# git through our program, and through stock gpgsm.
holds 'git verify-commit through gitsign-hook' git -C "$REPO" verify-commit "$JUDGED"
holds 'git log --show-signature names the agent' bash -c 'git -C "$1" log -1 --show-signature "$2" | grep -q "good signature from agent spiffe://"' - "$REPO" "$JUDGED"
holds '%G? is G' test "$(git -C "$REPO" log -1 --format=%G? "$JUDGED")" = G
sed 's/Add what is judged/Add what is forged/' "$SCRATCH/commit" >"$SCRATCH/reworded"
FORGED=$(put "$SCRATCH/reworded")
fails 'git verify-commit of a reworded commit fails' git -C "$REPO" verify-commit "$FORGED"
holds 'its %G? is B' test "$(git -C "$REPO" log -1 --format=%G? "$FORGED")" = B
export GNUPGHOME=$SCRATCH/gnupg
mkdir -m 700 "$GNUPGHOME"
printf 'disable-crl-checks\nvalidation-model chain\n' >"$GNUPGHOME/gpgsm.conf"
printf '%s S relax\n' "$(openssl x509 -in root.pem -noout -fingerprint -sha1 | cut -d= -f2 | tr -d :)" >"$GNUPGHOME/trustlist.txt"
stock() { git -C "$REPO" -c gpg.format=x509 -c gpg.x509.program=gpgsm verify-commit "$@"; }
gpgsm --quiet --import root.pem 2>/dev/null || true
fails 'stock gpgsm without the issuing authority does not verify' stock "$JUDGED"
gpgsm --quiet --import issuing.pem 2>/dev/null || true
holds 'stock gpgsm verifies, given the issuing authority' stock "$JUDGED"
fails 'stock gpgsm does not verify the reworded commit' stock "$FORGED"
unset GNUPGHOME

# sigstore-python, at the version that was measured. Kept below target/ so that it is fetched once.
SIGSTORE=$ROOT/target/foreign/sigstore-4.5.1
if [ ! -x "$SIGSTORE/bin/sigstore" ]; then
    python3 -m venv "$SIGSTORE.new" && "$SIGSTORE.new/bin/pip" install --quiet --disable-pip-version-check sigstore==4.5.1
    rm -rf "$SIGSTORE"; mv "$SIGSTORE.new" "$SIGSTORE"
fi
ISSUER=$(cat issuer)
AGENT=$(ci --commit "$JUDGED" | jq -r '.subjects[0].signer.identity')
# stock_sigstore IDENTITY BUNDLE FILE_OR_DIGEST [ISSUER]
stock_sigstore() {
    "$SIGSTORE/bin/python" -m sigstore --trust-config trust_config.json verify identity --offline --bundle "$2" \
        --cert-identity "$1" --cert-oidc-issuer "${4:-$ISSUER}" "$3"
}
holds 'sigstore-python verifies the commit as a bundle' stock_sigstore "$AGENT" bundle.json attributes.der
fails 'not over other attributes' stock_sigstore "$AGENT" bundle.json payload
fails 'not for another identity' stock_sigstore "${AGENT%/*}/somebody" bundle.json attributes.der
fails 'not for another issuer' stock_sigstore "$AGENT" bundle.json attributes.der https://other.invalid
for cut in inclusionProof.rootHash canonicalizedBody inclusionProof.checkpoint.envelope; do
    jq -c --arg path "$cut" '(.verificationMaterial.tlogEntries[0] | getpath($path | split("."))) as $old |
        setpath(["verificationMaterial", "tlogEntries", 0] + ($path | split(".")); ($old | .[0:20] + (if .[20:21] == "A" then "B" else "A" end) + .[21:]))' bundle.json >cut.json
    fails "not with another $cut" stock_sigstore "$AGENT" cut.json attributes.der
done

PERSON=$(field world .person)
PROMPT=$(field world .prompt.file) PROMPT_BUNDLE=$(field world .prompt.bundle)
holds 'sigstore-python verifies the prompt' stock_sigstore "$PERSON" "$PROMPT_BUNDLE" "$PROMPT"
sed 's/e/a/' "$PROMPT" >prompt.altered
fails 'and no other text' stock_sigstore "$PERSON" "$PROMPT_BUNDLE" prompt.altered
ARTIFACT_BUNDLE=$(field world .artifact.bundle)
SUBJECT=sha256:$(jq -r '.dsseEnvelope.payload | @base64d | fromjson | .subject[0].digest.sha256' "$ARTIFACT_BUNDLE")
BUILDER=$(person "$BIN/chancery" artifact verify "$(field world .artifact.path)" --anchor "$ANCHOR" --json | jq -r '.subjects[0].signer.identity')
holds 'sigstore-python verifies the artifact by the digest of its manifest' stock_sigstore "$BUILDER" "$ARTIFACT_BUNDLE" "$SUBJECT"
fails 'and no other digest' stock_sigstore "$BUILDER" "$ARTIFACT_BUNDLE" "sha256:$(sha256sum <prompt.altered | cut -d' ' -f1)"
fails 'the prompt is not the artifact' stock_sigstore "$BUILDER" "$PROMPT_BUNDLE" "$SUBJECT"
