"""A witness that lies: answers add-checkpoint as its first argument says. Prints its port."""
import http.server
import sys
import time

LIE = sys.argv[1]
STRANGER = "— liar.example AAAAAAAAAABpAAAA" + "A" * 86 + "==\n"


class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if LIE == "slow":
            time.sleep(3600)
        status, body = {
            "ahead": (409, "9007199254740991\n"),
            "junk": (200, "<html>\n"),
            "stranger": (200, STRANGER),
        }[LIE]
        self.answer(status, body.encode())

    def do_GET(self):
        self.answer(404, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
print(server.server_address[1], flush=True)
server.serve_forever()
