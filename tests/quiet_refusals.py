"""Django logs each refusal with its traceback, which pytest writes out for nobody, hundreds of times in a test."""

from logging import ERROR, Filter, LogRecord


class Quiet(Filter):
    def filter(self, record: LogRecord) -> bool:
        if record.levelno < ERROR:
            record.exc_info = None
        return True
