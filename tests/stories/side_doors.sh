#!/usr/bin/env bash
# No key signs what it was not issued for, no command signs what another key signs, and git never gets half a signature.
source "$(dirname "$0")/lib/story.sh"
source "$LIB/load.sh"
world
ENGINE_URL=$(field world .engine)
person "$BIN/chancery" whoami >/dev/null

# A live certificate and a patched client on every wire of the engine, and spliced signatures before the verifier.
code=0
"$LOAD" side-doors --engine "$ENGINE_URL" --owner-file "$SCRATCH/world.owner" --trust-root "$TRUST" \
    --repository "$REPO" --anchor "$ANCHOR" --verifier "$BIN/chancery-ci" >"$SCRATCH/doors" || code=$?
while read -r line; do
    case $(jq -r '.shut // .works // empty' <<<"$line") in
        true) claim "$(jq -r '.door // .control' <<<"$line")" ;;
        *) jq -e 'has("schema")' <<<"$line" >/dev/null || broken "$line" ;;
    esac
done <"$SCRATCH/doors"
[ "$code" = 0 ] || [ "$code" = 1 ] || broken "side-doors: exit $code"

# Oracles: files in the form that another key signs.
mkdir "$SCRATCH/forms" "$SCRATCH/parts"
git -C "$REPO" cat-file commit HEAD >"$SCRATCH/commit"
python3 "$LIB/take_apart.py" "$SCRATCH/commit" "$TRUST" "$SCRATCH/parts"
printf 'DSSEv1 28 application/vnd.in-toto+json 2 {}' >"$SCRATCH/forms/pae"
cp "$SCRATCH/parts/attributes.der" "$SCRATCH/forms/attributes"
curl -fsS "$ENGINE_URL/v1/log/checkpoint" >"$SCRATCH/forms/checkpoint"
python3 - "$SCRATCH/parts/token.der" "$SCRATCH/forms/tst_info" "$LIB" <<'PYTHON'
import pathlib, sys
token, out, lib = sys.argv[1:]
sys.path.insert(0, lib)
import der, signature
content = signature.Cms(pathlib.Path(token).read_bytes()).content
pathlib.Path(out).write_bytes(der.only(der.items(content[1])[1][1]))
PYTHON
for form in pae attributes checkpoint tst_info; do
    for command in prompt artifact; do
        refuses sign.oracle "$command sign of a file that is a $form, by the person" person "$BIN/chancery" "$command" sign --json "$SCRATCH/forms/$form"
    done
    git_signs() { "$BIN/gitsign-hook" --status-fd=2 -bsau key <"$SCRATCH/forms/$form"; }
    # A commit is told by its headers before anything else is asked about it.
    refuses 'sign.oracle|git.malformed.header|git.malformed.no_body_separator' "git's signing program on a $form" person git_signs
    person git_signs >"$SCRATCH/half" 2>/dev/null || true
    fails "nothing is printed for a $form" test -s "$SCRATCH/half"
    fails "no bundle was left for a $form" test -e "$SCRATCH/forms/$form.sigstore.json"
done
agent_signs() {
    person "$BIN/chancery" grant create --agent builder --repo "$REPO" >/dev/null
    (cd "$REPO" && "$BIN/chancery" run --quiet --agent builder -- "$BIN/chancery" artifact sign --json "$SCRATCH/forms/$1")
}
for form in pae attributes checkpoint tst_info; do
    refuses sign.oracle "an agent signs a file that is a $form as an artifact" agent_signs "$form"
done

# Agents and grants. Git shows nothing of what its signing program says where it fails, so that the story listens in.
printf '#!/bin/sh\n"%s" "$@" 2>"%s"\ncode=$?\ncat "%s" >&2\nexit $code\n' "$BIN/gitsign-hook" "$SCRATCH/why" "$SCRATCH/why" >"$SCRATCH/listening"
chmod +x "$SCRATCH/listening"
COMMIT="git -c gpg.x509.program=$SCRATCH/listening -c gpg.format=x509 commit -q --allow-empty -S"
aloud() { local code=0; rm -f "$SCRATCH/why"; "$@" || code=$?; cat "$SCRATCH/why" >&2 || true; return $code; }
refuses 'agent.unknown|issue.grant_unknown' 'an unknown agent' person "$BIN/chancery" run --agent nobody -- true
refuses agent.unknown 'a grant for an unknown agent' person "$BIN/chancery" grant create --agent nobody --repo "$REPO"
agent true
refuses 'issue.grant_redeemed|issue.grant_unknown' 'a grant is redeemed once' person "$BIN/chancery" run --agent builder -- true
other_engine() { CHANCERY_ENGINE=http://127.0.0.1:1 person $COMMIT -m Elsewhere; }
refuses engine.other 'a commit by another engine than the home signs with' aloud other_engine
GRANT='--path docs/'
outside() { agent 'mkdir -p src; echo x >src/x; git add src; '"$COMMIT"' -m "Outside"'; }
before=$(git -C "$REPO" rev-parse HEAD)
refuses scope.path 'a commit outside the paths of its grant' aloud outside
holds 'and no commit was made' test "$before" = "$(git -C "$REPO" rev-parse HEAD)"
git -C "$REPO" reset -q --hard
person "$BIN/chancery" grant create --agent builder --repo "$REPO" --path docs/ >/dev/null
# Git up to 2.40 keeps to itself what its signing program says.
refuses scope.path 'run tells at its end why git signed nothing' person "$BIN/chancery" run --quiet --agent builder -- \
    /bin/sh -c 'mkdir -p src; echo x >src/x; git add src; git commit -qm Outside 2>/dev/null'
git -C "$REPO" reset -q --hard
GRANT='--purpose artifact'
wrong_purpose() { agent "$COMMIT -m 'No such purpose'"; }
refuses 'issue.purpose|scope.purpose' 'a commit under a grant for artifacts' aloud wrong_purpose
GRANT=

# What an agent may release counts where its grant says, also where two repositories have one engine.
echo release >"$SCRATCH/release"
agent "'$BIN/chancery' artifact sign '$SCRATCH/release'" >/dev/null
git init -q "$SCRATCH/neighbour"
git -C "$SCRATCH/neighbour" commit -q --allow-empty -m Begin
neighbour() { (cd "$SCRATCH/neighbour" && CHANCERY_OWNER_FILE=$SCRATCH/world.owner "$BIN/chancery" "$@"); }
holds 'a neighbour is adopted' neighbour anchor create --out "$SCRATCH/neighbour.json"
holds "an agent's artifact under its repository's anchor" "$BIN/chancery" artifact verify "$SCRATCH/release" --anchor "$ANCHOR"
refuses scope.repository "and under a neighbour's" "$BIN/chancery" artifact verify --json "$SCRATCH/release" --anchor "$SCRATCH/neighbour.json"
person "$BIN/chancery" grant create --agent builder --repo "$REPO" >/dev/null
refuses scope.repository 'an agent started in a neighbour of what its grant is for' neighbour run --agent builder -- true
holds 'and the grant can be redeemed where it is for' person "$BIN/chancery" run --agent builder -- true
rm "$SCRATCH/release.sigstore.json"
ln -s /dev/zero "$SCRATCH/release.sigstore.json"
refuses limit.bundle 'a bundle that never ends' "$BIN/chancery" artifact verify --json "$SCRATCH/release" --anchor "$ANCHOR"
refuses 'anchor.malformed' 'an anchor that never ends' "$BIN/chancery" anchor show /dev/zero

# What an agent sends away from itself stays an agent's: while its launcher runs, and when that has ended.
STRAY="$SCRATCH/stray.sh"
cat >"$STRAY" <<STRAY
(setsid env -i PATH="$PATH" HOME="$HOME" CHANCERY_HOME="$CHANCERY_HOME" CHANCERY_OWNER_FILE="$SCRATCH/world.owner" /bin/sh -c '
    sleep 1; cd "$REPO"; "$BIN/chancery" grant create --agent builder; "$BIN/chancery" logout' >"\$1" 2>&1 &)
STRAY
person "$BIN/chancery" grant create --agent builder --repo "$REPO" >/dev/null
holds 'an agent sends a process away' person "$BIN/chancery" run --quiet --agent builder -- /bin/sh -c "sh '$STRAY' '$SCRATCH/during'; sleep 2"
holds 'which acts as no person while it runs' test "$(grep -c 'error.agent.caller_not_person' "$SCRATCH/during")" = 2
person "$BIN/chancery" grant create --agent builder --repo "$REPO" >/dev/null
holds 'an agent leaves a process behind' person "$BIN/chancery" run --quiet --agent builder -- /bin/sh "$STRAY" "$SCRATCH/after"
for _ in $(seq 50); do [ "$(grep -c 'error' "$SCRATCH/after")" != 2 ] || break; sleep 0.1; done
holds 'which acts as no person after it' test "$(grep -c 'error.agent.caller_not_person' "$SCRATCH/after")" = 2
# The credential in an agent's hand.
for line in 'agent register rogue --sponsor ada@example.org' 'person register mallory@example.org' 'log freeze --yes'; do
    owned() { agent "CHANCERY_OWNER_FILE='$SCRATCH/world.owner' '$BIN/chancery' $line"; }
    refuses agent.caller_not_person "an agent that found the owner credential: $line" owned
done

# Places.
env_of() { FROM=$SCRATCH/$1.json "${@:2}"; }
git init -q "$SCRATCH/unadopted"
person "$BIN/chancery" grant create --agent builder --repo "$REPO" >/dev/null
unadopted() { (cd "$SCRATCH/unadopted" && "$BIN/chancery" run --agent builder -- $COMMIT -m Unadopted); }
refuses 'anchor.missing|policy.repository_config|hist.unsupported_repository' 'a commit in a repository without an anchor' aloud unadopted
fails 'and no commit was made there' git -C "$SCRATCH/unadopted" rev-parse -q --verify HEAD
refuses anchor.missing 'a verification without the anchor it names' env_of none ci --all

# Nobody answers.
engine_process=$(cat "$CHANCERY_HOME/engine.pid")
kill -STOP "$engine_process"
# A client's own patience is half a minute a question: whoever asks what is wrong is told before that.
fails 'doctor does not wait for an engine that hangs' timeout 20 "$BIN/chancery" doctor --json
holds 'and says which it is' jq -e '.checks[] | select(.what == "engine") | (.ok | not) and (.found | startswith("engine."))' "$SCRATCH/out"
kill -9 "$engine_process"
before=$(git -C "$REPO" rev-parse HEAD)
refuses engine.unreachable 'git commit without an engine' aloud person $COMMIT -m Unanswered
holds 'and no commit was made' test "$before" = "$(git -C "$REPO" rev-parse HEAD)"
holds 'and nothing is left behind' test -z "$(git -C "$REPO" status --porcelain --untracked-files=no)"
hook() { git -C "$REPO" cat-file commit HEAD | "$BIN/gitsign-hook" --status-fd=2 -bsau key; }
person hook >"$SCRATCH/half" 2>"$SCRATCH/status" || true
fails 'the signing program prints nothing' test -s "$SCRATCH/half"
fails 'and tells git of no signature' grep -q SIG_CREATED "$SCRATCH/status"
refuses engine.unreachable 'signing an artifact without an engine' person "$BIN/chancery" artifact sign --json "$SCRATCH/commit"
refuses engine.unreachable 'registering without an engine' person "$BIN/chancery" person register x@example.org
refuses 'engine.unreachable' 'an engine address where nobody listens' "$BIN/chancery" log status --engine http://127.0.0.1:1
refuses 'engine.address' 'an engine on another machine' "$BIN/chancery" log status --engine http://192.0.2.1:80
