"""How gunicorn serves the portal; it reads this file where it starts. docs/deployment.md explains the variables."""

import contextlib
import ctypes
import gc
import os
from importlib import import_module

bind = os.environ.get("BIND", "127.0.0.1:8000")

# Threads wait for readers and for slow pages while a neighbour makes one (reg4covid/page_cache.py); processes use the
# cores.
workers = int(os.environ.get("WEB_CONCURRENCY", min(os.cpu_count() or 1, 4)))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"

timeout = int(os.environ.get("WEB_TIMEOUT", "60"))
graceful_timeout = 30
# Longer than proxies usually keep an idle connection open would be, else they meet a closed one now and then.
keepalive = 75
# Workers are renewed now and then, not all at the same moment: whatever leaks does not grow for ever. Not often, since
# a new one makes all of its pages anew.
max_requests = 200_000
max_requests_jitter = 20_000
# Heartbeats in memory: a slow disk must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (memory, and gunicorn names the file)

# As long an address as may be asked for: a longer one gets the portal's own words up to here.
limit_request_line = 8190

# The proxy writes a log already; one here holds readers' addresses, so it is asked for.
accesslog = "-" if os.environ.get("ACCESS_LOG", "").lower() in {"1", "on", "true", "yes"} else None
access_log_format = '%({x-forwarded-for}i)s %(h)s "%(r)s" %(s)s %(b)s %(M)sms'
errorlog = "-"


# The application and its catalogue are read once, before the workers begin, which share that memory.
preload_app = True


def when_ready(server):
    """Have the catalogue and the code of all pages ready before the first worker is, so that no reader waits for it."""
    import_module("reg4covid.urls")
    _prepare(server.log)


def post_worker_init(worker):
    """Catch up with what has changed since, before the first reader comes, who would wait for it."""
    _keep_freed_memory()
    _prepare(worker.log)
    # To look through all that a worker keeps, for circles that nobody needs, takes a tenth of a second, and to look
    # through what a page is made of a thirtieth of its time: it is seldom done, since pages leave none.
    gc.set_threshold(20_000, 10, 100)


def _keep_freed_memory():
    """Have a worker keep what it frees, for all of its threads.

    A change of the catalogue takes 30 MB for a moment. As malloc does by itself, each thread would get its own from the
    system: on a virtual machine up to 10 µs a page (4 KiB), a tenth of a second, for which readers wait.
    """
    arena_max, trim_threshold, mmap_threshold = -8, -1, -3  # M_ARENA_MAX and so on, of malloc.h
    with contextlib.suppress(AttributeError):  # only glibc has it
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(arena_max, 1)
        mallopt(trim_threshold, 1 << 30)
        mallopt(mmap_threshold, 32 << 20)  # the most that it takes: what is larger comes from the system all the same


def _prepare(log):
    from django.db import connection

    from practices import catalogue

    try:
        catalogue.prepare()
    except Exception:
        log.exception("The catalogue could not be read; the first request tries again.")
    finally:
        connection.close()  # no worker may have a connection in common with another
    # What stays for good need not be looked through each time that Python tidies its memory.
    gc.collect()
    gc.freeze()


# Peers whose X-Forwarded-Proto is believed; "*" where only the proxy can reach this port, as in a container.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# No socket to steer a running server by: signals do.
control_socket_disable = True
