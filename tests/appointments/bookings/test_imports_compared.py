"""The same calendar once more: what was moved or canceled there is said in the dry run, and done on agreement."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.bookings.imports import files, plans
from appointments.bookings.imports.carry_out import carry_out
from appointments.bookings.imports.lines import Plan, Verdict
from appointments.models import Appointment, AppointmentStatus, BroughtIn, BusyBlock, CallTask, Email, Inquiry
from appointments.notifications import reminders
from appointments.records import erasure
from appointments.slots import Slot
from tests import make
from tests.appointments.bookings.test_imports import calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_noon")]
NEW_YORK = ZoneInfo("America/New_York")
PAGE = "/admin/appointments/appointment/import/"


@pytest.fixture
def visit():
    return make.visit_type("First visit", buffer_minutes=10)


def event(
    uid: str, start: str, *more: str, who: str = "Rosa Lind 212 555 0123", minutes: int = 30, day: int = 24
) -> str:
    said = [f"UID:{uid}", f"DTSTART:202611{day}T{start}00", f"DURATION:PT{minutes}M", f"SUMMARY:{who}", *more]
    return "\n".join(said)


def planned(text: str, doctor, visit) -> Plan:
    return plans.plan(files.read(text.encode(), NEW_YORK), practitioner=doctor, visit_type=visit, now=datetime.now(UTC))


@pytest.fixture
def bring_in(bring_in_text):
    return lambda *events, **decided: bring_in_text(calendar(*events), **decided)


@pytest.fixture
def bring_in_text(doctor, visit, manager):
    def act(text: str, **decided) -> list[tuple[Verdict, str]]:
        plan = carry_out(
            content=text.encode(), practitioner=doctor, visit_type=visit, digest=planned(text, doctor, visit).digest,
            by=Actor.staff(manager), **decided,
        )  # fmt: skip
        return [(line.verdict, line.why) for line in plan.lines]

    return act


def times() -> list[tuple[str, str, str]]:
    given = Appointment.objects.select_related("inquiry").order_by("inquiry__name")
    return [
        (each.inquiry.name, f"{_local(each.starts_at, '%d %H:%M')}-{_local(each.ends_at)}", each.status)
        for each in given
    ]


def _local(moment: datetime, shown: str = "%H:%M") -> str:
    return moment.astimezone(NEW_YORK).strftime(shown)


SAM = "Sam Okoro 212 555 0177"


TABLE = "name,phone,date,time,minutes,status\nRosa Lind,212 555 0123,11/24/2026,9:00 AM,30,"


@pytest.mark.parametrize("said", ["Cancelled by patient", "CANCELED", "no show"])
def test_what_a_table_calls_canceled_in_its_own_words_stays_out(bring_in_text, said):
    assert [verdict for verdict, _why in bring_in_text(TABLE + said)] == [Verdict.UNREADABLE]


def test_a_new_event_in_place_of_a_canceled_one_keeps_the_visit_that_a_table_brought(bring_in, bring_in_text):
    bring_in_text(TABLE)

    done = bring_in(event("old", "0900", "STATUS:CANCELLED"), event("new", "0900"))

    assert [verdict for verdict, _why in done] == [Verdict.UNREADABLE, Verdict.HERE]
    assert times() == [("Rosa Lind", "24 09:00-09:30", "booked")]


def test_what_was_moved_and_canceled_there_is_said_and_done_and_nobody_is_told(bring_in, doctor):
    bring_in(event("a", "0900"), event("b", "1000", who=SAM))
    first = Appointment.objects.get(inquiry__name="Rosa Lind")

    done = bring_in(event("a", "1030", "SEQUENCE:1"), event("b", "1000", "SEQUENCE:1", "STATUS:CANCELLED", who=SAM))

    assert done == [
        (Verdict.MOVED, "It was moved in your old calendar: from 9 a.m. to 10:30 a.m."),
        (Verdict.CANCELLED, "It was canceled in your old calendar."),
    ]
    assert times() == [("Rosa Lind", "24 10:30-11:00", "booked"), ("Sam Okoro", "24 10:00-10:30", "cancelled")]
    moved = Appointment.objects.get(pk=first.pk)
    assert (moved.sequence, moved.version, moved.uid) == (1, 2, first.uid)
    assert moved.blocked_until == datetime(2026, 11, 24, 16, 10, tzinfo=UTC)
    assert moved.events.last().pgh_context.metadata["actor"] == "staff"
    assert (Email.objects.count(), CallTask.objects.count()) == (0, 0)
    free = [f"{slot.starts_at.astimezone(NEW_YORK):%H:%M}" for slot in make.slots(doctor, moved.starts_at.date())]
    assert ("09:00" in free, "09:40" in free, "10:20" in free) == (True, True, False)


def test_once_it_is_done_the_same_file_says_that_all_is_here(bring_in):
    files_ = [
        (event("a", "0900"), event("b", "1000", who=SAM)),
        (event("a", "1030", "SEQUENCE:1"), event("b", "1000", "SEQUENCE:1", "STATUS:CANCELLED", who=SAM)),
    ]
    for each in files_:
        bring_in(*each)

    again = bring_in(*files_[1])

    assert [verdict for verdict, _why in again] == [Verdict.HERE] * 2
    assert BroughtIn.objects.count() == 2


def test_an_older_file_takes_nothing_back(bring_in):
    bring_in(event("a", "0900", "SEQUENCE:1"))
    bring_in(event("a", "1030", "SEQUENCE:2"))

    assert bring_in(event("a", "0900", "SEQUENCE:1")) == [
        (Verdict.HERE, "This file is older than what came in before: it is left as it is.")
    ]
    assert times() == [("Rosa Lind", "24 10:30-11:00", "booked")]


def test_without_a_sequence_the_times_are_compared_alone(bring_in):
    bring_in(event("a", "0900"))

    assert bring_in(event("a", "0900", day=25)) == [
        (Verdict.MOVED, "It was moved in your old calendar: from Nov. 24, 2026, 9 a.m. to Nov. 25, 2026, 9 a.m.")
    ]
    assert bring_in(event("a", "0900", day=25, minutes=45)) == [
        (Verdict.MOVED, "It takes 45 minutes in your old calendar, not 30.")
    ]
    assert times() == [("Rosa Lind", "25 09:00-09:45", "booked")]


def test_a_reminder_of_the_old_time_is_written_anew(bring_in):
    bring_in(event("a", "0900", who="Rosa Lind rosa@example.com"))
    reminders.plan(datetime.now(UTC))
    waiting = Email.objects.filter(kind="reminder", state="waiting")
    assert waiting.count() == 1

    bring_in(event("a", "1030", "SEQUENCE:1", who="Rosa Lind rosa@example.com"))

    assert not waiting.exists()


def test_two_who_change_places_do_and_a_third_takes_the_time_that_one_left(bring_in):
    bring_in(event("a", "0900"), event("b", "1000", who=SAM), event("c", "1100", who="Ann Moe 212 555 0188"))

    bring_in(
        event("a", "1000", "SEQUENCE:1"),
        event("b", "0900", "SEQUENCE:1", who=SAM),
        event("c", "1400", "SEQUENCE:1", who="Ann Moe 212 555 0188"),
        event("d", "1100", who="Zoe Ray 212 555 0189"),
    )

    assert [time for _name, time, _status in times()] == [
        "24 14:00-14:30", "24 10:00-10:30", "24 09:00-09:30", "24 11:00-11:30",
    ]  # fmt: skip
    assert not Appointment.objects.filter(overbooked=True).exists()


def test_what_can_not_move_stays_and_keeps_its_time_unless_it_is_overbooked(bring_in, doctor, visit):
    bring_in(event("a", "0900"))
    make.appointment(starts_at="2026-11-24T15:30Z", practitioner=doctor, visit_type=visit)
    both = event("a", "1030", "SEQUENCE:1"), event("b", "0900", who=SAM)

    moved, taken = bring_in(*both)

    assert (moved[0], taken[0]) == (Verdict.CLASH, Verdict.CLASH)
    assert moved[1].startswith("It was moved in your old calendar: from 9 a.m. to 10:30 a.m. It clashes with ")
    assert [verdict for verdict, _why in bring_in(*both, overbook=[1])] == [Verdict.OVERBOOKED, Verdict.CLASH]
    rosa = Appointment.objects.get(inquiry__name="Rosa Lind")
    assert (rosa.overbooked, f"{rosa.starts_at:%H:%M}") == (True, "15:30")
    assert [verdict for verdict, _why in bring_in(*both)] == [Verdict.HERE, Verdict.IN]


CONFIRMED = "It was confirmed in your old calendar."
BUSY = "X-MICROSOFT-CDO-BUSYSTATUS:"
FREE_THERE = "It is shown as free there: it takes no time."
TO_SAM = (
    "In your old calendar it is for Sam Okoro now, not for Rosa Lind. As there, the visit that is here is canceled, "
    "and that one comes in."
)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "said", "state"),
    [
        ("STATUS:TENTATIVE", "STATUS:CONFIRMED", "moved", CONFIRMED, "booked"),
        (BUSY + "TENTATIVE", BUSY + "BUSY", "moved", CONFIRMED, "booked"),
        ("STATUS:CONFIRMED", "STATUS:TENTATIVE", "here", "It is tentative in your old calendar now", "booked"),
        ("STATUS:TENTATIVE", "STATUS:TENTATIVE", "here", "It is ", "pending"),
        ("TRANSP:OPAQUE", "TRANSP:TRANSPARENT", "decide", FREE_THERE, "booked"),
        (BUSY + "BUSY", BUSY + "FREE", "decide", FREE_THERE, "booked"),
        ("STATUS:TENTATIVE", "STATUS:CANCELLED", "cancelled", "It was canceled in your old calendar.", "cancelled"),
    ],
)
def test_how_surely_it_takes_place_is_compared_too(bring_in, before, after, verdict, said, state):
    bring_in(event("a", "0900", before))

    ((done, why),) = bring_in(event("a", "0900", after))

    assert (done, why[: len(said)], Appointment.objects.get().status) == (verdict, said, state)
    assert [done for done, _why in bring_in(event("a", "0900", after))] == ["decide" if done == "decide" else "here"]


def test_what_is_confirmed_there_is_done_here_and_keeps_the_time_that_it_was_overbooked_to(bring_in, doctor, visit):
    make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)
    bring_in(event("a", "0900", "STATUS:TENTATIVE"), overbook=[1])

    bring_in(event("a", "0900", "STATUS:CONFIRMED"))

    given = Appointment.objects.get(inquiry__name="Rosa Lind")
    assert (given.status, given.overbooked, given.inquiry.status) == ("booked", True, "closed")
    assert given.inquiry.answered_at


def test_who_is_confirmed_here_and_moved_there_is_moved(bring_in):
    bring_in(event("a", "0900", "STATUS:TENTATIVE"))
    Appointment.objects.update(status=AppointmentStatus.BOOKED)

    assert bring_in(event("a", "1030", "STATUS:TENTATIVE"))[0][0] == Verdict.MOVED
    assert times() == [("Rosa Lind", "24 10:30-11:00", "booked")]


def test_a_visit_of_another_kind_takes_as_long_as_that(bring_in_text):
    make.visit_type("Follow-up", minutes=20, buffer_minutes=5)
    line = "Rosa Lind,212 555 0123,2026-11-24 9:00,a,"
    bring_in_text(table("name,phone,start,id,visit type", line + "First visit"))

    done = bring_in_text(table("name,phone,start,id,visit type", line + "Follow-up"))

    assert done == [
        (
            Verdict.MOVED,
            "It takes 20 minutes in your old calendar, not 30. In your old calendar it is a visit of another kind now: "
            "Follow-up.",
        )
    ]
    given = Appointment.objects.get()
    assert (given.visit_type.name, f"{given.ends_at:%H:%M} {given.blocked_until:%H:%M}") == ("Follow-up", "14:20 14:25")


@pytest.mark.parametrize(
    ("who", "reached"), [("Rosa Lind 212 555 0123", "phone"), ("Rosa Lind rosa@example.com", "email")]
)
def test_a_way_to_reach_whom_nobody_could_is_said_and_kept(bring_in, who, reached):
    bring_in(event("a", "0900", who="Rosa Lind"))
    before = Appointment.objects.get()

    said = bring_in(event("a", "0900", who=who))

    way = who.removeprefix("Rosa Lind ")
    assert said == [(Verdict.MOVED, f"In your old calendar there is a way to reach them now: {way}.")]
    inquiry = Inquiry.objects.get()
    assert (inquiry.contact_by, getattr(inquiry, reached)) == (reached, way)
    assert CallTask.objects.open().count() == (reached == "email")
    assert (Email.objects.count(), Appointment.objects.get().version) == (0, before.version)
    assert bring_in(event("a", "0900", who=who))[0][0] == Verdict.HERE


def test_a_way_to_reach_them_moves_nobody_back_who_was_moved_here(bring_in, doctor, visit):
    bring_in(event("a", "0900", who="Rosa Lind"))
    Appointment.objects.update(
        starts_at="2026-11-24T20:00Z", ends_at="2026-11-24T20:30Z", blocked_until="2026-11-24T20:40Z"
    )
    make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)

    assert bring_in(event("a", "0900"))[0][0] == Verdict.MOVED
    assert times()[1] == ("Rosa Lind", "24 15:00-15:30", "booked")


class TestAnotherWay:
    """A number or an address that takes the place of one that is here is for a person to decide."""

    @pytest.mark.parametrize(
        ("before", "after", "field", "said"),
        [
            (
                "212 555 0123", "(212) 555-0188", "phone",
                "In your old calendar the phone number is another one now: (212) 555-0188. Here it is 212 555 0123.",
            ),
            (
                "rosa@example.com", "r.lind@example.org", "email",
                "In your old calendar the email address is another one now: r.lind@example.org. "
                "Here it is rosa@example.com.",
            ),
            (
                "212 555 0123", "212 555 0123 rosa@example.com", "email",
                "In your old calendar the email address is another one now: rosa@example.com. There is none here.",
            ),
        ],
    )  # fmt: skip
    def test_it_waits_for_a_decision_and_is_not_asked_again(self, bring_in, before, after, field, said):
        bring_in(event("a", "0900", who=f"Rosa Lind {before}"))
        was = getattr(Inquiry.objects.get(), field)
        there = event("a", "0900", who=f"Rosa Lind {after}")

        assert bring_in(there) == [(Verdict.DECIDE, said)]
        assert getattr(Inquiry.objects.get(), field) == was
        assert bring_in(there, ours=[1])[0][0] == Verdict.KEPT
        assert bring_in(there)[0][0] == Verdict.HERE
        assert getattr(Inquiry.objects.get(), field) == was

    def test_as_in_the_old_calendar_it_is_found_and_dialed_and_the_move_is_done_too(self, bring_in):
        bring_in(event("a", "0900"))
        there = event("a", "1030", who="Rosa Lind 212 555 0188")
        moved = "It was moved in your old calendar: from 9 a.m. to 10:30 a.m."

        ((verdict, why),) = bring_in(there, theirs=[1])

        assert (verdict, why.startswith(moved)) == (Verdict.MOVED, True)
        inquiry = Inquiry.objects.get()
        assert (inquiry.phone_e164, inquiry.contact_by) == ("+12125550188", "phone")
        assert times() == [("Rosa Lind", "24 10:30-11:00", "booked")]
        assert bring_in(there)[0][0] == Verdict.HERE

    @pytest.mark.parametrize("again", ["Rosa Lind 212 555 0123", "Rosa Lind +1 (212) 555-0123", "Rosa Lind"])
    def test_what_somebody_corrected_here_is_not_undone_by_what_it_says_as_before(self, bring_in, again):
        bring_in(event("a", "0900"))
        Inquiry.objects.update(phone="212 555 0144", phone_e164="+12125550144")

        assert bring_in(event("a", "0900", who=again))[0][0] == Verdict.HERE

    def test_it_moves_nobody_back_who_was_moved_here(self, bring_in):
        bring_in(event("a", "0900"))
        Appointment.objects.update(
            starts_at="2026-11-24T20:00Z", ends_at="2026-11-24T20:30Z", blocked_until="2026-11-24T20:40Z"
        )

        assert bring_in(event("a", "0900", who="Rosa Lind 212 555 0188"), theirs=[1])[0][0] == Verdict.MOVED
        assert (times()[0][1], Inquiry.objects.get().phone) == ("24 15:00-15:30", "212 555 0188")


class TestAnother:
    """Under one id, somebody else's visit, or busy time: that is for a person to decide."""

    SAM_NOW, LUNCH_NOW = event("a", "0900", who=SAM), event("a", "0900", who="Lunch")

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            (event("a", "0900"), SAM_NOW, TO_SAM),
            (event("a", "0900"), LUNCH_NOW, "In your old calendar it names no patient now: Lunch."),
            (LUNCH_NOW, SAM_NOW, "In your old calendar it is a visit now, and no busy time: Sam Okoro."),
        ],
    )
    def test_it_stays_as_it_is_until_somebody_decides_and_is_not_asked_again(self, bring_in, before, after, said):
        bring_in(before)
        was = times(), BusyBlock.objects.count()

        assert bring_in(after) == [(Verdict.DECIDE, said)]
        assert bring_in(after, ours=[1])[0][0] == Verdict.KEPT
        assert bring_in(after)[0][0] == Verdict.HERE
        assert (times(), BusyBlock.objects.count()) == was

    def test_nobodys_inquiry_becomes_another_persons(self, bring_in):
        bring_in(event("a", "0900"))

        assert bring_in(self.SAM_NOW, theirs=[1]) == [(Verdict.IN, TO_SAM)]

        assert times() == [("Rosa Lind", "24 09:00-09:30", "cancelled"), ("Sam Okoro", "24 09:00-09:30", "booked")]
        assert bring_in(self.SAM_NOW)[0][0] == Verdict.HERE

    def test_who_takes_the_place_of_one_that_was_overbooked_is_overbooked_too(self, bring_in, doctor, visit):
        make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)
        bring_in(event("a", "0900"), overbook=[1])

        assert bring_in(self.SAM_NOW, theirs=[1])[0][0] == Verdict.DECIDE
        assert bring_in(self.SAM_NOW, theirs=[1], overbook=[1])[0][0] == Verdict.OVERBOOKED

    def test_nobody_is_reached_by_the_number_of_another(self, bring_in):
        bring_in(event("a", "0900", who="Rosa Lind"))
        bring_in(self.SAM_NOW, ours=[1])

        assert bring_in(self.SAM_NOW)[0][0] == Verdict.HERE
        assert Inquiry.objects.get().phone == ""

    def test_a_visit_and_a_busy_time_take_each_others_place(self, bring_in):
        bring_in(self.LUNCH_NOW)

        assert bring_in(self.SAM_NOW, theirs=[1])[0][0] == Verdict.IN
        assert (times()[0][2], BusyBlock.objects.count()) == ("booked", 0)
        assert bring_in(self.LUNCH_NOW, theirs=[1])[0][0] == Verdict.BUSY
        assert (times()[0][2], BusyBlock.objects.count()) == ("cancelled", 1)
        assert bring_in(self.LUNCH_NOW)[0][0] == Verdict.HERE

    @pytest.mark.parametrize("title", ["Busy", "", "Rosa  LIND 212 555 0123"])
    def test_a_title_that_is_hidden_or_the_same_is_no_other(self, bring_in, title):
        bring_in(event("a", "0900"))

        assert bring_in(event("a", "1000", who=title))[0][0] == Verdict.MOVED


class TestBothSides:
    @pytest.fixture
    def moved_here(self, bring_in, visit, doctor, manager):
        bring_in(event("a", "0900"))
        given, starts_at = Appointment.objects.get(), datetime(2026, 11, 24, 20, tzinfo=UTC)
        slot = Slot.starting_at(starts_at, visit.rules, doctor.pk)
        return appointments.reschedule(appointment=given, slot=slot, by=Actor.staff(manager), reason="asked")

    THERE = event("a", "1030", "SEQUENCE:1")

    def test_it_stays_until_somebody_decides(self, bring_in, moved_here):
        said = (
            Verdict.DECIDE,
            "It was moved in your old calendar: from 9 a.m. to 10:30 a.m. Here it was changed, too: Nov. 24, "
            "2026, 3 p.m., Jane Doe, MD.",
        )

        assert bring_in(self.THERE) == [said]
        assert bring_in(self.THERE) == [said]
        assert times() == [("Rosa Lind", "24 15:00-15:30", "booked")]

    def test_the_old_calendar_may_be_right(self, bring_in, moved_here):
        assert bring_in(self.THERE, theirs=[1])[0][0] == Verdict.MOVED
        assert times() == [("Rosa Lind", "24 10:30-11:00", "booked")]
        assert bring_in(self.THERE)[0][0] == Verdict.HERE

    def test_what_is_here_may_be_right_and_is_not_asked_again(self, bring_in, moved_here):
        assert bring_in(self.THERE, ours=[1])[0][0] == Verdict.KEPT
        assert bring_in(self.THERE)[0][0] == Verdict.HERE
        assert times() == [("Rosa Lind", "24 15:00-15:30", "booked")]

    def test_the_same_change_on_both_sides_is_no_clash(self, bring_in, moved_here):
        there = event("a", "1500", "SEQUENCE:1")

        assert bring_in(there)[0][0] == Verdict.HERE
        # From now on this is what its calendar said last.
        assert bring_in(event("a", "1030", "SEQUENCE:2"))[0][0] == Verdict.MOVED

    def test_canceled_here_and_moved_there(self, bring_in, manager):
        bring_in(event("a", "0900"))
        statuses.cancel(appointment=Appointment.objects.get(), by=Actor.staff(manager))

        assert bring_in(self.THERE) == [
            (
                Verdict.DECIDE,
                "It was moved in your old calendar: from 9 a.m. to 10:30 a.m. Here it was canceled.",
            )
        ]
        bring_in(self.THERE, theirs=[1])
        assert times() == [("Rosa Lind", "24 10:30-11:00", "booked")]

    def test_moved_here_and_canceled_there(self, bring_in, moved_here):
        gone = event("a", "0900", "SEQUENCE:1", "STATUS:CANCELLED")

        assert bring_in(gone)[0][0] == Verdict.DECIDE
        bring_in(gone, theirs=[1])
        assert times() == [("Rosa Lind", "24 15:00-15:30", "cancelled")]

    def test_who_has_arrived_here_is_never_moved(self, bring_in):
        bring_in(event("a", "1230", day=23))
        Appointment.objects.update(status=AppointmentStatus.ARRIVED)

        there = event("a", "1300", "SEQUENCE:1", day=23)

        assert bring_in(there, theirs=[1]) == [
            (
                Verdict.DECIDE,
                "It was moved in your old calendar: from 12:30 p.m. to 1 p.m. Here it is marked: Arrived.",
            )
        ]
        assert times() == [("Rosa Lind", "23 12:30-13:00", "arrived")]


def test_what_is_canceled_there_and_was_never_here_stays_out(bring_in):
    assert bring_in(event("a", "0900", "STATUS:CANCELLED"), event("b", "1000", who=SAM))[0] == (
        Verdict.UNREADABLE,
        "It is canceled.",
    )
    assert [name for name, _time, _status in times()] == ["Sam Okoro"]


def test_what_is_back_there_after_it_was_canceled_is_back_here(bring_in):
    bring_in(event("a", "0900"))
    bring_in(event("a", "0900", "SEQUENCE:1", "STATUS:CANCELLED"))

    assert bring_in(event("a", "1000", "SEQUENCE:2")) == [
        (Verdict.MOVED, "It was canceled in your old calendar, and is back: Nov. 24, 2026, 10 a.m.")
    ]
    assert times() == [("Rosa Lind", "24 10:00-10:30", "booked")]


def test_what_can_not_be_read_any_longer_stays_and_is_said(bring_in):
    bring_in(event("a", "0900"), event("b", "1000", who=SAM))

    said = bring_in(event("a", "0900", "RRULE:FREQ=MONTHLY"), event("c", "1100", "RRULE:FREQ=MONTHLY"))

    assert [why.endswith("It came in before, and stays here as it is.") for _verdict, why in said] == [True, False]
    assert [status for _name, _time, status in times()] == ["booked", "booked"]


def test_who_was_erased_is_not_moved(bring_in, manager):
    bring_in(event("a", "0900"))
    erasure.erase(Inquiry.objects.get(), reason="asked for it", by=Actor.staff(manager))

    assert bring_in(event("a", "1030", "SEQUENCE:1")) == [(Verdict.HERE, "It was here, and was erased.")]
    assert list(BroughtIn.objects.values_list("name_digest", "phone_digest", "email_digest")) == [("", "", "")]


class TestBusyTimes:
    LUNCH = event("l", "1200", who="Lunch")

    def blocks(self) -> list[str]:
        return [f"{each.starts_at:%H:%M}-{each.ends_at:%H:%M}" for each in BusyBlock.objects.all()]

    def test_they_move_and_are_canceled_as_visits_are(self, bring_in):
        bring_in(self.LUNCH, event("m", "1400", who="Staff meeting"))

        done = bring_in(
            event("l", "1215", "SEQUENCE:1", who="Lunch"),
            event("m", "1400", "SEQUENCE:1", "STATUS:CANCELLED", who="Staff meeting"),
        )

        assert done == [
            (Verdict.MOVED, "It was moved in your old calendar: from noon to 12:15 p.m."),
            (Verdict.CANCELLED, "It was canceled in your old calendar."),
        ]
        assert self.blocks() == ["17:15-17:45"]

    def test_what_was_changed_here_too_is_to_be_decided(self, bring_in):
        bring_in(self.LUNCH)
        BusyBlock.objects.update(ends_at="2026-11-24T18:00Z")
        there = event("l", "1215", "SEQUENCE:1", who="Lunch")

        assert bring_in(there)[0][0] == Verdict.DECIDE
        assert self.blocks() == ["17:00-18:00"]
        bring_in(there, theirs=[1])
        assert self.blocks() == ["17:15-17:45"]

    def test_what_was_removed_here_comes_back_only_if_somebody_says_so(self, bring_in):
        bring_in(self.LUNCH)
        BusyBlock.objects.all().delete()

        assert bring_in(self.LUNCH) == [(Verdict.HERE, "It was busy time, and was removed here.")]
        there = event("l", "1215", "SEQUENCE:1", who="Lunch")
        assert bring_in(there)[0][0] == Verdict.DECIDE
        bring_in(there, theirs=[1])
        assert self.blocks() == ["17:15-17:45"]

    def test_what_is_free_there_now_is_removed(self, bring_in):
        bring_in(self.LUNCH)

        assert bring_in(event("l", "1200", "TRANSP:TRANSPARENT", who="Lunch")) == [(Verdict.CANCELLED, FREE_THERE)]
        assert self.blocks() == []

    def test_what_was_here_before_calendars_were_compared_is_known_by_its_time_from_now_on(self, bring_in, doctor):
        kept = BusyBlock.objects.create(practitioner=doctor, starts_at="2026-11-24T17:00Z", ends_at="2026-11-24T17:30Z")

        said = bring_in(self.LUNCH, event("m", "1200", who="Meeting"))

        assert said == [(Verdict.LINKED, "It is kept as busy time."), (Verdict.HERE, "It is kept as busy time.")]
        assert bring_in(event("l", "1400", who="Lunch"))[0][0] == Verdict.MOVED
        assert [(each.pk, f"{each.starts_at:%H:%M}") for each in BusyBlock.objects.all()] == [(kept.pk, "19:00")]

    def test_another_busy_time_may_take_the_place_of_one_that_moves(self, bring_in):
        bring_in(self.LUNCH)

        said = bring_in(event("l", "1400", who="Lunch"), event("m", "1200", who="Meeting"))

        assert [verdict for verdict, _why in said] == [Verdict.MOVED, Verdict.BUSY]
        assert sorted(self.blocks()) == ["17:00-17:30", "19:00-19:30"]

    def test_they_may_overlap_each_other_and_reach_beyond_the_hours_and_move_each_by_itself(self, bring_in, doctor):
        doctor.busy_blocks.create(starts_at="2026-11-24T16:30Z", ends_at="2026-11-24T17:15Z")
        there = [event("l", "1200", who="Lunch"), event("m", "1200", who="Meeting"), event("n", "1215", who="Call")]

        assert bring_in(*there, event("o", "0845", who="Meeting"), event("p", "0500", who="Lunch")) == [
            *[(Verdict.BUSY, "It names no patient.")] * 4,
            (Verdict.OUTSIDE, "It is outside their hours: change the hours first."),
        ]
        there[0] = event("l", "1400", "SEQUENCE:1", who="Lunch")
        there[1] = event("m", "1410", "SEQUENCE:1", who="Meeting")

        assert [verdict for verdict, _why in bring_in(*there)] == [Verdict.MOVED, Verdict.MOVED, Verdict.HERE]
        assert sorted(self.blocks()) == ["13:45-14:15", "16:30-17:15", "17:15-17:45", "19:00-19:30", "19:10-19:40"]

    def test_a_visit_takes_no_busy_time_of_its_file_and_none_takes_a_visits(self, bring_in):
        there = [
            event("l", "1200", who="Lunch"),
            event("a", "1215"),
            event("b", "1400"),
            event("m", "1410", who="Lunch"),
        ]

        assert [verdict for verdict, _why in bring_in(*there)] == [
            Verdict.BUSY, Verdict.CLASH, Verdict.IN, Verdict.CLASH,
        ]  # fmt: skip

    def test_a_patient_may_come_when_a_busy_time_has_left(self, bring_in):
        bring_in(self.LUNCH)

        bring_in(event("l", "1400", "SEQUENCE:1", who="Lunch"), event("a", "1200"))

        assert (self.blocks(), len(times())) == (["19:00-19:30"], 1)

    def test_one_meeting_in_two_calendars_takes_the_time_of_both(self, bring_in, visit, manager):
        other = make.practitioner("John Roe, MD", visit=visit)
        bring_in(self.LUNCH)
        text = calendar(self.LUNCH)

        carry_out(
            content=text.encode(), practitioner=other, visit_type=visit, digest=planned(text, other, visit).digest,
            by=Actor.staff(manager),
        )  # fmt: skip

        assert BusyBlock.objects.count() == 2


def test_the_page_says_it_asks_and_does_it(client, manager, doctor, visit, bring_in):
    bring_in(event("a", "0900"), event("b", "1000", who=SAM), event("c", "1100", who="Ann Moe 212 555 0188"))
    Appointment.objects.filter(inquiry__name="Ann Moe").update(status=AppointmentStatus.CANCELLED)
    client.force_login(manager)
    text = calendar(
        event("a", "1400", "SEQUENCE:1"),
        event("b", "1000", "SEQUENCE:1", "STATUS:CANCELLED", who=SAM),
        event("c", "1500", "SEQUENCE:1", who="Ann Moe 212 555 0188"),
    )
    said = {"practitioner": doctor.pk, "visit_type": visit.pk}

    html = client.post(PAGE, {"file": SimpleUploadedFile("old.ics", text.encode()), **said}).content.decode()

    assert "Of 3 rows: 1 is for you to decide, 1 is canceled, 1 changes." in html
    assert html.index("Here it was canceled.") < html.index("It was canceled in your old calendar.")
    assert "Agree: change 1, cancel 1, do what I decided<" in html
    assert re.findall(r'<input type="radio" name="(\w+)" value="(\w+)"', html) == [
        ("decide_3", "theirs"),
        ("decide_3", "ours"),
    ]
    fields = dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', html))
    answer = client.post(PAGE, fields | {"decide_3": "theirs"}, follow=True).content.decode()
    assert "0 appointments came in, 0 kept as busy time, 2 changed, 1 canceled." in answer
    assert times() == [
        ("Ann Moe", "24 15:00-15:30", "booked"),
        ("Rosa Lind", "24 14:00-14:30", "booked"),
        ("Sam Okoro", "24 10:00-10:30", "cancelled"),
    ]
    assert client.post(PAGE, fields | {"decide_x": "theirs"}).status_code == 400


ROSA, SAM_AT_TEN = "Rosa Lind,212 555 0123,2026-11-24 9:00,30", "Sam Okoro,212 555 0177,2026-11-24 10:00,30"
COLUMNS = "name,phone,start,minutes"


def table(columns: str, *lines: str) -> str:
    return "\n".join([columns, *lines])


def test_a_table_with_ids_is_compared_too(bring_in_text):
    columns = f"{COLUMNS},id,status"
    bring_in_text(table(columns, f"{ROSA},a,ok", f"{SAM_AT_TEN},b,ok"))

    done = bring_in_text(table(columns, f"{ROSA.replace('9:00', '10:30')},a,", f"{SAM_AT_TEN},b,Cancelled"))

    assert [verdict for verdict, _why in done] == [Verdict.MOVED, Verdict.CANCELLED]
    assert times() == [("Rosa Lind", "24 10:30-11:00", "booked"), ("Sam Okoro", "24 10:00-10:30", "cancelled")]


def test_a_table_that_had_no_ids_before_does_not_come_in_twice(bring_in_text):
    bring_in_text(table(COLUMNS, ROSA))

    assert [verdict for verdict, _why in bring_in_text(table(f"{COLUMNS},id", f"{ROSA},a"))] == [Verdict.HERE]
