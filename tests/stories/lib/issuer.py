"""An OpenID issuer of files: issuer.py FOLDER URL MAIL [SECONDS] prints an identity token that lives so long, and puts
discovery document and key set into FOLDER. Openssl makes key and signature."""

import base64
import json
import pathlib
import subprocess
import sys
import time

folder, url, mail = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 300
key = folder.with_suffix(".key")


def openssl(*arguments, given=None):
    return subprocess.run(["openssl", *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


if not key.exists():
    openssl("genrsa", "-out", str(key), "2048")
    modulus = bytes.fromhex(openssl("rsa", "-in", str(key), "-noout", "-modulus").decode().strip().split("=")[1])
    keys = {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": text(modulus), "e": "AQAB"}]}
    (folder / "jwks").write_text(json.dumps(keys))
    (folder / ".well-known").mkdir()
    (folder / ".well-known/openid-configuration").write_text(json.dumps({"issuer": url, "jwks_uri": f"{url}/jwks"}))
now = int(time.time())
claims = {"iss": url, "aud": "sigstore", "sub": mail, "email": mail, "email_verified": True, "iat": now, "exp": now + seconds}
claims["jti"] = time.monotonic_ns()
signed = ".".join(text(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, claims))
print(f"{signed}.{text(openssl('dgst', '-sha256', '-sign', str(key), given=signed.encode()))}")
