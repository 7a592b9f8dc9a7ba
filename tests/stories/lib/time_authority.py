"""A time authority on this machine: time_authority.py FOLDER prints its port and serves until it is killed.

`openssl ts` answers, with the authority whose config, certificate and key lie in FOLDER. Where FOLDER/lie holds a word, that
is the one thing that is not as it should be: `down` an error, `slow` no answer, `junk` no token, `other` another signature is
stamped, `nonce` another question is answered, `replayed` the first answer is given again, `stranger` the authority in
FOLDER/stranger stamps, `refused` the request is rejected, `flood` more bytes than anybody reads.
"""

import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

FOLDER = pathlib.Path(sys.argv[1])
SERIAL = threading.Lock()
KEPT = {}


def reply(query, folder):
    with SERIAL, tempfile.TemporaryDirectory() as scratch:
        request, answer = pathlib.Path(scratch, "query"), pathlib.Path(scratch, "reply")
        request.write_bytes(query)
        command = ["openssl", "ts", "-reply", "-config", "config", "-section", "t", "-queryfile", request, "-out", answer]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return answer.read_bytes()


def altered(query, place):
    data = bytearray(query)
    data[place] ^= 1
    return bytes(data)


def lied(lie, query):
    if lie == "other":
        # The imprint lies behind version and algorithm.
        return reply(altered(query, 24), FOLDER)
    if lie == "nonce":
        # certReq, three bytes, is behind the nonce.
        return reply(altered(query, len(query) - 4), FOLDER)
    if lie == "replayed":
        return KEPT.setdefault("first", reply(query, FOLDER))
    if lie == "stranger":
        return reply(query, FOLDER / "stranger")
    if lie == "refused":
        return bytes.fromhex("30053003020102")
    return {"junk": b"no token", "flood": b"0" * 200_000}[lie]


class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        word = FOLDER / "lie"
        lie = word.read_text().strip() if word.exists() else ""
        if lie == "slow":
            time.sleep(60)
        if lie in ("down", "slow"):
            self.send_error(500)
            return
        body = lied(lie, query) if lie else reply(query, FOLDER)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
print(server.server_address[1], flush=True)
server.serve_forever()
