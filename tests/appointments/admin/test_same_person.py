"""Others who may be the same person, at the desk of an inquiry and where a time is given."""

import html
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.inquiries import contact_data, conversation
from appointments.models import AppointmentStatus, Inquiry, InquiryStatus
from appointments.notifications import compose
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    make.clinic()
    client.force_login(make.front_desk())
    return client


def address(inquiry) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/change/"


def text(answer) -> str:
    body = answer.content.decode().partition('id="main"')[2]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", body)).split())


def others(answer) -> str:
    return text(answer).partition("The same person?")[2].partition("Next step")[0]


def press(desk, inquiry, do: str, **more):
    now = Inquiry.objects.get(pk=inquiry.pk)
    posted = {"do": do, "version": now.version, "idempotency_key": str(uuid4())} | more
    return desk.post(address(inquiry), posted, follow=True)


@pytest.fixture
def pair():
    one = make.inquiry(name="Rosa Lind", phone="212 555 0123")
    return one, make.inquiry(name="Rosa Lind", phone="212 555 0123", reference="K7QM3XHT")


def test_others_stand_at_the_desk_with_what_is_the_same_and_their_visits(desk):
    with time_machine.travel("2026-11-26 15:00:00+00:00", tick=False):
        rosa = make.inquiry(name="Rosa Lind", phone="212 555 0123")
        other = make.inquiry(name="Rosa Lind", phone="212 555 0123", reference="K7QM3XHT")
        namesake = make.inquiry(name="Rosa Lind", phone="646 555 0160", reference="ABCD2345", status="closed")
        doctor = make.practitioner("Jane Doe, MD")
        make.appointment(other, "2026-12-03 13:30+00:00", practitioner=doctor)
        make.appointment(namesake, "2026-11-02 14:00+00:00", practitioner=doctor, status=AppointmentStatus.NOSHOW)

        said = others(desk.get(address(rosa)))

    assert (
        said.split()
        == (
            "Rosa Lind K7QM-3XHT ⚠ has Thu, Dec. 3, 8:30 a.m., Jane Doe, MD already same phone, name · New"
            " Same as K7QM-3XHT: close this one 1 more like this Rosa Lind ABCD-2345"
            " same name · did not come: 1 · Closed Same as ABCD-2345: close this one Give or offer times"
            " Put on the waiting list"
        ).split()
    )


def test_before_a_time_is_given_the_page_warns_of_the_one_they_have(desk, pair):
    one, other = pair
    with time_machine.travel("2026-11-26 15:00:00+00:00", tick=False):
        make.appointment(other, "2026-12-03 13:30+00:00", practitioner=make.practitioner("Jane Doe, MD"))
        desk.force_login(make.front_desk())

        said = text(desk.get(f"/admin/appointments/inquiry/{one.pk}/times/"))

    assert "⚠ Rosa Lind (K7QM-3XHT) has Thu, Dec. 3, 8:30 a.m., Jane Doe, MD already." in said


def test_a_press_closes_one_links_both_and_is_undone(desk, pair):
    one, other = pair

    answer = press(desk, one, f"same-{other.pk}")

    assert "Rosa Lind: the same person as K7QM-3XHT; this one is closed." in text(answer)
    row = Inquiry.objects.get(pk=one.pk)
    assert (row.status, row.same_as) == (InquiryStatus.CLOSED, other)
    assert "Same person: Rosa Lind K7QM-3XHT" in others(desk.get(address(one)))
    assert f"Same person: Rosa Lind {one.shown_reference}" in others(desk.get(address(other)))
    assert "Same person as: none → K7QM-3XHT" in text(answer)

    undo = re.search(r'name="undo" value="([^"]+)"', answer.content.decode())[1]
    desk.post(f"/admin/appointments/inquiry/{one.pk}/undo/", {"undo": undo})
    row.refresh_from_db()
    assert (row.status, row.same_as) == (InquiryStatus.NEW, None)


def test_pressed_twice_it_is_said_that_it_is_changed_meanwhile(desk, pair):
    one, other = pair
    press(desk, one, f"same-{other.pk}", version=1)

    assert "A colleague changed this inquiry meanwhile." in text(press(desk, one, f"same-{other.pk}", version=1))


def test_where_the_other_one_is_closed_it_asks_whether_nobody_is_to_answer(desk, pair):
    one, other = pair
    Inquiry.objects.filter(pk=other.pk).update(status="closed")

    asked = press(desk, one, f"same-{other.pk}")

    assert "Nobody has answered this one, and K7QM-3XHT is closed. Close this one, too?" in text(asked)
    assert Inquiry.objects.get(pk=one.pk).status == InquiryStatus.NEW
    press(desk, one, f"same-{other.pk}", sure=f"same-{other.pk}")
    assert Inquiry.objects.get(pk=one.pk).status == InquiryStatus.CLOSED


def test_it_is_not_the_same_person_after_all(desk, pair):
    one, other = pair
    press(desk, one, f"same-{other.pk}")

    answer = press(desk, one, "same-not")

    assert "Rosa Lind: not the same person any longer." in text(answer)
    assert Inquiry.objects.get(pk=one.pk).same_as is None


@pytest.mark.parametrize("do", ["same-", "same-0", "same-x", "same-999999"])
def test_a_press_that_names_nobody_is_a_400(desk, pair, do):
    assert press(desk, pair[0], do).status_code == 400


def test_who_may_only_look_is_offered_no_press_and_may_not(client, pair):
    reader = make.user()
    reader.user_permissions.add(Permission.objects.get(codename="view_inquiry"))
    client.force_login(reader)
    one, other = pair

    assert b"same-" not in client.get(address(one)).content
    assert press(client, one, f"same-{other.pk}").status_code == 403


def test_each_own_page_shows_what_its_writer_sent_and_nothing_of_the_other(desk):
    one, other = (make.inquiry(name="Rosa Lind", phone="212 555 0123") for _ in range(2))
    make.appointment(other)
    ann = Actor.staff(make.front_desk())
    conversation.reply(inquiry=one, words="Yes, rest helps", version=1, by=ann)
    conversation.reply(inquiry=other, words="Do not drive", version=1, by=ann)
    press(desk, one, f"same-{other.pk}")

    pages = [Patient().get(row.own_page_url()).content.decode() for row in (one, other)]

    told = ("Yes, rest helps", "Do not drive", one.shown_reference, other.shown_reference)
    assert [[words in page for words in told] for page in pages] == [
        [True, False, True, False],
        [False, True, False, True],
    ]


class TestKnownPerson:
    KNOWN = ("1950", "C-99187", "Petra Lang, daughter")

    @pytest.fixture
    def rosa(self):
        rosa = make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com", phone="212 555 0123")
        know(rosa)
        return rosa

    def test_it_stands_on_top_of_the_desk_with_who_wrote_it_down(self, desk, rosa):
        said = text(desk.get(address(rosa))).partition("What they wrote")[0]

        assert "They agreed that we talk with Petra Lang, daughter (Nov. 20, 2026, noted by Ann Lee)" in said
        assert "Born March 4, 1950" in said
        assert "Chart C-99187" in said

    def test_no_public_page_and_no_mail_says_any_of_it(self, desk, rosa):
        appointments.give(
            inquiry=rosa,
            slot=make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0],
            by=Actor.staff(make.front_desk()),
        )
        browser, own = Patient(), rosa.own_page_url()
        pages = [browser.get(f"{own}{rest}").content.decode() for rest in ("", "cancel/", "card/", "times/")]
        make.two_minutes_pass()
        mails = [compose.build(mail).message().as_string() for mail in rosa.emails.all()]

        assert [known in page for page in (*pages, *mails) for known in self.KNOWN if known in page] == []
        assert all(rosa.shown_reference in page for page in (pages[0], *mails))
        assert len(mails) > 0

    def test_their_data_and_chart_for_staff_have_it(self, desk, rosa):
        for page in ("data", "chart"):
            said = html.unescape(desk.get(f"/admin/appointments/inquiry/{rosa.pk}/{page}/").content.decode())
            assert [known in said for known in self.KNOWN] == [True] * 3, page

    def test_it_goes_with_somebody_known_to_their_next_inquiry(self, desk, rosa):
        posted = {"do": "message", "source": "phone", "person": rosa.pk, "mind": "Wants a letter"}
        desk.post("/admin/appointments/inquiry/new/", posted | {"idempotency_key": str(uuid4())})

        new = Inquiry.objects.latest("pk")
        assert new.pk != rosa.pk
        assert (str(new.date_of_birth), new.chart_number, new.talks_with) == ("1950-03-04", "C-99187", self.KNOWN[2])
        assert new.talks_with_by.username == "noter"


def know(inquiry) -> None:
    """Write down who it is, and with whom we may talk, as somebody called Ann Lee."""
    noter = make.front_desk(username="noter", first_name="Ann", last_name="Lee")
    now = Inquiry.objects.get(pk=inquiry.pk)
    to = contact_data.ContactData(
        phone=now.phone, email=now.email, patient_phone="", contact_by=now.contact_by,
        date_of_birth=date(1950, 3, 4), chart_number="C-99187", talks_with="Petra Lang, daughter",
        talks_with_since=date(2026, 11, 20),
    )  # fmt: skip
    contact_data.correct(inquiry=now, to=to, version=now.version, by=Actor.staff(noter))


class TestNextVisit:
    @pytest.fixture
    def visit(self):
        self.visit_type = make.visit_type("Follow-up")
        doctor = make.practitioner("Jane Doe, MD", visit=self.visit_type)
        rosa = make.inquiry(name="Rosa Lind", phone="212 555 0123")
        begins = timezone.now() + timedelta(days=1)
        return make.appointment(rosa, begins.isoformat(), practitioner=doctor, visit_type=self.visit_type)

    def posted(self, page: str) -> dict[str, str]:
        form = page.partition('id="next-visit"')[2].partition("</form>")[0]
        fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
        return {name: html.unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}

    def test_a_press_opens_new_caller_with_the_person_six_weeks_later(self, desk, visit):
        posted = self.posted(desk.get(address(visit.inquiry)).content.decode())

        page = desk.post("/admin/appointments/inquiry/new/", posted).content.decode()

        day = make.day_of(visit.starts_at) + timedelta(weeks=6)
        assert posted["day"] == day.isoformat()
        assert f'name="person" value="{visit.inquiry_id}" id="person-1" checked' in page
        assert 'name="name" value="Rosa Lind"' in page
        slots = re.findall(r'name="slot" value="\d+-\d+-(\d{8})T', page)
        assert min(slots) == f"{day:%Y%m%d}"

    def test_with_one_more_press_they_have_the_next_time_and_their_data_go_with_them(self, desk, visit):
        know(visit.inquiry)
        page = desk.post(
            "/admin/appointments/inquiry/new/", self.posted(desk.get(address(visit.inquiry)).content.decode())
        ).content.decode()
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"[^>]* checked', page))
        fields["shown"] = re.search(r'name="shown" value="([^"]+)"', page)[1]
        again = self.posted(desk.get(address(visit.inquiry)).content.decode())

        desk.post("/admin/appointments/inquiry/new/", again | fields | {"do": "give"})

        new = Inquiry.objects.latest("pk")
        assert (new.name, new.phone, new.chart_number) == ("Rosa Lind", "212 555 0123", "C-99187")
        given = make.day_of(new.appointments.get().starts_at)
        assert given >= make.day_of(visit.starts_at) + timedelta(weeks=6)

    def test_who_has_no_phone_and_a_common_name_is_chosen_all_the_same(self, desk, visit):
        Inquiry.objects.filter(pk=visit.inquiry_id).update(
            phone="", phone_e164="", contact_by="email", email="rosa@example.com"
        )
        for _ in range(7):
            make.inquiry(name="Rosa Lind")
        posted = self.posted(desk.get(address(visit.inquiry)).content.decode())

        page = desk.post("/admin/appointments/inquiry/new/", posted | {"email": ""}).content.decode()

        assert f'name="person" value="{visit.inquiry_id}" id="person-1" checked' in page

    @pytest.mark.parametrize(("status", "is_offered"), [("booked", True), ("fulfilled", True), ("cancelled", False)])
    def test_it_is_offered_after_a_visit_that_is_or_was_kept(self, desk, visit, status, is_offered):
        type(visit).objects.filter(pk=visit.pk).update(status=status)

        page = desk.get(address(visit.inquiry)).content.decode()

        assert ("Next visit in six weeks" in page) == is_offered

    def test_who_is_here_today_stands_at_the_counter(self, desk, visit):
        begins, ends = timezone.now(), timezone.now() + timedelta(minutes=30)
        times = {"starts_at": begins, "ends_at": ends, "blocked_until": ends}
        type(visit).objects.filter(pk=visit.pk).update(status="arrived", **times)

        assert self.posted(desk.get(address(visit.inquiry)).content.decode())["source"] == "walk_in"
