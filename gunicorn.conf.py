"""How gunicorn serves the portal; it reads this file where it starts. docs/deployment.md explains the variables."""

import os
import threading

bind = os.environ.get("BIND", "127.0.0.1:8000")

# Threads wait for readers and for the database; processes use the cores.
workers = int(os.environ.get("WEB_CONCURRENCY", min(os.cpu_count() or 1, 4)))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"

timeout = int(os.environ.get("WEB_TIMEOUT", "60"))
graceful_timeout = 30
# Longer than proxies usually keep an idle connection open would be, else they meet a closed one now and then.
keepalive = 75
# Workers are renewed now and then, not all at the same moment: whatever leaks does not grow for ever. Not often, since
# a new one makes all of its pages again.
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

# The code is read once, before the workers begin, which share that memory.
preload_app = True


def post_worker_init(worker):
    """Open the index once the worker is there, so that no reader waits for it; build it where there is none."""
    threading.Thread(target=_open_catalogue, args=[worker.log], name="catalogue", daemon=True).start()


def _open_catalogue(log):
    from django.db import connection

    from practices import catalogue

    try:
        catalogue.current()
    except Exception:
        log.exception("The catalogue could not be opened; the first request tries again.")
    finally:
        connection.close()


# Peers whose X-Forwarded-Proto is believed; "*" where only the proxy can reach this port, as in a container.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# No socket to steer a running server by: signals do.
control_socket_disable = True
