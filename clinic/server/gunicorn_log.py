"""gunicorn's own log, written as the site's. In a module of its own: workers and commands need no gunicorn."""

from typing import Any

from gunicorn.glogging import Logger

from clinic.server.logs import Line


class GunicornLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(Line(handler.formatter and handler.formatter._fmt, self.datefmt))
