# The load tool, built where it lies beside the product's programs. Sourced after story.sh.

export RUSTUP_HOME=${RUSTUP_HOME:-$CALLER_HOME/.rustup} CARGO_HOME=${CARGO_HOME:-$CALLER_HOME/.cargo}
LOAD=$BIN/chancery-load
# Named with the product's crates it takes their features, and nothing is compiled a second time for it alone.
[ -x "$LOAD" ] && [ -z "$(find "$ROOT/tests/load/src" -newer "$LOAD" -type f -print -quit)" ] ||
    (cd "$ROOT" && cargo build --locked --release --quiet --workspace --exclude chancery-tests --exclude chancery-parsers --bin chancery-load)

# again URL: the last request of the first client of $LEDGERS once more. The status on stdout, the answer in $SCRATCH/again.
again() {
    local file=$LEDGERS/client-0
    jq .request "$file.pending" | curl -s -o "$SCRATCH/again" -w '%{http_code}' -X POST --data-binary @- \
        -H 'Content-Type: application/json' -H "Authorization: Bearer $(jq -r .credential "$file.session")" "$1/v1/countersign"
}
# cosigners: how many signatures the checkpoint in $SCRATCH/again bears, the log's among them.
cosigners() { jq -r .entry "$SCRATCH/again" | base64 -d | grep -ac '^— '; }

# serve_on PORT [COMMAND…]: an engine over $SCRATCH/engine in the background, its process in ENGINE; returns when it is ready.
serve_on() {
    local port=$1; shift
    rm -f "$SCRATCH/ready"
    "$@" "$BIN/chancery-server" serve --state "$SCRATCH/engine" --listen "127.0.0.1:$port" \
        --credential-file "$SCRATCH/owner" --public-log --json --log error >"$SCRATCH/ready" &
    ENGINE=$!
    for _ in $(seq 300); do [ ! -s "$SCRATCH/ready" ] || return 0; sleep 0.1; done
    broken 'the engine does not start'; exit 1
}
