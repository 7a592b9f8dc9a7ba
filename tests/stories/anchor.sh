#!/usr/bin/env bash
# Trust starts at the anchor a verifier was given, and moves only with anchors that its keyholders signed.
source "$(dirname "$0")/lib/story.sh"
world

digest() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }
first=$(git -C "$REPO" rev-parse HEAD)
holds 'the digest of the anchor is as good as its file' env FROM="$(digest "$ANCHOR")" bash -c '"$1" verify --all --json --repo "$2" --anchor "$FROM"' - "$BIN/chancery-ci" "$REPO"
FROM=sha256:$(printf '0%.0s' $(seq 64)) refuses 'anchor.missing|anchor.digest_mismatch' 'a digest of no anchor' ci --all
cp "$ANCHOR" "$SCRATCH/anchor-1.json"

# A next version is followed.
holds 'the keyholder signs a second version' person "$BIN/chancery" anchor update --repo "$REPO" --out "$SCRATCH/anchor-2.json"
holds 'the first anchor leads to the second' ci --all
holds 'the second is accepted as given' env bash -c '"$1" verify --all --json --repo "$2" --anchor "$3"' - "$BIN/chancery-ci" "$REPO" "$SCRATCH/anchor-2.json"
agent 'echo on >on; git add on; git commit -qm "Work goes on"'
holds 'work goes on under the second' env bash -c '"$1" verify --all --json --repo "$2" --anchor "$3"' - "$BIN/chancery-ci" "$REPO" "$SCRATCH/anchor-2.json"
holds 'and follows from the first' ci --all
git clone -q --bare "$REPO" "$SCRATCH/old.git"
git -C "$SCRATCH/old.git" update-ref refs/heads/main "$first"
IN=$SCRATCH/old.git FROM=$SCRATCH/anchor-2.json refuses anchor.rollback 'a head that is older than the given anchor' ci --all

# An anchor that nobody signed, or somebody else.
altered() { # altered JQ OUT: the anchor's statement changed by a jq program
    python3 - "$ANCHOR" "$2" "$1" <<'PYTHON'
import base64, json, pathlib, subprocess, sys
source, out, program = sys.argv[1:]
envelope = json.loads(pathlib.Path(source).read_bytes())
payload = base64.b64decode(envelope["payload"])
altered = subprocess.run(["jq", "-cj", program], input=payload, stdout=subprocess.PIPE, check=True).stdout
assert altered != payload
envelope["payload"] = base64.b64encode(altered).decode()
pathlib.Path(out).write_text(json.dumps(envelope, separators=(",", ":"), sort_keys=True))
PYTHON
}
altered '.predicate.threshold = 2' "$SCRATCH/altered.json"
FROM=$SCRATCH/altered.json refuses 'anchor\.[a-z_]+' 'an anchor altered after signing' ci --all
jq -cj '.signatures = []' "$ANCHOR" >"$SCRATCH/unsigned.json"
FROM=$SCRATCH/unsigned.json refuses 'anchor\.[a-z_]+|dsse\.[a-z_]+' 'an anchor without signatures' ci --all
printf 'x' | cat "$ANCHOR" - >"$SCRATCH/trailing.json"
FROM=$SCRATCH/trailing.json refuses 'anchor\.[a-z_]+' 'an anchor with bytes after it' ci --all
: >"$SCRATCH/empty.json"
FROM=$SCRATCH/empty.json refuses 'anchor\.[a-z_]+' 'an empty anchor' ci --all
FROM=$SCRATCH/nowhere.json refuses anchor.missing 'an anchor that is not there' ci --all

# Whoever may commit may still not move trust: even the person needs the keyholders' signature.
here=$(git -C "$REPO" rev-parse HEAD)
# moved CODES WHAT SCRIPT: the person commits what SCRIPT does to .chancery; the engine or the verifier refuses.
moved() {
    local codes=$1 what=$2
    if person bash -euc "$3; git add -A; git commit -qm moved" >"$SCRATCH/moved" 2>&1; then
        refuses "$codes" "$what" ci --all
        refuses "$codes" "$what, judged alone" ci --commit HEAD
    elif [ "$(git -C "$REPO" rev-parse HEAD)" = "$here" ] && grep -q 'failed to sign' "$SCRATCH/moved"; then
        claim "$what: nobody signs it"
    else
        broken "$what: $(tail -n 3 "$SCRATCH/moved")"
    fi
    git -C "$REPO" reset -q --hard "$here"; git -C "$REPO" clean -qfd
}
TRUSTED='anchor\.[a-z_]+|policy\.[a-z_]+'
moved "$TRUSTED" 'policy altered without an anchor' 'echo "// new" >>"$(ls .chancery/policy/*/*.cedar | head -n 1)"'
moved "$TRUSTED" 'the second anchor removed' 'git rm -q .chancery/anchor/2.json'
moved "$TRUSTED" 'the second anchor replaced by the first' 'cp .chancery/anchor/1.json .chancery/anchor/2.json'
moved "$TRUSTED" 'the first anchor removed' 'git rm -q .chancery/anchor/1.json'
moved "$TRUSTED" 'a third version that is the second again' 'cp .chancery/anchor/2.json .chancery/anchor/3.json'
moved "$TRUSTED" 'a third version without signatures' "jq -cj '.signatures = []' .chancery/anchor/2.json >.chancery/anchor/3.json"
moved "$TRUSTED" 'a version left out' 'git mv .chancery/anchor/2.json .chancery/anchor/4.json'
moved "$TRUSTED" 'everything removed' 'git rm -qr .chancery'
moved "$TRUSTED" 'another target in the configuration' "sed -i 's,refs/heads/main,refs/heads/other,' .chancery/config.toml"

# What a new policy forbids stays forbidden, also to changes that start from where the old one held.
cat >>"$REPO/.chancery/policy/baseline/agents.cedar" <<'CEDAR'

@id("no-agents")
@reason("no agent changes anything any more")
forbid (principal is Agent, action == Action::"accept", resource is Change);
CEDAR
holds 'the keyholder signs a policy' person "$BIN/chancery" anchor update --repo "$REPO" --out "$SCRATCH/anchor-3.json"
holds 'the history that the old policy allowed stays accepted' ci --all
agent 'git commit -q --allow-empty -m "Too late"'
refuses policy.denied 'the new policy decides from then on' ci --all
git -C "$REPO" reset -q --hard HEAD~1
agent "git switch -qc stale $here; echo stale >stale; git add stale; git commit -qm Stale; git switch -q main"
refuses 'policy.denied|anchor.rollback' 'a branch from below the new policy' ci --range main..stale
person git merge -q --no-ff -m 'Merge the stale branch' stale
refuses 'policy.denied|anchor.rollback' 'the same branch, merged' ci --range main~1..main
refuses 'policy.denied|anchor.rollback' 'the same branch, in the whole history' ci --all
git -C "$REPO" reset -q --hard "$here"; git -C "$REPO" clean -qfd

# A stranger's keyholder signs a soundly formed next version.
quickstart stranger || broken "a second engine: $(tail -n 3 "$SCRATCH/stranger.err")"
cp "$(field stranger .repository)/.chancery/anchor/1.json" "$SCRATCH/stranger.json"
moved "$TRUSTED" "a stranger's anchor as third version" "cp $SCRATCH/stranger.json .chancery/anchor/3.json"
FROM=$SCRATCH/stranger.json refuses 'anchor\.[a-z_]+|hist\.[a-z_]+' "a stranger's anchor as given" ci --all
refuses anchor.rollback 'a third version where another third one was lost' person "$BIN/chancery" anchor update --repo "$REPO" --json
rm "$CHANCERY_HOME"/anchors/*.json
git -C "$REPO" checkout -q -b throwaway
holds 'a version on a branch, where the lost one was given up' person "$BIN/chancery" anchor update --repo "$REPO"
git -C "$REPO" checkout -q -
refuses anchor.rollback 'another version of that number' person "$BIN/chancery" anchor update --repo "$REPO" --json
git -C "$REPO" merge -q --ff-only throwaway
holds 'the next, once that branch is merged' person "$BIN/chancery" anchor update --repo "$REPO"
fails 'without the owner credential nobody updates the anchor' bash -c 'cd "$1" && "$2" anchor update --repo . </dev/null' - "$REPO" "$BIN/chancery"
holds 'after all this the history is accepted as before' ci --all
