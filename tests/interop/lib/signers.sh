# The stock clients that sign, each as a function: `sign_NAME PUBLISHED TOKEN BUNDLE FILE`, where PUBLISHED is a folder that
# `chancery trust export` filled. Ours is one of them. Sourced after judges.sh.

sign_python() {
    "$PYTHON/bin/python" -m sigstore --trust-config "$1/client_trust_config.json" sign --identity-token "$2" --bundle "$3" "$4"
}
sign_js() { printf '%s' "$2" >token; node "$JS/sign.js" "$1/signing_config.json" token "${@:3}"; }
# cosign_with VERB PUBLISHED TOKEN BUNDLE [ARGUMENT…] FILE
cosign_with() {
    "$COSIGN/cosign" "$1" --yes --identity-token "$3" --signing-config "$2/signing_config.json" --trusted-root "$2/trusted_root.json" \
        --bundle "$4" "${@:5}"
}
sign_cosign() { cosign_with sign-blob "$@"; }
sign_ours() {
    printf '%s' "$2" >token
    "$BIN/chancery" artifact sign "$4" --json --trust-config "$1/client_trust_config.json" --identity-token-file token --bundle "$3"
}
