#!/usr/bin/env bash
# `chancery quickstart` works from nothing, beside earlier runs and on real repositories; `clean` leaves nothing behind.
source "$(dirname "$0")/lib/story.sh"
source "$LIB/odd_repository.sh"

# contract NAME: the answer has every promised field, and every path in it is there.
contract() {
    local json=$SCRATCH/$1.json repo file
    repo=$(field "$1" .repository)
    holds "$1: one JSON document of the promised form" jq -es 'length == 1 and (.[0] |
        .schema == "urn:chancery:quickstart:v1" and (.engine | test("^http://127\\.0\\.0\\.1:[0-9]+$")) and
        (.head | test("^([0-9a-f]{40}|[0-9a-f]{64})$")) and (.base == null or (.base | test("^[0-9a-f]{40}"))) and
        ([.home, .repository, .anchor, .trust_root, .person, .agent, .prompt.file, .prompt.bundle, .artifact.path,
          .artifact.bundle] | all(type == "string" and length > 0)))' "$json"
    holds "$1: the verdict is the verifier's, and accepted" jq -e '.verdict |
        .schema == "urn:chancery:verdict:v1" and .verdict == "accepted" and .mode == "enforce" and .trust == "development" and
        (.anchor | startswith("sha256:")) and (.policy | startswith("sha256:")) and (.subjects | length) > 0 and
        .summary.accepted == (.subjects | length) and .summary.rejected + .summary.undetermined == 0 and
        (.subjects | all(.verdict == "accepted" and .assurance == "chancery" and (.signer.identity | length) > 0 and
          (.log.leaf | startswith("sha256:")) and (.decision.rules | length) > 0)) and
        (.subjects | any(.signer.class == "agent" and (.prompt | type) == "string")) and
        (.subjects | any(.signer.class == "person"))' "$json"
    holds "$1: commit, prompt and artifact were altered and refused" jq -e '
        ([.refusals[].what] | sort) == ["artifact", "commit", "prompt"] and
        (.refusals | all(.code | test("^[a-z0-9]+(\\.[a-z0-9_]+)+$") and (startswith("internal") | not)))' "$json"
    for file in .home .repository .artifact.path; do holds "$1: $file is a folder" test -d "$(field "$1" "$file")"; done
    for file in .anchor .trust_root .prompt.file .prompt.bundle .artifact.bundle; do
        holds "$1: $file is a file" test -s "$(field "$1" "$file")"
    done
    holds "$1: head is the repository's head" test "$(git -C "$repo" rev-parse HEAD)" = "$(field "$1" .head)"
    holds "$1: verifying again says the same" bash -c '"$1" verify --all --json --repo "$2" --anchor "$3" | jq -S . |
        cmp - <(jq -S .verdict "$4")' - "$BIN/chancery-ci" "$repo" "$(field "$1" .anchor)" "$json"
    holds "$1: git itself is told that every commit above the base is good" bash -c '! git -C "$1" log --format=%G? \
        ${2:+"$2..HEAD"} | grep -v G' - "$repo" "$(field "$1" '.base // empty')"
    holds "$1: the owner credential has mode 600" test "$(stat -c %a "$SCRATCH/$1.owner")" = 600
    fails "$1: the owner credential is neither in the answer nor kept in the state" grep -rqaFf "$SCRATCH/$1.owner" "$json" "$(field "$1" .home)"
    holds "$1: nobody else may enter the state" test "$(stat -c %a "$(field "$1" .home)")" = 700
}

runs() { # runs WHAT NAME [ARGUMENT…]: a quick start that must succeed, within a minute
    local what=$1 started=$SECONDS; shift
    if quickstart "$@"; then claim "$what, in $((SECONDS - started)) s"; else broken "$what: exit $? $(tail -n 4 "$SCRATCH/$1.err")"; return; fi
    [ $((SECONDS - started)) -lt 60 ] || broken "$what took $((SECONDS - started)) s"
    contract "$1"
}

# untouched FOLDER: a digest of everything git keeps and checks out, whatever its times.
untouched() { (cd "$1" && { find . -type f ! -name index -print0 | sort -z | xargs -0 sha256sum; git status --porcelain; }) | sha256sum; }

cd "$SCRATCH"
runs 'from nothing' fresh
mkdir empty
runs 'on an empty folder' empty empty
runs 'in an empty folder' inside empty --in-place
holds 'in place means there' test "$(field inside .repository)" = "$(realpath empty)"
runs 'a second time' second
holds 'runs stand beside each other' test "$(field fresh .home)" != "$(field second .home)"
holds 'the first run still verifies' "$BIN/chancery-ci" verify --all --repo "$(field fresh .repository)" --anchor "$(field fresh .anchor)"
fails 'one run does not vouch for the other' "$BIN/chancery-ci" verify --all --repo "$(field fresh .repository)" --anchor "$(field second .anchor)"

for format in sha1 sha256; do
    odd_repository "$SCRATCH/odd-$format" "$format"
    before=$(untouched "odd-$format")
    runs "on odd history in $format" "odd-$format" "odd-$format"
    holds "the odd $format repository is as it was" test "$before" = "$(untouched "odd-$format")"
done
git clone -q --bare odd-sha1 bare.git
runs 'on a bare repository' bare bare.git
git clone -q odd-sha256 detached; git -C detached switch -q --detach HEAD
runs 'on a detached head' detached detached
git -C odd-sha256 worktree add -q "$SCRATCH/linked" -b linked
runs 'on a linked work tree' linked linked
git init -q unborn
runs 'on a repository without a commit' unborn unborn
if git -C "$ROOT" rev-parse --verify -q HEAD >/dev/null && [ "$(git -C "$ROOT" rev-parse --is-shallow-repository)" = false ]; then
    git clone -q --no-local "$ROOT" own
    runs 'on the repository of Chancery itself' own own
fi
runs 'on odd history, in place' odd-in-place odd-sha1 --in-place
holds 'in place means that repository' test "$(field odd-in-place .repository)" = "$(realpath odd-sha1)"
holds 'and its git signs' test "$(git -C odd-sha1 config commit.gpgsign)" = true
again() { quickstart again odd-sha1; local code=$?; cat "$SCRATCH/again.json"; cat "$SCRATCH/again.err" >&2; return $code; }
refuses anchor.exists 'a repository that is adopted already' again
mkdir files; echo content >files/file
code=0; quickstart files files || code=$?
[ "$code" = 2 ] && claim 'a folder of files that is no repository is a usage error' || broken "a folder of files: exit $code"
holds 'and is left alone' test "$(ls -A files)" = file

# Nothing stays.
ours() { # processes of ours that belong to this story
    local process
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe" 2>/dev/null) in "$BIN"/chancery* | "$BIN/gitsign-hook"*) ;; *) continue ;; esac
        if { tr '\0' '\n' <"$process/environ"; tr '\0' '\n' <"$process/cmdline"; } 2>/dev/null | grep -qF "$SCRATCH"; then echo "${process#/proc/}"; fi
    done
}
holds 'engines and brokers run before cleaning' test -n "$(ours)"
holds 'sockets are for their owner alone' test -z "$(find "$STATE" -type s -perm /077)"
# An engine that was ended, as a restart of the machine does, is started again where its home looks for it.
export CHANCERY_OWNER_FILE=$SCRATCH/second.owner
URL=$(field second .engine) SECOND=$(field second .home)
stop_engine "$SECOND/engine" KILL
refuses engine.unreachable 'an engine that was ended' "$BIN/chancery" --home "$SECOND" log status
help=$(cat "$SCRATCH/err")
holds 'its help names the home' grep -qF "chancery --home $SECOND serve" <<<"$help"
"$BIN/chancery" --home "$SECOND" serve --credential-file "$SCRATCH/second.owner" >served 2>&1 &
for _ in $(seq 100); do [ ! -s served ] || break; sleep 0.1; done
holds 'it serves again where it did' curl -sf -o /dev/null "$URL/v1/trust"
unset CHANCERY_OWNER_FILE
holds 'clean answers' bash -c '"$1" quickstart clean --home "$2" --json | jq -e ".schema == \"urn:chancery:clean:v1\" and (.removed | length) > 1"' - "$BIN/chancery" "$STATE"
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -n "$(ours)" ] || break; sleep 0.3; done
holds 'no process stays' test -z "$(ours)"
fails 'a repository that was worked on in place signs no more' git -C odd-sha1 config gpg.x509.program
holds 'and takes commits' git -C odd-sha1 commit -q --allow-empty -m 'After'
holds 'no run stays' test -z "$(ls -A "$STATE/quickstart" 2>/dev/null)"
holds 'cleaning twice is no failure' "$BIN/chancery" quickstart clean --home "$STATE"
# An engine that somebody started by another name of its state is not ended behind their back.
holds 'a run after all were removed' quickstart again
AGAIN=$(field again .home)
stop_engine "$AGAIN/engine"
(cd "$AGAIN" && exec "$BIN/chancery-server" serve --state engine --credential-file "$SCRATCH/again.owner" --listen "127.0.0.1:$(free_port)" >"$SCRATCH/relative" 2>&1) & RELATIVE=$!
for _ in $(seq 100); do [ ! -s relative ] || break; sleep 0.1; done
refuses engine.in_use 'clean where an engine runs that it did not find' "$BIN/chancery" quickstart clean --home "$STATE" --json
holds 'whose state stays' test -s "$AGAIN/engine/trusted_root.json"
kill "$RELATIVE"; wait "$RELATIVE" 2>/dev/null || true
holds 'clean, once it has ended' "$BIN/chancery" quickstart clean --home "$STATE"
fails 'removes that state as well' test -e "$AGAIN"
