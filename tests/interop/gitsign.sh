#!/usr/bin/env bash
# gitsign and ours sign commits through one deployment and judge each other's: the engine certifies, Rekor v1's own code logs.
source "$(dirname "$0")/lib/place.sh"
source "$INTEROP/lib/judges.sh"
source "$INTEROP/lib/older_log.sh"

GO=$(kept "go-$(cat "$INTEROP"/go/go.* "$INTEROP"/go/*/*.go | sha256sum | cut -c1-12)" go_of)
VERSION=0.17.1
# gitsign is no dependency of ours: built from its own module, as its own go.mod has it.
gitsign_of() {
    cd "$(go mod download -json "github.com/sigstore/gitsign@v$VERSION" | jq -r .Dir)" && GOFLAGS=-mod=mod go build -o "$1/gitsign" .
}
GITSIGN=$(kept "gitsign-$VERSION" gitsign_of)/gitsign

provide
serve main
cd "$SCRATCH"
BOB=bob@example.org
older_log main older

# What gitsign must be told of the same deployment, piece by piece.
pem() { openssl pkey -pubin -inform DER -outform PEM; }
jq -r '.certificateAuthorities[].certChain.certificates[].rawBytes' main/trusted_root.json | while read -r der; do
    base64 -d <<<"$der" | openssl x509 -inform DER
done >authorities.pem
jq -r '.ctlogs[0].publicKey.rawBytes' main/trusted_root.json | base64 -d | pem >ct.pem
pem <older/log.der >rekor.pem
export SIGSTORE_ROOT_FILE=$SCRATCH/authorities.pem GITSIGN_FULCIO_ROOT=$SCRATCH/authorities.pem SIGSTORE_REKOR_PUBLIC_KEY=$SCRATCH/rekor.pem
export SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=$SCRATCH/ct.pem GITSIGN_REKOR_MODE=offline GITSIGN_FULCIO_URL=$URL
GITSIGN_REKOR_URL=$(cat rekor1.url); export GITSIGN_REKOR_URL

git config --global user.email "$BOB"
git init -q work
export CHANCERY_HOME=$SCRATCH/home
mkdir -m 700 "$CHANCERY_HOME"
printf '[elsewhere]\nsigning_config = "../older/without_clock.json"\ntrusted_root = "../older/trusted_root.json"\n' >"$CHANCERY_HOME/config.toml"
cd work
change() { echo "$1" >>notes; git add notes; SIGSTORE_ID_TOKEN=$(token) git commit -q -m "$1"; }
theirs() { "$GITSIGN" verify --certificate-identity "${BY:-$BOB}" --certificate-oidc-issuer "$ISSUER" "$1"; }
ours() {
    "$BIN/chancery-ci" verify --json --sigstore --trusted-root "$SCRATCH/older/trusted_root.json" --identity "${BY:-$BOB}" --issuer "$ISSUER" --commit "$1"
}
controls() { # controls JUDGE CODES
    BY=eve@example.org fails "$1: not as somebody else's" "$1" HEAD
    local altered
    altered=$(git cat-file commit HEAD | sed '$ s/$/, altered/' | git hash-object -t commit -w --stdin)
    fails "$1: not another message" "$1" "$altered"
}

"$BIN/gitsign-hook" install --elsewhere >/dev/null
holds 'ours signs through Rekor v1, which alone says when' change ours
holds 'ours judges it' ours HEAD
holds 'gitsign verify judges it' theirs HEAD
for judge in ours theirs; do controls "$judge"; done
OURS=$(git rev-parse HEAD)

"$BIN/gitsign-hook" uninstall >/dev/null
git config gpg.format x509
git config gpg.x509.program "$GITSIGN"
git config commit.gpgsign true
holds 'gitsign signs through the engine and Rekor v1' change theirs
holds 'gitsign verify judges it' theirs HEAD
holds 'ours judges it' ours HEAD
for judge in ours theirs; do controls "$judge"; done
export GITSIGN_TIMESTAMP_SERVER_URL=$URL/api/v1/timestamp
holds 'gitsign signs with a time-stamp of the engine' change stamped
holds 'ours judges it' ours HEAD
holds 'and all commits, as one range without a network' unshare -rn "$BIN/chancery-ci" verify --sigstore --trusted-root "$SCRATCH/older/trusted_root.json" \
    --identity "$BOB" --issuer "$ISSUER" --all
holds 'which are three' test "$(git rev-parse HEAD~2)" = "$OURS"
