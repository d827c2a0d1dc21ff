import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from appointments.actors import Actor
from appointments.admin.desk import inquiry_page
from appointments.inquiries import conversation
from appointments.models import Closure, Inquiry, InquiryScreening, InquiryStatus, Message
from appointments.records import erasure
from clinic.accounts import roles
from procedures.models import Procedure
from tests import make

pytestmark = pytest.mark.django_db

INBOX = "/admin/appointments/inquiry/"


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann"))
    return client


def rows(answer) -> list[str]:
    """The rows of the list, as one line of words each."""
    table = answer.content.decode().partition('id="result_list"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in table.split("</tr>") if "<td" in row]


def test_a_row_says_all_that_the_desk_needs(desk):
    procedure = make.procedure()
    inquiry = make.inquiry(
        name="Rosa Lind", procedure=procedure, phone="212 555 0177", reach_note="no voicemail", sent=timedelta(hours=2)
    )

    answer = desk.get(INBOX)

    assert rows(answer)[0].startswith(
        f"Rosa Lind {inquiry.shown_reference} wants a visit 2 hours ago Appointment, Kyphoplasty"
        " 212 555 0177 no voicemail New "
    )
    assert "<strong>no voicemail</strong>" in answer.content.decode()


def test_the_language_that_a_patient_chose_stands_wherever_the_desk_reads_how_to_reach_them(desk):
    inquiry = make.inquiry(spoken_language="es", reach_note="slowly")
    make.inquiry(reach_note="quickly")

    first_page, own, inbox = (
        desk.get(path).content.decode() for path in ("/admin/", f"{INBOX}{inquiry.pk}/change/", INBOX)
    )

    assert re.findall("<strong>(.*?ly)</strong>", first_page) == ["Español, slowly", "quickly"]
    assert re.findall('<strong class="reach-note">(.*?)</strong>', own) == ["Español, slowly"]
    assert sorted(re.findall("<strong>(.*?ly)</strong>", inbox)) == ["Español, slowly", "quickly"]


def test_it_says_who_to_call_when_that_is_the_patient(desk):
    make.inquiry(patient_name="Edith Lind", contact_person="patient", patient_phone="646 555 0164")

    assert "Edith Lind (patient) 646 555 0164" in rows(desk.get(INBOX))[0]


def test_a_number_is_one_piece_and_an_address_breaks_behind_its_at(desk):
    edith = {"patient_name": "Edith Lind", "contact_person": "patient", "patient_phone": "646-555-0164"}
    make.inquiry(email="rosa@example.com", contact_by="email", phone="", sent=timedelta(days=2))
    make.inquiry(**edith, sent=timedelta(days=1))

    shown = re.findall('<td class="field-reach">(.*?)</td>', desk.get(INBOX).content.decode())

    assert shown == [
        ' <span class="way">rosa@<wbr>example.com</span>',
        'Edith Lind (patient) <span class="way">646-555-0164<wbr></span>',
    ]


def test_what_waits_stands_there_oldest_promise_first_and_nothing_else(desk):
    make.inquiry(name="Young")
    make.inquiry(name="Old", sent=timedelta(days=5))  # Late by one to four days, whatever the weekday.
    make.inquiry(name="Done", status=InquiryStatus.CLOSED)
    make.inquiry(name="By hand", screening=InquiryScreening.BY_HAND, screening_reason="asked")
    make.inquiry(name="Spam", screening=InquiryScreening.SPAM, screening_reason="staff")

    listed = rows(desk.get(INBOX))

    assert [row.split()[0] for row in listed] == ["Old", "Young"]
    assert re.search(r"⚠ \d+ days? late", listed[0].replace("\xa0", " "))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?list=by_hand", ["Ida"]),
        ("?list=spam", ["Max"]),
        ("?list=all", ["Max", "Ida", "Uwe", "Eve"]),
        ("?list=waiting", ["Eve"]),
        ("?status__exact=closed", ["Uwe"]),
        ("?status__exact=new", ["Eve"]),
        ("?list=inbox", ["Uwe", "Eve"]),
        ("?list=all&status__exact=new", ["Max", "Ida", "Eve"]),
        ("?kind__exact=question", ["Eve"]),
        ("?kind__exact=appointment", []),
        ("?kind__exact=appointment&list=all", ["Max", "Ida", "Uwe"]),
        ("?procedure__id__exact={procedure}", ["Eve"]),
        ("?list=nonsense", ["Eve"]),
    ],
)
def test_lists_and_filters(desk, query, names):
    procedure = make.procedure()
    make.inquiry(name="Eve", kind="question", message="x", procedure=procedure, sent=timedelta(minutes=4))
    make.inquiry(name="Uwe", status=InquiryStatus.CLOSED, sent=timedelta(minutes=3))
    make.inquiry(name="Ida", screening=InquiryScreening.BY_HAND, screening_reason="asked", sent=timedelta(minutes=2))
    make.inquiry(name="Max", screening=InquiryScreening.SPAM, screening_reason="staff", sent=timedelta(minutes=1))

    assert [row.split()[0] for row in rows(desk.get(INBOX + query.format(procedure=procedure.pk)))] == names


def test_the_list_takes_the_same_queries_however_long_it_is(desk, django_assert_num_queries):
    make.inquiry(procedure=make.procedure(), assigned_to=make.user())
    desk.get(INBOX)
    with django_assert_num_queries(7):  # One of them says why each waits, and one how many do.
        desk.get(INBOX)
    for _ in range(20):
        make.inquiry(procedure=make.procedure(f"P{_}", slug=f"p{_}"), assigned_to=make.user())
    with django_assert_num_queries(7):  # One of them says why each waits, and one how many do.
        opened = desk.get(INBOX)

    assert len(rows(opened)) == 21
    assert rows(opened) == rows(desk.get(f"{INBOX}?list=waiting"))


def test_the_first_page_shows_what_waits(desk):
    make.inquiry(name="Rosa Lind", reach_note="after 3", sent=timedelta(days=9))
    make.inquiry(screening=InquiryScreening.BY_HAND, screening_reason="trap")

    page = desk.get("/admin/").content.decode()

    assert "1 inquiry waits for us" in page
    assert "Rosa Lind" in page
    assert "<strong>after 3</strong>" in page
    assert "late</strong>" in page
    assert "Check by hand: 1" in page


def test_a_promise_that_was_kept_stands_below_one_that_was_not(desk):
    make.inquiry(name="Answered", sent=timedelta(days=9), answered_at=timezone.now())
    make.inquiry(name="Late", sent=timedelta(days=5))

    assert [row.split()[0] for row in rows(desk.get(INBOX))] == ["Late", "Answered"]


def test_whoever_may_not_see_inquiries_sees_none_on_the_first_page(client):
    make.inquiry(name="Rosa Lind")
    client.force_login(make.user(roles.CONTENT_EDITOR))

    assert "Rosa Lind" not in client.get("/admin/").content.decode()


class TestDesk:
    def address(self, inquiry) -> str:
        return reverse("admin:appointments_inquiry_change", args=[inquiry.pk])

    def post(self, client, inquiry, do, **data):
        return client.post(
            self.address(inquiry),
            {"do": do, "sure": do, "version": inquiry.version, "idempotency_key": str(uuid4())} | data,
        )

    def test_it_shows_what_the_patient_wrote_and_offers_no_way_to_change_it(self, desk):
        inquiry = make.inquiry(
            kind="question", name="Rosa <Lind>", message="Line one\nline <two>", reach_note="slowly", seen_before="yes"
        )

        page = desk.get(self.address(inquiry)).content.decode()

        assert "Rosa &lt;Lind&gt;" in page
        assert "Line one<br>line &lt;two&gt;" in page
        assert '<strong class="reach-note">slowly</strong>' in page
        assert set(re.findall(r'name="([^"]+)"', page.partition('<div class="desk">')[2])) == {
            "csrfmiddlewaretoken", "version", "do", "idempotency_key", "outcome", "call_words", "call_back_at_0",
            "call_back_at_1", "answer", "note",
        }  # fmt: skip

    def test_taking_noting_calling_waiting_closing_and_reopening(self, desk):
        inquiry = make.inquiry()
        for do, status in (
            ("take", "open"), ("wait", "waiting_for_patient"), ("reopen", "open"), ("close", "closed"),
            ("reopen", "open"),
        ):  # fmt: skip
            assert self.post(desk, inquiry, do).headers["Location"] == self.address(inquiry)
            inquiry.refresh_from_db()
            assert inquiry.status == status
        self.post(desk, inquiry, "save", note="Prefers mornings.")
        self.post(desk, inquiry, "save", outcome="reached", call_words="All fine.")

        page = desk.get(self.address(inquiry)).content.decode()
        assert inquiry.assigned_to.first_name == "Ann"
        assert "Taken by Ann" in page
        assert "Prefers mornings." in page
        assert "Reached. All fine." in page
        assert "State: Open → Closed" in page

    def test_the_newest_words_of_the_patient_stand_on_top_with_their_hour(self, desk):
        make.clinic()
        inquiry = make.inquiry(message="First <words>", sent=timedelta(days=2))

        for words in ("Second <words>", "Third <words>"):
            conversation.write_back(inquiry=inquiry, words=words)
        conversation.note(inquiry=inquiry, words="Ours", by=Actor.staff(make.user()))
        Message.objects.update(created_at=datetime.fromisoformat("2026-11-20T20:00:00+00:00"))

        page = desk.get(self.address(inquiry)).text
        on_top = page.partition('id="newest-title"')[2].partition("</section>")[0]
        assert "Fri, Nov. 20, 3 p.m." in on_top
        assert re.findall("<blockquote.*?>(.*?)</blockquote>", on_top) == ["Third &lt;words&gt;"]
        assert page.index("newest-title") < page.index("reach-title") < page.index("First &lt;words&gt;")

    def test_long_words_on_top_leave_room_for_the_phone_number(self, desk):
        words = "& so on " * 99
        page = desk.get(self.address(make.inquiry(message=words.strip()))).text

        shown, all_of_it = re.findall("<blockquote dir=.auto.>(.*?)</blockquote>", page)
        assert shown == ("&amp; so on " * 50)[:-1] + "…"
        assert all_of_it == ("&amp; so on " * 99).strip()

    @pytest.mark.parametrize("outcome", ["reached", "voicemail", "no_answer"])
    def test_one_press_beside_the_number_logs_a_call_with_what_was_typed(self, desk, outcome):
        inquiry = make.inquiry()
        page = desk.get(self.address(inquiry)).text
        assert f'<button form="desk-form" name="do" value="call-{outcome}">' in page

        sent = self.post(desk, inquiry, f"call-{outcome}", note="Typed before.", call_words="Her son.")

        label = {"reached": "reached", "voicemail": "voicemail left", "no_answer": "no answer"}[outcome]
        said = [str(message) for message in get_messages(sent.wsgi_request)]
        assert [words.partition(" <form")[0] for words in said] == [f"{inquiry.name}: {label}, note saved."]
        assert [(call.outcome, call.words) for call in inquiry.calls.all()] == [(outcome, "Her son.")]
        assert [note.words for note in inquiry.notes.all()] == ["Typed before."]

    def test_who_may_not_log_calls_has_no_such_button_and_no_such_post(self, client):
        reader = make.user()
        allowed = Permission.objects.filter(codename__in=("view_inquiry", "change_inquiry"))
        reader.user_permissions.set(allowed)
        client.force_login(reader)
        inquiry = make.inquiry()

        assert "call-reached" not in client.get(self.address(inquiry)).text
        assert self.post(client, inquiry, "call-reached").status_code == 403
        assert not inquiry.calls.exists()

    def test_no_message_is_left_on_the_machine_of_who_wants_none(self, desk):
        page = desk.get(self.address(make.inquiry(reach_note="no voicemail"))).text

        assert re.findall('value="call-(.*?)"', page) == ["reached", "no_answer"]

    def test_spam_and_release(self, desk):
        inquiry = make.inquiry()
        self.post(desk, inquiry, "spam")
        inquiry.refresh_from_db()
        assert (inquiry.screening, inquiry.screening_reason) == ("spam", "staff")

        page = desk.get(self.address(inquiry)).content.decode()
        assert "Spam: Marked by staff" in page
        assert 'value="release"' in page
        self.post(desk, inquiry, "release")
        inquiry.refresh_from_db()
        assert (inquiry.screening, inquiry.screening_reason) == ("passed", "")

    def test_a_colleague_who_was_faster_is_not_overwritten(self, desk):
        inquiry = make.inquiry()
        Inquiry.objects.update(version=2, status=InquiryStatus.CLOSED)

        answer = desk.post(
            self.address(inquiry), {"do": "wait", "version": "1", "idempotency_key": str(uuid4())}, follow=True
        )

        assert "A colleague changed this inquiry meanwhile." in answer.content.decode()
        assert Inquiry.objects.get().status == InquiryStatus.CLOSED

    def test_a_step_its_state_does_not_allow_is_a_sentence(self, desk):
        inquiry = make.inquiry(status=InquiryStatus.CLOSED)

        answer = desk.post(
            self.address(inquiry), {"do": "wait", "version": "1", "idempotency_key": str(uuid4())}, follow=True
        )

        assert "That is not possible in its present state." in answer.content.decode()

    def test_an_unfinished_call_keeps_its_words(self, desk):
        inquiry = make.inquiry()
        answer = self.post(desk, inquiry, "close", call_words="Daughter answered", note="Ask again.")

        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'value="Daughter answered"' in page
        assert "Ask again.</textarea>" in page
        assert "Choose how the call went." in page
        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.NEW

    def test_saving_nothing_is_a_sentence(self, desk):
        assert "Choose how a call went, or write a note." in self.post(desk, make.inquiry(), "save").content.decode()

    def test_a_note_half_typed_is_kept_when_a_step_is_taken(self, desk):
        inquiry = make.inquiry()
        self.post(desk, inquiry, "close", note="Solved by phone.", outcome="reached")

        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.CLOSED
        assert inquiry.notes.get().words == "Solved by phone."
        assert inquiry.calls.get().outcome == "reached"

    def test_a_double_click_writes_one_call_and_one_note(self, desk):
        inquiry = make.inquiry()
        said = {"idempotency_key": str(uuid4()), "outcome": "no_answer", "note": "Rang."}
        self.post(desk, inquiry, "save", **said)
        self.post(desk, inquiry, "save", **said)

        assert (inquiry.calls.count(), inquiry.notes.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("typed", "link"),
        [
            ("212-555-CARE", "tel:+12125552273"),
            ("212 555 0123 extension 4", "tel:+12125550123;ext=4"),
            ("+44 (0)20 7946 0958", "tel:+442079460958"),
            ("２１２ ５５５ ０１２３", "tel:+12125550123"),
        ],
    )
    def test_a_click_dials_the_number_that_was_meant(self, desk, typed, link):
        inquiry = make.inquiry(phone=typed)

        assert f'<a href="{link}">{typed}</a>' in desk.get(self.address(inquiry)).content.decode()

    def test_a_call_or_a_note_needs_its_right(self, client):
        some = make.user()
        some.user_permissions.set(Permission.objects.filter(codename__in=["view_inquiry", "change_inquiry"]))
        client.force_login(some)
        inquiry = make.inquiry()

        assert self.post(client, inquiry, "close", note="x").status_code == 403
        assert self.post(client, inquiry, "save", outcome="reached").status_code == 403
        inquiry.refresh_from_db()
        assert (inquiry.calls.count(), inquiry.notes.count(), inquiry.status) == (0, 0, InquiryStatus.NEW)

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"do": "x", "version": "1"},
            {"do": "take"},
            {"do": "take", "version": "²"},
            {"do": "take", "version": "9" * 5000},
        ],
    )
    def test_a_post_that_is_no_step_is_a_400(self, desk, data):
        data = data | {"idempotency_key": str(uuid4())}

        assert desk.post(self.address(make.inquiry()), data).status_code == 400

    def test_looking_changes_nothing(self, desk):
        inquiry = make.inquiry()
        desk.get(self.address(inquiry) + "?do=close&version=1")

        assert inquiry.events.count() == 1

    def test_it_takes_few_queries(self, desk, django_assert_num_queries):
        inquiry = make.inquiry(procedure=make.procedure(), assigned_to=make.user())
        for _ in range(10):
            self.post(desk, inquiry, "save", note="x")
        desk.get(self.address(inquiry))  # What the presses did is said once, and then forgotten.
        with django_assert_num_queries(20):  # One of them writes who read it.
            desk.get(self.address(inquiry))
        for _ in range(3):
            make.appointment(make.inquiry(name=inquiry.name, phone=inquiry.phone))
        with django_assert_num_queries(21):
            desk.get(self.address(inquiry))

    @pytest.mark.parametrize("key", ["0", "x", "999999999999999999999", "1_2F"])
    def test_one_that_is_not_there_is_a_404(self, desk, key):
        assert desk.get(f"{INBOX}{key}/change/").status_code == 404

    def test_times_are_the_clinics(self, desk):
        make.clinic(time_zone="Asia/Tokyo")
        inquiry = make.inquiry()
        Inquiry.objects.update(created_at=timezone.now().fromisoformat("2026-11-20T20:00:00+00:00"))

        assert "Saturday, Nov. 21, 2026, 5 a.m." in desk.get(self.address(inquiry)).content.decode()


class TestRights:
    def test_the_front_desk_has_no_more_than_it_needs(self, desk):
        inquiry = make.inquiry()
        page = make.page(make.procedure(slug="x"), "more")
        allowed = ["/admin/", INBOX, f"{INBOX}{inquiry.pk}/change/", "/admin/appointments/closure/",
                   "/admin/appointments/closure/add/"]  # fmt: skip
        refused = [
            f"{INBOX}add/", f"{INBOX}{inquiry.pk}/delete/", "/admin/appointments/practitioner/add/",
            "/admin/clinic/clinic/1/change/", "/admin/procedures/procedure/",
            f"/admin/procedures/page/{page.pk}/change/", "/admin/auth/user/", "/admin/auth/group/",
        ]  # fmt: skip

        assert [desk.get(path).status_code for path in allowed] == [200] * len(allowed)
        assert [desk.get(path).status_code for path in refused] == [403] * len(refused)

    @pytest.mark.parametrize("role", [None, *roles.ROLES])
    def test_no_role_is_led_to_a_patients_own_page(self, client, role):
        client.force_login(make.user(role))
        kind = ContentType.objects.get_for_model(Inquiry)

        assert client.get(f"/admin/r/{kind.pk}/{make.inquiry().pk}/").status_code == 404
        procedure, of_procedures = make.procedure(), ContentType.objects.get_for_model(Procedure)
        assert client.get(f"/admin/r/{of_procedures.pk}/{procedure.pk}/").status_code == 404

    def test_what_an_inquiry_is_about_is_not_deleted(self, client):
        client.force_login(make.user(is_superuser=True))
        procedure = make.procedure()
        make.inquiry(procedure=procedure)

        assert client.post(f"/admin/procedures/procedure/{procedure.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_nobody_deletes_or_writes_an_inquiry_not_even_a_superuser(self, client):
        client.force_login(make.user(is_superuser=True))
        inquiry = make.inquiry()

        assert client.post(f"{INBOX}{inquiry.pk}/delete/", {"post": "yes"}).status_code == 403
        assert client.get(f"{INBOX}add/").status_code == 403
        assert Inquiry.objects.exists()

    def test_whoever_may_only_look_gets_no_buttons_and_changes_nothing(self, client):
        reader = make.user()
        reader.user_permissions.add(Permission.objects.get(codename="view_inquiry"))
        client.force_login(reader)
        inquiry = make.inquiry()
        address = reverse("admin:appointments_inquiry_change", args=[inquiry.pk])

        assert 'name="do"' not in client.get(address).content.decode()
        assert client.post(address, {"do": "close", "version": "1", "idempotency_key": str(uuid4())}).status_code == 403

    def test_visitors_and_content_editors_see_no_inquiry(self, client):
        inquiry = make.inquiry()
        address = reverse("admin:appointments_inquiry_change", args=[inquiry.pk])

        assert client.get(address).headers["Location"].startswith("/admin/login/")
        client.force_login(make.user(roles.CONTENT_EDITOR))
        assert client.get(address).status_code == 403
        assert client.get(INBOX).status_code == 403

    def test_a_manager_enters_closures(self, client):
        client.force_login(make.user(roles.MANAGER))

        answer = client.post(
            "/admin/appointments/closure/add/",
            {"name": "Thanksgiving", "starts_at_0": "2026-11-26", "starts_at_1": "00:00",
             "ends_at_0": "2026-11-27", "ends_at_1": "00:00"},
        )  # fmt: skip

        assert answer.status_code == 302
        assert Closure.objects.get().starts_at.isoformat() == "2026-11-26T05:00:00+00:00"


@pytest.mark.parametrize(
    "query", ["search_words__regex=(", "created_at__year=0", "status__in=new", "key__startswith=a"]
)
def test_the_inbox_is_filtered_by_what_its_filters_offer_alone(client, query):
    client.force_login(make.front_desk())

    assert client.get(f"/admin/appointments/inquiry/?{query}").status_code == 400


def test_another_note_under_the_same_form_is_not_lost(client):
    # The browser's Back shows the form as it was.
    inquiry, other = make.inquiry(), make.inquiry()
    client.force_login(make.front_desk())
    idempotency_key = "7e1c1f0a-3f0c-4a52-8ad1-9d1f6d1b0a55"
    for each, words in ((inquiry, "one"), (inquiry, "one"), (inquiry, "two"), (other, "one")):
        address = f"/admin/appointments/inquiry/{each.pk}/change/"
        assert (
            client.post(address, {"do": "save", "note": words, "idempotency_key": idempotency_key}).status_code == 302
        )

    assert [note.words for note in inquiry.notes.all()] == ["one", "two"]
    assert [note.words for note in other.notes.all()] == ["one"]


@pytest.mark.parametrize("do", ["save", "take", "reply"])
def test_what_is_erased_while_somebody_writes_at_the_desk_says_so(client, monkeypatch, do):
    client.force_login(make.front_desk())
    inquiry = make.inquiry()
    work = inquiry_page._work

    def erased_first(request, inquiry, said):
        erasure.erase(inquiry, reason="Their wish", by=Actor.staff(make.user()))
        return work(request, inquiry, said)

    monkeypatch.setattr(inquiry_page, "_work", erased_first)
    written = {"note": "x", "answer": "Yes." if do == "reply" else "", "idempotency_key": str(uuid4())}

    address = reverse("admin:appointments_inquiry_change", args=[inquiry.pk])
    answer = client.post(address, {"do": do, "version": "1", **written}, follow=True)

    assert answer.status_code == 200
    assert "It was erased meanwhile. Nothing was written down." in answer.content.decode()
