"""
Whatever is sent to whatever address, no answer is a fault of ours.

In the suite a thousand requests to all public addresses and some hundred to the admin, as somebody who may do all
there: the same ones in each run. `make fuzz` draws many new ones.
"""

import os
import re
from datetime import timedelta
from urllib.parse import quote_plus

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.actors import Actor
from appointments.bookings import appointments, proposals
from appointments.public import proofs
from appointments.scheduling import slot_codes
from clinic.server import newer_words
from clinic.server.page_store import PageStore
from tests import admin_pages, make, public_addresses, wsgi

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
FORM = "application/x-www-form-urlencoded"


def drawn(in_the_suite: int) -> settings:
    """So many rounds in the suite, the same in each run; in the long form as many as were asked for."""
    return settings(
        max_examples=EXAMPLES or in_the_suite, derandomize=not EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


pytestmark = [pytest.mark.django_db, pytest.mark.real_time]

# What has broken sites before: zero bytes, half characters, letters from right to left, numbers without end.
NASTY = st.sampled_from(
    ["\0", "\ud800", "\u202e\u0645\u0631", "\u2028", "9" * 400, "-1", "1e999", "NaN", "٣", "²", "0x1F",
     "%", "%00", "%s", "{{ 7|1 }}", "{% x %}", "<b data-x>", "'; --", "\\", "../", "[]", "true", "a" * 5000, "\r\n",
     "9999-99-99", "0001-01-01", "9999-12-31", "24:61", "2026-11-24T09:00:00+99:99"]
)  # fmt: skip
WORDS = NASTY | st.text(max_size=30)
PARAMETERS = (
    "slot taken done browser visit with language first day week page q o next version proposal proposals appointment "
    "digits then reply List-Unsubscribe name kind phone email message sum sum_token consent contact_by "
    "e _popup _to_field action _selected_action index select_across initial-TOTAL_FORMS"
).split()
PAIRS = st.lists(st.tuples(st.sampled_from(PARAMETERS) | WORDS, WORDS), max_size=6)
HEADERS = {
    "HTTP_ACCEPT_LANGUAGE": st.sampled_from(["es", "x" * 3000, "*;q=a", ",,,;", "en;q=9e99", "\xff"]),
    "HTTP_HOST": st.sampled_from(["127.0.0.1:8000", "evil.example", "", "[::1", "127.0.0.1:99999999", "a b", "\xff"]),
    "HTTP_COOKIE": st.sampled_from(["sessionid=x; csrftoken=", "proof=\xff", "=;=;", "a" * 5000, 'proof="\\777'])
    | st.text(st.characters(max_codepoint=255), max_size=40),
    "HTTP_RANGE": st.sampled_from(["bytes=0-1", "bytes=9-1", "bytes=-99999999999", "bytes=a-b", "lines=1"]),
    "HTTP_IF_NONE_MATCH": st.sampled_from(["*", '"', 'W/"x"', ",,", "\xff"]),
    "HTTP_IF_MATCH": st.sampled_from(["*", '"x"', "\xff"]),
    "HTTP_IF_MODIFIED_SINCE": st.sampled_from(["x", "Thu, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:60 GMT"]),
    "HTTP_IF_UNMODIFIED_SINCE": st.sampled_from(["x", "Thu, 99 Jan 2026 00:00:00 GMT"]),
    "HTTP_ACCEPT_ENCODING": st.sampled_from(["gzip", "br;q=x", "*", "gzip;q=0,,", "\xff"]),
    "HTTP_X_FORWARDED_FOR": st.sampled_from(["1.2.3.4", "::1, x", ",,", "\xff", "1" * 999]),
    "HTTP_SEC_FETCH_SITE": st.sampled_from(["same-origin", "cross-site", "\xff"]),
    "HTTP_ORIGIN": st.sampled_from(["null", "http://127.0.0.1:8000", "\xff", "http://["]),
    "HTTP_REFERER": st.sampled_from(["http://[", "\xff", "/"]),
    "CONTENT_LENGTH": st.sampled_from(["", "-1", "1e3", "9" * 30, "0", "²"]),
}
TYPES = st.sampled_from(
    [FORM, "multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=\xff",
     "multipart/form-data; boundary=" + "x" * 300, "application/json", f"{FORM}; charset=hex", "", ";;;", "\xff"]
)  # fmt: skip
METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get", ""])


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    return "&".join(
        f"{quote_plus(name, errors='surrogatepass')}={quote_plus(value, errors='surrogatepass')}"
        for name, value in pairs
    ).encode()


@st.composite
def multipart(draw) -> bytes:
    parts = []
    for name, value in draw(PAIRS):
        file = draw(st.sampled_from(["", '; filename="a.ics"', '; filename="\0"', "; filename*=utf-99''%ff"]))
        words = (name + '"' + file, value)
        head, body = (each.encode("utf-8", "surrogatepass") for each in words)
        parts.append(b'--x\r\nContent-Disposition: form-data; name="' + head + b"\r\n\r\n" + body + b"\r\n")
    return b"".join(parts) + draw(st.sampled_from([b"--x--\r\n", b"--x", b""]))


@st.composite
def request(draw) -> dict:
    """All of a request but its address."""
    content_type = draw(TYPES)
    body = draw(multipart() if content_type.startswith("multipart") else PAIRS.map(encoded) | st.binary(max_size=60))
    headers = {name: draw(HEADERS[name]) for name in draw(st.sets(st.sampled_from(sorted(HEADERS)), max_size=3))}
    query = draw(
        PAIRS.map(lambda pairs: encoded(pairs).decode()) | st.text(st.characters(max_codepoint=255), max_size=20)
    )
    return {"method": draw(METHODS), "query": query, "content_type": content_type, "body": body, **headers}


def raw(address: str) -> str:
    """As a server hands it over: bytes, each as one sign."""
    return address.encode("utf-8", "surrogatepass").decode("latin-1")


def is_ours(answer) -> bool:
    """Whether something broke. "Busy" is no fault."""
    return answer.status_code >= 500 and not (answer.status_code == 503 and "Retry-After" in answer.headers)


@pytest.fixture
def inquiry(monkeypatch):
    """A patient who has a time and was offered others, in a clinic with its pages."""
    # The test's transaction needs its connection, which a look for newer words would close.
    monkeypatch.setattr(newer_words, "close_old_connections", lambda: None)
    # It is the test's own, and open for as long as the test takes.
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    call_command("load_content", verbosity=0)
    doctor = make.practitioner("Jane Doe, MD")
    slots = make.slots(doctor, timezone.localdate() + timedelta(days=3))
    inquiry = make.inquiry()
    until = timezone.now() + timedelta(days=1)
    proposals.propose(inquiry=inquiry, slots=slots[3:5], until=until, by=Actor.staff(make.front_desk()))
    booked = make.inquiry()
    appointments.book(inquiry=booked, slot=slots[0], by=Actor.visitor())
    inquiry.others = {"slot": slot_codes.encode(slots[7]), "booked": booked}
    return inquiry


@drawn(40)
@given(data=st.data())
def check_public(inquiry, data):
    for pattern in public_addresses.patterns():
        whose = data.draw(st.sampled_from([inquiry, inquiry.others["booked"]]))
        usual_parts = {"slug": "privacy-practices", "procedure": "kyphoplasty", "page": "benefits", "digest": "0"}
        usual_parts["key"] = whose.key
        parts = usual_parts if data.draw(st.booleans()) else {name: data.draw(WORDS) for name in usual_parts}
        address = re.sub(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>.*?\)(?=/)", lambda f, p=parts: p[f[1] or f[2]], pattern)
        asked = data.draw(request())
        if data.draw(st.booleans()):
            asked.setdefault("HTTP_COOKIE", f"{proofs.cookie()}={proofs.signed(whose, proofs.SENT)}")
        answer = wsgi.call(path=raw(address.replace("\\.", ".")), **asked)

        assert not is_ours(answer), (address, answer.status_code)


def test_no_request_to_a_public_address_is_a_fault_of_ours(inquiry):
    assert isinstance(wsgi.application, PageStore)
    check_public(inquiry)


def addresses_of_the_admin() -> list[str]:
    """All but those that end the session or that only lead elsewhere."""
    of_models = [at for each in admin.site._registry.values() for name, at in admin_pages.of_model(each) if name]
    return sorted({at for name, at in admin_pages.of_the_site() if name != "logout"} | set(of_models))


@drawn(12)
@given(data=st.data())
def check_admin(inquiry, data):
    client, token = Client(), "t" * 32
    client.force_login(inquiry.others["manager"])
    signed_in = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    for address in data.draw(st.lists(st.sampled_from(addresses_of_the_admin()), min_size=10, max_size=20)):
        pk = data.draw(st.sampled_from([str(inquiry.pk), "1", "2", "99"]) | WORDS)
        asked = data.draw(request()) | {"HTTP_COOKIE": signed_in, "HTTP_X_CSRFTOKEN": token}
        answer = wsgi.call(path=raw(admin_pages.filled(address, pk.replace("\\", "_"), "1")), **asked)

        assert not is_ours(answer), (address, pk, answer.status_code)


def test_no_request_of_staff_is_a_fault_of_ours(inquiry):
    inquiry.others["manager"] = make.user(is_superuser=True)
    check_admin(inquiry)
