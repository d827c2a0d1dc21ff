"""What an event says of itself: whether, how surely and for whom it takes time, and who may read it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from appointments.actors import Actor
from appointments.bookings.imports import files, plans
from appointments.bookings.imports.carry_out import carry_out
from appointments.bookings.imports.lines import Verdict
from appointments.models import Appointment, BusyBlock, Email, Inquiry
from clinic.accounts import roles
from tests import make
from tests.appointments.bookings.test_imports import calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_noon")]
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def bring_in(doctor, visit):
    def act(text: str, **decided) -> list[tuple[str, str]]:
        reading = files.read(text.encode(), NEW_YORK)
        assert not reading.problem, reading.problem
        digest = plans.plan(reading, practitioner=doctor, visit_type=visit, now=datetime.now(UTC)).digest
        by = Actor.staff(make.user(roles.MANAGER))
        done = carry_out(
            content=text.encode(), practitioner=doctor, visit_type=visit, digest=digest, by=by, **decided
        )  # fmt: skip
        return [(line.verdict.value, line.why) for line in done.lines]

    return act


WHEN = "UID:a\nDTSTART:20261124T090000\nDURATION:PT30M\n"
ROSA = WHEN + "SUMMARY:Rosa Lind 212 555 0123\n"
GUEST = WHEN + "SUMMARY:Visit\nORGANIZER:mailto:us@example.com\nATTENDEE;CN=Rosa Lind;{}:mailto:rosa@example.com"
LUNCH = WHEN + "SUMMARY:Lunch\n"
COMES_IN, KEPT = ("in", ""), ("busy", "It names no patient.")
FREE = ("free", "It is shown as free there: it takes no time.")
TENTATIVE = ("in", "It is tentative there: it comes in to be confirmed.")
WHAT = "enter its times by hand or, where it is no visit, as busy time every week."
REPEATS = ("unreadable", f"It repeats: {WHAT}")
ALL_DAY = ("unreadable", "It lasts all day, Nov. 24, 2026: enter a closure or busy time instead.")
LEFT_OUT = ("unreadable", "Its calendar leaves out this very day.")


def ahead(times: int) -> tuple[str, str]:
    lie = "time of it lies" if times == 1 else "times of it lie"
    return "unreadable", f"It repeats, and {times} {lie} ahead within a year: {WHAT}"


IN_BERLIN = "UID:a\nDTSTART;TZID=Europe/Berlin:20261124T150000\nDURATION:PT30M\nSUMMARY:Rosa Lind 212 555 0123\n"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (ROSA + "STATUS:CONFIRMED\nTRANSP:OPAQUE\nCLASS:PUBLIC", COMES_IN),
        (ROSA + "STATUS:TENTATIVE", TENTATIVE),
        (ROSA + "STATUS:CANCELLED", ("unreadable", "It is canceled.")),
        (ROSA + "STATUS:DELETED", ("unreadable", "It is canceled.")),
        (ROSA + "STATUS:DRAFT", ("in", f"It is “DRAFT” there. {TENTATIVE[1]}")),
        *(
            (ROSA.replace("SUMMARY:", f"SUMMARY:{mark}"), ("unreadable", "It is canceled."))
            for mark in (
                "Canceled: ",
                "CANCELLED - ",
                "[Cancelled] ",
                "Abgesagt: ",
                "Cancelado: ",
            )
        ),
        (ROSA.replace("SUMMARY:", "SUMMARY:Tentative: "), TENTATIVE),
        (ROSA.replace("SUMMARY:", "SUMMARY:Cancellation list: "), COMES_IN),
        (ROSA + "TRANSP:TRANSPARENT", FREE),
        (LUNCH + "TRANSP:TRANSPARENT", (FREE[0], FREE[1] + " It names no patient.")),
        (LUNCH + "STATUS:TENTATIVE", ("busy", "It is tentative there. It names no patient.")),
        (ROSA + "X-MICROSOFT-CDO-BUSYSTATUS:FREE", FREE),
        (ROSA + "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", FREE),
        (ROSA + "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", TENTATIVE),
        (LUNCH + "X-MICROSOFT-CDO-BUSYSTATUS:OOF", KEPT),
        (ROSA + "TRANSP:TRANSPARENT\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY", COMES_IN),
        (ROSA + "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", ALL_DAY),
        (ROSA + "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE", COMES_IN),
        (
            "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20270103\nSUMMARY:Away",
            (
                "unreadable",
                "It lasts all day, Dec. 24, 2026 to Jan. 2, 2027: enter a closure or busy time instead.",
            ),
        ),
        (
            "DTSTART;VALUE=DATE:20261124\nSUMMARY:Market day\nTRANSP:TRANSPARENT",
            ("unreadable", "It lasts all day, and takes no time: it is shown as free there."),
        ),
        (ROSA + "RRULE:FREQ=WEEKLY;COUNT=1", COMES_IN),
        (ROSA + "RRULE:FREQ=WEEKLY;COUNT=2", ahead(2)),
        (ROSA + "RRULE:FREQ=WEEKLY;UNTIL=20261124", COMES_IN),
        (ROSA + "RRULE:FREQ=WEEKLY;UNTIL=20261124T140000Z", COMES_IN),
        (ROSA + "RRULE:FREQ=WEEKLY;UNTIL=20261201", ahead(2)),
        (ROSA + "RRULE:FREQ=WEEKLY;UNTIL=20261201T135959Z", COMES_IN),
        (ROSA + "RRULE:FREQ=MONTHLY;COUNT=1", COMES_IN),
        (ROSA + "RRULE:FREQ=WEEKLY;WKST=XX", REPEATS),
        (ROSA + "RRULE:FREQ=MONTHLY;BYDAY=1MO", REPEATS),
        (ROSA + "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=5", ahead(5)),
        (ROSA + "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T000000Z", ahead(3)),
        (ROSA + "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261130", ahead(5)),
        (ROSA + "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO", ("unreadable", "It repeats, and no time of it lies ahead.")),
        (ROSA.replace("20261124", "20200107") + "RRULE:FREQ=WEEKLY", ahead(53)),
        (ROSA.replace("20261124T09", "20261123T12") + "RRULE:FREQ=DAILY;COUNT=3", ahead(3)),
        (ROSA.replace("20261124T09", "20261123T11") + "RRULE:FREQ=DAILY;COUNT=3", ahead(2)),
        ("DTSTART;VALUE=DATE:20261124\nSUMMARY:Lunch\nRRULE:FREQ=DAILY;COUNT=3", ahead(3)),
        (
            ROSA + "RRULE:FREQ=WEEKLY;COUNT=5\nEXDATE:20261201T090000,20261208T090000\nEXDATE;VALUE=DATE:20261215",
            ahead(2),
        ),
        (ROSA + "RDATE:20261124T090000", COMES_IN),
        (ROSA + "RDATE:20261124T090000,20261125T090000\nRDATE;VALUE=PERIOD:20261126T140000Z/PT30M", ahead(3)),
        (ROSA + "RDATE:20261125T090000\nEXDATE;TZID=Europe/Berlin:20261124T150000", ahead(1)),
        (ROSA + "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T083000", REPEATS),
        (ROSA + "RECURRENCE-ID:20261124T083000", COMES_IN),
        (ROSA + "EXDATE:20261124T090000", LEFT_OUT),
        (ROSA + "EXDATE:20261124T140000Z", LEFT_OUT),
        (ROSA + "EXDATE;TZID=Europe/Berlin:20261124T150000", LEFT_OUT),
        (IN_BERLIN + "EXDATE:20261124T140000Z", LEFT_OUT),
        (ROSA + "EXDATE;VALUE=DATE:20261124", LEFT_OUT),
        (ROSA + "EXDATE:20261123T090000,20261124T090000\nEXDATE:20261125T090000", LEFT_OUT),
        (ROSA + "EXDATE;TZID=Europe/Berlin:20261124T090000", COMES_IN),
        (ROSA + "EXDATE:20261125T090000", COMES_IN),
        (GUEST.format("PARTSTAT=ACCEPTED"), COMES_IN),
        (GUEST.format("PARTSTAT=NEEDS-ACTION"), COMES_IN),
        (GUEST.format("PARTSTAT=TENTATIVE"), TENTATIVE),
        (GUEST.format("PARTSTAT=DECLINED"), ("free", "Its guest has declined it.")),
        (GUEST.format("ROLE=NON-PARTICIPANT"), KEPT),
        (
            ROSA.replace("DURATION:PT30M\n", ""),
            ("in", "It does not say how long it takes: as long as the kind of visit."),
        ),
    ],
)
def test_it_is_read_as_calendars_mean_it_and_said(bring_in, event, said):
    assert bring_in(calendar(event)) == [said]
    assert (Appointment.objects.count(), BusyBlock.objects.count()) == (said[0] == "in", said[0] == "busy")


@pytest.mark.parametrize(
    ("of_calendar", "said"),
    [
        ("METHOD:PUBLISH", COMES_IN),
        ("METHOD:CANCEL", ("unreadable", "It is canceled.")),
        ("METHOD:REPLY", ("unreadable", "It is an answer to an invitation, and no appointment.")),
        ("X-WR-CALNAME:doctor@example.com", COMES_IN),
    ],
)
def test_so_is_what_its_calendar_says(bring_in, of_calendar, said):
    text = calendar(ROSA).replace("VERSION:2.0", f"VERSION:2.0\r\n{of_calendar}")

    assert bring_in(text) == [said]


def test_what_the_owner_of_the_calendar_declined_takes_no_time(bring_in):
    event = WHEN + "SUMMARY:Budget with Ann Moe\nATTENDEE;PARTSTAT=DECLINED:mailto:Doctor@example.com\n" + (
        "ATTENDEE:mailto:ann@example.com"
    )  # fmt: skip
    text = calendar(event).replace("VERSION:2.0", "VERSION:2.0\r\nX-WR-CALNAME:doctor@example.com")

    assert bring_in(text)[0][0] == "free"


def test_what_a_file_of_cancellations_names_is_canceled(bring_in):
    bring_in(calendar(ROSA))

    text = calendar(ROSA + "SEQUENCE:1").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL")

    assert bring_in(text)[0][0] == "cancelled"
    assert Appointment.objects.get().status == "cancelled"


def test_a_tentative_visit_waits_to_be_confirmed(bring_in):
    bring_in(calendar(ROSA + "STATUS:TENTATIVE"))

    given = Appointment.objects.to_confirm().get()
    assert (given.inquiry.status, given.inquiry.answered_at) == ("open", None)
    assert not Email.objects.filter(inquiry=given.inquiry).exists()


@pytest.mark.parametrize(
    "mark", ["CLASS:PRIVATE", "CLASS:CONFIDENTIAL", "CLASS:X-SECRET", "X-CALENDARSERVER-ACCESS:RESTRICTED"]
)
def test_the_title_of_a_private_event_is_read_by_nobody(bring_in, doctor, visit, mark):
    text = calendar(ROSA + "ATTENDEE;CN=Rosa Lind:mailto:rosa@example.com\n" + mark)

    assert bring_in(text) == [("busy", "It is private there: its title is not read.")]
    assert (BusyBlock.objects.count(), Inquiry.objects.count()) == (1, 0)
    reading = files.read(text.encode(), NEW_YORK)
    assert "Rosa" not in repr(reading.rows)


def test_what_takes_no_time_there_may_be_ticked(bring_in):
    assert bring_in(calendar(ROSA + "TRANSP:TRANSPARENT"), overbook=[1])[0][0] == "overbooked"
    assert Appointment.objects.get().overbook_reason == (
        "From another calendar. It is shown as free there: it takes no time."
    )


def test_of_two_states_of_one_event_the_newer_counts(bring_in):
    text = calendar(ROSA + "SEQUENCE:2", ROSA.replace("T09", "T08") + "SEQUENCE:1", ROSA + "SEQUENCE:2")

    assert bring_in(text) == [
        COMES_IN,
        ("unreadable", "Row 1 of this file is a newer state of it."),
        ("here", "The same as row 1 of this file."),
    ]


NEWER, SAYS_MORE = "Row 2 of this file is a newer state of it.", "Row 2 of this file is the same, and says more."
CHANGED_DAY = ROSA.replace("T09", "T11") + "RECURRENCE-ID:20261124T090000"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (ROSA + "DTSTAMP:20261101T090000Z", ROSA.replace("T09", "T10") + "DTSTAMP:20261102T090000Z", NEWER),
        (ROSA + "LAST-MODIFIED:20261101T090000Z", ROSA + "LAST-MODIFIED:20261102T090000Z", NEWER),
        (ROSA + "DTSTAMP:20261102T090000Z", ROSA + "DTSTAMP:20261101T090000Z\nSEQUENCE:1", NEWER),
        (ROSA + "CLASS:PRIVATE", ROSA, SAYS_MORE),
        (ROSA.replace("DTSTART:", "DTSTART;TZID=Mars/Base:"), ROSA, SAYS_MORE),
        (ROSA + "RRULE:FREQ=DAILY;COUNT=1", CHANGED_DAY, "Row 2 of this file is its changed day."),
        (ROSA.replace("UID:a", "UID:b") + "STATUS:CANCELLED", ROSA, "It is canceled."),
    ],
)
def test_one_event_that_stands_twice_is_one_visit(bring_in, first, second, said):
    both = calendar(first, second)

    assert bring_in(both) == [("unreadable", said), COMES_IN]
    assert (Appointment.objects.count(), BusyBlock.objects.count()) == (1, 0)
    assert bring_in(both)[1][0] == "here"


def test_one_event_under_two_ids_is_one_visit(bring_in):
    assert [verdict for verdict, _why in bring_in(calendar(ROSA, ROSA.replace("UID:a", "UID:b")))] == ["in", "here"]


def test_what_is_here_and_was_declined_there_stays_until_somebody_decides(bring_in):
    bring_in(calendar(GUEST.format("PARTSTAT=ACCEPTED")))

    ((verdict, why),) = bring_in(calendar(GUEST.format("PARTSTAT=DECLINED")))

    assert (verdict, why.endswith("Its guest has declined it.")) == (Verdict.DECIDE, True)
