"""How production serves the site: gunicorn -c python:clinic.server.gunicorn_conf clinic.wsgi"""

import logging
import os
import signal
import sys
import threading
import time

from django.core.exceptions import ImproperlyConfigured

from clinic.server import counters

try:
    from clinic import settings
except ImproperlyConfigured as error:
    sys.exit(str(error))  # gunicorn would show where in its own code the sentence came to be.

bind = f"[{settings.BIND}]:{settings.PORT}" if ":" in settings.BIND else f"{settings.BIND}:{settings.PORT}"
workers = settings.WEB_CONCURRENCY
worker_class = "clinic.server.spare_threads.Worker"
threads = 8  # Half of them at most wait for their turn (clinic.server.turns), or for a row that somebody holds.
timeout = 30
graceful_timeout = 20

# Only these may say that a request came by https; nobody may set other WSGI variables by a header.
forwarded_allow_ips = ",".join(settings.TRUSTED_PROXIES) or "127.0.0.1"
forwarder_headers = ""
control_socket_disable = True
logger_class = "clinic.server.gunicorn_log.GunicornLogger"


def on_starting(server):
    """Refuse to start without the static files: each page names them, and would be an error of ours."""
    if not settings.DEBUG and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        sys.exit("The static files are not collected, and no page works without: manage.py collectstatic --no-input")


def pre_fork(server, worker):
    """Give the new process a place for its counts, where no living one writes."""
    taken = {each.counts_at for each in server.WORKERS.values()}
    worker.counts_at = next(place for place in range(len(taken) + 1) if place not in taken)
    counters.write_to(worker.counts_at)


def post_worker_init(worker):
    """Learn the clinic's phone number while the database is there: error pages need it when it is not."""
    from clinic.practice import current  # noqa: PLC0415  (gunicorn sets Django up in each worker)

    current()
    threading.Thread(target=_refuse_another, daemon=True).start()


def _refuse_another():
    """Stop all of gunicorn where the database is another site's; ask until the database answers."""
    from django.db import Error, connection  # noqa: PLC0415  (gunicorn sets Django up in each worker)

    from clinic import whose_database  # noqa: PLC0415  (the same)

    while True:
        try:
            whose_database.look()
            return
        except whose_database.AnotherSites as refusal:
            logging.getLogger(__name__).critical("%s", refusal)
            os.kill(os.getppid(), signal.SIGTERM)
            return
        except Error:  # It is away: pages go on with what the process knows.
            time.sleep(5)
        finally:
            connection.close()
