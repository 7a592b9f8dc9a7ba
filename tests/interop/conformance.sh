#!/usr/bin/env bash
# sigstore-conformance's verification cases through our own verify command. The suite is no package, so its cases come from a
# folder: CONFORMANCE_ASSETS, or sigstore-conformance/bundle-verify below ../shared/vectors. Without one this says so and
# runs the cases that the Rust verifier's package carries.
ASSETS=${CONFORMANCE_ASSETS:-} # The stories' library keeps no variable of the caller's environment.
source "$(dirname "$0")/lib/place.sh"
ASSETS=${ASSETS:-$ROOT/../shared/vectors/sigstore-conformance/bundle-verify}
cd "$SCRATCH"

if [ -d "$ASSETS" ]; then
    holds 'every conformance case' python3 "$INTEROP/lib/conformance.py" "$BIN/chancery" "$ASSETS" "$INTEROP/conformance.json"
    tail -n 1 "$SCRATCH/out"
else
    echo "not run: sigstore-conformance is not at $ASSETS; name its test/assets/bundle-verify by CONFORMANCE_ASSETS"
fi

# Bundles that other clients made of public Sigstore and of private ones, as sigstore-verify's own package has them.
DATA=$(HOME=$CALLER_HOME cargo metadata --locked --format-version 1 --manifest-path "$ROOT/Cargo.toml" |
    jq -r '.packages[] | select(.name == "sigstore-verify") | .manifest_path | sub("Cargo.toml$"; "test_data")')
BEACON=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main
ACTIONS=https://token.actions.githubusercontent.com LOGIN=https://github.com/login/oauth
STAGING=$DATA/sct-multi-intermediate/staging_trusted_root.json
# judge ROOT BUNDLE IDENTITY ISSUER [FILE]: over the file, or over the digest that the bundle gives.
judge() {
    local about=${5:-}
    [ -n "$about" ] || about=sha256:$(digest "$DATA/$2")
    "$BIN/chancery" artifact verify --json --sigstore "$about" --bundle "$DATA/$2" --trusted-root "$1" --identity "$3" --issuer "$4"
}
digest() {
    jq -r '.messageSignature.messageDigest.digest // empty' "$1" | base64 -d | od -An -v -tx1 | tr -d ' \n'
    jq -r '.dsseEnvelope // empty | .payload | @base64d | fromjson | .subject[0].digest | .sha256 // ("0" * 64)' "$1"
}
holds 'a wheel that GitHub Actions signed' judge public bundles/bundle_v3_github.whl.sigstore https://github.com/trailofbits/rfc8785.py/.github/workflows/release.yml@refs/tags/v0.1.2 $ACTIONS
holds 'an attestation in Rekor v1' judge public bundles/conda-attestation.sigstore.json https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main $ACTIONS
holds 'the same over its file' judge public bundles/conda-attestation.sigstore.json https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main $ACTIONS "$DATA/bundles/signed-package-2.1.0-hb0f4dca_0.conda"
holds 'what cosign signed' judge public bundles/cosign-v3-blob.sigstore.json w.vollprecht@gmail.com $LOGIN "$DATA/bundles/cosign-v3-blob.txt"
holds 'an attestation in Rekor v2' judge "$STAGING" bundles/conda-attestation-rekor2.sigstore.json jku@goto.fi $LOGIN
holds 'what sigstore-python signed in Rekor v2' judge "$STAGING" upstream/sigstore-python/staging-rekor-v2.txt.sigstore.json jku@goto.fi $LOGIN
holds 'its attestation' judge "$STAGING" upstream/sigstore-python/a.dsse.staging-rekor-v2.txt.sigstore.json $BEACON $ACTIONS
holds 'a certificate of one of several authorities of a name' judge "$STAGING" sct-multi-intermediate/staging_bundle.sigstore.json https://github.com/sigstore/root-signing-staging/.github/workflows/custom-test.yml@refs/heads/main $ACTIONS
holds 'a managed key' "$BIN/chancery" artifact verify --sigstore "$DATA/managed-key/artifact.txt" --bundle "$DATA/managed-key/bundle.sigstore.json" --key "$DATA/managed-key/key.pub" --trusted-root public
refuses art.content_differs 'what cosign signed, over another file' judge public bundles/cosign-v3-blob.sigstore.json w.vollprecht@gmail.com $LOGIN "$DATA/managed-key/artifact.txt"
refuses id.mismatch 'what cosign signed, by somebody else' judge public bundles/cosign-v3-blob.sigstore.json somebody@example.org $LOGIN
refuses intoto.subject_mismatch 'an attestation over another file' judge public bundles/conda-attestation.sigstore.json https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main $ACTIONS "$DATA/managed-key/artifact.txt"
refuses intoto.digest_weak 'a statement with sha512 alone, by a sha256' judge public bundles/sigstore.js@2.0.0-provenance.sigstore.json https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main $ACTIONS
refuses log.body_mismatch.signature 'an entry of another signature (CVE-2022-36056)' judge "$STAGING" bundles/bundle_cve_2022_36056.txt.sigstore william@yossarian.net $LOGIN
refuses log.origin_mismatch 'a bundle of staging under the public root' judge public bundles/conda-attestation-rekor2.sigstore.json jku@goto.fi $LOGIN
refuses log.sct_invalid 'a promise by an unknown log of certificates' judge "$DATA/invalid-ct-key_fail/trusted_root.json" invalid-ct-key_fail/bundle.sigstore.json $BEACON $ACTIONS
refuses bundle.version 'a version nobody made' judge public bundles/bundle_invalid_version.txt.sigstore a b
refuses bundle.verification_material 'a chain without certificates' judge public bundles/bundle_no_cert_v1.txt.sigstore a b
refuses log.proof_missing 'a proof without checkpoint' judge public bundles/bundle_no_checkpoint.txt.sigstore a b
refuses log.entry_missing 'no log entry' judge public bundles/bundle_no_log_entry.txt.sigstore a b
refuses log.entry_missing 'a private attestation, which no log has' judge public bundles/github-private-attestation.sigstore.json a b
refuses time.none 'a time that nobody signed' judge public bundles/bundle_v3_no_signed_time.txt.sigstore.json william@yossarian.net $LOGIN
refuses dsse.signature_count 'an envelope with two signatures' judge public bundles/dsse-2sigs.sigstore.json a b
refuses trust.key_missing 'a managed key that nobody gave' judge public managed-key/bundle.sigstore.json a b
