#!/usr/bin/env bash
# Commands in odd surroundings: variables that point git elsewhere, settings and hooks of the machine's own, mistakes on the
# command line, a reader that goes away. What fails says why in the promised form, and leaves nothing running.
source "$(dirname "$0")/lib/story.sh"

cd "$SCRATCH"
chancery() { "$BIN/chancery" "$@"; }

# --- Quick start, whatever the caller's git is set to.
mkdir hooks
for hook in pre-commit commit-msg prepare-commit-msg post-checkout reference-transaction; do
    printf '#!/bin/sh\necho %s >>"%s/hooks-ran"\nexit 1\n' "$hook" "$SCRATCH" >"hooks/$hook"; chmod +x "hooks/$hook"
done
cat >"$HOME/strict" <<CONFIG
[gpg]
	format = ssh
	program = /bin/false
[gpg "ssh"]
	program = /bin/false
[commit]
	gpgsign = true
	verbose = 2
[tag]
	gpgsign = true
[core]
	hooksPath = $SCRATCH/hooks
	autocrlf = true
	pager = /bin/false
	editor = /bin/false
[color]
	ui = always
[user]
	signingkey = /nowhere
	useConfigOnly = true
[log]
	showSignature = true
[diff]
	noprefix = true
CONFIG
git init -q source
(cd source && echo one >one && git add one && git commit -qm 'One')
cp "$HOME/.gitconfig" "$HOME/plain"
git config --global includeIf.gitdir:/.path "$HOME/strict"
git config --global include.path "$HOME/strict"
holds 'quick start under settings that sign with ssh and hooks that refuse' quickstart settings source
holds 'no hook of the machine ran' test ! -e hooks-ran
cp "$HOME/plain" "$HOME/.gitconfig"

elsewhere() {
    (export GIT_DIR=/nowhere GIT_WORK_TREE=/nowhere GIT_INDEX_FILE=/nowhere GIT_OBJECT_DIRECTORY=/nowhere GIT_NAMESPACE=x \
        GIT_ALTERNATE_OBJECT_DIRECTORIES=/nowhere GIT_COMMON_DIR=/nowhere GIT_PREFIX=x GIT_REPLACE_REF_BASE=refs/x
    quickstart "$@")
}
holds 'quick start where variables point git elsewhere' elsewhere variables source
kept() { # a setting of the environment, as CI systems give safe.directory
    (export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=chancery.probe GIT_CONFIG_VALUE_0=kept
    cd "$REPO" && chancery run --quiet --agent builder -- /bin/sh -c 'git config chancery.probe; git config gpg.format')
}

# --- A run that fails says why and is gone.
alone() { # processes of ours whose state lies below a folder
    pgrep -f -- "$1/" || true
}
code=0; chancery quickstart /nowhere/repository --home "$SCRATCH/failed" --json >out.json 2>out.err || code=$?
holds 'a repository that is not there: undetermined, and said as JSON' test "$code $(jq -r '.reasons[0].code' out.json)" = '3 internal.io'
holds 'no program of that run is left' test -z "$(alone "$SCRATCH/failed")"
holds 'and no folder' test -z "$(ls -A failed/quickstart)"
echo mine >owner
code=0; chancery quickstart --home "$SCRATCH/failed" --owner-out owner >out.json 2>out.err || code=$?
holds 'a file in the way of the owner credential is told before anything starts' test "$code $(cat owner) $(ls -A failed/quickstart)" = '2 mine '

# --- Mistakes on the command line, in one form.
mistake() { # mistake WHAT PROGRAM [ARGUMENT…]
    local what=$1 code=0; shift
    "$BIN/$@" >out.json 2>out.err || code=$?
    if [ "$code" = 2 ] && grep -q '^error\[[a-z.]*\]: ' out.err && grep -q '^help: ' out.err \
        && jq -e '.schema == "urn:chancery:error:v1" and (.reasons[0] | .code and .message and .help)' out.json >/dev/null; then
        claim "a mistake is said as promised: $what"
    else
        broken "$what: exit $code; $(cat out.err out.json)"
    fi
}
mistake 'no such command' chancery --json nonsense
mistake 'an argument is missing' chancery login --json
mistake 'a flag nobody knows' chancery-ci verify --json --nonsense
mistake 'a flag nobody knows, in another form' chancery-ci verify --format=json --nonsense
mistake 'no anchor' chancery-ci verify --json --repo "$SCRATCH/source"
mistake 'no state' chancery-server serve --json
closed() { set -o pipefail; chancery "$@" 2>"$SCRATCH/closed.err" | true; [ ! -s "$SCRATCH/closed.err" ]; }
for page in 'completions bash' 'completions zsh' man; do holds "$page, and the reader goes away" closed $page; done
full() { chancery "$@" >/dev/full; }
for page in man --version; do refuses internal.io "$page, and no room for it" full $page; done

holds 'the policies as they lie here are a policy set' chancery policy check "$ROOT/policies" --json

# --- An engine without a name is the home's.
export CHANCERY_HOME=$SCRATCH/home
holds 'init founds the engine of the home' bash -c '"$1" init --json | jq -er .owner_credential >"$2"' - "$BIN/chancery" "$SCRATCH/home.owner"
chmod 600 home.owner
holds 'in its own folder' test -s home/engine/trusted_root.json
"$BIN/chancery" --json serve --credential-file home.owner >served.json 2>served.err & SERVER=$!
for _ in $(seq 100); do [ ! -s served.json ] || break; sleep 0.1; done
URL=$(jq -r .url served.json)
holds 'serve starts it' curl -sf -o /dev/null "$URL/v1/trust"
chancery-server() { "$BIN/chancery-server" "$@"; }
chancery-server init --state second --owner-out second.owner >/dev/null
refuses engine.address_in_use 'a port that another engine has' chancery-server serve --state second --credential-file second.owner --listen "${URL#http://}" --json
refuses engine.in_use 'a second engine on one state' chancery serve --credential-file home.owner --json

# --- What can be known before a grant is redeemed is said before.
printf 'engine = "%s"\n' "$URL" >home/config.toml
export CHANCERY_OWNER_FILE=$SCRATCH/home.owner
for line in 'person register ada@example.org' 'agent register builder --sponsor ada@example.org' 'login ada@example.org'; do holds "$line" chancery $line; done
holds 'the trust root goes into a folder that is not there yet' chancery trust export --out made/on/the/way/
holds 'whole' test -s made/on/the/way/trusted_root.json
code=0; mkdir -p malformed; echo 'engine = ' >malformed/config.toml; CHANCERY_HOME=$SCRATCH/malformed chancery log status --json >out 2>err || code=$?
holds 'a malformed configuration is a mistake of the command, not a refusal' test "$code" = 2
# The engine that is named is the one that signs, or nothing is signed.
refuses engine.other 'a logout by another engine than the home signs with' chancery logout --engine http://127.0.0.1:1 --json
refuses engine.other 'a login there, named by the environment' env CHANCERY_ENGINE=http://127.0.0.1:1 "$BIN/chancery" login ada@example.org --json
holds 'the same engine by another name' chancery whoami --engine "${URL/127.0.0.1/localhost}/"
fails 'a first login where nobody listens' env CHANCERY_HOME="$SCRATCH/third" "$BIN/chancery" login ada@example.org --engine http://127.0.0.1:1
fails 'leaves no engine behind' test -e third/config.toml
holds 'a first login tells the home its engine' env CHANCERY_HOME="$SCRATCH/third" "$BIN/chancery" login ada@example.org --engine "$URL"
holds 'by which it signs from then on' grep -qx "engine = \"$URL\"" third/config.toml
install -m 644 home.owner exposed.owner
refuses agent.credential_exposed 'a credential in a file that others may read' chancery --owner-file exposed.owner agent list --json
holds 'and one out of a pipe' chancery --owner-file <(cat exposed.owner) agent list --json
refuses internal.io 'a status whose JSON is lost' full whoami --json
refuses internal.io 'a mirror that is not there' chancery log fsck /nowhere/mirror --json
cd source
refuses agent.presence_missing 'nobody is logged in elsewhere' env CHANCERY_HOME="$SCRATCH/other" "$BIN/chancery" anchor create --engine "$URL"
holds 'adopted' chancery anchor create --out "$SCRATCH/anchor.json"
refuses anchor.exists 'adopted twice' chancery anchor create --json
holds 'anchor show finds the anchor of the repository here' bash -c '"$1" anchor show --json | jq -e ".terms.version == 1"' - "$BIN/chancery"
for path in /src ../src ./src src//x; do refuses scope.element "a grant for the path $path" chancery grant create --agent builder --path "$path" --json; done
for target in '' refs/heads/.. refs/heads/a..b 'refs/heads/a b' main.lock refs/heads//; do refuses scope.element "a grant for the target '$target'" chancery grant create --agent builder --target "$target" --json; done
holds 'a grant for the branches below a name' chancery grant create --agent builder --target refs/heads/
holds 'a grant for a branch by its short name' chancery grant create --agent builder --target main --path src/
for wrong in '--agent builder -- /nowhere/tool' '--agent builder -- no-such-tool' '--agent builder --prompt nowhere.md -- true'; do
    fails "run $wrong" chancery run $wrong
done
REPO=$SCRATCH/source
chancery grant create --agent builder >/dev/null
code=0; chancery run --quiet --agent builder -- /bin/sh -c 'kill -9 $$' 2>err || code=$?
holds 'a command that a signal ends is told as a shell tells it' test "$code" = 137
holds 'and the grant is still there, with the settings of the environment' kept
holds 'both are seen' test "$(cat "$SCRATCH/out" | tr '\n' ' ')" = 'kept x509 '
mkdir -p deep/er
below() { (cd "$1" && "$BIN/chancery-ci" verify --all --json --anchor "$2"); }
holds 'the verifier finds the work tree around a folder' below deep/er "$SCRATCH/anchor.json"
git clone -q --bare . deep/bare.git
holds 'and a bare repository before the work tree around it' below deep/bare.git "$SCRATCH/anchor.json"
holds 'by its own HEAD' test "$(jq -r .head "$SCRATCH/out")" = "$(git -C deep/bare.git rev-parse HEAD)"
git -C deep/bare.git update-ref -d refs/heads/main
fails 'whose history counts there' below deep/bare.git "$SCRATCH/anchor.json"
refuses anchor.missing 'a digest that is none' below . sha256:zz
cd "$SCRATCH"
git init -q --bare bare.git
git clone -q source detached 2>/dev/null; git -C detached switch -q --detach HEAD; rm -rf detached/.chancery
code=0; chancery anchor create --repo detached --json >out.json 2>out.err || code=$?
holds 'no branch is told as such' test "$code $(jq -r '.reasons[0].code' out.json)" = '2 usage.invalid'
refuses hist.unsupported_repository 'and no work tree' chancery anchor create --repo bare.git --json

# --- An adoption, and each version after it, comes to be whole or not at all.
mkdir refusing; cp "$BIN"/{chancery,chancery-broker,chancery-ci,chancery-server,gitsign-hook} refusing/
printf '#!/bin/sh\nexit 1\n' >refusing/gitsign-hook
git init -q whole; cd whole; git commit -q --allow-empty -m One; echo staged >staged; git add staged
traces() { git status --porcelain --ignored; git ls-files -s; git rev-parse HEAD; git reflog; ls -A . .git "$CHANCERY_HOME/anchors"; cat .chancery/policy/*.cedar || true; } 2>/dev/null
before=$(traces)
fails 'an adoption that nobody signs' ../refusing/chancery anchor create
holds 'leaves no trace' test "$(traces)" = "$before"
mkdir .chancery
code=0; chancery anchor create --json >../out.json 2>../out.err || code=$?
holds 'a folder that no commit brought is told with what removes it' grep -q 'rm -r .chancery' ../out.err
rmdir .chancery
git commit -qm Two; git switch -qc side HEAD~1; git commit -q --allow-empty -m Side; git switch -q main; git merge -q --no-ff --no-commit side 2>/dev/null
code=0; chancery anchor create --json >../out.json 2>../out.err || code=$?
holds 'in a merge it is told to end that first' test "$code $(grep -c 'git merge --abort' ../out.err)" = '2 1'
git merge --abort; echo more >more; git add more
holds 'the same command adopts' chancery anchor create --out ../whole.json
holds 'and what else was staged stays staged' test "$(git status --porcelain)" = 'A  more'
git commit -qm 'nobody signed this' && git reset -q --hard HEAD~1
echo '// once' >.chancery/policy/n.cedar
before=$(traces)
fails 'a next version that nobody signs' ../refusing/chancery anchor update
holds 'leaves no trace either' test "$(traces)" = "$before"
accepted() { chancery-ci verify --all --json --anchor "$1"; }
chancery-ci() { "$BIN/chancery-ci" "$@"; }
holds 'the same command brings it' chancery anchor update
holds 'as the verifier accepts it' accepted ../whole.json
holds 'and nothing is left over' test -z "$(git status --porcelain)"

# --- What is signed is what git stores.
ln -s /etc/hostname .chancery/policy/link.cedar
refuses policy.malformed 'a policy that is a link' chancery anchor update
rm .chancery/policy/link.cedar
git config core.autocrlf true; git config core.safecrlf true; printf '// ends\r\n' >.chancery/policy/n.cedar
told() { chancery anchor update 2>../told && grep -q 'signed as git stores them.* n.cedar' ../told; }
holds 'a version of a file whose line endings git converts, as is told where core.safecrlf would refuse it' told
holds 'and accepted' accepted ../whole.json
git clone -q -c core.autocrlf=true -c core.safecrlf=true . ../converted; cd ../converted; git commit -q --allow-empty -m x 2>/dev/null && git reset -q --hard HEAD~1
holds 'a fresh clone that converts them brings the next' chancery anchor update
holds 'accepted as well' accepted ../whole.json
git init -q ../filtered; cd ../filtered; echo '*.cedar filter=loud' >.gitattributes; git config filter.loud.clean 'tr a-z A-Z'
git add .gitattributes; git commit -qm One
holds 'an adoption under a filter' chancery anchor create --out ../filtered.json
holds 'is what was signed' accepted ../filtered.json
cd "$SCRATCH"

# --- Paths that are no text.
N=$(printf 'n\377')
cd source; echo 'Do it.' >"$N.md"
holds 'a prompt' chancery prompt sign "$N.md" --json
holds 'an artifact' chancery artifact sign one --bundle "$N.json" --json
holds 'whose decision lies beside its bundle' test -s "$N.json.decision.json"
holds 'the trust root' chancery trust export --out "$N.trust" --json
holds 'a copy of the log' chancery log mirror "$N.log" --json
git init -q "$N"; git -C "$N" commit -q --allow-empty -m One
holds 'a repository' bash -c 'cd "$2" && "$1" anchor create --out "../$2.anchor" --json' - "$BIN/chancery" "$N"
holds 'adopted where it is' test -d "$N/.chancery"
E=$(printf 'e\033[2J'); echo 'Do it.' >"$E.md"
visible() { local said; said=$(chancery prompt verify "$E.md" || true); [[ $said == *'e\u{1b}[2J.md signed by nobody'* && $said != *$'\033'* ]]; }
holds 'a name that would clear the terminal is shown, escaped once' visible
holds 'a state, whose owner is told' bash -c '"$1" init --state "$2.state" --json | jq -er .owner_credential' - "$BIN/chancery-server" "$N"
cd "$SCRATCH"
kill "$SERVER"
pgrep -f -- "--home $SCRATCH/" | xargs -r kill
