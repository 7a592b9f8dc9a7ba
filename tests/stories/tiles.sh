#!/usr/bin/env bash
# The log as others read it: tiles lead from every entry to the checkpoint, whatever happened to the engine in between;
# a private log is for those it knows; a frozen one is served and takes nothing.
source "$(dirname "$0")/lib/story.sh"

PORT=$(free_port)
URL=http://127.0.0.1:$PORT
"$BIN/chancery-server" init --state "$SCRATCH/engine" --owner-out "$SCRATCH/owner" --json >"$SCRATCH/init.json"
OWNER=$(cat "$SCRATCH/owner")

# serve [OPTION…]: an engine in the background, its process in ENGINE; returns when it is ready.
serve() {
    rm -f "$SCRATCH/ready"
    "$BIN/chancery-server" serve --state "$SCRATCH/engine" --listen "127.0.0.1:$PORT" --credential-file "$SCRATCH/owner" \
        --json --log error "$@" >"$SCRATCH/ready" &
    ENGINE=$!
    for _ in $(seq 300); do [ ! -s "$SCRATCH/ready" ] || return 0; sleep 0.1; done
    broken 'the engine does not start'; exit 1
}
stop() { kill "$1" "$ENGINE"; wait "$ENGINE" 2>/dev/null || true; }

# ask METHOD PATH BODY [HEADER…]: status and body.
ask() {
    local method=$1 path=$2 body=$3; shift 3
    curl -s -X "$method" -d "$body" -w '\n%{http_code}' "${@/#/-H}" "$URL$path"
}
code() { head -n 1 | jq -r '.reasons[0].code // .details[0].reason'; }
# says CODE WHAT METHOD PATH BODY [HEADER…]
says() {
    local expected=$1 what=$2 found; shift 2
    found=$(ask "$@" | code)
    if [ "$found" = "$expected" ]; then claim "$what: $found"; else broken "$what: expected $expected, got $found"; fi
}
# grow FROM TO: one registration, which is one entry, for each number; four clients.
grow() {
    seq "$1" "$2" | xargs -P 4 -I {} curl -s -o "$SCRATCH/registered" -H "Authorization: Bearer $OWNER" \
        -d '{"person":"p{}@example.org"}' "$URL/v1/persons" || true
}
tiles() { CREDENTIAL=${CREDENTIAL-$OWNER} python3 "$LIB/tiles.py" "$URL"; }

serve
says log.empty 'a log without entries has no checkpoint' GET /checkpoint '' "Authorization: Bearer $OWNER"
grow 1 400
holds 'a foreign reader follows the tiles to the checkpoint' tiles
cat "$SCRATCH/out"
for path in /checkpoint /tile/0/000 /tile/entries/000 /api/v2/checkpoint '/v1/log/entries?start=0&count=1'; do
    says issue.unauthorized "a stranger at $path of a private log" GET "$path" ''
done
says log.tile 'a path in another spelling' GET /tile/0/0 '' "Authorization: Bearer $OWNER"
says log.tile_absent 'a tile beyond the tree' GET /tile/0/009 '' "Authorization: Bearer $OWNER"

# The engine dies while it completes tiles.
grow 401 1200 &
GROWING=$!
sleep 0.5
stop -9
wait "$GROWING" || true
serve --public-log
grow 1201 1300
CREDENTIAL='' holds 'the tiles of an engine that was killed lead to its checkpoint' tiles
cat "$SCRATCH/out"

# Rekor's wire, where nobody has a certificate yet.
says log.entry_malformed 'no JSON on the write wire' POST /api/v2/log/entries 'x'
says log.kind 'a DSSE entry on the write wire' POST /api/v2/log/entries '{"dsseRequestV002":{}}'

says issue.unauthorized 'a stranger who would freeze the log' POST /v1/log/freeze '{}'
holds 'the owner freezes the log' ask POST /v1/log/freeze '{}' "Authorization: Bearer $OWNER"
BEFORE=$(tiles)
says log.frozen 'a registration on a frozen log' POST /v1/persons '{"person":"late@example.org"}' "Authorization: Bearer $OWNER"
stop -TERM
serve --public-log
says log.frozen 'a frozen log after a restart' POST /v1/persons '{"person":"late@example.org"}' "Authorization: Bearer $OWNER"
[ "$(tiles)" = "$BEFORE" ] && claim "a frozen log stays as it is: $BEFORE" || broken 'a frozen log has grown'
stop -TERM
holds 'the stored log leads to its checkpoint' "$BIN/chancery-server" fsck --state "$SCRATCH/engine" --json
