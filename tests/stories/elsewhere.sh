#!/usr/bin/env bash
# Files, folders and prompts signed through a Sigstore behind TLS, and services that lie in one thing each: no file is left.
# The deployment is an engine of ours; who asks it here knows only its signing config and trust root.
source "$(dirname "$0")/lib/story.sh"

source "$LIB/deployment.sh"

# Certificates that are wrong in one thing each.
authority stranger
certificate name ca example.org
certificate unknown stranger localhost
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout expired.pem -out expired.csr -subj /CN=localhost 2>/dev/null
mkdir demoCA; touch demoCA/index.txt; echo 01 >demoCA/serial
openssl ca -batch -in expired.csr -out expired.crt -cert ca.pem -keyfile ca.key -outdir . -startdate 20200101000000Z -enddate 20210101000000Z \
    -policy policy_anything -extfile right.ext -md sha256 -config <(printf '[ca]\ndefault_ca=a\n[a]\ndatabase=demoCA/index.txt\nserial=demoCA/serial\nnew_certs_dir=.\n[policy_anything]\ncommonName=supplied\n') -notext >/dev/null 2>expired.err
cat expired.crt >>expired.pem

echo 'an artifact' >artifact
mkdir folder; echo one >folder/one; mkdir folder/deep; echo two >folder/deep/two
sign() { # sign CONFIG PATH [OPTION…]: with a fresh token
    token >token
    "$BIN/chancery" artifact sign "$2" --json --signing-config "signing_config.$1.json" --trusted-root published/trusted_root.json \
        --identity-token-file token --ca ca.pem "${@:3}"
}
verify() { "$BIN/chancery" artifact verify --json --sigstore "$1" --trusted-root published/trusted_root.json --identity bob@example.org --issuer "$ISSUER" "${@:2}"; }

holds 'a file is signed through services behind TLS, whose identity issuer is behind TLS' sign tls artifact
holds 'its bundle verifies' verify artifact
NOWHERE=http://127.0.0.1:1
HTTPS_PROXY=$NOWHERE HTTP_PROXY=$NOWHERE ALL_PROXY=$NOWHERE holds 'no proxy of the environment is asked' sign tls artifact --bundle direct.json
holds 'and holds the signature of the file itself' jq -e '.messageSignature and (.verificationMaterial.timestampVerificationData.rfc3161Timestamps | length == 1)' artifact.sigstore.json
holds 'a folder is signed' sign tls folder
holds 'and verifies by its manifest' verify folder
holds 'as a statement about it' jq -e '.dsseEnvelope.payload | @base64d | fromjson | .predicate.kind == "directory"' folder.sigstore.json
echo more >folder/more
refuses intoto.subject_mismatch 'a folder with one file more' verify folder
rm folder/more
sed -i s/an/no/ artifact
refuses art.content_differs 'another file' verify artifact
echo 'an artifact' >artifact
holds 'the same by a client trust config and a descriptor' bash -c "'$BIN/chancery' artifact sign artifact --trust-config published/client_trust_config.json \
    --identity-token-file /dev/fd/3 --bundle third.json 3< <(python3 '$LIB/issuer.py' '$SCRATCH/idp' '$ISSUER' bob@example.org)"
holds 'which verifies' verify artifact --bundle third.json
SIGSTORE_ID_TOKEN=$(token) holds 'the token may be in the environment, as other clients take it' "$BIN/chancery" artifact sign artifact \
    --trust-config published/client_trust_config.json --bundle fourth.json

# A prompt, and the user's own default.
git init -q work && mkdir work/.chancery && cd work
printf 'repository = "repo-00112233445566778899aabbccddeeff"\ntarget = "refs/heads/main"\n' >.chancery/config.toml
echo 'Add a greeting.' >prompt.md
git add . && git commit -q -m one
export CHANCERY_HOME=$SCRATCH/home
mkdir "$CHANCERY_HOME"
printf '[elsewhere]\ntrust_config = "../published/client_trust_config.json"\n' >"$CHANCERY_HOME/config.toml"
token >"$SCRATCH/token"
holds 'a prompt is signed where config.toml says' "$BIN/chancery" prompt sign prompt.md --identity-token-file "$SCRATCH/token"
cd "$SCRATCH"
holds 'and is a statement about its text' verify work/prompt.md
refuses 'engine.unreachable|issue.unauthorized' 'the engine is asked where that is said' "$BIN/chancery" artifact sign artifact --built-in --bundle none.json
unset CHANCERY_HOME

# Nobody is believed whose certificate does not say so, and nothing is left.
refused() { # refused CODES WHAT COMMAND…: and no bundle
    rm -f refused.json*
    refuses "$@"
    [ -z "$(ls refused.json* 2>/dev/null)" ] || broken "$2: a file is left"
}
for wrong in name:tls.name unknown:tls.authority expired:tls.expired; do
    front "$wrong" "$URL" --certificate "${wrong%:*}.pem"
    behind "$FRONT" wrong
    refused "${wrong#*:}" "services under a certificate that is wrong: ${wrong%:*}" sign wrong artifact --bundle refused.json
done
refused tls.authority "the system's authorities do not know ours" "$BIN/chancery" artifact sign artifact --signing-config signing_config.tls.json \
    --trusted-root published/trusted_root.json --identity-token-file token --bundle refused.json

for lie in 'certificate:x509.untrusted|elsewhere.refused' key:elsewhere.certificate_key 'stamp:time\..*' 'body:log\..*|bundle.json' 'root:log\..*' log:log.origin_mismatch flood:elsewhere.limit; do
    front "$lie" "$URL" --lie "${lie%%:*}"
    behind "$FRONT" lie
    refused "${lie#*:}" "a lie about: ${lie%%:*}" sign lie artifact --bundle refused.json
done
front replayed "$URL" --lie replayed
behind "$FRONT" lie
holds 'a stamp that is kept, the first time' sign lie artifact --bundle first.json
refused time.imprint_mismatch 'a stamp that was kept, the second time' sign lie artifact --bundle refused.json

# Tokens.
token bob@example.org -10 >token.old
refused elsewhere.token 'an expired token is shown to nobody' "$BIN/chancery" artifact sign artifact --trust-config published/client_trust_config.json \
    --identity-token-file token.old --bundle refused.json
refused elsewhere.token 'no token' "$BIN/chancery" artifact sign artifact --trust-config published/client_trust_config.json --bundle refused.json
refused id.mismatch 'a token of somebody else than is named' sign tls artifact --identity eve@example.org --bundle refused.json
refused elsewhere.refused 'a token that was used' "$BIN/chancery" artifact sign artifact --trust-config published/client_trust_config.json \
    --identity-token-file token --bundle refused.json

# The engine believes no issuer that it cannot tell from somebody else.
stop "$ENGINE"
asks() { # asks: the code of the engine's refusal
    openssl ecparam -name prime256v1 -genkey -noout -out asked.key
    openssl req -new -key asked.key -subj / -out asked.csr
    jq -n --arg csr "$(base64 -w0 asked.csr)" '{certificateSigningRequest: $csr}' |
        curl -s -H "Authorization: Bearer $(cat token)" -H 'Content-Type: application/json' --data-binary @- "$URL/api/v2/signingCert" | jq -r '.details[0].reason // "a certificate"'
}
says() { # says CODE WHAT
    local found; found=$(asks)
    if [ "$found" = "$1" ]; then claim "$2: $1"; else broken "$2: $found, not $1"; fi
}
serve
token >token
says tls.authority "the issuer under an authority that the engine's system does not know"
stop "$ENGINE"
for wrong in name:tls.name unknown:tls.authority expired:tls.expired; do
    front "issuer-$wrong" "$SCRATCH/idp" --certificate "${wrong%:*}.pem"
    jq --arg url "$FRONT" '.issuers[0].url = $url' oidc.json >other.json && mv other.json oidc.json
    rm -r idp idp.key; mkdir idp
    ISSUER=$FRONT; token >token
    serve --ca ca.pem
    says "${wrong#*:}" "an issuer under a certificate that is wrong: ${wrong%:*}"
    stop "$ENGINE"
done
