"""The form as a browser sends it: every word kept, every error a sentence."""

import html
import re
from copy import deepcopy
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.models import Inquiry
from appointments.public import captcha
from appointments.public.forms import InquiryForm
from appointments.scheduling import slot_codes
from tests import make

pytestmark = pytest.mark.django_db

PHONE = "Enter a phone number with an area code, like 212 555 0123."
PHONE += " From another country, begin with + and the country code."
# Field, what is posted instead of a good value, the sentence.
SENTENCES = [
    ({"kind": None}, "Select whether you want to book an appointment or ask a question", "id_kind_0"),
    ({"kind": "x"}, "Select whether you want to book an appointment or ask a question", "id_kind_0"),
    ({"name": " "}, "Enter your full name", "id_name"),
    ({"name": "x" * 151}, "Your name must be 150 characters or less", "id_name"),
    ({"contact_by": None}, "Select how we should contact you", "id_contact_by_0"),
    ({"contact_by": "not_yet", "phone": ""}, "Select how we should contact you", "id_contact_by_0"),
    ({"contact_by": "fax"}, "Select how we should contact you", "id_contact_by_0"),
    ({"phone": ""}, "Enter a phone number so we can call you", "id_phone"),
    ({"phone": "555 0123"}, PHONE, "id_phone"),
    ({"phone": "06 12 34 56 78"}, PHONE, "id_phone"),
    ({"phone": "112 555 0123"}, PHONE, "id_phone"),
    ({"contact_by": "email"}, "Enter an email address so we can reply", "id_email"),
    (
        {"contact_by": "email", "email": "rosa@"},
        "Enter an email address in the correct format, like name@example.com",
        "id_email",
    ),
    ({"email": "rosa"}, "Enter an email address in the correct format, like name@example.com", "id_email"),
    ({"for_someone_else": "on"}, "Enter the patient’s full name", "id_patient_name"),
    (
        {"for_someone_else": "on", "patient_name": "Edith", "contact_person": "patient"},
        "Enter the patient’s phone number so we can call them",
        "id_patient_phone",
    ),
    ({"contact_person": "x"}, "Select who we should contact", "id_contact_person_0"),
    ({"reach_note": "x" * 201}, "What helps us reach you must be 200 characters or less", "id_reach_note"),
    ({"seen_before": "x"}, "Select yes, no or not sure", "id_seen_before_0"),
    ({"spoken_language": "x"}, "Select a language from the list", "id_spoken_language"),
    ({"procedure": "x"}, "Select what this is about from the list", "id_procedure"),
    ({"procedure": "\x00"}, "Select what this is about from the list", "id_procedure"),
    ({"message": ""}, "Enter your question", "id_message"),
    ({"message": "x" * 2001}, "Your message must be 2,000 characters or less", "id_message"),
    ({"consent": None}, "Confirm that you understand this form is not for emergencies", "id_consent"),
    ({"name": "Ro\x00sa"}, "Null characters are not allowed.", "id_name"),
    ({"message": "Ro\ufffdsa"}, "This has a sign that we could not read. Please type it again.", "id_message"),
    ({"name": "Ro\x1bsa"}, "This has a sign that we could not read. Please type it again.", "id_name"),
]


def text(answer) -> str:
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(("changes", "sentence", "target"), SENTENCES)
def test_what_is_missing_or_odd_is_a_sentence_that_leads_to_its_field(client, changes, sentence, target):
    answer = client.post("/appointments/", make.form_data(**changes))
    page = text(answer)

    assert answer.status_code == 422
    assert not Inquiry.objects.exists()
    assert "<title>Error: Appointments and questions" in page
    assert f'<li><a href="#{target}">{sentence}</a></li>' in page
    assert page.count(sentence) == 2  # in the summary, and beside the field
    assert f'id="{target}"' in page


def test_the_summary_comes_first_and_names_itself(client):
    page = text(client.post("/appointments/", {}))

    main = page[page.index("<main") :]
    summary = main.index('<div class="error-summary" tabindex="-1" id="error-summary" autofocus><div role="alert">')
    assert summary < main.index("<h1>")
    assert "There is a problem" in main


def test_an_error_is_tied_to_its_field_between_hint_and_input(client):
    page = text(client.post("/appointments/", make.form_data(phone="")))

    part = page[page.index('id="div_id_phone"') : page.index('id="div_id_email"')]
    assert part.index("id_phone_helptext") < part.index('<p class="error" id="id_phone_error">') < part.index("<input")
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in part
    assert 'aria-invalid="true"' in part
    assert '<span class="visually-hidden">Error:</span>' in part


def test_every_typed_value_is_kept(client):
    make.procedure()
    sent = make.form_data(
        consent=None, for_someone_else="on", patient_name="Edith <b>", contact_person="patient", patient_phone="1",
        email="rosa@example.com", reach_note="no voicemail & slowly", seen_before="not_sure", procedure="kyphoplasty",
    )  # fmt: skip
    page = text(client.post("/appointments/", sent))

    for field in ("patient_name", "patient_phone", "name", "phone", "email", "reach_note"):
        assert f'name="{field}" value="{sent[field]}"' in page
    for field in ("kind", "contact_person", "contact_by", "seen_before"):
        assert re.search(rf'name="{field}" value="{sent[field]}"[^>]* checked', page)
    assert re.search(r'name="for_someone_else"[^>]* checked', page)
    assert '<option value="kyphoplasty" selected>' in page
    assert sent["message"] + "</textarea>" in page


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, False),
        ({"reach_note": "no voicemail"}, True),
        ({"spoken_language": "es"}, True),
        ({"procedure": "kyphoplasty"}, True),
        ({"for_someone_else": "on"}, True),
        ({"seen_before": "x"}, True),
    ],
)
def test_what_is_optional_is_folded_away_until_it_is_filled_in_or_wrong(client, changes, is_open):
    make.procedure()

    page = text(client.post("/appointments/", make.form_data(**{"consent": None} | changes)))

    folded = page.split("<details")[1].split("</details>")[0]
    assert folded.startswith(" open><summary>For someone else" if is_open else "><summary>For someone else")
    assert re.findall(r'<(?:input|select)[^>]* id="(\w+)"', folded) == [
        "id_reach_note", "id_spoken_language", "id_seen_before_0", "id_seen_before_1", "id_seen_before_2",
        "id_procedure", "id_for_someone_else", "id_patient_name", "id_contact_person_0", "id_contact_person_1",
        "id_patient_phone",
    ]  # fmt: skip


def test_no_field_cuts_off_what_is_pasted(client):
    assert "maxlength" not in text(client.get("/appointments/"))


@pytest.mark.parametrize(
    "name",
    ["Siobhán O’Connor", "D'Arcy", "Zoë 🌷", "فاطمة الزهراء", "山田太郎", "x" * 150, "María-José de la Cruz y García"],
)
def test_names_of_all_kinds_pass(client, name):
    assert client.post("/appointments/", make.form_data(name=name)).status_code == 303
    assert Inquiry.objects.get().name == name


def test_everything_said_is_stored(client):
    procedure = make.procedure()
    client.post(
        "/appointments/",
        make.form_data(
            kind="appointment", for_someone_else="on", patient_name="Edith Lind", contact_person="patient",
            patient_phone="646 555 0199", contact_by="email", phone="(212) 555-0123", email="rosa@example.com",
            reach_note="relay call (711)", seen_before="yes", procedure="kyphoplasty", message="One.\r\nTwo.",
        ),
    )  # fmt: skip

    inquiry = Inquiry.objects.get()
    assert (inquiry.kind, inquiry.name, inquiry.patient_name) == ("appointment", "Rosa Lind", "Edith Lind")
    assert (inquiry.contact_person, inquiry.patient_phone) == ("patient", "646 555 0199")
    assert (inquiry.contact_by, inquiry.phone, inquiry.phone_e164) == ("email", "(212) 555-0123", "+12125550123")
    assert (inquiry.email, inquiry.reach_note) == ("rosa@example.com", "relay call (711)")
    assert (inquiry.seen_before, inquiry.procedure, inquiry.message) == ("yes", procedure, "One.\nTwo.")
    assert (inquiry.sum_solved, inquiry.status, inquiry.screening) == (True, "new", "passed")


def test_an_appointment_needs_no_message(client):
    assert client.post("/appointments/", make.form_data(kind="appointment", message="")).status_code == 303


def test_a_patients_name_without_the_tick_is_kept(client):
    """Browsers without :has() show the field to everybody."""
    client.post("/appointments/", make.form_data(patient_name="Edith Lind", patient_phone="646 555 0199"))

    assert Inquiry.objects.get().patient_name == "Edith Lind"


class TestSum:
    def test_a_wrong_sum_keeps_every_word_and_asks_the_same(self, client):
        sent = make.form_data(sum="1")
        page = text(client.post("/appointments/", sent))
        asked = captcha.recall(sent["sum_token"], timezone.now())

        assert (
            f'<a href="#id_sum">1 is not {asked.first} plus {asked.second}. Try again, or check “I can’t answer this” '
            "below it, and we will check your message by hand.</a>"
        ) in page
        assert f'name="sum_token" value="{sent["sum_token"]}"' in page
        assert 'name="sum" value="1"' in page
        assert 'name="name" value="Rosa Lind"' in page
        assert "When can I garden again?" in page
        assert not Inquiry.objects.exists()

    @pytest.mark.parametrize("typed", ["", "what?"])
    def test_what_is_no_number_is_asked_for_again(self, client, typed):
        sent = make.form_data(sum=typed)
        asked = captcha.recall(sent["sum_token"], timezone.now())

        page = text(client.post("/appointments/", sent))

        assert f'<a href="#id_sum">Enter the answer to {asked.first} plus {asked.second}</a>' in page

    def test_a_right_sum_is_not_asked_again(self, client):
        sent = make.form_data(name="")
        page = text(client.post("/appointments/", sent))

        assert 'id="id_sum"' not in page
        assert "check_by_hand" not in page
        assert f'<input type="hidden" name="sum" value="{sent["sum"]}">' in page
        assert f'<input type="hidden" name="sum_token" value="{sent["sum_token"]}">' in page

    @pytest.mark.parametrize("token", ["forged.0123", "", "1.2", "\x00", "9" * 4000])
    def test_a_forged_sum_keeps_every_word_and_asks_a_new_one(self, client, token):
        with time_machine.travel(timezone.now(), tick=False):  # The next minute has another sum.
            page = text(client.post("/appointments/", make.form_data(sum_token=token)))
            fresh = captcha.ask(timezone.now())

        assert f'name="sum_token" value="{fresh.token}"' in page
        assert "When can I garden again?" in page
        assert not Inquiry.objects.exists()

    def test_an_expired_sum_keeps_every_word_and_says_why(self, client):
        sent = make.form_data()
        with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
            page = text(client.post("/appointments/", sent))
            fresh = captcha.ask(timezone.now())

        assert (
            "This page was open for a long time, so there is a new sum. "
            f"Enter the answer to {fresh.first} plus {fresh.second}"
        ) in page
        assert f'name="sum_token" value="{fresh.token}"' in page
        assert re.search(r'name="sum"(?! value)', page)
        assert "When can I garden again?" in page

    @pytest.mark.parametrize("sum_", ["", "1", "what?"])
    def test_whoever_cannot_answer_is_checked_by_hand(self, client, sum_):
        answer = client.post("/appointments/", make.form_data(sum=sum_, check_by_hand="on"))

        inquiry = Inquiry.objects.get()
        assert answer.headers["Location"] == f"{inquiry.own_page_url()}?done=sent"
        assert (inquiry.screening, inquiry.screening_reason, inquiry.sum_solved) == ("by_hand", "asked", False)

    def test_a_filled_trap_is_checked_by_hand_and_never_dropped(self, client):
        answer = client.post("/appointments/", make.form_data(second_fax="212"))

        inquiry = Inquiry.objects.get()
        assert answer.status_code == 303
        assert (inquiry.screening, inquiry.screening_reason, inquiry.sum_solved) == ("by_hand", "trap", True)

    def test_the_sum_is_said_in_words_and_hidden_in_signs(self, client):
        with time_machine.travel(timezone.now(), tick=False):
            page = text(client.get("/appointments/"))
            asked = captcha.ask(timezone.now())

        assert f'What is <span translate="no">{asked.first} plus {asked.second}</span>?</label>' in page
        assert f'<span aria-hidden="true" translate="no">{asked.first} + {asked.second} =</span>' in page

    def test_the_trap_is_out_of_everybodys_way(self, client):
        page = text(client.get("/appointments/"))

        trap = page[page.index('<div class="trap"') :].split("</div>")[0]
        assert 'aria-hidden="true"' in trap
        assert "Leave this field empty" in trap
        assert 'tabindex="-1" autocomplete="off"' in trap
        assert "display: none" not in trap


@pytest.mark.parametrize("name", ["\ufeff", "\u200b", "\u3164", "\U000e0041", "...", "\u202e"])
def test_a_name_that_shows_nothing_is_no_name(name):
    form = InquiryForm(make.form_data(name=name), now=timezone.now())

    assert "name" in form.errors


def test_signs_that_turn_the_line_round_are_left_out():
    form = InquiryForm(make.form_data(name="Rosa \u202eLind\u2066"), now=timezone.now())

    assert form.is_valid()
    assert form.inquiry().name == "Rosa Lind"


def as_it_is(fields) -> dict:
    return deepcopy({name: (vars(f) | {"widget": type(f.widget)}, vars(f.widget)) for name, f in fields.items()})


def test_forms_share_the_fields_that_none_of_them_changes_not_even_when_it_is_drawn(client):
    shared = {name: field for name, field in InquiryForm.base_fields.items() if name not in ("procedure", "sum")}
    before = as_it_is(shared)
    slot = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]

    for chosen in ("", slot_codes.encode(slot)):
        assert client.get("/appointments/", {"slot": chosen}).status_code == 200
        assert client.post("/appointments/", make.form_data(slot=chosen, name="", sum="1")).status_code == 422

    assert as_it_is(shared) == before
    first, second = InquiryForm(now=timezone.now()).fields, InquiryForm(now=timezone.now()).fields
    assert {name for name in first if first[name] is not second[name]} == {"procedure", "sum"}


def test_the_language_to_use_is_named_in_itself_and_kept(client):
    page = text(client.get("/appointments/"))
    client.post("/appointments/", make.form_data(spoken_language="es", reach_note="slowly"))

    assert '<option value="es" lang="es">Español</option>' in page
    assert Inquiry.objects.get().to_reach_them == "Español, slowly"


UNSEEN = "\u200e\u200b\u2060\ufeff"


def test_signs_that_nobody_sees_are_taken_from_lines_addresses_and_the_sum(client):
    data = make.form_data(contact_by="email", phone="")
    pasted = {"name": f"{UNSEEN}Ro{UNSEEN}sa Lind", "email": f"{UNSEEN}rosa@exam{UNSEEN}ple.com{UNSEEN}"}

    assert client.post("/appointments/", data | pasted | {"sum": f"{UNSEEN}{data['sum']}{UNSEEN}"}).status_code == 303

    inquiry = Inquiry.objects.get()
    assert (inquiry.name, inquiry.email, inquiry.sum_solved) == ("Rosa Lind", "rosa@example.com", True)


@pytest.mark.parametrize(
    ("typed", "dialed"),
    [
        ("(212) 555-0123 after 5 pm", "+12125550123"),
        ("212 555 0123 or 917 555 0188", "+12125550123"),
        ("0044 20 7946 0018", "+442079460018"),
    ],
)
def test_a_number_is_found_in_what_was_typed_which_is_kept(client, typed, dialed):
    assert client.post("/appointments/", make.form_data(phone=typed)).status_code == 303

    inquiry = Inquiry.objects.get()
    assert (inquiry.phone, inquiry.phone_e164) == (typed, dialed)
