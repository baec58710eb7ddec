"""A web server that misbehaves in every way that servers of sources do. It listens on the loopback alone."""

import gzip
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BOMB = gzip.compress(bytes(10 * 2**20))  # unpacked, ten times what visitors of tests read


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        name = self.path.strip("/").replace("-", "_").partition("?")[0]
        server.asked[name] += 1
        server.hosts.append(self.headers["Host"])
        server.agents.add(self.headers["User-Agent"])
        server.begun.append(time.monotonic())
        self.close_connection = True
        getattr(self, f"answer_{name}", self.answer_404)()

    def send(self, status, body=b"", content_type="text/html", **headers):
        self.send_response(status)
        headers = {"Content_Type": content_type, "Content_Length": len(body)} | headers
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def lead_to(self, address, status=301):
        self.send(status, Location=address)

    def answer_ok(self):
        self.send(200, b"<p>The authority lent spectrum.</p>")

    def answer_404(self):
        self.send(404)

    def answer_410(self):
        self.send(410)

    def answer_500(self):
        self.send(500)

    def answer_403(self):
        self.send(403)

    def answer_moved(self):
        self.lead_to("/moved-again")

    def answer_moved_again(self):
        self.lead_to("/ok", 308)

    def answer_moved_and_gone(self):
        self.lead_to("/404")

    def answer_for_now(self):
        self.lead_to("/moved", 302)

    def answer_moved_then_for_now(self):
        self.lead_to("/for-now-to-ok")

    def answer_for_now_to_ok(self):
        self.lead_to("/ok", 307)

    def answer_loop(self):
        self.lead_to("/loop")

    def answer_to_private(self):
        self.lead_to("http://10.0.0.1/")

    def answer_to_metadata(self):
        self.lead_to("http://169.254.169.254/latest/meta-data/")

    def answer_to_file(self):
        self.lead_to("file:///etc/passwd")

    def answer_to_nonsense(self):
        self.lead_to("http://[::1/")

    def answer_silent(self):
        self.server.stopped.wait(5)

    def answer_slow_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.drip(b"X-Slow: yes\r\n")

    def answer_slow_body(self):
        self.send_response(200)
        self.end_headers()  # no length: the end of the connection is the end of the body
        self.drip(b"x")

    def drip(self, piece):
        while not self.server.stopped.wait(0.05):
            self.wfile.write(piece)

    def answer_endless(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.stopped.is_set():
            self.wfile.write(b"x" * 65536)

    def answer_huge_header(self):
        self.send(200, X_Huge="x" * 200_000)

    def answer_many_headers(self):
        self.send(200, **{f"X_{number}": number for number in range(1000)})

    def answer_too_short(self):
        self.send(200, b"only this", Content_Length=1000)

    def answer_too_long(self):
        self.send(200, b"<p>this</p> and much more", Content_Length=11)

    def answer_gzip(self):
        self.send(200, gzip.compress(b"<p>The authority lent spectrum.</p>"), Content_Encoding="gzip")

    def answer_gzip_bomb(self):
        self.send(200, BOMB, Content_Encoding="gzip")

    def answer_not_gzip(self):
        self.send(200, b"no gzip at all", Content_Encoding="gzip")

    def answer_reset(self):
        # Closing with nothing to linger for sends a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def answer_nothing(self):
        pass

    def answer_no_http(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")

    def answer_busy(self):
        if self.server.asked["busy"] == 1:
            self.send(429, Retry_After=1)
        else:
            self.answer_ok()

    def answer_busy_for_hours(self):
        self.send(429, Retry_After=7200)

    def answer_busy_always(self):
        self.send(429, Retry_After="0")

    def answer_resting(self):
        self.send(503, Retry_After="Wed, 01 Jan 2020 12:00:00 GMT")

    def answer_latin(self):
        self.send(200, "<p>Télécommunications</p>".encode("latin-1"), "text/html; charset=utf-8")

    def answer_changing(self):
        self.send(200, b"<p>Version %d</p>" % self.server.asked["changing"])

    def answer_nonces(self):
        number = b"%d" % self.server.asked["nonces"]
        self.send(
            200,
            b"<script nonce=%s>n=%s</script>\n<p  data-n='%s'>The  text</p><!-- made at %s --> <style>%s</style>"
            % ((number,) * 5),
        )

    def answer_document(self):
        self.send(200, b"%PDF-1.7", "application/pdf")

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    """``asked`` counts the visits of each page; ``hosts``, ``agents`` and ``begun`` are what they said, and when."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.hosts, self.agents, self.begun = Counter(), [], set(), []
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def address(self, name, host="127.0.0.1"):
        return f"http://{host}:{self.port}/{name}"

    def handle_error(self, request, client_address):
        pass  # visitors hang up, which is what is tested

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()
