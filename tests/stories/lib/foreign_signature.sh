# Signs a commit with a certificate authority of one's own, as far as OpenSSL can. Sourced after story.sh.

# foreign_signature PAYLOAD OUT: OUT is PAYLOAD with a detached CMS signature of a self-made code-signing leaf.
foreign_signature() {
    local made=$SCRATCH/foreign
    mkdir -p "$made"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/O=Chancery/CN=Chancery issuing' -days 1 \
        -keyout "$made/ca.key" -out "$made/ca.pem" 2>/dev/null
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=agent builder' \
        -keyout "$made/key" -out "$made/csr" 2>/dev/null
    printf 'subjectAltName=URI:%s\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n' \
        "${FORGED_SAN:-spiffe://example/agent/builder/1}" >"$made/extensions"
    openssl x509 -req -in "$made/csr" -CA "$made/ca.pem" -CAkey "$made/ca.key" -CAcreateserial -days 1 \
        -extfile "$made/extensions" -out "$made/leaf.pem" 2>/dev/null
    openssl cms -sign -binary -cades -nosmimecap -md sha256 -signer "$made/leaf.pem" -inkey "$made/key" -outform DER -in "$1" -out "$made/cms"
    python3 - "$1" "$made/cms" "$2" "$LIB" <<'PYTHON'
import pathlib, sys
payload, cms, out, lib = sys.argv[1:]
sys.path.insert(0, lib)
from signature import arm, join
pathlib.Path(out).write_bytes(join(pathlib.Path(payload).read_bytes(), arm(pathlib.Path(cms).read_bytes())))
PYTHON
}
