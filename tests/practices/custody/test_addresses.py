"""Where a visit may go."""

import ipaddress
import socket

import pytest

from practices.custody.addresses import Refused, is_public, target_of


def resolving(*addresses):
    """A resolver for which every name has these addresses."""

    def resolve(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_machines_of_the_internet_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104
        *("100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
        *("2001::1", "2001:db8::1", "100::1"),
    ],
)
def test_what_is_local_private_or_reserved_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://source.example/", "gopher://source.example/", "javascript:alert(1)", "data:,x"),
        *("http://", "https:///path", "//source.example/", "source.example", "", "http://[::1", "http://x:port/"),
        *("http://user@source.example/", "http://user:secret@source.example/", "http://@source.example/"),
        *("http://source.example:22/", "https://source.example:8443/", "http://source.example:0/"),
    ],
)
def test_an_address_that_is_not_of_a_public_page_is_refused(url):
    with pytest.raises(Refused):
        target_of(url, resolve=resolving("93.184.215.14"))


def test_a_name_is_refused_when_any_of_its_addresses_is_private():
    with pytest.raises(Refused, match="not on the public internet"):
        target_of("https://source.example/", resolve=resolving("93.184.215.14", "10.0.0.1"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0", "localhost", "[::ffff:7f00:1]", "127.0.0.1."])
def test_no_way_to_write_the_loopback_is_overlooked(host):
    with pytest.raises((Refused, OSError)):
        target_of(f"http://{host}/")


def test_a_target_says_where_to_connect_and_what_to_ask_for():
    target = target_of("https://Bücher.example/a b?q=é#part", resolve=resolving("93.184.215.14"))
    assert (target.host, target.host_header, target.port) == ("xn--bcher-kva.example", "xn--bcher-kva.example", 443)
    assert (target.path, target.addresses) == ("/a%20b?q=%C3%A9", ("93.184.215.14",))
    assert target_of("http://[2606:4700::1]/").host_header == "[2606:4700::1]"
