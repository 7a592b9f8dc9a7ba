#!/usr/bin/env bash
# An agent that runs as its person's own system user gets no key, no credential and no signature but its own.
# Where this is started by root, everything runs as an unprivileged user.
if [ "$(id -u)" = 0 ] && [ -z "${CHANCERY_SAME_USER:-}" ]; then
    here=$(cd "$(dirname "$0")/../.." && pwd)
    copy=$(mktemp -d)
    mkdir -p "$copy/tests/stories" "$copy/target/release"
    cp -R "$here/tests/stories/." "$copy/tests/stories"
    cp "${CHANCERY_BIN:-$here/target/release}"/{chancery,chancery-server,chancery-broker,chancery-ci,gitsign-hook} "$copy/target/release"
    chmod -R go=u,go-w "$copy"
    mkdir -m 1777 "$copy/tmp"
    code=0
    env -u CHANCERY_BIN CHANCERY_SAME_USER=1 TMPDIR="$copy/tmp" \
        setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        bash "$copy/tests/stories/same_user.sh" || code=$?
    rm -rf "$copy"
    exit "$code"
fi
source "$(dirname "$0")/lib/story.sh"
world
fails 'the story has no privileges' test "$(id -u)" = 0

person "$BIN/chancery" grant create --agent builder --repo "$REPO" >/dev/null
cp "$REPO/../prompt.md" "$SCRATCH/prompt.md" 2>/dev/null || echo 'Do the work.' >"$SCRATCH/prompt.md"
# The person keeps the credential in mind, not on a disk that the agent reads as well.
OWNER=$(cat "$SCRATCH/world.owner")
rm "$SCRATCH/world.owner"
persons() { ci --all | jq '[.subjects[] | select(.signer.class == "person")] | length'; }
before=$(persons)

cp "$LIB/agent_tries.py" "$SCRATCH/agent_tries.py"
cd "$REPO"
code=0
"$BIN/chancery" run --quiet --agent builder -- python3 "$SCRATCH/agent_tries.py" "$BIN" "$CHANCERY_HOME" "$REPO" \
    "$SCRATCH" "$(field world .engine)" >"$SCRATCH/tried" 2>"$SCRATCH/tried.err" || code=$?
cat "$SCRATCH/tried"
while read -r line; do broken "${line#BROKEN: }"; done < <(grep '^BROKEN: ' "$SCRATCH/tried" || true)
[ "$code" = 0 ] || [ "$code" = 1 ] || broken "the agent's script: exit $code $(tail -n 5 "$SCRATCH/tried.err")"
holds 'it came to its end' grep -q '^end of the tries' "$SCRATCH/tried"

# Whatever it signed, it signed as itself.
ci --all >"$SCRATCH/all.json" || broken 'the history is no longer accepted'
holds 'no commit was made in the name of the person' test "$before" = "$(persons)"
holds 'its custody is called by its name' jq -e '[.subjects[] | select(.signer.class == "agent") | .signer.custody] | all(. == "shared-user")' "$SCRATCH/all.json"
fails 'the owner credential is nowhere in its state' grep -rqaF -- "$OWNER" "$CHANCERY_HOME" "$HOME" "$REPO"

# The person's own clean-up works for an unprivileged user too: engine and broker hide from /proc, and still end.
engine=$(cat "$CHANCERY_HOME/engine.pid")
holds 'the engine runs' kill -0 "$engine"
holds 'quickstart clean answers' "$BIN/chancery" quickstart clean --home "$STATE"
for _ in $(seq 30); do kill -0 "$engine" 2>/dev/null || break; sleep 0.1; done
fails 'quickstart clean ends the engine of an unprivileged user' kill "$engine"
