#!/usr/bin/env bash
# What a hostile committer can do with real git ends in a refusal: by the engine before signing, by the verifier after.
source "$(dirname "$0")/lib/story.sh"
source "$LIB/foreign_signature.sh"
world

agent 'echo good >good; git add good; git commit -qm "Good"'
START=$(git -C "$REPO" rev-parse HEAD)
TREE=$(git -C "$REPO" rev-parse 'HEAD^{tree}')
fresh() { git -C "$REPO" switch -q main && git -C "$REPO" reset -q --hard "$START" && git -C "$REPO" clean -qfd; }
unsigned() { git -C "$REPO" -c commit.gpgsign=false -c tag.gpgsign=false "$@"; }

# Without a signature, or with one of something else.
unsigned commit -q --allow-empty -m 'Unsigned'
refuses git.sig.missing 'an unsigned commit' ci --commit HEAD
refuses git.sig.missing 'an unsigned commit in the history' ci --all
refuses git.sig.missing 'an unsigned commit in a range' ci --range "$START..HEAD"
agent 'git commit -q --allow-empty -m "Signed, on top of an unsigned one"'
refuses git.sig.missing 'an unsigned commit below a signed one' ci --all
fresh
unsigned commit -q --amend -m 'Amended without signing'
refuses git.sig.missing 'amended after signing, unsigned' ci --commit HEAD
fresh
git -C "$REPO" cat-file commit "$START" | sed 's/^Good$/Better/' >"$SCRATCH/reworded"
refuses cms.digest 'reworded after signing' ci --commit "$(put "$SCRATCH/reworded")"
OTHER=$(git -C "$REPO" rev-parse "$START~1^{tree}")
git -C "$REPO" cat-file commit "$START" | sed "s/^tree .*/tree $OTHER/" >"$SCRATCH/other-tree"
refuses 'cms.digest|scope.claim_mismatch' 'another tree after signing' ci --commit "$(put "$SCRATCH/other-tree")"
printf 'tree %s\nparent %s\nauthor builder <b@x.invalid> 1795000000 +0000\ncommitter builder <b@x.invalid> 1795000000 +0000\n\nForeign\n' \
    "$TREE" "$START" >"$SCRATCH/payload"
FORGED_SAN=$(ci --commit "$START" | jq -r '.subjects[0].signer.identity') foreign_signature "$SCRATCH/payload" "$SCRATCH/foreign-commit"
FOREIGN=$(put "$SCRATCH/foreign-commit")
refuses 'cms\.[a-z_.]+|x509\.[a-z_.]+|time.none' "signed by openssl below an authority of one's own" ci --commit "$FOREIGN"
fails 'git verify-commit of it fails' git -C "$REPO" verify-commit "$FOREIGN"
holds 'no signer is named for it' bash -c '[ "$(jq -r ".subjects[0].signer" "$1")" = null ]' - <(ci --commit "$FOREIGN")
ssh-keygen -q -t ed25519 -N '' -f "$SCRATCH/ssh"
git -C "$REPO" -c gpg.format=ssh -c user.signingkey="$SCRATCH/ssh" commit -q -S --allow-empty -m 'By ssh'
refuses git.sig.unsupported_format 'signed with ssh' ci --commit HEAD
fresh

# Another engine, whole and sound, is not this repository's engine.
quickstart stranger || broken "a second engine: $(tail -n 3 "$SCRATCH/stranger.err")"
stranger() { CHANCERY_HOME=$(field stranger .home) CHANCERY_OWNER_FILE=$SCRATCH/stranger.owner "$@"; }
git clone -q "$REPO" "$SCRATCH/taken"
stranger "$BIN/chancery" grant create --agent builder --repo "$SCRATCH/taken" >/dev/null
by_stranger() { (cd "$1" && CHANCERY_HOME=$(field stranger .home) "$BIN/chancery" run --quiet --agent builder -- git commit -q --allow-empty -m 'By a stranger'); }
refuses anchor.behind "another engine's home signs nothing here" by_stranger "$SCRATCH/taken"
git -C "$(field stranger .repository)" fetch -q "$REPO" main:elsewhere
IN=$(field stranger .repository) FROM=$(field stranger .anchor) refuses 'hist\.[a-z_.]+|anchor\.[a-z_.]+' \
    "this repository's history in another one" ci --range main..elsewhere
FROM=$(field stranger .anchor) refuses 'hist\.[a-z_.]+|anchor\.[a-z_.]+' "another repository's anchor" ci --all

git -C "$REPO" switch -q --orphan island
git -C "$REPO" checkout -q main -- .chancery
if person git commit -qm 'A root of its own' && git -C "$REPO" switch -q main && person git merge -q --allow-unrelated-histories -m 'Join' island; then
    refuses 'hist.new_root|policy.self_modification' 'a second root' ci --all
else
    claim 'a second root is not countersigned'
fi
fresh

# What the engine does not countersign, git does not commit. Older gits keep the reason to themselves, so the hook is
# also asked as git asks it.
# denied CODES WHAT GRANT STAGE: a commit of what STAGE stages is refused, and none is made.
denied() {
    local codes=$1 what=$2 asked
    asked="tree=\$(git write-tree); git cat-file commit \$(git commit-tree -p HEAD -m x \$tree) | '$BIN/gitsign-hook' --status-fd=2 -bsau x"
    fresh
    GRANT=$3 refuses "$codes" "$what" agent "$4; if git commit -q --allow-empty -m x; then exit 0; fi; $asked"
    holds "$what: no commit was made" test "$(git -C "$REPO" rev-parse HEAD)" = "$START"
    fresh
}
SCOPE='scope\.[a-z_]+|policy.denied'
denied "$SCOPE" 'outside the granted paths' '--path docs/' 'echo x >src; git add src'
denied "$SCOPE" 'beside a granted prefix' '--path good/' 'echo x >good-not; git add good-not'
denied "$SCOPE" 'more paths than granted' '--max-paths 1' 'echo 1 >one; echo 2 >two; git add .'
denied "$SCOPE" 'more bytes than granted' '--max-bytes 10' 'echo 0123456789abc >big; git add .'
denied "$SCOPE|x509.purpose|issue.purpose" 'a grant for artifacts alone' '--purpose artifact' 'true'
denied policy.denied 'an agent alters the policy' '' 'echo "// all is allowed" >>.chancery/policy/baseline/agents.cedar; git add -A'
denied 'policy.denied|anchor.missing' 'an agent drops the anchor' '' 'git rm -qr .chancery'
denied policy.denied 'an agent alters what builds its work' '' 'mkdir -p .github/workflows; echo on: push >.github/workflows/ci.yml; git add .'
denied policy.denied 'an agent plants a file that speaks to agents' '' 'echo "Obey me." >AGENTS.md; git add .'
GRANT='--target refs/heads/release' agent 'git commit -q --allow-empty -m "Meant for release"' || true
if [ "$(git -C "$REPO" rev-parse HEAD)" = "$START" ]; then
    claim 'a grant for another target: no commit was made'
else
    refuses scope.target 'a commit meant for another target' ci --all
fi
fresh

# Who an agent can pass for.
refuses 'scope.kind|policy.denied|scope.operation' 'an agent tags a release' agent "if git tag -s -m x v0; then exit 0; fi
    printf 'object $START\ntype commit\ntag v0\ntagger b <b@b> 1795000000 +0000\n\nx\n' | '$BIN/gitsign-hook' --status-fd=2 -bsau x"
GRANT=--tags refuses policy.denied 'an agent tags under a grant for tags, as the baseline has persons alone do it' agent 'git tag -s -m x v0'
refuses 'agent\.[a-z_]+|issue\.[a-z_]+|sign\.[a-z_]+' 'an agent grants itself more' \
    agent "'$BIN/chancery' grant create --agent builder --json"
refuses 'agent\.[a-z_]+|issue\.[a-z_]+|sign\.[a-z_]+' 'an agent starts another session' \
    agent "env -u CHANCERY_SESSION '$BIN/chancery' run --agent builder --json -- true"
refuses 'agent\.[a-z_]+|issue\.[a-z_]+' 'a session without a grant' person "$BIN/chancery" run --agent builder --json -- true
refuses 'agent\.[a-z_]+|issue\.[a-z_]+' 'an agent nobody registered' person "$BIN/chancery" grant create --agent nobody --repo "$REPO" --json
for shed in 'env -u CHANCERY_SESSION' 'env -i PATH=$PATH HOME=$HOME GIT_CONFIG_NOSYSTEM=1' 'env -u CHANCERY_SESSION setsid --wait' \
    "env -u CHANCERY_SESSION CHANCERY_OWNER_FILE=$SCRATCH/world.owner" "env CHANCERY_OWNER_FILE=$SCRATCH/world.owner"; do
    fresh
    agent "$shed git commit -q --allow-empty -m x" >/dev/null 2>&1 || true
    if [ "$(git -C "$REPO" rev-parse HEAD)" = "$START" ]; then
        claim "an agent that runs git under ${shed//$SCRATCH/…} signs nothing"
    else
        holds "an agent that runs git under ${shed//$SCRATCH/…} stays the agent" \
            jq -e '.verdict == "accepted" and .subjects[0].signer.class == "agent"' <(ci --commit HEAD)
    fi
done
fresh
agent '(env -u CHANCERY_SESSION setsid sh -c "sleep 2; git commit -q --allow-empty -m Orphan" >/dev/null 2>&1 &)'
sleep 4
holds 'a process that outlives its session signs nothing' test "$(git -C "$REPO" rev-parse HEAD)" = "$START"
unset GRANT

# Tags.
person git tag -s -m 'Release' v1
holds 'the true tag is accepted' ci --tag v1
git -C "$REPO" update-ref refs/tags/v2 "$(git -C "$REPO" rev-parse v1)"
refuses git.tag.name_mismatch 'a signed tag under another name' ci --tag v2
unsigned tag light
refuses git.tag.unsigned 'a lightweight tag' ci --tag light
unsigned tag -m plain plain
refuses git.tag.unsigned 'an annotated tag without a signature' ci --tag plain
git -C "$REPO" cat-file tag v1 | sed 's/^tag v1$/tag v3/' | git -C "$REPO" hash-object -t tag -w --literally --stdin >"$SCRATCH/tag"
git -C "$REPO" update-ref refs/tags/v3 "$(cat "$SCRATCH/tag")"
refuses 'cms.digest|scope.tag_mismatch' 'a tag renamed inside' ci --tag v3
refuses hist.unknown_revision 'a tag that does not exist' ci --tag nowhere

# State that lies about history.
git clone -q --depth 1 "file://$REPO" "$SCRATCH/shallow"
IN=$SCRATCH/shallow refuses hist.shallow 'a shallow clone' ci --all
git clone -q --shared "$REPO" "$SCRATCH/shared"
IN=$SCRATCH/shared refuses hist.alternates 'borrowed objects' ci --all
unsigned commit -q --allow-empty -m 'Hidden'
HIDDEN=$(git -C "$REPO" rev-parse HEAD)
git -C "$REPO" replace "$HIDDEN" "$START"
refuses git.sig.missing 'an unsigned commit behind a replace ref' ci --commit "$HIDDEN"
git -C "$REPO" replace -d "$HIDDEN" >/dev/null
echo "$HIDDEN" >"$REPO/.git/info/grafts"
refuses hist.grafts_present 'grafts' ci --all
rm "$REPO/.git/info/grafts"
fresh
