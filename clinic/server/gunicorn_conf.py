"""How production serves the site: gunicorn -c python:clinic.server.gunicorn_conf clinic.wsgi"""

import logging
import os
import signal
import sys
import threading
import time
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured

from clinic.server import counters

try:
    from clinic import settings
except ImproperlyConfigured as error:
    sys.exit(str(error))  # gunicorn would show where in its own code the sentence came to be.

bind = f"[{settings.BIND}]:{settings.PORT}" if ":" in settings.BIND else f"{settings.BIND}:{settings.PORT}"
workers = settings.WEB_CONCURRENCY
# Loaded once, before the processes are forked: they share that memory. What an upgrade brings needs a new gunicorn.
preload_app = True
worker_class = "clinic.server.spare_threads.Worker"
threads = 2  # Six more join while both are stuck: at most half of all wait for their turn, or a row that is held.
timeout = 30
graceful_timeout = 20

# Only these may say that a request came by https; nobody may set other WSGI variables by a header.
forwarded_allow_ips = ",".join(settings.TRUSTED_PROXIES) or "127.0.0.1"
forwarder_headers = ""
control_socket_disable = True
logger_class = "clinic.server.gunicorn_log.GunicornLogger"


# A worker that ends with it ends all of gunicorn, instead of being started again for ever (gunicorn's own number).
WORKER_BOOT_ERROR = 3


def pre_fork(server, worker):
    """Give the new process a place for its counts, where no living one writes."""
    taken = {each.counts_at for each in server.WORKERS.values()}
    worker.counts_at = next(place for place in range(len(taken) + 1) if place not in taken)
    counters.write_to(worker.counts_at)


def post_worker_init(worker):
    """Serve what fits this code alone, and learn the clinic's phone number: pages for errors need it later."""
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415  (gunicorn sets Django up after this)

    from clinic import collected_files  # noqa: PLC0415  (the same)
    from clinic.practice import current  # noqa: PLC0415  (the same)

    try:
        missing = collected_files.missing()
    except collected_files.NotCollected:
        _refuse_to_start("The static files are not collected")
    if missing:
        _refuse_to_start(f"{len(missing)} static files are not collected, the first is {missing[0]}")
    try:
        if refusal := _what_does_not_fit():
            logging.getLogger(__name__).critical("%s", refusal)
            sys.exit(WORKER_BOOT_ERROR)
    except (OperationalError, InterfaceError):  # The database is away: pages for errors still tell what to do.
        threading.Thread(target=_stop_where_it_does_not_fit, daemon=True).start()
    current()


def _refuse_to_start(why: str) -> NoReturn:
    logging.getLogger(__name__).critical("%s, and no page works without: manage.py collectstatic --no-input", why)
    sys.exit(WORKER_BOOT_ERROR)


def _what_does_not_fit() -> str:
    """Why this code may not serve this database, or nothing. Raises what the database raises when it is away."""
    from django.db import connection  # noqa: PLC0415  (gunicorn sets Django up after this)

    from clinic import schema, whose_database  # noqa: PLC0415  (the same)

    try:
        whose_database.look()
        schema.refuse_an_older()
    except (whose_database.AnotherSites, schema.OlderThanTheCode) as refusal:
        return str(refusal)
    finally:
        connection.close()
    return ""


def _stop_where_it_does_not_fit():
    """Stop all of gunicorn where the database does not fit; ask until it answers."""
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415  (gunicorn sets Django up after this)

    while True:
        try:
            if refusal := _what_does_not_fit():
                logging.getLogger(__name__).critical("%s", refusal)
                os.kill(os.getppid(), signal.SIGTERM)
            return
        except (OperationalError, InterfaceError):
            time.sleep(5)
        except Exception:  # As at the start: what nobody has looked at is not served.
            logging.getLogger(__name__).exception("Whether the database fits could not be seen")
            os.kill(os.getppid(), signal.SIGTERM)
            return
