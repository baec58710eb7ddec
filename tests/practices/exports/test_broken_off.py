"""What whoever downloads a file from the real server notices when it cannot be finished."""

import http.client
import os
import socket
import subprocess
import sys
import time

import pytest

# A portal of one address, whose file fails after some lines.
APP = """
import os
os.environ.update(DJANGO_SETTINGS_MODULE="reg4covid.settings", DATABASE_URL="sqlite://:memory:", LOCAL="true")
from django.conf import settings
settings.ROOT_URLCONF = __name__
import django
django.setup()  # which asks for all of the portal's middleware
settings.MIDDLEWARE = ["reg4covid.middleware.CompressionMiddleware"]
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
from django.http import StreamingHttpResponse
from django.urls import path
from practices.exports.formats import in_parts

def lines(whole):
    for number in range(20_000):
        yield f"line {number}\\r\\n"
    if not whole:
        raise OSError("the database is gone")

urlpatterns = [
    path(name, lambda request, name=name: StreamingHttpResponse(in_parts(lines(name == "whole"))))
    for name in ("whole", "broken")
]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The port of a gunicorn that serves ``APP`` as it would the portal."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "broken_portal.py").write_text(APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1", "PYTHONPATH": str(folder)}
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "gunicorn", "broken_portal"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603
        try:
            for _time in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def ask(port, path, accepted):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept-Encoding": accepted})
    return connection, connection.getresponse()


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
def test_a_file_that_fails_midway_is_seen_to_be_incomplete(server, accepted):
    connection, whole = ask(server, "/whole", accepted)
    assert (whole.status, len(whole.read()) > 0) == (200, True)
    connection.close()
    connection, broken = ask(server, "/broken", accepted)
    assert broken.status == 200
    with pytest.raises(http.client.IncompleteRead):
        broken.read()
    connection.close()
