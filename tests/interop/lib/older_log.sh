# An older log beside an engine that certifies and stamps: Rekor v1's own code reads what it is proposed and writes the entries.
# Sourced after place.sh; GO is the folder of our Go programs.

# older_log PUBLISHED FOLDER: starts the log; FOLDER gets its key, and what tells clients of it in the engine's place.
older_log() {
    mkdir "$2"
    "$GO/rekor1" "$2"/log.der >rekor1.url 2>rekor1.err & RUNNING="$RUNNING $!"
    appears rekor1.url
    jq --arg key "$(base64 -w0 "$2"/log.der)" --arg id "$(openssl dgst -sha256 -binary "$2"/log.der | base64 -w0)" '.tlogs += [.tlogs[0]
        | .baseUrl = "https://rekor.chancery.example" | .publicKey.rawBytes = $key | .publicKey.keyDetails = "PKIX_ECDSA_P256_SHA_256" | .logId.keyId = $id]' \
        "$1"/trusted_root.json >"$2"/trusted_root.json
    jq --arg url "$(cat rekor1.url)" '.rekorTlogUrls |= map(.url = $url | .majorApiVersion = 1)' "$1"/signing_config.json >"$2"/signing_config.json
    jq '.tsaUrls = []' "$2"/signing_config.json >"$2"/without_clock.json
    jq --slurpfile root "$2"/trusted_root.json --slurpfile config "$2"/signing_config.json '.trustedRoot = $root[0] | .signingConfig = $config[0]' \
        "$1"/client_trust_config.json >"$2"/client_trust_config.json
}
