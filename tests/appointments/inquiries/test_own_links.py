"""Whether digits open an own page, how often somebody may be wrong; the link ended, and another one made."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import own_links, search
from appointments.inquiries.own_links import Verdict
from appointments.models import CallTask, Email, Inquiry, MailState, NotificationKind
from appointments.models.own_link import LinkState
from appointments.notifications import compose
from appointments.records import erasure, history
from tests import make, racing


@pytest.mark.django_db(transaction=True)
def test_of_those_who_try_at_the_same_moment_five_are_heard():
    inquiry, verdicts = make.inquiry(phone="212 555 0123"), []

    def guess(digits: str) -> None:
        verdicts.append(own_links.try_digits(inquiry=inquiry, digits=digits)[0])

    racing.at_once(*(lambda digits=digits: guess(digits) for digits in [f"{n:04}" for n in range(8)]))
    guess("0123")

    assert sorted(verdict.name for verdict in verdicts) == ["LOCKED"] * 5 + ["WRONG"] * 4
    assert Inquiry.objects.get().wrong_tries == 5


@pytest.mark.django_db
class TestTries:
    def test_a_right_one_is_not_counted_and_gives_none_back(self):
        inquiry = make.inquiry(phone="212 555 0123")

        told = [own_links.try_digits(inquiry=inquiry, digits=digits) for digits in ("9999", "0123", "9999")]

        assert told == [(Verdict.WRONG, 4), (Verdict.RIGHT, 4), (Verdict.WRONG, 3)]

    def test_a_wrong_one_leaves_the_version_that_the_desk_has_before_it(self):
        inquiry = make.inquiry()
        own_links.try_digits(inquiry=inquiry, digits="none")

        assert Inquiry.objects.get().version == inquiry.version

    def test_the_desk_lets_them_try_again_unless_somebody_changed_it_meanwhile(self):
        inquiry, ann = make.inquiry(wrong_tries=5), Actor.staff(make.front_desk())

        with pytest.raises(ChangedMeanwhile):
            own_links.allow_tries(inquiry=inquiry, version=9, by=ann)
        assert own_links.allow_tries(inquiry=inquiry, version=1, by=ann).wrong_tries == 0

    def test_one_that_is_erased_opens_to_nothing(self):
        inquiry = make.inquiry()
        erasure.erase(inquiry, reason="Their wish", by=Actor.staff(make.user()))

        with pytest.raises(NotPossible):
            own_links.try_digits(inquiry=inquiry, digits=inquiry.proof_digits)


@pytest.mark.django_db
class TestAnotherLink:
    @pytest.fixture
    def ann(self):
        return Actor.staff(make.front_desk())

    @pytest.fixture
    def sam(self) -> Inquiry:
        make.clinic()
        return make.inquiry(name="Sam Poe", email="mistyped@example.com", phone="212 555 0123", wrong_tries=5)

    def send(self, inquiry: Inquiry, ann: Actor, email: str = "sam@example.com") -> Inquiry:
        version = Inquiry.objects.get(pk=inquiry.pk).version
        self.told = own_links.send_new(inquiry=inquiry, email=email, version=version, by=ann)
        return Inquiry.objects.get(pk=inquiry.pk)

    def test_it_has_another_key_and_five_new_tries_and_goes_to_the_new_address(self, sam, ann):
        after = self.send(sam, ann)

        assert after.key != sam.key
        assert (after.email, after.wrong_tries, after.link_state) == ("sam@example.com", 0, LinkState.WORKS)
        assert (self.told.kind, self.told.to, self.told.state) == ("new_link", "sam@example.com", "waiting")
        body = compose.build(self.told).body
        assert after.own_page_url() in body
        assert sam.key not in body

    def test_it_makes_a_link_that_had_ended_work(self, sam, ann):
        own_links.say_not_theirs(inquiry=sam, by=own_links.STRANGER)
        after = self.send(sam, ann)

        assert after.link_state == LinkState.WORKS
        assert CallTask.objects.get(kind=NotificationKind.NOT_THEIRS).state == "cancelled"

    def test_each_is_a_mail_and_who_says_again_that_it_is_not_theirs_a_call(self, sam, ann):
        for _ in range(2):
            own_links.say_not_theirs(inquiry=Inquiry.objects.get(), by=own_links.STRANGER)
            self.send(sam, ann)

        assert Email.objects.filter(kind=NotificationKind.NEW_LINK, state=MailState.CANCELLED).count() == 1
        assert Email.objects.filter(kind=NotificationKind.NEW_LINK, state=MailState.WAITING).count() == 1
        assert CallTask.objects.filter(kind=NotificationKind.NOT_THEIRS).count() == 2

    def test_the_history_keeps_the_old_address_and_no_key(self, sam, ann):
        after = self.send(sam, ann)

        (line,) = [line for line in history.lines(sam) if "mistyped@example.com →" in line.what]
        assert "Email: mistyped@example.com → sam@example.com" in line.what
        assert "New link: none → " in line.what
        assert line.who == ann.user.username
        said = " ".join(each.what for each in history.lines(sam))
        assert [key for key in (sam.key, after.key) if key in said] == []

    def test_the_inquiry_is_found_by_the_new_address(self, sam, ann):
        self.send(sam, ann)

        assert (search.find("sam@example.com").ids, search.find("mistyped@").ids) == ([sam.pk], [])

    def test_erasing_reaches_both_addresses_and_both_keys(self, sam, ann):
        after = self.send(sam, ann)
        erasure.erase(sam, reason="Their wish", by=ann)

        kept = str([*sam.events.values(), *Inquiry.objects.values(), *Email.objects.values()])
        assert [word for word in (sam.key, after.key, "mistyped@", "sam@") if word in kept] == []

    def test_an_address_that_has_refused_a_mail_becomes_a_call(self, sam, ann):
        Inquiry.objects.update(created_at=timezone.now() - timedelta(hours=1))
        Email.objects.update(is_refused=True, state=MailState.BOUNCED)
        self.send(sam, ann, email="mistyped@example.com")

        assert (type(self.told), self.told.kind) == (CallTask, "new_link")

    def test_whoever_has_an_old_version_before_them_changes_nothing(self, sam, ann):
        for act in (own_links.revoke, lambda **who: own_links.send_new(email="sam@example.com", **who)):
            with pytest.raises(ChangedMeanwhile):
                act(inquiry=sam, version=9, by=ann)
        assert Inquiry.objects.get().key == sam.key

    def test_a_link_is_ended_once(self, sam, ann):
        assert own_links.revoke(inquiry=sam, version=1, by=ann).link_state == LinkState.REVOKED
        with pytest.raises(NotPossible):
            own_links.revoke(inquiry=sam, version=2, by=ann)

    def test_digits_that_are_on_their_way_meanwhile_open_nothing(self, sam, ann):
        self.send(sam, ann)
        with pytest.raises(NotPossible):
            own_links.try_digits(inquiry=sam, digits="0123")


@pytest.mark.parametrize(
    ("fields", "digits", "code"),
    [
        ({"phone": "(212) 555-0123 ext. 9"}, "0123", ""),
        ({"phone": "212 555 0123", "patient_phone": "212 555 0164"}, "0123", ""),
        ({"patient_phone": "212-555-0164"}, "0164", ""),
        ({"phone": "+44 20 7946 0958"}, "0958", ""),
        ({"phone": "x 5"}, "4711", "4711"),
        ({}, "4711", "4711"),
    ],
)
def test_the_phone_that_was_given_opens_the_page_and_without_one_the_code(fields, digits, code):
    inquiry = Inquiry(code="4711", **fields)

    assert (inquiry.proof_digits, inquiry.shown_code) == (digits, code)
