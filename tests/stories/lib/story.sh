# Shared by the stories: a scratch folder with its own home, the product's programs, claims and refusals.
# Sourced, never run. A story claims with `holds` and `refuses`, goes on after a broken claim, and exits 1 if any broke.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
LIB=$ROOT/tests/stories/lib
BIN=$(cd "${CHANCERY_BIN:-$ROOT/target/release}" && pwd)

CALLER_HOME=${HOME:-}
# Nothing of the caller's may reach the product: no credentials, no git settings, no marks of whoever runs the tests.
for variable in $(compgen -e); do
    case $variable in PATH | TERM | LANG | LC_* | TMPDIR | CARGO_HOME | RUSTUP_HOME | CHANCERY_ALL_BITS | CHANCERY_BIN) ;; *) unset "$variable" ;; esac
done

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/story.XXXXXX")
STATE=$SCRATCH/state
BROKEN=0
export HOME=$SCRATCH/user GIT_CONFIG_NOSYSTEM=1 PYTHONDONTWRITEBYTECODE=1
mkdir "$HOME"
git config --global user.name 'Ada Person'
git config --global user.email ada@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false
git config --global protocol.file.allow always

end() {
    local code=$?
    [ ! -d "$STATE" ] || "$BIN/chancery" quickstart clean --home "$STATE" >/dev/null 2>&1 || true
    # What cleaning missed is a story's business to tell (quickstart.sh); here it only must not outlive the scratch folder.
    pgrep -f -- "--home $SCRATCH/" | xargs -r kill 2>/dev/null || true
    [ ! -d "$SCRATCH/gnupg" ] || GNUPGHOME=$SCRATCH/gnupg gpgconf --kill all || true
    rm -rf "$SCRATCH"
    [ "$code" != 0 ] || [ "$BROKEN" = 0 ] || code=1
    [ "$code" = 0 ] || printf 'story failed: exit %s, %s broken\n' "$code" "$BROKEN" >&2
    exit "$code"
}
trap end EXIT

claim() { printf 'ok: %s\n' "$*"; }
broken() { BROKEN=$((BROKEN + 1)); printf 'BROKEN: %s\n' "$*" >&2; }

# holds WHAT COMMAND…: the command succeeds.
holds() {
    local what=$1; shift
    if "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; then claim "$what"; else broken "$what: \`$*\` $(tail -n 4 "$SCRATCH/err" "$SCRATCH/out")"; fi
}

# fails WHAT COMMAND…: the command does not succeed.
fails() {
    local what=$1; shift
    if "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; then broken "$what: \`$*\` succeeded"; else claim "$what"; fi
}

# refuses CODES WHAT COMMAND…: exit 1 or 3, never an acceptance, and one of CODES (a|b) among the reasons on stdout or
# in an `error[CODE]` line on stderr.
refuses() {
    local codes=$1 what=$2 code=0 found; shift 2
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || code=$?
    found=$( { jq -r '.. | .reasons? // empty | .[].code' "$SCRATCH/out" 2>/dev/null || true
        sed -n 's/.*error\[\([a-z0-9_.]*\)\].*/\1/p' "$SCRATCH/err"; } | sort -u | tr '\n' ' ')
    if [ "$code" != 1 ] && [ "$code" != 3 ] && [ "$code" != 128 ]; then
        broken "$what: exit $code, not a refusal; said: $found $(tail -n 2 "$SCRATCH/err")"
    elif ! grep -qE "(^| )($codes) " <<<"$found"; then
        broken "$what: expected $codes, got: $found $(tail -n 2 "$SCRATCH/err")"
    elif [ "$(jq -s 'any(.[]; .verdict? == "accepted")' "$SCRATCH/out" 2>/dev/null)" = true ]; then
        broken "$what: reasons are given, and the verdict is accepted"
    else
        claim "$what: $found"
    fi
}

# quickstart NAME [ARGUMENT…]: runs it; the answer lies in $SCRATCH/NAME.json, the owner credential in $SCRATCH/NAME.owner.
quickstart() {
    local name=$1; shift
    "$BIN/chancery" quickstart "$@" --home "$STATE" --json --owner-out "$SCRATCH/$name.owner" >"$SCRATCH/$name.json" 2>"$SCRATCH/$name.err"
}

# world: a quick start on a fresh repository, its parts in variables. Stories that need one call this first.
world() {
    if ! quickstart world "$@"; then
        broken "quickstart: $(tail -n 5 "$SCRATCH/world.err")"
        exit 1
    fi
    REPO=$(field world .repository) ANCHOR=$(field world .anchor) TRUST=$(field world .trust_root) HEAD=$(field world .head)
    export CHANCERY_HOME
    CHANCERY_HOME=$(field world .home)
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
field() { jq -r "$2" "$SCRATCH/$1.json"; }

# ci ARGUMENT…: the verifier on the world's repository from the world's anchor.
ci() { "$BIN/chancery-ci" verify --json --repo "${IN:-$REPO}" --anchor "${FROM:-$ANCHOR}" "$@"; }

# person COMMAND…: as the person, in the world's repository.
person() { (cd "$REPO" && CHANCERY_OWNER_FILE=$SCRATCH/world.owner "$@"); }

# change WHAT: the person commits a line.
change() { echo "$1" >>"$REPO/notes.txt"; git -C "$REPO" add notes.txt; person git -C "$REPO" commit -q -m "$1"; }

# demand_foreign_time: a rule for the next anchor, by which no commit counts without a clock that somebody else runs.
demand_foreign_time() {
    cat >"$REPO/.chancery/policy/foreign.cedar" <<'CEDAR'
@id("foreign-time")
@reason("a clock that somebody else runs stands behind every commit")
forbid (principal, action == Action::"accept", resource is Change)
unless { context.time == TimeAssurance::"foreign" };
CEDAR
}

# agent SCRIPT: a fresh grant, and the script under it in the world's repository. GRANT holds more of `grant create`.
agent() {
    person "$BIN/chancery" grant create --agent builder --repo "$REPO" ${GRANT:-} >/dev/null
    (cd "$REPO" && "$BIN/chancery" run --quiet --agent builder -- /bin/bash -euc "$1")
}

# stop_engine STATE [SIGNAL]: the engine on this state, and nothing goes on before it has let go of everything.
stop_engine() {
    local pid
    pid=$(pgrep -f -- "--state $1")
    kill "-${2:-TERM}" "$pid"
    # Where nobody waits for it, it stays as a zombie, which holds nothing.
    for _ in $(seq 300); do grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null || return 0; sleep 0.1; done
    broken "the engine $pid does not end"
}

# put FILE: writes a raw commit as git would never check it; prints its id.
put() { git -C "${IN:-$REPO}" hash-object -t commit -w --literally --stdin <"$1"; }
