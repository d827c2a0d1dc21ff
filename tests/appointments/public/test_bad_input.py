"""Whatever is sent, the answer is the form with a sentence, or a 4xx; never a 5xx."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.models import Inquiry
from appointments.public import captcha
from tests import make, wsgi

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "field", ["name", "message", "phone", "email", "reach_note", "patient_name", "sum", "sum_token"]
)
def test_a_megabyte_in_a_field_is_a_sentence(client, field):
    answer = client.post("/appointments/", make.form_data(**{field: "x" * 1_000_000}))

    assert answer.status_code == 422
    assert not Inquiry.objects.exists()


def test_more_than_a_form_can_hold_is_a_400(client):
    answer = wsgi.call("POST", "/appointments/", content_type=FORM, body=b"message=" + b"x" * 5_000_000)
    assert answer.status_code == 413
    assert client.post("/appointments/", {f"field{n}": "x" for n in range(2000)}).status_code == 400


def test_a_field_sent_twice_is_a_400(client):
    assert client.post("/appointments/", make.form_data(name=["Rosa", "Lind"])).status_code == 400


def test_a_file_is_a_400(client):
    file = SimpleUploadedFile("scan.pdf", b"%PDF")

    answer = client.post("/appointments/", make.form_data(scan=file))

    assert (answer.status_code, Inquiry.objects.count()) == (400, 0)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"name": "Rosa"}'),
        ("text/plain", b"name=Rosa"),
        ("", b"name=Rosa"),
        ("multipart/form-data", b"name=Rosa"),
        ("multipart/form-data; boundary=x", b"--x\r\ngarbage"),
        (FORM, b"%"),
        (FORM, b"\xff\xfe=\xff"),
        (FORM, b"name=%ED%A0%80&message=%FF%FE"),
    ],
)
def test_odd_bodies_are_refused_or_answered_with_the_form(content_type, body):
    answer = wsgi.call("POST", "/appointments/", content_type=content_type, body=body)

    assert answer.status_code in (400, 415, 422)
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("typed", ["{% x %}", "{{ x }}", "{{ 7|1 }}", '"><1 2="3', "<!-- x", "{% now 'Y' %}"])
def test_no_answer_to_the_sum_is_taken_for_a_template(client, typed):
    asked = captcha.ask(timezone.now())
    spelled = next(word for word, n in captcha._NUMBER_WORDS.items() if n == asked.first + asked.second)
    for answer in (f"{spelled} {typed}", f"{typed}{asked.first + asked.second}"):
        page = client.post("/appointments/", make.form_data(name="", sum=answer))

        assert page.status_code == 422
        assert "When can I garden again?" in page.content.decode()
        assert f'name="sum" value="{escape(answer)}"' in page.content.decode()  # wrong, and kept as it was typed


def test_broken_utf_8_is_a_sentence_and_not_a_lost_word():
    body = b"&".join(
        f"{name}={value}".encode() for name, value in make.form_data(message="M%E4rz", sum="", name="Rosa").items()
    )
    answer = wsgi.call("POST", "/appointments/", content_type=FORM, body=body)

    assert answer.status_code == 422
    assert "This has a sign that we could not read." in answer.content.decode()


FIELDS = [*make.FIELDS, "for_someone_else", "contact_person", "seen_before", "check_by_hand"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.dictionaries(
        st.sampled_from(FIELDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.binary(max_size=20)
    )
)
def test_no_words_in_any_field_are_a_fault_of_ours(data):
    answer = Client(raise_request_exception=False).post("/appointments/", make.form_data() | data)

    assert answer.status_code in (303, 400, 422), answer.status_code


@pytest.mark.many_pages
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(max_size=40),
    query=st.text(max_size=40),
    content_type=st.text(st.characters(max_codepoint=255), max_size=60) | st.just(FORM),
    body=st.binary(max_size=100),
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]),
)
def test_no_request_is_a_fault_of_ours(path, query, content_type, body, method):
    for prefix in ("/", "/appointments/", "/procedures/"):
        raw = (prefix + path).encode("utf-8", "surrogatepass").decode("latin-1")
        answer = wsgi.call(
            method,
            raw,
            query=query.encode("utf-8", "surrogatepass").decode("latin-1"),
            content_type=content_type,
            body=body,
        )

        assert answer.status_code < 500, answer.status_code
