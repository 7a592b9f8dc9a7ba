# A Sigstore that somebody else runs: an engine that nobody here knows but by its signing config and trust root, behind TLS,
# as is the issuer of its identity tokens. Sourced after story.sh, never run; the current folder is the scratch folder then.
RUNNING=''
finish() {
    local code=$?
    [ -z "$RUNNING" ] || kill $RUNNING 2>/dev/null || true
    (exit "$code") || true
    end
}
trap finish EXIT
cd "$SCRATCH"

# appears FILE: waits until something is written into it.
appears() {
    for _ in $(seq 200); do [ -s "$1" ] && return; sleep 0.1; done
    broken "$1 stays empty: $(tail -n 3 "${1%.*}.err" 2>/dev/null)"; exit 1
}
# front NAME TARGET [OPTION…]: serves; the URL in $FRONT, the process in $LAST.
front() {
    python3 "$LIB/tls_front.py" "${@:2}" >"$1.url" 2>"$1.err" & LAST=$!; RUNNING="$RUNNING $LAST"
    appears "$1.url"
    FRONT=$(cat "$1.url")
}

# Authorities of TLS, and certificates right and wrong: NAME.pem holds key and certificate.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.pem" -days 30 -subj "/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
}
certificate() { # certificate NAME AUTHORITY HOST [OPTION…]
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.pem" -out "$1.csr" -subj "/CN=$3" 2>/dev/null
    printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$3" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "$RANDOM" -extfile "$1.ext" -days 7 "${@:4}" 2>/dev/null >>"$1.pem"
}
authority ca
certificate right ca localhost

# An issuer behind TLS, and an engine that believes its authority.
mkdir idp
front idp "$SCRATCH/idp" --certificate right.pem
ISSUER=$FRONT
token() { python3 "$LIB/issuer.py" "$SCRATCH/idp" "$ISSUER" "${1:-bob@example.org}" "${2:-300}"; }
token >token
jq -n --arg url "$ISSUER" '{issuers: [{url: $url, audiences: ["sigstore"], identity: {kind: "email"}}]}' >oidc.json
"$BIN/chancery-server" init --state engine --owner-out owner >/dev/null
serve() {
    rm -f engine/address
    "$BIN/chancery-server" serve --state engine --credential-file owner --oidc oidc.json "$@" >serve.out 2>serve.err & ENGINE=$!; RUNNING="$RUNNING $ENGINE"
    appears engine/address; appears serve.out
    URL=$(cat engine/address)
    for _ in $(seq 100); do curl -sf "$URL/v1/status" >/dev/null && return; sleep 0.1; done
}
stop() { kill "$1"; wait "$1" 2>/dev/null || true; }
serve --ca ca.pem
mkdir published
"$BIN/chancery" --engine "$URL" trust export --out published >/dev/null

# behind URL: the same services at another address.
behind() {
    jq --arg url "$1" --arg own "$URL" '(.caUrls, .rekorTlogUrls, .tsaUrls) |= map(.url |= sub($own; $url))' published/signing_config.json >"signing_config.$2.json"
}
front services "$URL" --certificate right.pem
behind "$FRONT" tls
