"""No more is read than an address asks for: over the site as production runs it, and with its memory in sight."""

import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.urls import reverse

from appointments import limits
from appointments.models import Inquiry
from clinic.server import bodies
from clinic.wsgi import application
from tests import make, wsgi
from tests.bench import servers

FORM = "application/x-www-form-urlencoded"
PHONE = b"(212) 555-0100"
MIB = 1024 * 1024
TE = {"Transfer-Encoding": "chunked"}
FILES = "multipart/form-data; boundary=x"


def chunked(body: bytes, piece: int = 4096) -> bytes:
    pieces = (body[at : at + piece] for at in range(0, len(body), piece))
    return b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"


class Unread:
    """A body that nobody may read."""

    def read(self, *args):
        raise AssertionError("It was read.")

    readline = read


@pytest.mark.django_db
class TestWhatIsRefused:
    @pytest.mark.parametrize("path", ["/appointments/", "/admin/login/", "/about/", "/nowhere/", "/admin/nowhere/"])
    @pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
    def test_a_length_that_is_too_large_is_refused_unread_with_the_phone_number(self, method, path):
        too_much = {"CONTENT_LENGTH": str(bodies.limit(path) + 1), "wsgi.input": Unread()}
        answer = wsgi.call(method, path, app=application.django, content_type=FORM, **too_much)

        assert (answer.status_code, PHONE in answer.content) == (413, True)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Permissions-Policy"]

    @pytest.mark.parametrize("path", ["/appointments/", "/admin/login/", "/admin/clinic/clinic/1/change/"])
    def test_a_file_where_none_is_asked_for_is_refused_unread(self, path):
        length = {"CONTENT_LENGTH": "1000", "wsgi.input": Unread()}
        answer = wsgi.call("POST", path, app=application.django, content_type=FILES, **length)

        assert (answer.status_code, PHONE in answer.content) == (415, True)

    @pytest.mark.parametrize("length", ["9" * 40, "-1", "x", "1e9", "²", ""])
    def test_an_odd_length_is_no_fault_of_ours(self, length):
        answer = wsgi.call("POST", "/appointments/", body=b"name=a", content_type=FORM, CONTENT_LENGTH=length)

        assert answer.status_code in (413, 422)

    def test_a_form_as_long_as_it_may_be_is_read(self):
        body = urlencode(make.form_data(message="")).encode()
        body += b"a" * (bodies.FORM_BYTES - len(body))

        assert wsgi.call("POST", "/appointments/", body=body, content_type=FORM).status_code == 422
        assert wsgi.call("POST", "/appointments/", body=body + b"a", content_type=FORM).status_code == 413

    def test_a_form_in_chunks_is_read_like_any_other(self):
        sent = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        answer = wsgi.call(
            "POST", "/appointments/", body=urlencode(make.form_data()).encode(), content_type=FORM, **sent
        )

        assert (answer.status_code, Inquiry.objects.get().message) == (303, "When can I garden again?")


def test_the_calendar_that_is_brought_in_may_be_as_large_as_it_says():
    path = reverse("admin:appointments_appointment_changelist") + "import/"

    assert set(settings.TAKES_FILES) == {path, reverse("admin:procedures_drawing_add")}
    # Packed for its form it is a third larger, at most.
    assert bodies.limit(path) > limits.IMPORT_BYTES * 4 / 3 + bodies.FORM_BYTES
    assert bodies.limit(path) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def heard(port: int, said: bytes) -> bytes:
    """What a socket hears, however much of what it says is read."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        with suppress(BrokenPipeError, ConnectionResetError):
            sock.sendall(said)
        with suppress(ConnectionResetError):
            while more := sock.recv(65536):
                answer += more
    return answer


def head(path: str, port: int, **headers: str) -> bytes:
    said = {"Host": f"127.0.0.1:{port}", "Content-Type": FORM, "Connection": "close", **headers}
    return "\r\n".join(
        [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
    ).encode()


def resident(site: servers.Server) -> int:
    """Bytes that the site's workers hold in memory, their highest so far."""
    lines = [line for pid in site.pids[1:] for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_the_site_reads_no_more_than_that_and_its_memory_stays_flat():
    make.clinic(phone="(212) 555-0100")
    much = b"a" * (64 * MIB)
    with servers.site() as site:

        def sent(path: str, body: bytes, **headers: str) -> tuple[int, bool]:
            answer = heard(site.port, head(path, site.port, **headers) + body)
            return int(answer.split()[1]) if answer else 0, PHONE in answer

        # Both workers have done each kind of thing before their memory is looked at.
        for _ in range(12):
            for path in ("/appointments/", "/admin/login/"):
                sent(path, b"name=a", **{"Content-Length": "6"})
                sent(path, chunked(b"a" * (bodies.FORM_BYTES + 1)), **TE)
        before = resident(site)
        by_length = {
            p: sent(p, much, **{"Content-Length": str(len(much))}) for p in ("/appointments/", "/admin/login/")
        }
        by_chunks = {p: sent(p, chunked(much, MIB), **TE) for p in ("/appointments/", "/admin/login/", "/about/")}
        one_chunk = sent("/admin/login/", chunked(much, len(much)), **TE)
        file = sent("/appointments/", much, **{"Content-Type": FILES, "Content-Length": "1000"})
        small = sent("/appointments/", chunked(b"name=a"), **TE)
        after = resident(site)

    assert by_length == {"/appointments/": (413, True), "/admin/login/": (413, True)}
    assert by_chunks == {"/appointments/": (413, True), "/admin/login/": (413, True), "/about/": (413, True)}
    assert (one_chunk, file, small) == ((413, True), (415, True), (422, True))
    # gunicorn reads a large chunk by the MiB, and its workers may do so at once.
    assert after - before < 24 * MIB
