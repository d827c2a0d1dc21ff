"""How production serves the site: gunicorn -c python:clinic.server.gunicorn_conf clinic.wsgi"""

from clinic import settings

bind = f"127.0.0.1:{settings.PORT}"
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


def post_worker_init(worker):
    """Learn the clinic's phone number while the database is there: error pages need it when it is not."""
    from clinic.practice import current  # noqa: PLC0415  (gunicorn sets Django up in each worker)

    current()
