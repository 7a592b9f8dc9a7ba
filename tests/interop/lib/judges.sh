# The stock verifiers, each as a function: `judge_NAME PUBLISHED BUNDLE IDENTITY ISSUER FILE`, where PUBLISHED is a folder
# that `chancery trust export` filled. Sourced after place.sh.

python_of() { python3 -m venv "$1" && "$1/bin/pip" install --quiet --disable-pip-version-check sigstore==4.5.1; }
js_of() { cp "$INTEROP"/js/* "$1" && npm ci --silent --no-audit --no-fund; }
go_of() { cd "$INTEROP/go" && go build -ldflags='-s -w' -o "$1/" ./...; }
cosign_of() { GOBIN=$1 go install -ldflags='-s -w' github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3; }

judge_python() {
    "$PYTHON/bin/python" -m sigstore --trust-config "$1/client_trust_config.json" verify identity --offline --bundle "$2" \
        --cert-identity "$3" --cert-oidc-issuer "$4" "$5"
}
judge_js() { node "$JS/verify.js" "$1/trusted_root.json" "${@:2}"; }
judge_go() { "$GO/verify" "$1/trusted_root.json" "${@:2}"; }
judge_cosign() {
    local verb=verify-blob
    ! jq -e .dsseEnvelope "$2" >/dev/null || verb="verify-blob-attestation --type $(jq -r '.dsseEnvelope.payload | @base64d | fromjson | .predicateType' "$2")"
    "$COSIGN/cosign" $verb --trusted-root "$1/trusted_root.json" --bundle "$2" --certificate-identity "$3" --certificate-oidc-issuer "$4" "$5"
}
judge_ours() {
    "$BIN/chancery" artifact verify --json --sigstore "$5" --bundle "$2" --trusted-root "$1/trusted_root.json" --identity "$3" --issuer "$4"
}

# controls JUDGE PUBLISHED BUNDLE IDENTITY ISSUER FILE OTHER: what the judge must not take. OTHER is another engine's folder.
controls() {
    local judge=$1; shift
    local published=$1 bundle=$2 identity=$3 issuer=$4 file=$5 other=$6 part
    sed 's/a/o/' "$file" >"$SCRATCH/another"
    fails "$judge: not over another file" "judge_$judge" "$published" "$bundle" "$identity" "$issuer" "$SCRATCH/another"
    fails "$judge: not for another identity" "judge_$judge" "$published" "$bundle" "x$identity" "$issuer" "$file"
    fails "$judge: not for another issuer" "judge_$judge" "$published" "$bundle" "$identity" "$issuer/x" "$file"
    fails "$judge: not under another engine's trust root" "judge_$judge" "$other" "$bundle" "$identity" "$issuer" "$file"
    for part in signature certificate time-stamp proof body; do
        # These two make the body again for themselves and never look at the one that came.
        case $judge-$part in go-body | cosign-body) continue ;; esac
        [[ " ${UNREAD:-} " != *" $judge-$part "* ]] || continue
        python3 "$INTEROP/lib/alter.py" $part "$bundle" >"$SCRATCH/altered.json"
        fails "$judge: not with a bit of its $part flipped" "judge_$judge" "$published" "$SCRATCH/altered.json" "$identity" "$issuer" "$file"
    done
}
