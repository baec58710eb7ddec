"""The readers: a few connections that are kept, each asking for the next address when it has its answer.

One process and no library, so that it takes little of the machine that the servers run on; what it took is measured
with everything else. (wrk corrects its percentiles for what an even pace would have met, which is another question,
and cannot end with its list of addresses.)
"""

import re
import selectors
import socket
import time
from collections import Counter
from dataclasses import dataclass, field, fields

CONNECTIONS = 8
# A connection stays with the worker that took it: opened anew now and then, they spread evenly.
RENEWED_AFTER = 50  # requests
TIMEOUT = 60  # seconds
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSING = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass
class Run:
    """What the readers met. ``waits`` are seconds from the last byte asked to the last byte answered."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    received: int = 0  # bytes, headers included
    seconds: float = 0.0
    client_seconds: float = 0.0  # of processor time, here
    server_seconds: float = 0.0  # of processor time, in the server's processes

    def __add__(self, other):
        """Both runs as one."""
        return Run(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    @property
    def throughput(self):
        """Answers a second."""
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def percentile(self, share):
        """The wait in seconds that ``share`` (0 to 1) of the answers did not exceed; 0 without any answer."""
        waits = sorted(self.waits)
        return waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0


class Connection:
    """One reader's connection to 127.0.0.1:``port``."""

    def __init__(self, port):
        self.port = port
        self.socket = None
        self.message = None  # what was asked and is not answered yet

    def ask(self, message, selector):
        self.message, self.asked_at = message, time.perf_counter()
        self._send(selector)

    def _send(self, selector):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self.socket, selectors.EVENT_READ, self)
            self.opened_for = 0
        self.opened_for += 1
        self.parts, self.got, self.needed, self.status = [], 0, None, None
        self.socket.sendall(self.message)

    def receive(self, selector):
        """Take what has come; whether the answer is complete. ConnectionError where the server broke it off.

        A server may close a connection that is kept, between two answers; what was asked meanwhile is asked again.
        """
        try:
            part = self.socket.recv(1 << 18)
        except ConnectionResetError:
            part = b""
        if not part:
            if self.message and (self.got or self.opened_for == 1):
                raise ConnectionError("The server closed the connection before its answer was complete.")
            self.close(selector)
            if self.message:
                self._send(selector)
            return False
        self.parts.append(part)
        self.got += len(part)
        if self.status is None:
            self._read_head()
        if self.needed == "chunked":
            complete = b"".join(self.parts[-2:]).endswith(b"0\r\n\r\n")
        else:
            complete = self.needed is not None and self.got >= self.needed
        if complete:
            self.message = None
        return complete

    def _read_head(self):
        self.parts = [b"".join(self.parts)]
        end = self.parts[0].find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.parts[0][: end + 2]
        self.status = int(head[9:12])
        self.closing = bool(CLOSING.search(head))
        if self.status == 304:
            self.needed = end + 4
        elif length := LENGTH.search(head):
            self.needed = end + 4 + int(length[1])
        elif CHUNKED.search(head):
            self.needed = "chunked"
        else:
            raise ConnectionError("The answer says neither how long it is nor that it comes in chunks.")

    def close(self, selector):
        if self.socket is not None:
            selector.unregister(self.socket)
            self.socket.close()
            self.socket = None


def request(path, **headers):
    """The bytes that ask for ``path`` as a browser would, which takes compressed answers."""
    lines = {"Host": "127.0.0.1", "Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"} | headers
    return "\r\n".join(
        [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items()), "", ""]
    ).encode()


def load(ports, requests, *, seconds, connections=CONNECTIONS, pause=0.0):
    """Send ``requests`` (an iterator of bytes) for some ``seconds``, or as long as there are any. Returns a ``Run``.

    The connections are spread over the ``ports``; each rests ``pause`` seconds after an answer. What was asked before
    the end is waited for and counts.
    """
    run = Run()
    selector = selectors.DefaultSelector()
    readers = [Connection(ports[number % len(ports)]) for number in range(connections)]
    resting = [(0.0, reader) for reader in readers]
    asking = 0
    processor, start = time.process_time(), time.perf_counter()
    while True:
        now = time.perf_counter()
        if now - start < seconds:
            due, resting = [pair for pair in resting if pair[0] <= now], [pair for pair in resting if pair[0] > now]
            for _due_at, reader in due:
                if (message := next(requests, None)) is None:
                    seconds = 0
                    break
                reader.ask(message, selector)
                asking += 1
        if not asking and now - start >= seconds:
            break
        timeout = TIMEOUT if asking and not resting else 0.005
        events = selector.select(timeout)
        if not events and timeout == TIMEOUT:
            raise TimeoutError(f"No answer within {TIMEOUT} seconds.")
        for key, _mask in events:
            reader = key.data
            if not reader.receive(selector):
                continue
            now = time.perf_counter()
            asking -= 1
            run.waits.append(now - reader.asked_at)
            run.statuses[reader.status] += 1
            run.received += reader.got
            if reader.closing or reader.opened_for >= RENEWED_AFTER:
                reader.close(selector)
            resting.append((now + pause, reader))
    run.seconds = time.perf_counter() - start
    run.client_seconds = time.process_time() - processor
    for reader in readers:
        reader.close(selector)
    selector.close()
    return run
