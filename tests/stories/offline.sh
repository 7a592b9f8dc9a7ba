#!/usr/bin/env bash
# The verifier needs the anchor and git objects and nothing else: no network, no environment, no other program.
source "$(dirname "$0")/lib/story.sh"
world

ARGUMENTS=(verify --all --json --repo "$REPO" --anchor "$ANCHOR")
"$BIN/chancery-ci" "${ARGUMENTS[@]}" >"$SCRATCH/here.json"
holds 'the history is accepted here' jq -e '.verdict == "accepted"' "$SCRATCH/here.json"
isolated() { unshare -rn env -i "$@" "$BIN/chancery-ci" "${ARGUMENTS[@]}"; }
isolated >"$SCRATCH/there.json" || broken "without network and environment it exits $?"
holds 'without network and environment the answer is the same, byte for byte' cmp "$SCRATCH/here.json" "$SCRATCH/there.json"
isolated PATH= HOME= TMPDIR=/nonexistent TZ=Pacific/Kiritimati LANG=tr_TR >"$SCRATCH/odd.json" || broken "in an odd environment it exits $?"
holds 'an empty PATH, an empty HOME and other locales change nothing' cmp "$SCRATCH/here.json" "$SCRATCH/odd.json"
mkdir "$SCRATCH/bait"
printf '#!/bin/sh\ntouch %s/taken\n' "$SCRATCH" | tee "$SCRATCH/bait/git" "$SCRATCH/bait/gpgsm" "$SCRATCH/bait/openssl" >/dev/null
chmod +x "$SCRATCH"/bait/*
env -i "PATH=$SCRATCH/bait" "GIT_DIR=$SCRATCH" GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=none \
    "GIT_OBJECT_DIRECTORY=$SCRATCH" HTTPS_PROXY=http://127.0.0.1:1 "$BIN/chancery-ci" "${ARGUMENTS[@]}" >"$SCRATCH/bait.json" || true
holds 'variables of git and programs on the PATH change nothing' cmp "$SCRATCH/here.json" "$SCRATCH/bait.json"
fails 'no program of the PATH was started' test -e "$SCRATCH/taken"
holds 'it takes the repository from where it is started' bash -c 'cd "$1" && "$2" verify --all --json --anchor "$3"' - "$REPO" "$BIN/chancery-ci" "$ANCHOR"
"$BIN/chancery-ci" "${ARGUMENTS[@]}" >"$SCRATCH/again.json"
holds 'a second run answers the same' cmp "$SCRATCH/here.json" "$SCRATCH/again.json"

strace -f -qq -o "$SCRATCH/trace" -e trace='%network,%process,openat,open,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat2' \
    "$BIN/chancery-ci" "${ARGUMENTS[@]}" >/dev/null
calls() { grep -cE "$1" "$SCRATCH/trace" || true; }
none() { [ "$(calls "$2")" = 0 ] && claim "$1" || broken "$1: $(grep -E "$2" "$SCRATCH/trace" | head -n 3)"; }
none 'no socket is made' '\b(socket|connect|bind|sendto|sendmsg|recvfrom)\('
[ "$(calls '\bexecve(at)?\(')" = 1 ] && claim 'exactly one program runs' || broken "$(calls '\bexecve(at)?\(') programs run"
none 'no process is forked' '\b(fork|vfork)\(|clone3?\([^)]*SIGCHLD'
none 'nothing is written' 'open(at)?\(.*O_(WRONLY|RDWR|CREAT)|\b(creat|mkdir|mkdirat|unlink|unlinkat|rename|renameat2)\('
none "no file of git's own configuration is read" '"(/etc/gitconfig|[^"]*/\.gitconfig|[^"]*/git/config)"[^E]*= [0-9]'

holds 'without an anchor it judges nothing: usage' bash -c 'code=0; "$1" verify --all --repo "$2" || code=$?; [ $code = 2 ]' - "$BIN/chancery-ci" "$REPO"
engine=$(cat "$CHANCERY_HOME/engine.pid")
kill -STOP "$engine"
holds 'it answers while the engine does not' timeout 60 "$BIN/chancery-ci" "${ARGUMENTS[@]}"
kill -CONT "$engine"

if command -v cargo >/dev/null; then
    export RUSTUP_HOME=${RUSTUP_HOME:-$CALLER_HOME/.rustup} CARGO_HOME=${CARGO_HOME:-$CALLER_HOME/.cargo}
    (cd "$ROOT" && cargo tree --locked --offline -p ci -e normal,build --prefix none --format '{p}') | cut -d' ' -f1 | sort -u >"$SCRATCH/crates"
    holds 'the crates of the verifier are known' grep -qx signer-core "$SCRATCH/crates"
    for crate in tokio axum hyper reqwest ureq rusqlite signer-client signer-engine signer-server openssl-sys native-tls; do
        fails "the verifier is built without $crate" grep -qx "$crate" "$SCRATCH/crates"
    done
fi
