"""An HTTPS or HTTP front: tls_front.py TARGET [--certificate PEM] [--lie NAME] prints its URL and serves until it is killed.

TARGET is a folder whose files are served, or the URL of an engine to which every question is handed on. Behind the second,
NAME is the one thing in an answer that is not as the engine gave it.
"""

import argparse
import base64
import http.server
import json
import pathlib
import ssl
import urllib.error
import urllib.request


def flipped(text):
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    return base64.b64encode(bytes(data)).decode()


def certificate(body):
    answer = json.loads(body)
    chain = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    lines = chain[0].strip().split("\n")
    text = flipped("".join(lines[1:-1]))
    chain[0] = "\n".join([lines[0], *(text[at : at + 64] for at in range(0, len(text), 64)), lines[-1]]) + "\n"
    return json.dumps(answer).encode()


def chain(body):
    answer = json.loads(body)
    certificates = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    certificates[0] = certificates[1]
    return json.dumps(answer).encode()


def stamp(body):
    return body[:-1] + bytes([body[-1] ^ 1])


def entry(*at):
    def lie(body):
        answer = json.loads(body)
        part = answer
        for name in at[:-1]:
            part = part[name]
        part[at[-1]] = flipped(part[at[-1]])
        return json.dumps(answer).encode()

    return lie


KEPT = {}


def replayed(body):
    return KEPT.setdefault("stamp", body)


LIES = {
    "certificate": ("/api/v2/signingCert", certificate),
    "key": ("/api/v2/signingCert", chain),
    "stamp": ("/api/v1/timestamp", stamp),
    "replayed": ("/api/v1/timestamp", replayed),
    "body": ("/api/v2/log/entries", entry("canonicalizedBody")),
    "root": ("/api/v2/log/entries", entry("inclusionProof", "rootHash")),
    "log": ("/api/v2/log/entries", entry("logId", "keyId")),
    "flood": ("/api/v2/log/entries", lambda body: body + b" " * 1_000_000),
}

arguments = argparse.ArgumentParser()
arguments.add_argument("target")
arguments.add_argument("--certificate")
arguments.add_argument("--lie", choices=sorted(LIES))
options = arguments.parse_args()
lied_at, lie = LIES.get(options.lie, (None, None))


class Front(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if options.target.startswith("http://"):
            self.hand_on(None)
            return
        file = pathlib.Path(options.target, self.path.lstrip("/"))
        found = file.is_file()
        self.answer(200 if found else 404, file.read_bytes() if found else b"")

    def do_POST(self):
        self.hand_on(self.rfile.read(int(self.headers["Content-Length"])))

    def hand_on(self, body):
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type", "Accept") if name in self.headers}
        try:
            answer = urllib.request.urlopen(urllib.request.Request(options.target + self.path, body, headers))
        except urllib.error.HTTPError as error:
            answer = error
        said = answer.read()
        if answer.status < 300 and self.path == lied_at:
            said = lie(said)
        self.answer(answer.status, said, answer.headers.get("Content-Type", "application/json"))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
scheme = "http"
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https"
print(f"{scheme}://localhost:{server.server_port}", flush=True)
server.serve_forever()
