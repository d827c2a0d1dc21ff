"""The link alone shows nothing: what was sent and said stands behind a question that no mail answers."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.inquiries import conversation
from appointments.models import AppointmentStatus, Email, Inquiry
from appointments.notifications import compose
from appointments.records import history
from tests import make

pytestmark = pytest.mark.django_db
SECRETS = (
    "Rosa", "Edith", "My back hurts", "after dark", "rosa@", "0123", "You can come on Monday.", "First visit",
    "Jane Doe", "Come hungry.", "DTSTART", "4711", "question", "request",
)  # fmt: skip
ASKED = "Please confirm that it is you"


@pytest.fixture
def browser():
    """Django's own: it has proved nothing."""
    return Client()


def by_code(**fields) -> Inquiry:
    return make.inquiry(contact_by="email", email="sam@example.com", phone="", code="4711", **fields)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def who(inquiry: Inquiry, changed: str) -> list[str]:
    """Who made the changes that begin like this, as the history says it."""
    return [line.who for line in history.lines(inquiry) if line.what.startswith(changed)]


def addresses() -> list[str]:
    names = {str(each.pattern) for each in get_resolver("appointments.public.urls").url_patterns}
    own = {name.partition(")/")[2].rstrip("$").replace("\\", "") for name in names if "?P<key>" in name}
    return sorted(own - {"not-for-me/"})  # Who has no proof says it there; see test_not_for_me.py.


class TestUnproved:
    @pytest.mark.parametrize("rest", addresses())
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
    def test_every_address_of_an_own_page_asks_and_does_nothing(self, browser, rosa, rest, method):
        before = (Inquiry.objects.values().get(), rosa.appointments.values().get(), rosa.messages.count())
        data = {
            "words": "It is me",
            "on": "",
            "none": "",
            "appointment": str(rosa.appointments.get().pk),
            "version": "1",
        }

        answer = browser.generic(
            method, rosa.own_page_url() + rest, "&".join(f"{name}={value}" for name, value in data.items()),
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip

        assert answer.status_code == (403 if method == "POST" else 200)
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "no-store"
        shown = (
            answer.content.decode().replace(' value="It is me"', "").replace("For example, 0123 for 212 555 0123", "")
        )
        main = shown.partition("<main")[2].partition("</main>")[0]
        assert [secret for secret in SECRETS if secret in main] == []
        if method != "HEAD":
            assert ASKED in words(answer)
            assert f"Your reference is {rosa.shown_reference} ." in words(answer)
            assert "(646) 555-0111" in words(answer)
        assert (Inquiry.objects.values().get(), rosa.appointments.values().get(), rosa.messages.count()) == before

    def test_no_mail_says_what_the_question_asks(self, rosa):
        for inquiry in (rosa, by_code()):
            conversation.reply(inquiry=inquiry, words="Yes.", version=inquiry.version, by=Actor.staff(make.user()))
        mails = [compose.build(mail) for mail in Email.objects.filter(kind__in=("received", "answered"))]
        as_html = [str(mail.alternatives[0][0]) for mail in mails]

        assert len(mails) == 4
        for part in (*(mail.subject + mail.body for mail in mails), *as_html):
            assert "0123" not in part
            assert "4711" not in part

    def test_a_mail_program_stops_the_reminders_and_is_shown_nothing(self, browser, rosa):
        answer = browser.post(f"{rosa.own_page_url()}reminders/", {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 200
        main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
        assert [secret for secret in SECRETS if secret in main] == []
        assert not answer.cookies
        assert Inquiry.objects.get(pk=rosa.pk).no_reminders
        assert who(rosa, "Wants no reminders") == ["By the link, not proved"]
        assert ASKED in words(browser.post(f"{rosa.own_page_url()}cancel/", {"List-Unsubscribe": "One-Click"}))

    def test_who_has_the_link_alone_uses_up_no_press_of_who_has_proved(self, browser, rosa):
        for _ in range(limits.SWITCHES_A_DAY + 1):
            browser.post(f"{rosa.own_page_url()}reminders/", {"List-Unsubscribe": "One-Click"})

        answer = browser.post(f"{rosa.own_page_url()}earlier/", {"on": "", "digits": "0123"})

        assert answer.status_code == 303


class TestProof:
    @pytest.mark.parametrize("typed", ["0123", " 01 23 ", "646-555-0123", "٠١٢٣", "(646) 555-0123 ext. 9"])
    def test_the_last_four_digits_of_the_phone_open_the_page(self, browser, rosa, typed):
        answer = browser.post(rosa.own_page_url(), {"digits": typed, "then": "look"}, follow=True)

        assert answer.redirect_chain == [(f"{rosa.own_page_url()}?proof=given", 303), (rosa.own_page_url(), 302)]
        assert "Your appointment is booked" in words(answer)
        assert "You can come on Monday." in words(answer)

    def test_without_a_phone_the_code_does_that_stands_on_the_page_after_sending_and_on_the_card(self, browser):
        make.clinic()
        data = make.form_data(contact_by="email", phone="", email="sam@example.com")
        page = words(browser.post("/appointments/", data, follow=True))
        sam = Inquiry.objects.get()
        make.appointment(sam)

        assert f"When you come back to your page, it asks for this code: {sam.code} ." in page
        assert f"The code for your page: {sam.code}" in words(browser.get(f"{sam.own_page_url()}card/"))
        assert "four-digit code" in words(Client().get(sam.own_page_url()))
        opened = Client().post(sam.own_page_url(), {"digits": sam.code, "then": "look"}, follow=True)
        assert "Your appointment is booked" in words(opened)

    def test_a_code_opens_nothing_where_a_phone_was_given(self, browser, rosa):
        assert browser.post(rosa.own_page_url(), {"digits": "4711", "then": "look"}).status_code == 422

    def test_who_has_just_sent_the_form_is_not_asked_and_who_sends_it_again_is(self, browser):
        data = make.form_data()
        sent = browser.post("/appointments/", data)
        again = Client().post("/appointments/", data, follow=True)

        assert "We have your question" in words(browser.get(sent.headers["Location"]))
        assert again.redirect_chain == [(sent.headers["Location"], 303)]
        assert ASKED in words(again)
        assert not Client().post("/appointments/", data).cookies

    def test_the_cookie_is_of_this_page_alone_and_ends_after_twelve_hours(self, browser, rosa):
        cookie = browser.post(rosa.own_page_url(), {"digits": "0123", "then": "look"}).cookies["proof"]

        assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
            rosa.own_page_url(), True, "Lax", 12 * 60 * 60,
        )  # fmt: skip
        with time_machine.travel(timezone.now() + timedelta(hours=11, minutes=59), tick=False):
            assert ASKED not in words(browser.get(rosa.own_page_url()))
        with time_machine.travel(timezone.now() + timedelta(hours=12, minutes=1), tick=False):
            assert ASKED in words(browser.get(rosa.own_page_url()))

    def test_over_https_the_cookie_never_leaves_it(self, browser, rosa, settings):
        settings.HTTPS = True

        (cookie,) = browser.post(rosa.own_page_url(), {"digits": "0123", "then": "look"}).cookies.values()

        assert (cookie.key, cookie["secure"]) == ("__Secure-proof", True)

    @pytest.mark.parametrize("change", [{"key": "x" * 22}, {"phone": "212 555 0199"}])
    def test_it_is_worth_nothing_with_another_key_or_another_phone(self, browser, rosa, change):
        browser.post(rosa.own_page_url(), {"digits": "0123", "then": "look"})
        Inquiry.objects.filter(pk=rosa.pk).update(**change)

        assert ASKED in words(browser.get(Inquiry.objects.get().own_page_url()))

    def test_it_leads_where_they_wanted_to_go(self, browser, rosa):
        wanted = f"{rosa.own_page_url()}times/?from=2026-11-24"

        answer = browser.post(wanted, {"digits": "0123", "then": "look"}, follow=True)

        assert answer.redirect_chain[-1][0] == wanted

    def test_what_they_had_typed_is_sent_after_the_proof(self, browser, rosa):
        address = f"{rosa.own_page_url()}reply/"
        asked = browser.post(address, {"words": 'Is "ten" too late?'})
        posted = {
            name: value.replace("&quot;", '"') for name, value in make.hidden_fields(asked.content.decode()).items()
        }

        wrong = browser.post(address, posted | {"digits": "9999"})
        answer = browser.post(address, posted | {"digits": "0123"})

        assert make.hidden_fields(wrong.content.decode()) == make.hidden_fields(asked.content.decode())
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{rosa.own_page_url()}?done=written")
        assert rosa.messages.get(from_patient=True).words == 'Is "ten" too late?'
        assert "You wrote to us. It has arrived." in words(browser.get(answer.headers["Location"]))

    def test_a_time_is_cancelled_in_the_post_that_proves(self, browser, rosa):
        time = rosa.appointments.get()
        data = {"appointment": str(time.pk), "version": str(time.version), "digits": "0123"}

        assert browser.post(f"{rosa.own_page_url()}cancel/", data).status_code == 303
        assert rosa.appointments.get().status == AppointmentStatus.CANCELLED

    def test_a_browser_without_cookies_is_told_and_shown_the_page_at_once(self, rosa):
        address = rosa.own_page_url()
        led_to = Client().post(address, {"digits": "0123", "then": "look"}).headers["Location"]
        asked = Client().get(led_to)

        assert "Your browser does not keep our cookie, so we ask once more." in words(asked)
        posted = make.hidden_fields(asked.content.decode())
        assert "Your appointment is booked" in words(Client().post(led_to, posted | {"digits": "0123"}))

    def test_another_site_cannot_have_digits_tried(self, browser, rosa):
        answer = browser.post(rosa.own_page_url(), {"digits": "0000"}, headers={"sec-fetch-site": "cross-site"})

        assert answer.status_code == 403
        assert Inquiry.objects.get(pk=rosa.pk).wrong_tries == 0


class TestWrong:
    def test_the_page_says_what_was_wrong_and_how_many_tries_are_left(self, browser, rosa):
        for left in ("4 more times", "3 more times", "2 more times", "1 more time"):
            answer = browser.post(rosa.own_page_url(), {"digits": "9999", "then": "look"})
            assert answer.status_code == 422
            assert f"These are not the right digits. You can try {left}." in words(answer)

    @pytest.mark.parametrize("typed", ["", "12", "abc"])
    def test_what_is_no_four_digits_is_no_try(self, browser, rosa, typed):
        answer = browser.post(rosa.own_page_url(), {"digits": typed, "then": "look"})

        assert (answer.status_code, Inquiry.objects.get(pk=rosa.pk).wrong_tries) == (422, 0)
        assert "Enter the four digits" in words(answer)

    def test_after_five_the_right_one_opens_nothing_until_the_desk_lets_them_try_again(self, browser, rosa, client):
        for _ in range(5):
            last = browser.post(rosa.own_page_url(), {"digits": "9999", "then": "look"})
        right = browser.post(rosa.own_page_url(), {"digits": "0123", "then": "look"})

        for answer in (last, right, browser.get(rosa.own_page_url())):
            assert "The digits were wrong too often, so this page stays closed." in words(answer)
            assert "digits" not in make.hidden_fields(answer.content.decode())
            assert 'name="digits"' not in answer.content.decode()

        client.force_login(make.front_desk())
        desk = f"/admin/appointments/inquiry/{rosa.pk}/change/"
        version = Inquiry.objects.get(pk=rosa.pk).version
        assert "the digits were wrong five times" in client.get(desk).content.decode()
        hidden = make.hidden_fields(client.get(desk).content.decode())
        client.post(desk, hidden | {"do": "tries", "version": version})
        opened = browser.post(rosa.own_page_url(), {"digits": "0123", "then": "look"}, follow=True)
        assert "Your appointment is booked" in words(opened)

    def test_who_has_proved_it_before_stays_inside(self, browser, rosa):
        browser.post(rosa.own_page_url(), {"digits": "0123", "then": "look"})
        Inquiry.objects.filter(pk=rosa.pk).update(wrong_tries=5)

        assert "Your appointment is booked" in words(browser.get(rosa.own_page_url()))


class TestHistory:
    def test_it_says_that_the_writer_acted_by_the_link_and_proved_it(self, browser, rosa):
        browser.post(f"{rosa.own_page_url()}earlier/", {"on": "", "digits": "0123"})

        assert who(rosa, "Waits for another time since") == ["The writer, by the link, proved"]

    def test_it_says_a_wrong_try_and_no_code(self, browser, rosa):
        browser.post(rosa.own_page_url(), {"digits": "9999", "then": "look"})

        assert who(rosa, "Wrong tries at their page: 0 → 1") == ["By the link, not proved"]
        assert "code" not in {field.name for field in rosa.events.model._meta.get_fields()}

    def test_staff_who_are_signed_in_are_asked_too(self, browser, rosa):
        browser.force_login(make.front_desk())

        assert ASKED in words(browser.get(rosa.own_page_url()))
