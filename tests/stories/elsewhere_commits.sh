#!/usr/bin/env bash
# Commits and tags signed by the real git through a Sigstore elsewhere, without any engine of the developer's; judged offline.
source "$(dirname "$0")/lib/story.sh"
source "$LIB/deployment.sh"

export CHANCERY_HOME=$SCRATCH/home
mkdir -m 700 "$CHANCERY_HOME"
cat >"$CHANCERY_HOME/config.toml" <<TOML
[elsewhere]
signing_config = "../signing_config.tls.json"
trusted_root = "../published/trusted_root.json"
ca = "../ca.pem"
identity_token_command = ["python3", "$LIB/issuer.py", "$SCRATCH/idp", "$ISSUER", "bob@example.org", "300"]
TOML
git config --global user.email bob@example.org
git init -q work
cp work/.git/config before
cd work
word() { "$BIN/chancery-ci" verify --json --sigstore --trusted-root "$SCRATCH/published/trusted_root.json" --identity "${BY:-bob@example.org}" --issuer "$ISSUER" "$@"; }
offline() { unshare -rn "$BIN/chancery-ci" verify --json --sigstore --trusted-root "$SCRATCH/published/trusted_root.json" --identity bob@example.org --issuer "$ISSUER" "$@"; }
change() { echo "$1" >>"${2:-notes}"; git add "${2:-notes}"; git commit -q -m "$1"; }

# Signing.
holds 'git is told to sign elsewhere' "$BIN/gitsign-hook" install --elsewhere
holds 'and status says so' bash -c "'$BIN/gitsign-hook' status | grep 'no engine decides'"
holds 'the first commit is signed' change one
holds 'and the next' change two
holds 'and an amended one' git commit -q --amend -m 'two, again'
git checkout -q -b side HEAD~1
holds 'and one of a branch' change three other
git checkout -q main
holds 'and a merge' git merge -q --no-ff -m merged side
git checkout -q -b topic HEAD~1
holds 'and one that is to be rebased' change four more
holds 'and one after it' change five more
holds 'a rebase signs each anew' git rebase -q main
git checkout -q main
git merge -q --ff-only topic
holds 'a tag is signed' git tag -s -m 'the first' v1
git cat-file commit HEAD >"$SCRATCH/head"
holds 'what git stores is CMS that openssl reads' bash -c "sed -n '/^gpgsig/,/END SIGNED/p' '$SCRATCH/head' | sed 's/^gpgsig //; s/^ //' | sed '1d;\$d' | base64 -d | openssl cms -cmsout -print -inform DER"

# Judging.
holds 'all of it is judged without a network' offline --all
holds "as signed by one person, by nobody's policy" jq -e --arg issuer "$ISSUER" '(.subjects | length == 6) and .policy == null and .anchor == null and
    all(.subjects[]; .assurance == "sigstore" and .signer == {identity: "bob@example.org", issuer: $issuer} and .time_assurance == "foreign" and .decision == null)' "$SCRATCH/out"
holds 'a range is' offline --range HEAD~2..HEAD
holds 'a tag is, and the commit it names' offline --tag v1
holds 'both' jq -e '[.subjects[].kind] == ["tag", "commit"]' "$SCRATCH/out"
holds 'one commit is, by a table' "$BIN/chancery-ci" verify --sigstore --trusted-root "$SCRATCH/published/trusted_root.json" \
    --certificate-identity eve@example.org --certificate-identity bob@example.org --certificate-oidc-issuer "$ISSUER" --commit HEAD
BY=eve@example.org refuses id.mismatch 'nothing of it was signed by somebody else' word --all
refuses id.mismatch 'or vouched for by another issuer' "$BIN/chancery-ci" verify --json --sigstore --trusted-root "$SCRATCH/published/trusted_root.json" \
    --identity bob@example.org --issuer https://issuer.invalid --commit HEAD
refuses 'log.origin_mismatch' 'or counts under another trust root' "$BIN/chancery-ci" verify --json --sigstore --trusted-root public --identity bob@example.org \
    --issuer "$ISSUER" --commit HEAD

# git's own word.
refuses elsewhere.unnamed 'git vouches for nobody before it is told whose word counts' git verify-commit HEAD
git config --global chancery.trustedRoot "$SCRATCH/published/trusted_root.json"
git config --global chancery.certificateIdentity bob@example.org
git config --global chancery.certificateOidcIssuer "$ISSUER"
holds 'then it verifies the commit' git verify-commit HEAD
holds 'and the tag' git verify-tag v1
holds 'as fully trusted, by name' test "$(git log -1 --format='%G? %GS')" = 'G bob@example.org'
git config --global chancery.certificateIdentity eve@example.org
refuses id.mismatch 'but not as of somebody else' git verify-commit HEAD
holds 'which is a bad signature' test "$(git log -1 --format='%G?')" = B
git config --global chancery.certificateIdentity bob@example.org

# What does not count.
raw() { git hash-object -t commit -w --stdin; }
ALTERED=$(git cat-file commit HEAD | sed 's/^five$/six/' | raw)
refuses cms.digest 'another message under the same signature' word --commit "$ALTERED"
BORROWED=$(git cat-file commit HEAD~1 | sed -n '/^gpgsig/,/END SIGNED/p' >"$SCRATCH/armor"
    git cat-file commit HEAD | awk -v armor="$SCRATCH/armor" '/^gpgsig/ { while ((getline line < armor) > 0) print line; skip = 1 } !skip { print } /END SIGNED/ { skip = 0 }' | raw)
refuses cms.digest "another commit's signature" word --commit "$BORROWED"
refuses git.sig.missing 'no signature' word --commit "$(git cat-file commit HEAD | sed '/^gpgsig/,/END SIGNED/d' | raw)"
ssh-keygen -q -t ed25519 -N '' -f "$SCRATCH/ssh"
git -c gpg.format=ssh -c user.signingkey="$SCRATCH/ssh.pub" commit -q --allow-empty -m 'by a key'
refuses git.sig.unsupported_format "an ssh key's" word --commit HEAD
git reset -q --hard HEAD~1

# unsigned CODE WHAT COMMAND…: git does not do it, and the home keeps why: git before 2.41 swallows what its program says.
unsigned() {
    fails "$2" "${@:3}"
    holds "because: $1" jq -e --arg code "$1" '.code == $code' "$CHANCERY_HOME/last-refusal.json"
}

# Nobody signs as the person whose token lies around, and nowhere where an engine decides.
CHANCERY_SESSION=handle unsigned elsewhere.session "an agent's session signs nothing elsewhere" change six
git reset -q --hard
mkdir .chancery; echo x >.chancery/config.toml; git add .chancery
unsigned elsewhere.anchored 'nothing is signed that brings an anchor' git commit -q -m adopted
git -c commit.gpgsign=false commit -q -m adopted
unsigned elsewhere.anchored 'or follows one' change seven
git reset -q --hard HEAD~1
sed -i 's/300/-10/' "$CHANCERY_HOME/config.toml"
unsigned elsewhere.token 'an expired token signs nothing' change eight
git reset -q --hard
echo 'engine = "http://127.0.0.1:1"' >"$CHANCERY_HOME/config.toml"
unsigned elsewhere.config 'a home that names no Sigstore' change nine
git reset -q --hard
holds 'nothing came of any of it' test "$(git log --format=%s | head -n 1)" = five

holds 'uninstalling' "$BIN/gitsign-hook" uninstall
holds 'leaves what was there, byte for byte' cmp .git/config ../before
