"""The desk corrects or adds the ways to reach somebody, and ends all mails and calls."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.inquiries import contacts
from appointments.models import CallTask, Email, Inquiry, MailState, NotificationKind
from appointments.models.inquiry_choices import ContactChannel, ContactPerson
from appointments.models.reachable import NoContact
from appointments.notifications.notify import notify
from clinic.accounts import roles
from tests import make, security_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


@pytest.fixture
def sam() -> Inquiry:
    make.clinic()
    return make.inquiry(name="Sam Poe", phone="212 555 0123", email="sam@example.com")


def address(inquiry: Inquiry) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/contact/"


def post(desk, inquiry: Inquiry, do: str, **data):
    now = Inquiry.objects.get(pk=inquiry.pk)
    typed = {"phone": now.phone, "email": now.email, "contact_by": now.contact_by, "reach_note": now.reach_note}
    return desk.post(address(inquiry), {"do": do, "version": now.version, **typed, **data}, follow=True)


def main_of(answer) -> str:
    return answer.content.decode().partition('id="content"')[2]


def test_the_desk_leads_there_and_what_is_known_stands_in_the_form(desk, sam):
    page = desk.get(f"/admin/appointments/inquiry/{sam.pk}/change/").content.decode()

    assert f'<a href="{address(sam)}">Correct or add contact data</a>' in page
    shown = main_of(desk.get(address(sam)))
    assert [f'value="{each}"' in shown for each in ("212 555 0123", "sam@example.com")] == [True, True]


def test_what_is_corrected_is_said_with_the_name_and_used(desk, sam):
    said = post(desk, sam, "correct", phone="(718) 555-0166", spoken_language="es").content.decode()

    assert "Sam Poe: the contact data are changed." in said
    assert '<a href="tel:+17185550166">(718) 555-0166</a>' in said
    assert "Phone: 212 555 0123 → (718) 555-0166" in said
    assert Inquiry.objects.get().to_reach_them == "Español"


def test_the_security_log_is_told_of_a_link_that_goes_to_another_address_and_of_nothing_else(desk, sam):
    with security_lines.kept() as lines:
        post(desk, sam, "correct", phone="(718) 555-0166")
        post(desk, sam, "correct", email="other@example.com")

    assert [line for line in lines.events("inquiry") if line[0] == "link_sent"] == [("link_sent", sam.pk)]


def test_a_wrong_number_is_struck_out_on_the_desk(desk, sam):
    said = post(desk, sam, "correct", phone_is_wrong="on").content.decode()

    assert "<del>212 555 0123</del>" in said
    assert "tel:+12125550123" not in main_of(desk.get(f"/admin/appointments/inquiry/{sam.pk}/change/"))


def test_another_address_gets_a_link_and_says_so(desk, sam):
    said = post(desk, sam, "correct", email="sam.poe@example.com").content.decode()

    assert "A new link is on its way. The old one is dead." in said
    assert Inquiry.objects.get().key != sam.key


@pytest.mark.parametrize(
    "typed",
    [{"phone": "555"}, {"phone": "call me"}, {"email": "sam@"}, {"email": "sam@localhost"}, {"phone": "", "email": ""}],
)
def test_what_reaches_nobody_stays_in_the_form_and_changes_nothing(desk, sam, typed):
    answer = post(desk, sam, "correct", **typed)

    # What is about no one field stands in the summary alone.
    assert "There is a problem" in answer.content.decode()
    assert main_of(answer).count('class="errornote"') == len(typed) % 2
    assert (Inquiry.objects.get().phone, Inquiry.objects.get().email) == ("212 555 0123", "sam@example.com")


def test_a_number_that_an_old_file_brought_may_stay(desk):
    make.clinic()
    ext = make.inquiry(name="Old File", phone="ext 12", phone_e164="", email="old@example.com")

    post(desk, ext, "correct", reach_note="rings long")

    assert Inquiry.objects.get().reach_note == "rings long"


def test_who_came_without_a_number_gets_one(desk):
    make.clinic()
    nobody = make.inquiry(
        submission_id="import:1", phone="", phone_e164="", email="", contact_by=ContactChannel.NOT_YET
    )

    post(desk, nobody, "correct", phone="212 555 0199", contact_by="")

    assert contacts.reach(Inquiry.objects.get()) == "212 555 0199"


def test_a_patient_who_is_to_be_called_keeps_a_number(desk):
    make.clinic()
    cleo = make.inquiry(
        phone="212 555 0123", patient_name="Cleo Frost", patient_phone="212 555 0124",
        contact_person=ContactPerson.PATIENT,
    )  # fmt: skip

    answer = post(desk, cleo, "correct", patient_phone="")
    assert 'class="errornote"' in main_of(answer)
    post(desk, cleo, "correct", patient_phone="212 555 0124", patient_phone_is_wrong="on")

    assert Inquiry.objects.get().dialed == ["phone"]


@pytest.mark.parametrize(
    ("why", "said", "shown"),
    [
        (NoContact.NEVER, "Sam Poe: nobody is mailed or called any longer.", "Do not contact them: they asked for it."),
        (NoContact.DECEASED, "Sam Poe has died: nobody is mailed or called", "Has died. Do not contact."),
    ],
)
def test_no_contact_is_said_on_the_desk_and_in_the_inbox_and_no_link_dials(desk, sam, why, said, shown):
    asks = post(desk, sam, why).content.decode()
    assert f'<input type="hidden" name="sure" value="{why}">' in asks
    assert Inquiry.objects.get().no_contact == ""

    answer = post(desk, sam, why, sure=why).content.decode()

    inbox = desk.get("/admin/appointments/inquiry/?list=all").content.decode()
    assert (said in answer, shown in answer, shown in inbox) == (True, True, True)
    assert "tel:+12125550123" not in main_of(desk.get(f"/admin/appointments/inquiry/{sam.pk}/change/"))

    assert "Sam Poe may be mailed and called again." in post(desk, sam, "resume").content.decode()
    assert Inquiry.objects.get().no_contact == ""


def test_the_desk_does_not_promise_a_call_to_somebody_who_is_not_contacted(desk, sam):
    post(desk, sam, NoContact.DECEASED, sure=NoContact.DECEASED)

    page = desk.get(f"/admin/appointments/inquiry/{sam.pk}/change/").content.decode()
    assert "Nobody is mailed or called: your words stand on their page, no more." in page
    assert not CallTask.objects.exists()


def test_a_colleague_who_was_faster_is_not_overwritten(desk, sam):
    for data in (
        {"do": "never", "sure": "never"},
        {"do": "correct", "phone": "718 555 0166", "email": "sam@example.com"},
    ):
        answer = desk.post(address(sam), {**data, "version": 9}, follow=True)
        assert "A colleague changed this inquiry meanwhile." in answer.content.decode()
    assert (Inquiry.objects.get().phone, Inquiry.objects.get().no_contact) == ("212 555 0123", "")


def test_who_may_only_read_changes_nothing_and_nonsense_is_refused(client, desk, sam):
    assert post(desk, sam, "nonsense").status_code == 400
    client.force_login(make.user(roles.CLINICIAN, username="reader"))
    assert post(client, sam, NoContact.NEVER, sure=NoContact.NEVER).status_code in (403, 404)
    assert Inquiry.objects.get().no_contact == ""


class TestWhoItIs:
    KNOWN = {"date_of_birth": "1950-03-04", "chart_number": "C-99187"}

    def test_date_of_birth_and_chart_number_are_written_down_and_stand_in_the_history(self, desk, sam):
        said = post(desk, sam, "correct", **self.KNOWN).content.decode()

        row = Inquiry.objects.get()
        assert (str(row.date_of_birth), row.chart_number) == ("1950-03-04", "C-99187")
        for line in ("Chart number: none → C-99187", "Date of birth: none → March 4, 1950"):
            assert line in said
        shown = main_of(desk.get(address(sam)))
        assert [f'value="{each}"' in shown for each in self.KNOWN.values()] == [True, True]

    @pytest.mark.parametrize("born", ["1850-03-04", "2126-03-04", "March", "0050-03-04"])
    def test_nobody_is_born_in_the_future_or_long_ago(self, desk, sam, born):
        answer = post(desk, sam, "correct", date_of_birth=born)

        assert Inquiry.objects.get().date_of_birth is None
        assert 'class="error-summary"' in answer.content.decode()

    def test_with_whom_we_may_talk_has_a_date_and_who_wrote_it_down(self, desk, sam):
        post(desk, sam, "correct", talks_with="Petra Lang, daughter")

        row = Inquiry.objects.get()
        assert (row.talks_with, row.talks_with_since) == ("Petra Lang, daughter", make.today())
        assert row.talks_with_by is not None

    def test_a_colleague_who_corrects_something_else_did_not_write_it_down(self, desk, client, sam):
        known = {"talks_with": "Petra Lang", "talks_with_since": "2026-01-02"}
        post(desk, sam, "correct", **known)
        first = Inquiry.objects.get().talks_with_by
        client.force_login(make.front_desk())

        post(client, sam, "correct", **known, phone="(718) 555-0166")

        assert Inquiry.objects.get().talks_with_by == first

    def test_they_take_it_back(self, desk, sam):
        post(desk, sam, "correct", talks_with="Petra Lang", talks_with_since="2026-01-02")

        post(desk, sam, "correct", talks_with="", talks_with_since="2026-01-02")

        row = Inquiry.objects.get()
        assert (row.talks_with, row.talks_with_since, row.talks_with_by) == ("", None, None)

    def test_nobody_agrees_tomorrow(self, desk, sam):
        tomorrow = timezone.localdate() + timedelta(days=1)

        answer = post(desk, sam, "correct", talks_with="Petra Lang", talks_with_since=tomorrow.isoformat())

        assert "Enter the day on which they agreed: today, or one before." in answer.content.decode()
        assert Inquiry.objects.get().talks_with == ""


class TestRefused:
    """A mail server has said that there is no such address: nobody has said so."""

    @pytest.fixture
    def mail(self, sam) -> Email:
        Inquiry.objects.update(created_at=timezone.now() - timedelta(hours=1), contact_by="email")
        sam.refresh_from_db()
        mail = notify(NotificationKind.ANSWERED, sam)
        Email.objects.filter(pk=mail.pk).update(state=MailState.FAILED, is_refused=True)
        return mail

    def test_the_desk_and_the_mail_say_so_and_where_to_lift_it(self, desk, sam, mail):
        of_desk = main_of(desk.get(f"/admin/appointments/inquiry/{sam.pk}/change/"))
        of_mail = main_of(desk.get(f"/admin/appointments/email/{mail.pk}/change/"))

        assert "Their mail server says that there is no such address: somebody has to call them." in of_desk
        assert "No other mail goes to this address." in of_mail
        assert f'<a href="{address(sam)}">Contact data</a>' in of_mail
        assert 'name="email_is_dead" id="id_email_is_dead" checked' in main_of(desk.get(address(sam)))

    def test_who_takes_the_tick_away_says_that_it_works(self, desk, sam, mail):
        post(desk, sam, "correct")

        assert isinstance(notify(NotificationKind.ANSWERED, Inquiry.objects.get(), key="the next"), Email)

    def test_who_leaves_it_says_that_it_is_dead(self, desk, sam, mail):
        post(desk, sam, "correct", email_is_dead="on")

        assert Inquiry.objects.get().email_is_dead
        assert isinstance(notify(NotificationKind.ANSWERED, Inquiry.objects.get(), key="the next"), CallTask)

    def test_a_mail_that_failed_for_another_reason_says_that_others_go_out(self, desk, mail):
        Email.objects.update(is_refused=False)

        of_mail = main_of(desk.get(f"/admin/appointments/email/{mail.pk}/change/"))

        assert "Their other mails still go out." in of_mail
        assert "No other mail goes" not in of_mail
