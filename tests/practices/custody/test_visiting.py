"""Visits to a server that misbehaves: what is found, that it ends, and that it goes nowhere it should not."""

import datetime
import ipaddress
import socket
import ssl
import time
import tracemalloc

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from practices.custody.addresses import is_public
from practices.custody.visiting import Turns, Visitor
from tests.practices.custody.conftest import visitor_of
from tests.practices.custody.test_addresses import resolving


@pytest.mark.parametrize(
    ("name", "status", "note"),
    [
        ("ok", 200, "200 OK"),
        ("404", 404, "404 Not Found"),
        ("410", 410, "410 Gone"),
        ("500", 500, "500 Internal Server Error"),
        ("403", 403, "403 Forbidden"),
        ("latin", 200, "200 OK"),
        ("document", 200, "200 OK"),
        ("gzip", 200, "200 OK"),
        ("too-long", 200, "200 OK"),
        ("endless", 200, "200 OK; too long to compare"),
        ("gzip-bomb", 200, "200 OK; too long to compare"),
        ("loop", None, "from one address to the next without end"),
        ("to-private", None, "not on the public internet"),
        ("to-metadata", None, "not on the public internet"),
        ("to-file", None, "Only http and https"),
        ("to-nonsense", None, "no whole answer"),
        ("silent", None, "did not answer in time"),
        ("slow-headers", None, "did not answer in time"),
        ("slow-body", None, "did not answer in time"),
        ("huge-header", None, "no whole answer"),
        ("many-headers", None, "no whole answer"),
        ("too-short", None, "no whole answer"),
        ("not-gzip", None, "no whole answer"),
        ("reset", None, "no whole answer"),
        ("nothing", None, "no whole answer"),
        ("no-http", None, "no whole answer"),
    ],
)
def test_a_visit_ends_with_what_was_found_in_words(server, visitor, name, status, note):
    began = time.monotonic()
    visit = visitor.visit(server.address(name))
    assert time.monotonic() - began < 2
    assert visit.status == status
    assert note in visit.note


def test_what_was_not_read_to_its_end_has_no_digest(server, visitor):
    pages = ["ok", "latin", "endless", "gzip-bomb", "slow-body", "too-short", "404"]
    assert [bool(visitor.visit(server.address(page)).digest) for page in pages] == [True, True] + [False] * 5


def test_a_page_that_comes_packed_is_the_same_page(server, visitor):
    assert visitor.visit(server.address("gzip")).digest == visitor.visit(server.address("ok")).digest


def test_a_page_that_unpacks_to_gigabytes_takes_little_memory(server, visitor):
    tracemalloc.start()
    visitor.visit(server.address("gzip-bomb"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    ("name", "moved_to"),
    [
        ("moved", "ok"),
        ("moved-and-gone", "404"),
        ("for-now", ""),
        ("moved-then-for-now", "for-now-to-ok"),
        ("ok", ""),
    ],
)
def test_only_permanent_redirects_from_the_start_are_a_move(server, visitor, name, moved_to):
    visit = visitor.visit(server.address(name))
    assert visit.moved_to == (server.address(moved_to) if moved_to else "")


def test_words_that_change_are_another_digest_and_a_nonce_is_not(server, visitor):
    def digests(page):
        return {visitor.visit(server.address(page)).digest for _time in range(2)}

    assert (len(digests("changing")), len(digests("nonces"))) == (2, 1)


def test_the_server_is_told_who_asks_and_for_which_host(server, settings):
    settings.SITE_URL, settings.CONTACT_EMAIL = "https://portal.example", "desk@portal.example"
    visitor_of(server, resolve=resolving("127.0.0.1")).visit(server.address("ok", host="source.example"))
    assert server.agents == {"link-check (+https://portal.example; desk@portal.example)"}
    assert server.hosts == [f"source.example:{server.port}"]


def test_the_loopback_is_not_visited_unless_a_test_says_so(server):
    visit = Visitor(ports={server.port}).visit(server.address("ok"))
    assert visit.status is None
    assert "not on the public internet" in visit.note
    assert not server.asked


def test_other_ports_are_not_visited(server):
    visit = Visitor(is_allowed=lambda address: True).visit(server.address("ok"))
    assert "ports 80 and 443" in visit.note
    assert not server.asked


def test_a_name_that_means_something_else_a_moment_later_is_not_followed_there(server):
    """The first answer of the resolver is public; what comes after is the machine that the portal runs on."""
    asked = []

    def resolve(host, port, **options):
        asked.append(host)
        return resolving("192.0.2.1" if len(asked) == 1 else "127.0.0.1")(host, port)

    def is_allowed(address):
        return address == ipaddress.ip_address("192.0.2.1") or is_public(address)

    connected = []

    def connect(sock, address):
        connected.append(address[0])
        raise OSError("no way there")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        visit = visitor_of(server, resolve=resolve, is_allowed=is_allowed).visit(server.address("ok", "source.example"))
    assert visit.status is None
    assert (asked, connected) == (["source.example"], ["192.0.2.1"])


def test_each_redirect_is_resolved_and_checked_again(server):
    """The same name, public at first, leads to a private machine when it is asked for again."""
    answers = iter(["127.0.0.1", "10.0.0.1"])
    visitor = visitor_of(server, resolve=lambda host, port, **options: resolving(next(answers))(host, port))
    visit = visitor.visit(server.address("moved", "source.example"))
    assert "not on the public internet" in visit.note
    assert server.asked == {"moved": 1}


def test_where_one_address_does_not_answer_the_next_is_tried(server):
    visitor = visitor_of(server, resolve=resolving("127.0.0.2", "127.0.0.1"))
    assert visitor.visit(server.address("ok", "source.example")).status == 200


def test_a_name_that_is_not_known_is_said_in_words(server):
    def resolve(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert "host name is not known" in visitor_of(server, ports={80}, resolve=resolve).visit("http://no.example/").note


@pytest.fixture
def certificate(tmp_path):
    """A file with the key and the certificate of ``source.example``, which nobody else has signed."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    today = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("source.example")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    file.write_bytes(key.private_bytes(encoding, *form) + signed.public_bytes(encoding))
    return file


@pytest.mark.parametrize(
    ("host", "is_known", "status"),
    [("source.example", True, 200), ("source.example", False, None), ("other.example", True, None)],
)
def test_a_certificate_has_to_be_valid_and_of_the_name(server, certificate, monkeypatch, host, is_known, status):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    visit = visitor_of(server, resolve=resolving("127.0.0.1")).visit(f"https://{host}:{server.port}/ok")
    assert visit.status == status
    assert status or "certificate is not valid" in visit.note


@pytest.mark.parametrize(("name", "seconds"), [("busy", 1), ("resting", 0), ("404", None), ("ok", None)])
def test_a_server_that_wants_to_be_left_alone_says_for_how_long(server, visitor, name, seconds):
    assert visitor.visit(server.address(name)).retry_after == seconds


def test_a_host_is_asked_again_after_a_pause(server):
    visitor = visitor_of(server, turns=Turns(pause=0.2))
    visitor.visit(server.address("moved"))
    first, second, third = server.begun
    assert min(second - first, third - second) >= 0.2
