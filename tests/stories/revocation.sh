#!/usr/bin/env bash
# Revocation: an agent that is stopped signs nothing from the next request on; what it signed before stands, unless its key was
# compromised; and a verifier with a feed sees both without a network.
source "$(dirname "$0")/lib/story.sh"
world

FEED=$SCRATCH/feed.json
chancery() { person "$BIN/chancery" "$@"; }
feed() { chancery revoke feed --output "$FEED"; }
by_feed() { ci --feed "$FEED" "$@"; }
session_of() { ci --commit "$1" | jq -r '.subjects[0].signer.session'; }
leaf_of() { ci --commit "$1" | jq -r '.subjects[0].log.leaf'; }
exits() { local wanted=$1 code=0; shift; "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || code=$?; [ "$code" = "$wanted" ]; }

# --- Before anything is revoked.
holds 'an agent commits' agent 'mkdir -p src; echo one >src/one; git add src; git commit -qm One'
ONE=$(git -C "$REPO" rev-parse HEAD)
holds 'the feed of an engine that revoked nothing' feed
told() { [ "$(chancery --json revoke feed --output "$FEED" | jq -r .feed)" = "$FEED" ]; }
holds 'told as one document where JSON is asked for' told
holds 'strikes nothing' by_feed
holds 'and is shown' test "$(jq -r .feed.records "$SCRATCH/out")" = 0
holds 'nothing is listed' test "$(chancery revoke list --json | jq '.revocations | length')" = 0

# --- What makes no sense is refused before anything is signed.
refuses revoked.selector 'a selector without a kind' chancery revoke --yes builder
refuses revoked.selector 'a kind that does not exist' chancery revoke --yes robot:builder
refuses agent.unknown 'an agent that nobody knows' chancery revoke --yes agent:nobody
grep -q "^help: .chancery agent list" "$SCRATCH/err" && claim "and where those are that somebody knows" || broken "no help: $(cat "$SCRATCH/err")"
refuses agent.session_unknown 'a session that nobody knows' chancery revoke --yes "session:$(printf '0%.0s' {1..32})"
refuses revoked.selector 'a compromised agent, which is no key' chancery revoke --yes --cause key-compromise agent:builder
refuses revoked.selector 'a release of what is not held' chancery revoke release --yes agent:builder
refuses agent.presence_missing 'without a terminal and without --yes' setsid -w bash -c "cd '$REPO' && CHANCERY_OWNER_FILE='$SCRATCH/world.owner' '$BIN/chancery' revoke agent:builder </dev/null"
holds 'nothing named is a usage error' exits 2 chancery revoke --yes
refuses 'agent.caller_not_person|policy.denied|issue.purpose|agent.presence_missing' 'an agent that revokes its sponsor' \
    agent "'$BIN/chancery' revoke --yes sponsor:$(field world .person)"

# --- A hold, and its release.
holds 'the agent is held' chancery revoke hold --yes agent:builder
refuses revoked.identity 'it gets no session' agent 'true'
holds 'and is released' chancery revoke release --yes agent:builder
holds 'then it commits again' agent 'echo two >src/two; git add src; git commit -qm Two'
TWO=$(git -C "$REPO" rev-parse HEAD)
refuses revoked.stale_list 'the feed of before does not reach it' by_feed --commit "$TWO"
holds 'the newest does' feed
holds 'and strikes nothing' by_feed
holds 'with both records in it' test "$(jq -r .feed.records "$SCRATCH/out")" = 2

# --- An agent that is stopped in the middle of its work.
cat >"$SCRATCH/works" <<'WORK'
echo three >src/three; git add src; git commit -qm Three
touch "$1/ready"; while [ ! -e "$1/go" ]; do sleep 0.05; done
echo four >src/four; git add src; git commit -qm Four && exit 0
exit 7
WORK
chancery grant create --agent builder --repo "$REPO" >/dev/null
(cd "$REPO" && "$BIN/chancery" run --quiet --agent builder -- /bin/bash -u "$SCRATCH/works" "$SCRATCH" >/dev/null 2>&1) & WORKS=$!
for _ in $(seq 300); do [ ! -e "$SCRATCH/ready" ] || break; sleep 0.1; done
THREE=$(git -C "$REPO" rev-parse HEAD)
holds 'a dry run' chancery revoke --dry-run --json agent:builder
holds 'names the one session that would end' test "$(jq '.touched[0].sessions | length' "$SCRATCH/out")" = 1
holds 'and changes nothing' test "$(chancery revoke list --json | jq '.revocations | length')" = 2
holds 'the agent is revoked while it works' chancery revoke --yes --cause misuse agent:builder
touch "$SCRATCH/go"
fails 'its next commit is not made' wait "$WORKS"
holds 'and git is told why' grep -q 'revoked.identity' "$CHANCERY_HOME/last-refusal.json"
holds 'no half of it is left' test "$(git -C "$REPO" rev-parse HEAD)" = "$THREE"
git -C "$REPO" reset -q --hard
refuses revoked.identity 'no grant opens a session for it' agent 'true'
for verb in '' hold release; do
    refuses revoked.final "what is revoked stays so: revoke $verb" chancery revoke $verb --yes agent:builder
done
holds 'the person goes on' person bash -c 'echo five >notes.txt; git add notes.txt; git commit -qm Five'
holds 'the feed' feed
holds 'leaves what was signed before' by_feed
holds 'which is what no feed says as well' ci
holds 'another agent is not touched' bash -c "cd '$REPO' && CHANCERY_OWNER_FILE='$SCRATCH/world.owner' '$BIN/chancery' agent register --sponsor $(field world .person) second --json"

# --- From the list to the revocation: what is to be stopped is found, named as it is listed, and listed as stopped.
listed() { chancery "$@" --json >"$SCRATCH/listed"; }
says() { holds "$1" jq -e "$2" "$SCRATCH/listed"; }
cat >"$SCRATCH/waits" <<'WORK'
touch "$1/waiting"; while [ ! -e "$1/over" ]; do sleep 0.05; done
echo six >src/six; git add src; git commit -qm Six && exit 0
exit 7
WORK
chancery grant create --agent second --repo "$REPO" >/dev/null
(cd "$REPO" && "$BIN/chancery" run --quiet --agent second -- /bin/bash -u "$SCRATCH/waits" "$SCRATCH" >/dev/null 2>&1) & WAITS=$!
for _ in $(seq 300); do [ ! -e "$SCRATCH/waiting" ] || break; sleep 0.1; done
holds 'sessions are listed' listed session list --live --agent second
says 'the one that runs' '.sessions | length == 1 and .[0].live and .[0].agent == "second"'
PICKED=$(jq -r '.sessions[0].selector' "$SCRATCH/listed") GRANTED=$(jq -r '.sessions[0].grants[0]' "$SCRATCH/listed")
holds 'one page after the other' listed session list --limit 1
says 'which says where the next begins' '(.sessions | length == 1) and .next != null'
holds 'and its grant' listed grant list --live --agent second
says 'as redeemed by it' ".grants | length == 1 and \"session:\" + .[0].redeemed == \"$PICKED\" and .[0].grant == \"$GRANTED\""
holds 'each by its name' listed session show "${PICKED#session:}"
says 'with what it may do' '.session.scope.paths == ["/"] and .session.session.struck == null'
holds 'the grant too' listed grant show "$GRANTED"
holds 'and the agent' listed agent show second
says 'with its open sessions' ".agent.selector == \"agent:second\" and .sessions[0].selector == \"$PICKED\""
holds 'a table names the selectors' grep -q "^$PICKED .* live" <(chancery session list --live)
refuses agent.session_unknown 'a session that nobody knows' chancery session show "$(printf '0%.0s' {1..32})"
refuses issue.grant_unknown 'a grant that nobody knows' chancery grant show "sha256:$(printf '0%.0s' {1..64})"
refuses agent.unknown 'an agent that nobody knows' chancery agent show nobody
refuses agent.session_unknown 'a list under another credential' env CHANCERY_OWNER_FILE=<(echo own_wrong) "$BIN/chancery" session list
holds 'what was picked is ended' chancery session end --yes "${PICKED#session:}"
touch "$SCRATCH/over"
fails 'it commits nothing more' wait "$WAITS"
git -C "$REPO" reset -q --hard
holds 'it is listed' listed session show "${PICKED#session:}"
says 'as revoked by that name' ".session.session.live == false and .session.session.struck.selector == \"$PICKED\""
holds 'and among what is live' listed session list --live --agent second
says 'no more' '.sessions == []'
chancery grant create --agent second --repo "$REPO" >/dev/null
holds 'an agent gives up its own session' person "$BIN/chancery" run --quiet --agent second -- "$BIN/chancery" session end
holds 'and nobody elses' exits 2 chancery session end

# --- A session whose key somebody else may have.
SESSION=$(session_of "$TWO")
holds 'a key is compromised' chancery revoke --yes --cause key-compromise "session:$SESSION"
holds 'the feed' feed
refuses revoked.key_compromise 'strikes what that session signed, long ago' by_feed --commit "$TWO"
holds 'and nothing else' by_feed --commit "$ONE"
refuses revoked.key_compromise 'so the whole is refused' by_feed
holds 'the verdict is the same without a network and without an environment' \
    test "$(unshare -rn env -i "$BIN/chancery-ci" verify --json --repo "$REPO" --anchor "$ANCHOR" --feed "$FEED" --commit "$TWO" | jq -r '.subjects[0].reasons[0].code')" = revoked.key_compromise
holds 'one commit by its leaf' chancery revoke --yes "leaf:$(leaf_of "$ONE")"

# --- Prompts and artifacts.
echo 'Write a poem.' >"$SCRATCH/poem.md"; echo 'content' >"$SCRATCH/thing"
holds 'a prompt is signed' chancery prompt sign "$SCRATCH/poem.md"
holds 'and an artifact' chancery artifact sign "$SCRATCH/thing"
holds 'the feed' feed
holds 'leaves the prompt' chancery prompt verify --json --anchor "$ANCHOR" --feed "$FEED" "$SCRATCH/poem.md"
holds 'and the artifact' chancery artifact verify --json --anchor "$ANCHOR" --feed "$FEED" "$SCRATCH/thing"
CERTIFICATE=sha256:$(jq -r .verificationMaterial.certificate.rawBytes "$SCRATCH/thing.sigstore.json" | base64 -d | sha256sum | cut -d' ' -f1)
KEY=sha256:$(jq -r .verificationMaterial.certificate.rawBytes "$SCRATCH/poem.md.sigstore.json" | base64 -d |
    openssl x509 -inform DER -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
holds 'the certificate of the one, as openssl names it' chancery revoke --yes --cause key-compromise "certificate:$CERTIFICATE"
holds 'and the key of the other' chancery revoke --yes --cause key-compromise "key:$KEY"
holds 'the feed' feed
refuses revoked.key_compromise 'strikes the artifact' chancery artifact verify --json --anchor "$ANCHOR" --feed "$FEED" "$SCRATCH/thing"
refuses revoked.key_compromise 'and the prompt' chancery prompt verify --json --anchor "$ANCHOR" --feed "$FEED" "$SCRATCH/poem.md"

# --- What is no feed.
refuses revoked.unavailable 'a feed that is not there' ci --feed "$SCRATCH/none.json"
holds 'leaves the verdict open' exits 3 ci --feed "$SCRATCH/none.json"
jq -c '.records |= .[1:]' "$FEED" >"$SCRATCH/short.json"; truncate -s -1 "$SCRATCH/short.json"
refuses revoked.list_invalid 'a feed that lacks a record' ci --feed "$SCRATCH/short.json"
sed 's/feed/food/' "$FEED" >"$SCRATCH/food.json"
refuses revoked.list_invalid 'a feed of another schema' ci --feed "$SCRATCH/food.json"
cp "$ANCHOR" "$SCRATCH/anchor.json"
refuses revoked.list_invalid 'an anchor is no feed' ci --feed "$SCRATCH/anchor.json"

# --- The engine comes back, and its rows are those of the log.
STATE_OF_ENGINE=$CHANCERY_HOME/engine URL=$(field world .engine)
stop_engine "$STATE_OF_ENGINE" KILL
"$BIN/chancery-server" serve --state "$STATE_OF_ENGINE" --listen "${URL#http://}" --credential-file "$SCRATCH/world.owner" --json --log warn >"$SCRATCH/again" 2>"$SCRATCH/again.log" &
AGAIN=$!
for _ in $(seq 100); do [ ! -s "$SCRATCH/again" ] || break; sleep 0.1; done
holds 'an engine comes back after a kill' test -s "$SCRATCH/again" || cat "$SCRATCH/again.log" >&2
refuses revoked.identity 'after a kill the agent is still revoked' agent 'true'
holds 'all is listed' test "$(chancery revoke list --json | jq '.revocations | length')" = 8
holds 'fsck finds every row as it was recorded' chancery log fsck
kill "$AGAIN"; wait "$AGAIN" 2>/dev/null || true
sqlite() { python3 - "$STATE_OF_ENGINE/engine.sqlite" "$1" <<'PYTHON'
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute(sys.argv[2])
connection.commit()
PYTHON
}
sqlite "UPDATE revocations SET selector = 'agent:second' WHERE number = 3"
refuses engine.row_altered 'an edited row is named' chancery log fsck
sqlite "UPDATE revocations SET selector = 'agent:builder' WHERE number = 3"
sqlite 'DELETE FROM revocations WHERE number = 8'
refuses engine.row_missing 'a deleted row as well' chancery log fsck
refuses engine.state_invalid 'and no engine starts on it' "$BIN/chancery-server" serve --state "$STATE_OF_ENGINE" --credential-file "$SCRATCH/world.owner" --json --log error
