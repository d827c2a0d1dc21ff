"""What the front desk learns of the ways to reach somebody is used from then on, and what leads nowhere is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile
from appointments.inquiries import contact_data, contacts, conversation, own_links, search
from appointments.inquiries.contact_data import ContactData
from appointments.models import CallState, CallTask, Email, Inquiry, InquiryStatus, MailState, NotificationKind
from appointments.models.inquiry_choices import ContactChannel, ContactPerson
from appointments.models.log import Outcome
from appointments.models.own_link import LinkState
from appointments.models.reachable import NoContact
from appointments.notifications import corrections, outbox, reminders
from appointments.notifications.notify import fall_back_to_call, notify
from tests import make

pytestmark = pytest.mark.django_db

TO_PATIENTS = [kind for kind in NotificationKind if not kind.startswith("staff_")]


@pytest.fixture
def ann() -> Actor:
    make.clinic()
    return Actor.staff(make.front_desk(username="ann"))


@pytest.fixture
def sam(ann) -> Inquiry:
    return make.inquiry(name="Sam Poe", phone="212 555 0123", email="sam@example.com")


def known_of(inquiry: Inquiry, **changes) -> ContactData:
    known = {name: getattr(inquiry, name) for name in ContactData._fields}
    known["contact_by"] = ContactChannel(inquiry.contact_by)
    return ContactData(**known | changes)


def correct(inquiry: Inquiry, by: Actor, **changes):
    row = Inquiry.objects.get(pk=inquiry.pk)
    return contact_data.correct(inquiry=row, to=known_of(row, **changes), version=row.version, by=by)


def told() -> tuple[int, int]:
    """How many mails to patients wait, and how many calls."""
    mails = Email.objects.filter(kind__in=TO_PATIENTS, state=MailState.WAITING)
    return mails.count(), CallTask.objects.open().count()


def stop(inquiry: Inquiry, by: Actor, why: NoContact = NoContact.NEVER) -> None:
    contact_data.stop(inquiry=inquiry, why=why, version=Inquiry.objects.get(pk=inquiry.pk).version, by=by)


class TestCorrect:
    def test_another_number_is_dialed_and_found_and_the_history_keeps_what_was_typed(self, sam, ann):
        correct(sam, ann, phone="(718) 555-0166")

        after = Inquiry.objects.get()
        assert (after.phone, after.phone_e164, after.phone_is_wrong) == ("(718) 555-0166", "+17185550166", False)
        assert search.find("0166").ids == [after.pk]
        assert search.find("0123").ids == []
        assert list(after.events.order_by("pgh_id").values_list("phone", flat=True)) == [
            "212 555 0123",
            "(718) 555-0166",
        ]

    def test_a_wrong_number_is_shown_struck_out_and_the_other_way_comes_first(self, sam, ann):
        correct(sam, ann, phone_is_wrong=True)

        ways = contacts.contacts(Inquiry.objects.get())
        assert [(way.words, way.link, way.is_dead) for way in ways] == [
            ("sam@example.com", "mailto:sam@example.com", False),
            ("212 555 0123", "", True),
        ]
        assert contacts.reach(Inquiry.objects.get()) == "sam@example.com"
        assert contacts.numbers(Inquiry.objects.get()) == "no number that works"

    def test_a_number_that_takes_the_place_of_a_wrong_one_is_right(self, sam, ann):
        correct(sam, ann, phone_is_wrong=True)
        correct(sam, ann, phone="718 555 0166", phone_is_wrong=True)

        assert Inquiry.objects.get().dialed == ["phone"]

    def test_another_address_gets_a_new_link_and_what_waits(self, sam, ann):
        waiting = notify(NotificationKind.ANSWERED, sam)

        told = correct(sam, ann, email="sam.poe@example.com")

        after = Inquiry.objects.get()
        assert (told.kind, told.to) == (NotificationKind.NEW_LINK, "sam.poe@example.com")
        assert after.key != sam.key
        assert Email.objects.get(pk=waiting.pk).to == "sam.poe@example.com"

    def test_a_first_address_is_used_from_the_next_mail_on_with_the_same_link(self, ann):
        rosa = make.inquiry(name="Rosa Lee", phone="212 555 0144")

        assert correct(rosa, ann, email="rosa@example.com") is None

        assert Inquiry.objects.get().key == rosa.key
        assert notify(NotificationKind.ANSWERED, Inquiry.objects.get()).to == "rosa@example.com"

    def test_a_first_address_after_the_link_was_ended_gets_a_new_link(self, ann):
        rosa = make.inquiry(name="Rosa Lee", phone="212 555 0144")
        own_links.revoke(inquiry=rosa, version=1, by=ann)

        told = correct(rosa, ann, email="rosa@example.com")

        assert told.kind == NotificationKind.NEW_LINK
        assert Inquiry.objects.get().link_state == LinkState.WORKS

    def test_what_waits_for_a_dead_address_becomes_a_call_and_so_does_all_that_comes(self, sam, ann):
        waiting = notify(NotificationKind.ANSWERED, sam, key="1")

        correct(sam, ann, email_is_dead=True)

        assert told() == (0, 1)
        assert isinstance(notify(NotificationKind.ANSWERED, Inquiry.objects.get(), key="2"), CallTask)
        assert CallTask.objects.open().filter(dedupe_key=waiting.dedupe_key).exists()

    def test_a_mail_that_came_back_kills_its_address_and_who_sends_it_again_says_that_it_works(self, sam, ann):
        email = notify(NotificationKind.ANSWERED, sam)
        Email.objects.update(state=MailState.SENT, sent_at=timezone.now())

        corrections.bounced(Email.objects.get(pk=email.pk), by=ann)
        assert (Inquiry.objects.get().email_is_dead, contacts.reach(Inquiry.objects.get())) == (True, "212 555 0123")
        corrections.resend(Email.objects.get(pk=email.pk), by=ann)

        assert Inquiry.objects.get().takes_mail

    def test_a_visit_of_a_file_gets_its_number_and_is_asked_for_it_no_longer(self, ann):
        nobody = make.inquiry(
            submission_id="import:1", phone="", phone_e164="", email="", contact_by=ContactChannel.NOT_YET
        )
        notify(NotificationKind.NO_NUMBER, nobody, by_phone=True)

        correct(nobody, ann, phone="212 555 0199", contact_by=ContactChannel.PHONE)

        assert contacts.reach(Inquiry.objects.get()) == "212 555 0199"
        assert CallTask.objects.get().state == CallState.CANCELLED

    def test_a_colleague_who_was_faster_is_not_overwritten(self, sam, ann):
        with pytest.raises(ChangedMeanwhile):
            contact_data.correct(inquiry=sam, to=known_of(sam, phone="1"), version=9, by=ann)
        with pytest.raises(ChangedMeanwhile):
            contact_data.stop(inquiry=sam, why=NoContact.NEVER, version=9, by=ann)


class TestStop:
    @pytest.mark.parametrize("why", NoContact)
    @pytest.mark.parametrize("kind", TO_PATIENTS)
    @pytest.mark.parametrize("email", ["sam@example.com", ""])
    def test_nothing_is_mailed_or_called_any_longer_whatever_it_is(self, ann, why, kind, email):
        sam = make.inquiry(name="Sam Poe", phone="212 555 0123", email=email, sum_solved=True)
        stop(sam, ann, why)

        assert notify(kind, Inquiry.objects.get()) is None
        assert notify(kind, Inquiry.objects.get(), by_phone=True) is None
        assert told() == (0, 0)

    def test_what_waits_is_canceled_and_what_has_failed_is_no_trouble_any_longer(self, sam, ann):
        notify(NotificationKind.ANSWERED, sam, key="1")
        notify(NotificationKind.ANSWERED, sam, key="2", by_phone=True)
        failed = notify(NotificationKind.ANSWERED, sam, key="3")
        Email.objects.filter(pk=failed.pk).update(state=MailState.FAILED)
        assert Email.objects.in_trouble(timezone.now()).exists()

        stop(sam, ann)

        mails = Email.objects.filter(kind__in=TO_PATIENTS)
        assert set(mails.values_list("state", flat=True)) == {MailState.CANCELLED, MailState.FAILED}
        assert set(CallTask.objects.values_list("state", flat=True)) == {CallState.CANCELLED}
        assert not Email.objects.in_trouble(timezone.now()).exists()
        assert fall_back_to_call(Email.objects.get(state=MailState.FAILED)) is None

    def test_a_mail_that_was_written_at_that_moment_is_not_sent(self, sam, ann, mailoutbox):
        stop(sam, ann)
        email = notify(NotificationKind.ANSWERED, sam)  # Who wrote it had read the row before.

        outbox.send_due()

        assert (Email.objects.get(pk=email.pk).state, mailoutbox) == (MailState.CANCELLED, [])

    def test_there_is_no_reminder_and_none_to_come_earlier(self, ann):
        visit = make.appointment(make.inquiry(email="sam@example.com", waiting_list_since=timezone.now()))
        stop(visit.inquiry, ann)

        reminders.plan(visit.starts_at - timedelta(days=2))

        assert told() == (0, 0)
        assert Inquiry.objects.get().waiting_list_since is None

    def test_no_call_back_is_planned_and_an_answer_stands_on_the_page_alone(self, sam, ann):
        stop(sam, ann)
        at = timezone.now() + timedelta(hours=3)

        conversation.log_call(inquiry=sam, outcome=Outcome.CALL_BACK, call_back_at=at, by=ann)
        version = Inquiry.objects.get().version
        conversation.reply(inquiry=sam, words="It is noted.", version=version, by=ann)

        assert told() == (0, 0)
        assert Inquiry.objects.get().status == InquiryStatus.WAITING_FOR_PATIENT

    def test_who_got_our_mail_by_mistake_makes_no_call_of_it_and_the_desk_sees_it(self, sam, ann):
        Inquiry.objects.update(status=InquiryStatus.CLOSED)
        stop(sam, ann)

        own_links.say_not_theirs(inquiry=Inquiry.objects.get(), by=own_links.STRANGER)

        assert (told(), Inquiry.objects.get().status) == ((0, 0), InquiryStatus.OPEN)

    def test_another_link_is_mailed_to_nobody(self, sam, ann):
        stop(sam, ann)

        sent = own_links.send_new(inquiry=sam, email="sam.poe@example.com", version=2, by=ann)

        assert (sent, told()) == (None, (0, 0))

    def test_they_may_be_contacted_again_from_then_on(self, sam, ann):
        stop(sam, ann)

        contact_data.resume(inquiry=sam, version=2, by=ann)

        assert notify(NotificationKind.ANSWERED, Inquiry.objects.get()).to == "sam@example.com"


class TestWrongNumber:
    def test_a_call_that_found_the_only_number_wrong_strikes_it_out(self, sam, ann):
        conversation.log_call(inquiry=sam, outcome=Outcome.WRONG_NUMBER, by=ann)

        assert Inquiry.objects.get().dialed == []

    def test_of_two_numbers_nobody_said_which(self, ann):
        make.inquiry(
            phone="212 555 0123", patient_name="Cleo Frost", patient_phone="212 555 0124",
            contact_person=ContactPerson.PATIENT,
        )  # fmt: skip

        conversation.log_call(inquiry=Inquiry.objects.get(), outcome=Outcome.WRONG_NUMBER, by=ann)

        assert Inquiry.objects.get().dialed == ["phone", "patient_phone"]
