"""One visit to the address of a source: safe for the network that the portal runs in, and bounded in time and size."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import quote, urljoin

from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, SSLError

from practices.custody.addresses import PUBLIC_PORTS, WRITTEN, Refused, is_public, target_of
from practices.custody.digest import digest_of

PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
REDIRECTS = {*PERMANENT, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
MOST_ADDRESSES = 3  # of one name, that are tried
PIECE = 2**16  # bytes


@dataclass(frozen=True)
class Visit:
    """What one visit found.

    ``status`` is the last server's, or None where there was no whole answer; ``note`` says it in words. ``moved_to``
    is where permanent redirects lead, "" where none do. ``digest`` is of the content, "" where it was not read to its
    end. ``retry_after`` are the seconds after which the server asks to be visited again, None where it does not.
    """

    status: int | None
    note: str
    moved_to: str = ""
    digest: str = ""
    retry_after: float | None = None


class Turns:
    """Who may ask which host: one request at a time, and ``pause`` seconds from one to the next."""

    def __init__(self, pause):
        self.pause = pause
        self._hosts, self._lock = {}, threading.Lock()

    @contextmanager
    def at(self, host):
        """Wait until it is the caller's turn at ``host``, and have it for the block."""
        turn = self._of(host)
        with turn.lock:
            time.sleep(max(0, turn.free_at - time.monotonic()))
            try:
                yield
            finally:
                turn.free_at = max(turn.free_at, time.monotonic() + self.pause)

    def put_off(self, host, seconds):
        """Leave ``host`` alone for that long."""
        self._of(host).free_at = time.monotonic() + seconds

    def _of(self, host):
        with self._lock:
            return self._hosts.setdefault(host, _Turn())


@dataclass
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0


@dataclass(frozen=True)
class Visitor:
    """How visits are made. One may be used by several threads.

    ``patience`` is how many seconds a server may say nothing, ``longest`` how many one answer may take altogether.
    ``is_allowed``, ``ports`` and ``resolve`` say where visits may go, as ``target_of`` takes them; only tests widen it.
    """

    patience: float = 15
    longest: float = 60
    most_bytes: int = 20 * 2**20
    most_redirects: int = 5
    turns: Turns = field(default_factory=lambda: Turns(pause=2))
    is_allowed: Callable = is_public
    ports: Set = PUBLIC_PORTS
    resolve: Callable = socket.getaddrinfo

    def visit(self, url):
        """Read what ``url`` leads to: a ``Visit``, whatever goes wrong on the way."""
        moved_to, is_permanent = "", True
        try:
            for _hop in range(self.most_redirects + 1):
                answer = self._ask(url)
                if answer.leads_to is None:
                    return Visit(answer.status, answer.note, moved_to, answer.digest, answer.retry_after)
                url = quote(urljoin(url, answer.leads_to).partition("#")[0], safe=WRITTEN)
                is_permanent = is_permanent and answer.status in PERMANENT
                moved_to = url if is_permanent else moved_to
            return Visit(None, _("It leads from one address to the next without end."))
        except Refused as error:
            return Visit(None, str(error))
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            return Visit(None, _in_words(error))

    def _ask(self, url):
        """Make one request, and read the answer to its end unless it redirects."""
        target = target_of(url, is_allowed=self.is_allowed, ports=self.ports, resolve=self.resolve)
        with self.turns.at(target.host), self._connected(target) as connection:
            headers = {
                "Host": target.host_header,
                "User-Agent": f"link-check (+{settings.SITE_URL}; {settings.CONTACT_EMAIL})",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            }
            connection.request("GET", target.path, headers=headers, preload_content=False)
            response = connection.getresponse()
            note = _status_in_words(response.status)
            if response.status in REDIRECTS and response.headers.get("Location"):
                return _Answer(response.status, note, leads_to=response.headers["Location"])
            if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
                retry_after = _seconds(response.headers.get("Retry-After", ""))
                return _Answer(response.status, note, retry_after=retry_after)
            body = self._read(response)
            if body is None:
                return _Answer(response.status, _("%(status)s; too long to compare") % {"status": note})
            return _Answer(response.status, note, digest=digest_of(body, response.headers.get("Content-Type", "")))

    @contextmanager
    def _connected(self, target):
        """A connection to one of the checked addresses of ``target``; TimeoutError where it lasts too long."""
        for address in target.addresses[:MOST_ADDRESSES]:
            connection = self._connection(target, address)
            try:
                connection.connect()
                break
            except (HTTPError, OSError) as error:
                connection.close()
                failure = error
        else:
            raise failure
        # A server that sends a byte now and then never exhausts a timeout; and an answer that is cut off here may
        # look like one that has ended, so the clock decides.
        ends_at = time.monotonic() + self.longest
        watch = threading.Timer(self.longest, _hang_up, [connection.sock])
        watch.start()
        try:
            yield connection
        finally:
            watch.cancel()
            connection.close()
            if time.monotonic() >= ends_at:
                raise TimeoutError("timed out")

    def _connection(self, target, address):
        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=self.patience)
        # The address is what is connected to, the name what the certificate has to be for.
        options = {"server_hostname": target.host, "ssl_context": ssl.create_default_context()}
        return HTTPSConnection(address, target.port, timeout=self.patience, **options)

    def _read(self, response):
        """The body, unpacked if it comes packed; None where it is longer than ``most_bytes``."""
        pieces, length = [], 0
        for piece in response.stream(PIECE, decode_content=True):
            length += len(piece)
            if length > self.most_bytes:
                return None
            pieces.append(piece)
        return b"".join(pieces)


@dataclass(frozen=True)
class _Answer:
    status: int
    note: str
    leads_to: str | None = None
    digest: str = ""
    retry_after: float | None = None


def _hang_up(sock):
    with suppress(OSError):  # it has ended by itself
        sock.shutdown(socket.SHUT_RDWR)


def _seconds(retry_after):
    """A Retry-After header, in seconds or as a date, as seconds from now; None where it says neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _status_in_words(status):
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _in_words(error):
    """Why there was no whole answer, for editors."""
    if isinstance(error, socket.gaierror):
        return _("Its host name is not known.")
    if isinstance(error, SSLError | ssl.SSLError):
        return _("Its certificate is not valid, so what answers may be somebody else.")
    if "timed out" in str(error):
        return _("It did not answer in time.")
    return _("There was no whole answer (%(error)s).") % {"error": type(error).__name__}
