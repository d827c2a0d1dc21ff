import logging

from clinic.server import request_ids
from clinic.server.logs import Line


def line() -> str:
    return Line("%(message)s").format(logging.LogRecord("site", logging.ERROR, "", 0, "Failed", (), None))


def test_each_line_of_a_request_ends_with_its_id_and_others_with_none():
    with request_ids.named() as name:
        inside = line()

    assert inside == f"Failed [request {name}]"
    assert line() == "Failed"
    assert request_ids.current() == ""
