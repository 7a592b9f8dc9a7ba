# Shared by the interop scripts: the stories' claims, stock clients kept below target/foreign, a real OpenID provider and
# an engine that trusts it. Sourced, never run.
source "$(dirname "${BASH_SOURCE[0]}")/../../stories/lib/story.sh"
INTEROP=$ROOT/tests/interop
FOREIGN=$ROOT/target/foreign
mkdir -p "$FOREIGN"

RUNNING=''
leave() {
    local code=$?
    [ -z "$RUNNING" ] || kill $RUNNING 2>/dev/null || true
    (exit "$code") || true
    end
}
trap leave EXIT

# kept NAME MAKE…: the folder of a client below target/foreign, made once by a command that gets a fresh folder to fill.
kept() {
    local name=$1; shift
    if [ ! -d "$FOREIGN/$name" ]; then
        rm -rf "$FOREIGN/$name.new"; mkdir "$FOREIGN/$name.new"
        # The caller's settings say where packages come from.
        (cd "$FOREIGN/$name.new" && HOME=$CALLER_HOME "$@" "$FOREIGN/$name.new") >&2
        mv "$FOREIGN/$name.new" "$FOREIGN/$name"
    fi
    printf '%s\n' "$FOREIGN/$name"
}

# appears FILE: waits until something is written into it.
appears() {
    for _ in $(seq 300); do [ -s "$1" ] && return; sleep 0.1; done
    broken "$1 stays empty: $(cat "${1%.*}.err" 2>/dev/null | tail -n 3)"; exit 1
}

provider_of() { cp -r "$ROOT/tests/stories/oidc/." "$1" && npm ci --silent --no-audit --no-fund; }

# provide: a real OpenID provider; its URL in ISSUER.
provide() {
    IDP=$(kept oidc-provider-8.8.1 provider_of)
    node "$IDP/provider.js" >"$SCRATCH/idp.url" 2>"$SCRATCH/idp.err" & RUNNING="$RUNNING $!"
    appears "$SCRATCH/idp.url"
    ISSUER=$(head -n 1 "$SCRATCH/idp.url")
    jq -n --arg url "$ISSUER" '{issuers: [{url: $url, audiences: ["sigstore", "sigstore-ed"], identity: {kind: "email"}}]}' >"$SCRATCH/oidc.json"
}
# token [CLIENT] [PERSON]: a fresh identity token.
token() { python3 "$IDP/login.py" "$ISSUER" "${1:-sigstore}" "${2:-bob}"; }

# serve NAME: an engine of its own that trusts the provider; its URL in URL, what it publishes in $SCRATCH/NAME.
serve() {
    "$BIN/chancery-server" init --state "$SCRATCH/$1.state" --owner-out "$SCRATCH/$1.owner" >/dev/null
    start "$1" "$1"
}

# start NAME FOLDER [ADDRESS]: NAME's engine, which is stopped; its process in ENGINE, its URL in URL, what it publishes in
# $SCRATCH/FOLDER.
start() {
    local state=$SCRATCH/$1.state
    rm -f "$SCRATCH/$1.out"
    "$BIN/chancery-server" serve --state "$state" --credential-file "$SCRATCH/$1.owner" --oidc "$SCRATCH/oidc.json" --public-log \
        --listen "${3:-127.0.0.1:0}" >"$SCRATCH/$1.out" 2>"$SCRATCH/$1.err" & ENGINE=$! RUNNING="$RUNNING $!"
    appears "$SCRATCH/$1.out"
    URL=$(cat "$state/address")
    mkdir "$SCRATCH/$2"
    "$BIN/chancery" --engine "$URL" trust export --out "$SCRATCH/$2" >/dev/null
}
