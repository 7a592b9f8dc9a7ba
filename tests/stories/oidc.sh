#!/usr/bin/env bash
# A real OpenID provider vouches for people, OpenSSL asks for their certificates and time-stamps, and judges both.
source "$(dirname "$0")/lib/story.sh"

ENGINE='' PROVIDER=''
finish() {
    local code=$?
    [ -z "$ENGINE$PROVIDER" ] || kill $ENGINE $PROVIDER 2>/dev/null || true
    (exit "$code") || true
    end
}
trap finish EXIT

IDP=$SCRATCH/idp
cp -r "$ROOT/tests/stories/oidc" "$IDP"
# The caller's npm settings say where packages come from.
(cd "$IDP" && HOME=$CALLER_HOME npm ci --silent --no-audit --no-fund --cache "$SCRATCH/npm")
node "$IDP/provider.js" >"$SCRATCH/idp.url" 2>"$SCRATCH/idp.err" & PROVIDER=$!

# appears FILE: waits until something is written into it.
appears() {
    for _ in $(seq 200); do [ -s "$1" ] && return; sleep 0.1; done
    broken "$1 stays empty"; exit 1
}
appears "$SCRATCH/idp.url"
ISSUER=$(head -n 1 "$SCRATCH/idp.url")
token() { python3 "$IDP/login.py" "$ISSUER" "$@"; }

jq -n --arg url "$ISSUER" '{issuers: [{url: $url, audiences: ["sigstore", "sigstore-ed"], identity: {kind: "email"}}]}' >"$SCRATCH/oidc.json"
"$BIN/chancery-server" init --state "$SCRATCH/engine" --owner-out "$SCRATCH/owner" >/dev/null
serve() {
    rm -f "$SCRATCH/serve.out"
    "$BIN/chancery-server" serve --state "$SCRATCH/engine" --credential-file "$SCRATCH/owner" "$@" >"$SCRATCH/serve.out" 2>"$SCRATCH/serve.err" & ENGINE=$!
    appears "$SCRATCH/serve.out"
    URL=$(cat "$SCRATCH/engine/address")
}
serve --oidc "$SCRATCH/oidc.json"
cd "$SCRATCH"

# request NAME: a fresh key and OpenSSL's request for it, with a name and extensions nobody should get.
request() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
    openssl req -new -key "$1.key" -subj /CN=root@example.org -addext basicConstraints=critical,CA:TRUE \
        -addext subjectAltName=email:root@example.org -out "$1.csr"
}
# asks NAME TOKEN: the answer in NAME.json; prints the status.
asks() {
    jq -n --arg csr "$(base64 -w0 "$1.csr")" '{certificateSigningRequest: $csr}' |
        curl -s -o "$1.json" -w '%{http_code}' -H "Authorization: Bearer $2" -H 'Content-Type: application/json' --data-binary @- "$URL/api/v2/signingCert"
}
# declined STATUS CODE WHAT NAME TOKEN
declined() {
    local status; status=$(asks "$4" "$5")
    if [ "$status" = "$1" ] && [ "$(jq -r '.details[0].reason' "$4.json")" = "$2" ]; then claim "$3: $2"; else broken "$3: $status $(cat "$4.json")"; fi
}
certificates() { jq -r ".signedCertificateEmbeddedSct.chain.certificates[$2]" "$1.json"; }

request bob
BOB=$(token sigstore bob)
[ "$(asks bob "$BOB")" = 200 ] && claim 'a token of the provider gets a certificate' || broken "bob: $(cat bob.json)"
for number in 0 1 2; do certificates bob $number >"bob.$number.pem"; done
holds 'openssl verifies it below issuing authority and root' openssl verify -purpose any -CAfile bob.2.pem -untrusted bob.1.pem bob.0.pem
says() { openssl x509 -in bob.0.pem -noout -text | grep -q "$1"; }
holds 'it names bob, whom the provider vouched for' says 'email:bob@example.org'
fails 'and not the name in the request' says root@example.org
fails 'nor is it an authority' says CA:TRUE
holds 'it names the provider as issuer' says "$ISSUER"
holds 'it has a promise of logging' says 'Signed Certificate Timestamp'
cp bob.json first.json
[ "$(asks bob "$BOB")" = 200 ] && cmp -s bob.json first.json && claim 'a repeat gets the same bytes' || broken 'a repeat gets the same bytes'

request second
declined 401 oidc.replay 'the token with another key' second "$BOB"
declined 401 oidc.audience 'a token for another service' second "$(token another bob)"
declined 401 oidc.email_unverified 'an address that nobody verified' second "$(token sigstore eve)"
declined 401 oidc.signature 'a token with one letter changed' second "$(sed 's/\(.*\.\)\(.\)\(.*\)$/\1\3\2/' <<<"$BOB")"
declined 401 oidc.not_jws 'the owner credential' second "$(cat owner)"
[ "$(asks second "$(token sigstore-ed bob)")" = 200 ] && claim 'a token signed with Ed25519' || broken "Ed25519: $(cat second.json)"

# The clock, judged by openssl ts.
printf 'what was signed' >message
stamp() { # stamp NAME ARGUMENT…
    openssl ts -query -data message "${@:2}" -out "$1.tsq" 2>/dev/null
    curl -s -o "$1.tsr" -w '%{http_code}' -H 'Content-Type: application/timestamp-query' --data-binary "@$1.tsq" "$URL/api/v1/timestamp"
}
verified() { openssl ts -verify -queryfile "$1.tsq" -in "$1.tsr" -CAfile bob.2.pem "${@:2}"; }
curl -s "$URL/api/v1/timestamp/certchain" >authority.pem
[ "$(stamp full -sha256 -cert)" = 200 ] && holds 'openssl ts verifies a token with its certificate inside' verified full
[ "$(stamp bare -sha512)" = 200 ] && holds 'and one without, given the chain' verified bare -untrusted authority.pem
[ "$(stamp plain -sha384 -no_nonce)" = 200 ] && holds 'and one without a nonce' verified plain -untrusted authority.pem
fails 'openssl ts does not take one answer for another request' openssl ts -verify -queryfile full.tsq -in plain.tsr -CAfile bob.2.pem -untrusted authority.pem
rejected() { # rejected WHAT WORDS ARGUMENT…
    local status; status=$(stamp rejected "${@:3}")
    if [ "$status" = 400 ] && openssl ts -reply -in rejected.tsr -text 2>/dev/null | grep -q "$2"; then claim "$1"; else broken "$1: $status"; fi
}
rejected 'SHA-1 is badAlg' 'unrecognized or unsupported algorithm' -sha1
rejected 'the countersigning policy is unacceptedPolicy' 'policy is not supported' -sha256 -tspolicy 2.25.246148246.5.1

# What stock clients are told.
mkdir published
holds 'chancery trust export fills a folder' "$BIN/chancery" --engine "$URL" trust export --out published
holds 'the signing config names the services' jq -e --arg url "$URL" --arg idp "$ISSUER" \
    '.caUrls[0].url == $url and .rekorTlogUrls[0].majorApiVersion == 2 and .tsaUrls[0].url == $url + "/api/v1/timestamp" and .oidcUrls[0].url == $idp' published/signing_config.json
holds 'the client trust config holds both documents' jq -e --slurpfile root published/trusted_root.json '.trustedRoot == $root[0]' published/client_trust_config.json
holds 'the authorities are those that issued' openssl verify -purpose any -CAfile published/authorities.pem bob.0.pem

# A provider that is gone: known keys serve, a fresh engine has none.
THIRD=$(token sigstore bob) FOURTH=$(token sigstore bob)
kill "$PROVIDER"; wait "$PROVIDER" 2>/dev/null || true; PROVIDER=''
request third
[ "$(asks third "$THIRD")" = 200 ] && claim 'keys that are known serve without the provider' || broken "third: $(cat third.json)"
kill "$ENGINE"; wait "$ENGINE" 2>/dev/null || true
serve --oidc oidc.json
request fourth
declined 503 oidc.unreachable 'a fresh engine without the provider' fourth "$FOURTH"
request fifth
declined 401 oidc.audience 'what is decided without keys is decided' fifth "$(sed 's/^[^.]*\.[^.]*/eyJhbGciOiJSUzI1NiJ9.'"$(jq -nc --arg iss "$ISSUER" '{iss: $iss, sub: "x", aud: "y"}' | tr -d '\n' | base64 -w0 | tr '+/' '-_' | tr -d =)"'/' <<<"$FOURTH")"
