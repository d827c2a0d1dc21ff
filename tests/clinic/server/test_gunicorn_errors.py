"""What is no request is answered by gunicorn itself, with the headers of every answer."""

import socket
from email.parser import BytesHeaderParser

import pytest
from django.test import override_settings

from clinic.server import gunicorn_errors, headers
from tests.bench import servers
from tests.clinic.server import test_headers

NO_REQUESTS = {
    b"GET / HTTP/1.1\r\nHost: a\r\n<b>: x\r\n\r\n": 400,
    b"GE<b>T / HTTP/1.1\r\n\r\n": 400,
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nCookie: " + b"a" * 9000 + b"\r\n\r\n": 431,
    b"POST /appointments/ HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
    b"POST /appointments/ HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nnothing\r\n": 400,
}


def asked(port: int, said: bytes) -> bytes:
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.sendall(said.replace(b"HOST", b"127.0.0.1:%d" % port))
        sock.shutdown(socket.SHUT_WR)
        while more := sock.recv(65536):
            answer += more
    return answer


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_each_has_the_headers_and_nothing_of_what_was_sent():
    with servers.site() as site:
        answers = {said: asked(site.port, said) for said in NO_REQUESTS}

    assert {said: int(answer.split()[1]) for said, answer in answers.items()} == NO_REQUESTS
    for answer in answers.values():
        rest = answer.partition(b"\r\n")[2]
        carried = BytesHeaderParser().parsebytes(rest)
        assert {name: carried[name] for name in test_headers.FOR_VISITORS} == test_headers.FOR_VISITORS
        assert b"call us" in rest
        assert b"<b>" not in answer


def test_they_are_the_headers_of_all_other_answers():
    hsts = {"SECURE_HSTS_SECONDS": 60, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "SECURE_HSTS_PRELOAD": True}

    assert headers.without_django() == test_headers.FOR_VISITORS
    with override_settings(**hsts):
        said = headers.without_django()["Strict-Transport-Security"]
    assert said == "max-age=60; includeSubDomains; preload"


def test_a_fault_of_ours_says_so():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gunicorn_errors.write_error(ours, 500, "Internal Server Error", "")

        assert b"Something went wrong on our side." in theirs.recv(4096)
