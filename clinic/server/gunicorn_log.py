"""gunicorn's own log, written as the site's. In a module of its own: workers and commands need no gunicorn."""

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from clinic import settings
from clinic.server import counters
from clinic.server.logs import Line, LineAsJson


class GunicornLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                how = LineAsJson if settings.LOG_JSON else Line
                handler.setFormatter(how(handler.formatter and handler.formatter._fmt, self.datefmt))

    def access(self, resp: Any, req: Any, environ: Any, request_time: timedelta) -> None:
        """Count the answer: gunicorn says so of each, whether or not it keeps an access log."""
        # Of what gunicorn itself refuses there is a line of status, and no code.
        status, _space, _words = str(resp.status or "0").partition(" ")
        counters.count_answer(int(status), request_time)
        super().access(resp, req, environ, request_time)
