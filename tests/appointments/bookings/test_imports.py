"""Existing appointments come in from a file, after a dry run, and never over somebody else's time."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils.crypto import salted_hmac
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.actors import Actor
from appointments.admin.lists import bring_in as bring_in_page
from appointments.bookings.imports import files, plans
from appointments.bookings.imports.carry_out import carry_out
from appointments.bookings.imports.plans import Plan, Verdict
from appointments.bookings.imports.rows import Row
from appointments.bookings.imports.taken import Times
from appointments.errors import PlanChanged, SlotTaken
from appointments.models import Appointment, AppointmentStatus, BusyBlock, CallTask, Closure, Email, Inquiry, VisitType
from appointments.records import erasure
from appointments.slots import Slot
from clinic.accounts import roles
from tests import make
from tests.racing import at_once

pytestmark = pytest.mark.usefixtures("monday_noon")
NEW_YORK = ZoneInfo("America/New_York")
PAGE = "/admin/appointments/appointment/import/"
TUESDAY_9 = datetime(2026, 11, 24, 14, tzinfo=UTC)


def rows(text: str | bytes) -> list[Row]:
    reading = files.read(text if isinstance(text, bytes) else text.encode(), NEW_YORK)
    assert not reading.problem, reading.problem
    return reading.rows


def table(*lines: str, names: str = "name,phone,date,time,minutes") -> str:
    return "\r\n".join([names, *lines])


def calendar(*events: str) -> str:
    inside = "".join(
        f"BEGIN:VEVENT\r\n{event.strip().replace(chr(10), chr(13) + chr(10))}\r\nEND:VEVENT\r\n" for event in events
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n"


def planned(text: str, doctor, visit) -> Plan:
    return plans.plan(files.read(text.encode(), NEW_YORK), practitioner=doctor, visit_type=visit, now=datetime.now(UTC))


def verdicts(text: str, doctor, visit) -> list[Verdict]:
    return [line.verdict for line in planned(text, doctor, visit).lines]


def bring_in(text: str, doctor, visit, digest: str | None = None, overbook: tuple[int, ...] = ()) -> Plan:
    return carry_out(
        content=text.encode(),
        practitioner=doctor,
        visit_type=visit,
        digest=digest or planned(text, doctor, visit).digest,
        overbook=overbook,
        by=Actor.staff(make.user(roles.MANAGER)),
    )


class TestTables:
    def test_columns_are_found_in_any_order_and_case(self):
        text = table(
            '45,rosa@example.com,2 PM,11/24/2026,First visit,"Jane Doe, MD",212 555 0123,Rosa Lind',
            names="Minutes,E-Mail,TIME,Date,Visit Type,practitioner,Phone,NAME",
        )

        assert rows(text) == [
            Row(
                2, "Rosa Lind", "212 555 0123", "rosa@example.com", "Jane Doe, MD", "First visit",
                datetime(2026, 11, 24, 19, tzinfo=UTC), datetime(2026, 11, 24, 19, 45, tzinfo=UTC),
            )
        ]  # fmt: skip

    def test_whom_to_reach_is_found_in_the_name_where_its_columns_are_empty(self):
        in_name, other_number, same_number, beside_number, beside_address, none = rows(
            table(
                "Rosa Lind Tel. 212 555 0123 rosa@example.com (DOB 3/4/1950),,,2026-11-24 9:00",
                "Rosa Lind 646 555 0199,212 555 0123,,2026-11-24 9:00",
                "Rosa Lind 212-555-0123,(212) 555-0123,,2026-11-24 9:00",
                "Rosa Lind,212 555 0123 / 646 555 0199 after three,,2026-11-24 9:00",
                "Rosa Lind,,rosa@example.com (work),2026-11-24 9:00",
                "Rosa Lind,n/a,none,2026-11-24 9:00",
                names="name,phone,email,start",
            )
        )

        assert (in_name.name, in_name.phone, in_name.email, in_name.cut) == (
            "Rosa Lind", "212 555 0123", "rosa@example.com", ("DOB 3/4/1950",),
        )  # fmt: skip
        assert (other_number.phone, other_number.cut) == ("212 555 0123", ("646 555 0199",))
        assert (same_number.name, same_number.phone, same_number.cut) == ("Rosa Lind", "(212) 555-0123", ())
        assert (beside_number.phone, beside_number.cut) == ("212 555 0123", ("after three", "646 555 0199"))
        assert (beside_address.email, beside_address.cut) == ("rosa@example.com", ("work",))
        assert (none.phone, none.email, none.cut) == ("", "", ())

    def test_semicolons_and_a_byte_order_mark_are_fine(self):
        content = b"\xef\xbb\xbf" + "Name;Phone;Start\nRosa Núñez;212 555 0123;2026-11-24 09:00\n".encode()

        (row,) = rows(content)

        assert (row.name, row.starts_at, row.ends_at) == ("Rosa Núñez", TUESDAY_9, None)
        assert rows(b"\xef\xbb\xbf" + calendar("DTSTART:20261124T090000").encode())[0].starts_at == TUESDAY_9

    @pytest.mark.parametrize(
        ("typed", "hour", "minute"),
        [("9:30", 9, 30), ("09:30", 9, 30), ("9:30 a.m.", 9, 30), ("2 PM", 14, 0), ("2pm", 14, 0), ("12 AM", 0, 0),
         ("12:15 PM", 12, 15), ("14:00:00", 14, 0), ("9.30", 9, 30), ("9:00\u202fAM", 9, 0), ("noon", 12, 0),
         ("0.375", 9, 0), ("0,5", 12, 0), ("1899-12-30 09:00:00", 9, 0),
         ("2:30 p.\u00a0m.", 14, 30), ("2:30p", 14, 30), ("14h30", 14, 30)],
    )  # fmt: skip
    def test_times_are_read_as_people_write_them(self, typed, hour, minute):
        (row,) = rows(table(f'Rosa,2125550123,2026-11-24,"{typed}",'))

        assert row.starts_at == datetime(2026, 11, 24, hour, minute, tzinfo=NEW_YORK)

    @pytest.mark.parametrize(
        "typed",
        [
            "2026-11-24 9:00 AM",
            "11/24/2026 09:00",
            "2026-11-24T09:00",
            "2026-11-24T09:00:00-05:00",
            "2026-11-24T14:00Z",
            "24.11.2026 9.00",
            "24/11/2026 09:00",
            "2026/11/24 9:00",
            "Tue, Nov 24, 2026 9:00 AM",
            "24-Nov-2026 09:00",
            "24-Nov-26 9:00 a. m.",
            "Nov 24, 26 09:00",
            "46350.375",
            "46350,375",
        ],
    )
    def test_start_is_date_and_time_in_one(self, typed):
        assert rows(f'name,start\nRosa,"{typed}"')[0].starts_at == TUESDAY_9

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("Rosa,2125550123,2027-03-14,2:30 AM,30", "There is no such time"),
            ("Rosa,2125550123,24.13.2026,9:00,30", "“24.13.2026” is no date"),
            ("Rosa,2125550123,2026-02-30,9:00,30", "is no date"),
            ("Rosa,2125550123,2026-11-24,25:00,30", "“25:00” is no time"),
            ("Rosa,2125550123,2026-11-24,24:01,30", "“24:01” is no time"),
            ("Rosa,2125550123,2026-11-24,0.25,30", "“0.25” is no time"),
            ("Rosa,2125550123,12/5/2026,9:00,30", "“12/5/2026” may be December 5 or May 12, and no other date"),
            ("Rosa,2125550123,11/24/26,9:00,30", "is no date"),
            ("Rosa,2125550123,12/5/0000,9:00,30", "is no date"),
            ("Rosa,2125550123,0/5/2026,9:00,30", "is no date"),
            ("Rosa,2125550123,2026-11-24,9:60,30", "“9:60” is no time"),
            ("Rosa,2125550123,2026-11-24,13 PM,30", "“13 PM” is no time"),
            ("Rosa,2125550123,2026-11-24,9,30", "“9” is no time"),
            ("Rosa,2125550123,2026-11-24,9:00,half", "“half” is no number"),
            ("Rosa,2125550123,2026-11-24,9:00,721", "longer than 12 hours"),
            ("Rosa,2125550123,2026-11-24,9:00,0", "is no number of minutes"),
            ("Rosa,2125550123,1899-11-24,9:00,30", "between 1900 and 2199"),
            ("Rosa,2125550123,2200-01-01,9:00,30", "between 1900 and 2199"),
            ("Rosa,2125550123,2199-12-31,23:30,30", "between 1900 and 2199"),
            ("Rosa,2125550123,9999-12-31,23:30,30", "between 1900 and 2199"),
            ("Rosa,2125550123,9999-12-31,24:00,30", "between 1900 and 2199"),
            ("Rosa,0001,2026-11-24,9:00,30", "“0001” is no phone number"),
            (f"{'x' * 151},2125550123,2026-11-24,9:00,30", "longer than 150"),
            ("Lind, Rosa,2125550123,2026-11-24,9:00,30", "more cells than columns"),
            ('Rosa,2125550123,2026-11-24,9:00,"30', "Is there a stray quotation mark?"),
        ],
    )
    def test_what_cannot_be_is_a_sentence_at_its_row(self, line, problem):
        good = "Sam,2125550177,2026-11-24,10:00,30"

        first, second = rows(table(good, line))

        assert (first.problem, second.number) == ("", 3)
        assert problem in second.problem

    @pytest.mark.parametrize(
        ("days", "read"),
        [
            ("12/5/2026 12/31/2026", "12-05 12-31"),
            ("5/12/2026 31/12/2026", "12-05 12-31"),
            ("5.12.2026 31.12.2026", "12-05 12-31"),
            ("12/5/2026 12/31/2019", "12-05"),
            ("12/12/2026", "12-12"),
            ("12-Dec-1999 12-Dec-26", "12-12"),
            ("12/5/2026 12/31/2026 31/12/2026", "? 12-31 12-31"),
            ("12/5/2026 5.12.2026", "? ?"),
        ],
    )
    def test_which_number_is_the_month_is_known_by_the_other_dates_or_not_at_all(self, days, read):
        found = rows(table(*(f"Rosa,,{day},9:00,30" for day in days.split())))

        assert " ".join(f"{row.starts_at:%m-%d}" if row.starts_at else "?" for row in found) == read

    def test_midnight_at_the_end_of_a_day_is_the_next(self):
        assert rows(table("Rosa,,2026-11-23,24:00,30"))[0].starts_at == datetime(2026, 11, 24, 5, tzinfo=UTC)

    @pytest.mark.parametrize("typed", ["45", "45 min", "45.0", "0:45", "00:45", "00:45:00", "0h45", "0 hrs 45 min"])
    def test_a_length_is_minutes_or_hours_and_minutes(self, typed):
        (row,) = rows(table(f"Rosa,,2026-11-24,9:00,{typed}"))

        assert row.ends_at == datetime(2026, 11, 24, 14, 45, tzinfo=UTC)

    @pytest.mark.parametrize("delimiter", ",;\t|")
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_what_stands_between_the_cells_is_found_by_the_columns_that_it_makes(self, delimiter, encoding):
        lines = ["Name", '"note, or; what|ever\n\tit is"', "Start"], ["Rosa\nLind", "x", "2026-11-24 9:00"]
        text = "\r\n".join(delimiter.join(f'"{cell}"' if "\n" in cell else cell for cell in line) for line in lines)
        text = text.replace('""', '"')

        (row,) = rows(text.encode(encoding))

        assert (row.name, row.starts_at) == ("Rosa Lind", TUESDAY_9)

    @pytest.mark.parametrize(
        ("state", "meant"),
        [
            ("", "in"), ("Confirmed", "in"), ("Booked", "in"), ("OK", "in"), ("Checked in", "in"), ("Completed", "in"),
            ("Checked-out", "in"), ("Tentative", "unsure"), ("Pending", "unsure"), ("Requested", "unsure"),
            ("Not confirmed", "unsure"), ("Rescheduled", "unsure"), ("R/S", "unsure"), ("Uncancelled", "unsure"),
            ("Verrechnet", "unsure"), ("unable to confirm", "unsure"), ("?", "unsure"),
            ("Cancelled", "out"), ("Canceled by office", "out"), ("Late cancel", "out"),
            ("Declined", "out"), ("No-show", "out"), ("NO_SHOW", "out"), ("Did not attend", "out"),
            ("Storniert", "out"), ("Waitlist", "free"),
        ],
    )  # fmt: skip
    def test_each_state_of_a_table_is_taken_or_not_sure_or_stays_out(self, state, meant):
        (row,) = rows(f'name,start,status\nRosa,2026-11-24 9:00,"{state}"')

        found = "out" if row.is_cancelled else "free" if row.takes_no_time else "unsure" if row.is_tentative else "in"
        assert (found, bool(row.problem), state in "".join(row.notes)) == (
            meant, meant == "out", meant == "unsure" or state in ("", "Checked in", "Completed", "Checked-out"),
        )  # fmt: skip

    def test_a_time_that_happens_twice_is_the_first(self):
        assert rows(table("Rosa,,2027-11-07,1:30 AM,30"))[0].starts_at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)

    def test_what_is_no_column_of_ours_is_named(self):
        reading = files.read(b"name,date,time,Doctor\nRosa,2026-11-24,9:00,Jane", NEW_YORK)

        assert reading.unused == ["Doctor"]


class TestCalendars:
    def test_an_event_is_an_appointment_in_the_zone_that_it_names(self):
        los_angeles, floating, utc = rows(
            calendar(
                "UID:a\nDTSTART;TZID=America/Los_Angeles:20261124T060000\nDTEND;TZID=America/Los_Angeles:20261124T063000\nSUMMARY:Rosa",
                "UID:b\nDTSTART:20261124T090000\nDURATION:PT30M\nSUMMARY:Rosa",
                "UID:c\nDTSTART:20261124T140000Z\nSUMMARY:Rosa",
            )
        )

        assert [row.starts_at for row in (los_angeles, floating, utc)] == [TUESDAY_9] * 3
        assert los_angeles.ends_at == floating.ends_at == datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
        assert utc.ends_at is None

    def test_whom_to_reach_is_found_in_the_title_the_notes_and_the_only_guest(self):
        when = "DTSTART:20261124T090000\n"
        title, notes, guest, guests = rows(
            calendar(
                when + "SUMMARY:Rosa Lind (212) 555-0123",
                when + "SUMMARY:Rosa Lind\nDESCRIPTION:mail rosa@example.com\\, or call 212-555-0123",
                when + "SUMMARY:Visit\nORGANIZER:mailto:us@example.com\nATTENDEE:mailto:US@example.com\n"
                "ATTENDEE;CUTYPE=ROOM:mailto:room@example.com\nATTENDEE;CN=Rosa Lind:mailto:rosa@example.com",
                when + "SUMMARY:Rosa\nATTENDEE:mailto:a@example.com\nATTENDEE:mailto:b@example.com",
            )
        )

        assert (title.name, title.phone, title.email) == ("Rosa Lind", "(212) 555-0123", "")
        assert (notes.name, notes.phone, notes.email) == ("Rosa Lind", "212-555-0123", "rosa@example.com")
        assert (guest.name, guest.email) == ("Rosa Lind", "rosa@example.com")
        assert not guests.can_be_reached

    @pytest.mark.parametrize(
        "about",
        [
            "https://zoom.example/j/2125550199", "Join Zoom Meeting\\nDial +1 646 555 0186", "Meeting ID: 212 555 0199",
            "Microsoft Teams\\nOr call in (audio only) +1 323-555-0188\\,\\,123456789#", "One tap mobile +16465550186",
        ],
    )  # fmt: skip
    def test_the_number_of_a_meeting_is_no_patients(self, about):
        event = "DTSTART:20261124T090000\nSUMMARY:Rosa Lind\nDESCRIPTION:"
        without, before = rows(calendar(event + about, f"{event}212 555 0123\\n{about}"))

        assert (without.phone, before.phone) == ("", "212 555 0123")

    def test_dates_of_birth_and_notes_are_cut_from_the_title_and_the_guests_name(self):
        when = "DTSTART:20261124T090000\n"
        title, guest = rows(
            calendar(
                when + "SUMMARY:Rosa Lind *1950-03-04\\, new pt\\, brings MRI\\, 212-555-0123 x4",
                when + "SUMMARY:30 min\nATTENDEE;CN=Rosa Lind (76):mailto:rosa@example.com",
            )
        )

        assert (title.name, title.phone) == ("Rosa Lind", "212-555-0123 x4")
        assert title.cut == ("1950-03-04", "new pt, brings MRI")
        assert (guest.name, guest.email, guest.cut) == ("Rosa Lind", "rosa@example.com", ("76",))

    @pytest.mark.parametrize(
        ("event", "problem"),
        [
            ("DTSTART;VALUE=DATE:20261124", "It lasts all day"),
            ("DTSTART:20261124T090000\nRRULE:FREQ=WEEKLY", "It repeats, and 53 times of it lie ahead within a year"),
            ("DTSTART:20261124T090000\nRDATE:20261201T090000", "It repeats"),
            ("DTSTART:20261124T090000\nSTATUS:CANCELLED", "It is canceled."),
            ("SUMMARY:x", "does not say when"),
            ("DTSTART:yesterday", "This event is broken."),
            ("DTSTART:20261124T090000\nDTSTART:20261124T100000", "This event is broken."),
            ("DTSTART;TZID=Mars/Base:20261124T090000", "“Mars/Base” is not known"),
            ("DTSTART:20270314T023000", "There is no such time"),
            ("DTSTART:20261124T090000\nDTEND:20261124T090000", "It ends before it starts."),
            ("DTSTART:20261124T090000\nDURATION:PT12H1S", "longer than 12 hours"),
            ("DTSTART:22000101T090000", "between 1900 and 2199"),
            ("DTSTART:00010101T000000Z", "between 1900 and 2199"),
        ],
    )
    def test_what_is_no_single_time_of_day_is_a_sentence_at_its_event(self, event, problem):
        first, second = rows(calendar("DTSTART:20261124T100000\nSUMMARY:Sam", "SUMMARY:Rosa\n" + event))

        assert (first.problem, second.number) == ("", 2)
        assert problem in second.problem


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "This file is empty."),
            (b" \n", "This file is empty."),
            (b"\x00\x01\xff\xfe", "no text in UTF-8"),
            (b"name,date,time\nRo\x00sa,2026-11-24,9:00", "no text in UTF-8"),
            ("name,date,time\nNúñez,2026-11-24,9:00".encode("latin-1"), "no text in UTF-8"),
            (b"PK\x03\x04\x99", "This .zip cannot be opened"),
            (b"hello there", "must name the columns"),
            (b'"name', "The first line cannot be read"),
            (b"name,name,start\na,b,c", "two columns with the same name"),
            (b"name,date,time\n\n", "no appointments in this file"),
            (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "no appointments in this file"),
            (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT", "This calendar file is broken."),
            (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261124T090000\nEND:VEVENT\n", "ends in the middle"),
            (b"name,start\na,2025-11-24 9:00\n", "All appointments in this file are over."),
            (b"x" * 20_000_001, "larger than 20 MB"),
            (b"name,start\n" + b"a,2026-11-24 9:00\n" * 6001, "more than 6000 rows"),
            (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nEND:VEVENT\n" * 6001 + b"END:VCALENDAR", "more than 6000 rows"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_one_sentence(self, content, problem):
        reading = files.read(content, NEW_YORK)

        assert problem in reading.problem
        assert not reading.rows

    def test_five_thousand_rows_are_read(self):
        assert len(rows(b"name,start\n" + b"a,2026-11-24 9:00\n" * 5000)) == 5000

    @settings(max_examples=300, deadline=None)
    @given(
        st.binary(max_size=300)
        | st.binary(max_size=300).map(b"name,phone,email,start,minutes\n".__add__)
        | st.binary(max_size=300).map(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n".__add__)
        | st.text(max_size=300).map(lambda text: calendar(text).encode("utf-8", "replace"))
        | st.tuples(*[st.text(max_size=20)] * 4).map(
            lambda said: calendar("DTSTART:{}\nDURATION:{}\nATTENDEE:{}\nSUMMARY:{}".format(*said)).encode(
                "utf-8", "replace"
            )
        )
    )
    def test_no_bytes_make_reading_fail(self, content):
        reading = files.read(content, NEW_YORK)

        assert bool(reading.problem) != bool(reading.rows)


@pytest.mark.django_db
class TestPlan:
    def test_the_file_names_whom_and_what_for_or_the_form_does(self, doctor, visit):
        other = make.practitioner("John Roe, MD", visit=make.visit_type("Follow-up", minutes=20, buffer_minutes=10))
        text = table(
            'Rosa,2125550123,"john roe, md",FOLLOW-UP,2026-11-24 9:00',
            "Sam,2125550177,,,2026-11-24 9:00",
            "Ann,2125550199,Dr. Who,,2026-11-24 9:00",
            "Ben,2125550198,,Surgery,2026-11-24 9:00",
            names="name,phone,practitioner,visit type,start",
        )

        named, chosen, nobody, nothing = planned(text, doctor, visit).lines

        assert named.slot == (
            TUESDAY_9, datetime(2026, 11, 24, 14, 20, tzinfo=UTC), datetime(2026, 11, 24, 14, 30, tzinfo=UTC), other.pk,
            other.schedules.get().visit_type_id,
        )  # fmt: skip
        assert chosen.slot[3:] == (doctor.pk, visit.pk)
        assert (nobody.verdict, nobody.why) == (Verdict.UNREADABLE, "Nobody named “Dr. Who” sees patients here.")
        assert (nothing.verdict, nothing.why) == (Verdict.UNREADABLE, "There is no kind of visit named “Surgery”.")

    def test_what_neither_the_file_nor_the_form_says_stays_out(self, doctor, visit):
        text = table("Rosa,2125550123,2026-11-24,9:00,30")

        assert [
            plans.plan(files.read(text.encode(), NEW_YORK), practitioner=who, visit_type=what, now=datetime.now(UTC))
            .lines[0]
            .why
            for who, what in ((None, visit), (doctor, None))
        ] == ["It does not name the practitioner.", "It does not name the kind of visit."]

    def test_what_is_over_stays_out_and_what_goes_on_comes_in(self, doctor, visit):
        text = table("Rosa,2125550123,2026-11-23,11:30,30", "Sam,2125550177,2026-11-23,11:45,30")

        assert verdicts(text, doctor, visit) == [Verdict.OVER, Verdict.IN]

    def test_a_clash_says_with_whom_and_when(self, doctor, visit):
        held = make.appointment(starts_at="2026-11-24T14:15Z", practitioner=doctor, visit_type=visit)
        cancelled = make.appointment(starts_at="2026-11-24T19:00Z", practitioner=doctor, visit_type=visit)
        cancelled.status = AppointmentStatus.CANCELLED
        cancelled.save()
        text = table(
            "Ben,2125550198,2026-11-24,14:00,30",
            "Rosa,2125550123,2026-11-24,9:00,30",
            "Sam,2125550177,2026-11-24,10:00,30",
            "Ann,2125550199,2026-11-24,10:15,30",
        )

        free, here, first, second = planned(text, doctor, visit).lines

        assert here.why == f"It clashes with {held.inquiry.shown_reference} (Nov. 24, 2026, 9:15 a.m.)."
        assert (first.verdict, second.verdict, free.verdict) == (Verdict.IN, Verdict.CLASH, Verdict.IN)
        assert second.why == "It clashes with row 4 of this file."

    def test_an_offer_that_has_expired_takes_no_time(self, doctor, visit):
        make.appointment(
            starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit, status=AppointmentStatus.PROPOSED,
            held_until="2026-11-23T17:00:00Z",
        )  # fmt: skip

        assert verdicts(table("Rosa,2125550123,2026-11-24,9:00,30"), doctor, visit) == [Verdict.IN]

    def test_a_time_across_midnight_is_taken_on_both_days(self):
        late, next_day = (
            Slot(*(datetime.fromisoformat(f"2026-11-{at}Z") for at in moments), 1, 1)
            for moments in (("24T23:30", "25T00:30", "25T00:30"), ("25T00:15", "25T00:45", "25T00:45"))
        )
        times = Times()
        times.add(late, "the late one")

        assert times.clash(next_day).words == "the late one"
        assert times.clash(next_day._replace(practitioner_id=2)) is None

    def test_who_was_erased_does_not_come_back_with_the_same_file(self, doctor, visit):
        file = table("Rosa Lind,212 555 0199,2026-11-24,9:00,30")
        bring_in(file, doctor, visit)
        inquiry = Inquiry.objects.get()

        erasure.erase(inquiry, reason="asked for it", by=Actor.staff(make.user(roles.MANAGER)))

        line = planned(file, doctor, visit).lines[0]
        assert (line.verdict, line.why) == (Verdict.HERE, "It was here, and was erased.")
        assert not inquiry.events.filter(name__contains="Rosa").exists()

    def test_the_pause_after_a_visit_is_kept(self, doctor):
        visit = make.visit_type(buffer_minutes=10)
        text = table("Rosa,2125550123,2026-11-24,9:00,30", "Sam,2125550177,2026-11-24,9:30,30")

        _first, second = planned(text, doctor, visit).lines

        assert second.why == "It clashes with row 2 of this file. The kind of visit needs a pause between them."

    def test_what_lies_outside_the_hours_or_in_a_closure_stays_out(self, doctor, visit):
        Closure.objects.create(name="Thanksgiving", starts_at="2026-11-26T05:00Z", ends_at="2026-11-27T05:00Z")
        doctor.busy_blocks.create(starts_at="2026-11-25T14:00Z", ends_at="2026-11-25T15:00Z")
        early, closed, busy, free = planned(
            table(
                "Rosa,2125550123,2026-11-24,8:45,30",
                "Sam,2125550177,2026-11-26,9:00,30",
                "Ann,2125550199,2026-11-25,9:30,30",
                "Ben,2125550198,2026-11-25,10:00,30",
            ),
            doctor,
            visit,
        ).lines

        assert early.why == "It is outside their hours: change the hours first."
        assert closed.why == busy.why == "A closure or busy time is then: change that first."
        assert [line.verdict for line in (early, closed, busy, free)] == [Verdict.OUTSIDE] * 3 + [Verdict.IN]

    def test_two_thousand_rows_take_a_handful_of_queries(self, doctor, visit, django_assert_max_num_queries):
        for n in range(3):
            make.appointment(starts_at=f"2027-01-0{n + 4}T21:00Z", practitioner=doctor, visit_type=visit)
        bring_in(table(*(f"Patient,2125550123,2026-12-0{n + 1},9:00,30" for n in range(3))), doctor, visit)
        text = table(
            *(f"Patient,2125550123,2026-12-0{n + 1},9:00,30" for n in range(3)),
            *(
                f"Patient {n},2125550123,2027-{n % 12 + 1:02}-{n // 12 % 28 + 1:02},{9 + n // 336}:00,30"
                for n in range(2000)
            ),
        )

        with django_assert_max_num_queries(10):
            plan = planned(text, doctor, visit)

        assert plan.counts == {Verdict.IN: 2000, Verdict.HERE: 3}


@pytest.mark.django_db
class TestComingIn:
    def test_an_appointment_comes_in_booked_with_its_own_length_and_nobody_is_told(self, doctor, visit):
        VisitType.objects.update(buffer_minutes=10)
        visit.refresh_from_db()

        bring_in(table("=cmd|' /C calc'!A0,(212) 555-0123,2026-11-24,9:00,45"), doctor, visit)

        given = Appointment.objects.get()
        assert given.slot == (
            TUESDAY_9, datetime(2026, 11, 24, 14, 45, tzinfo=UTC), datetime(2026, 11, 24, 14, 55, tzinfo=UTC),
            doctor.pk, visit.pk,
        )  # fmt: skip
        assert (given.status, given.inquiry.status, given.inquiry.screening) == ("booked", "closed", "passed")
        assert given.inquiry.name == "=cmd|' /C calc'!A0"
        assert (given.inquiry.contact_by, given.inquiry.phone_e164) == ("phone", "+12125550123")
        assert " #32105552121" in given.inquiry.search_words
        assert given.inquiry.answered_at
        assert not given.inquiry.sum_solved
        assert not Email.objects.exists()
        assert not CallTask.objects.exists()

    def test_who_has_only_an_email_is_reached_by_it(self, doctor, visit):
        bring_in("name,email,start\nRosa,rosa@example.com,2026-11-24 9:00", doctor, visit)

        assert Inquiry.objects.get().contact_by == "email"

    def test_the_history_says_who_brought_it(self, doctor, visit):
        bring_in(table("Rosa,2125550123,2026-11-24,9:00,30"), doctor, visit)

        for row in (Appointment.objects.get(), Inquiry.objects.get()):
            assert row.events.get().pgh_context.metadata["actor"] == "staff"

    def test_a_patient_without_a_number_comes_in_with_name_and_pause_and_stands_in_the_list_of_calls(
        self, doctor, visit
    ):
        VisitType.objects.update(buffer_minutes=10)
        visit.refresh_from_db()
        text = table("Rosa Lind,,2026-11-24,9:00,30", "Sam,2125550177,2026-11-24,10:00,30", "Ann,,2026-12-24,9:00,30")

        plan = bring_in(text, doctor, visit)

        assert [line.why for line in plan.lines] == ["No number yet: it will stand in the list of calls.", "",
                                                     "No number yet: it will stand in the list of calls."]  # fmt: skip
        given = Appointment.objects.get(inquiry__name="Rosa Lind")
        assert given.slot[:3] == (
            TUESDAY_9, datetime(2026, 11, 24, 14, 30, tzinfo=UTC), datetime(2026, 11, 24, 14, 40, tzinfo=UTC),
        )  # fmt: skip
        assert (given.inquiry.contact_by, given.inquiry.status) == ("not_yet", "closed")
        calls = CallTask.objects.open()
        assert [(call.inquiry.name, call.kind, call.appointment.starts_at) for call in calls] == [
            ("Rosa Lind", "no_number", TUESDAY_9),
            ("Ann", "no_number", datetime(2026, 12, 24, 14, tzinfo=UTC)),
        ]
        # Before the visit begins, or with the next answers that are due.
        assert [call.due_at for call in calls] == [TUESDAY_9, calls[1].inquiry.answer_by]
        assert not BusyBlock.objects.exists()

    def test_what_is_cut_from_a_name_stays_outside(self, doctor, visit):
        bring_in(table("Rosa Lind (DOB 3/4/1950) needs interpreter 212 555 0123,,2026-11-24,9:00,30"), doctor, visit)

        inquiry = Inquiry.objects.get()
        assert (inquiry.name, inquiry.phone, inquiry.contact_by) == ("Rosa Lind", "212 555 0123", "phone")
        kept = str(Inquiry.objects.values().get()) + str(Appointment.objects.values().get())
        assert [words for words in ("3/4", "1950", "interpreter") if words in kept] == []

    @pytest.mark.parametrize("title", ["Walk-in", "LUNCH", "Staff meeting", "Blocked (do not book)", "OR"])
    def test_what_names_no_patient_is_kept_as_busy_time(self, doctor, visit, title):
        text = table(f"{title},,2026-11-24,9:00,30")

        plan = bring_in(text, doctor, visit)

        assert plan.lines[0].why == "It names no patient."
        assert not Inquiry.objects.exists()
        assert BusyBlock.objects.get().starts_at == TUESDAY_9
        assert TUESDAY_9 not in [slot.starts_at for slot in make.slots(doctor, TUESDAY_9.date())]

    @pytest.mark.parametrize(
        "text",
        [
            table(
                "Rosa,2125550123,2026-11-24,9:00,30", "Walk-in,,2026-11-24,10:00,30", "Ann,,2026-11-24,11:00,30",
            ),
            calendar(
                "UID:a\nDTSTART:20261124T090000\nSUMMARY:Rosa 212 555 0123",
                "UID:b\nDTSTART:20261124T100000\nSUMMARY:Lunch", "UID:c\nDTSTART:20261124T110000\nSUMMARY:Ann",
            ),
        ],
    )  # fmt: skip
    def test_nothing_comes_in_twice(self, doctor, visit, text):
        bring_in(text, doctor, visit)

        assert verdicts(text, doctor, visit) == [Verdict.HERE] * 3
        bring_in(text, doctor, visit)
        assert (Appointment.objects.count(), BusyBlock.objects.count(), CallTask.objects.count()) == (2, 1, 1)

    def test_what_was_kept_as_busy_time_before_names_came_in_without_numbers_is_here(self, doctor, visit):
        BusyBlock.objects.create(practitioner=doctor, starts_at=TUESDAY_9, ends_at="2026-11-24T14:30Z")

        (line,) = planned(table("Rosa Lind,,2026-11-24,9:00,30"), doctor, visit).lines

        assert (line.verdict, line.why) == (Verdict.HERE, "It is kept as busy time.")

    def test_an_event_that_was_moved_here_since_is_here_already(self, doctor, visit):
        text = calendar("UID:a\nDTSTART:20261124T090000\nDURATION:PT30M\nSUMMARY:Rosa 212 555 0123")
        bring_in(text, doctor, visit)
        Appointment.objects.update(
            starts_at="2026-11-25T15:00Z", ends_at="2026-11-25T15:30Z", blocked_until="2026-11-25T15:30Z"
        )

        (line,) = planned(text, doctor, visit).lines

        assert line.verdict == Verdict.HERE
        assert "(Nov. 25, 2026, 10 a.m.)" in line.why

    def test_a_row_that_stands_twice_in_a_file_comes_in_once(self, doctor, visit):
        line = "Rosa,2125550123,2026-11-24,9:00,30"

        plan = bring_in(table(line, line), doctor, visit)

        assert plan.lines[1].why == "The same as row 2 of this file."
        assert Appointment.objects.count() == 1

    def test_what_has_one_id_and_two_times_comes_in_once_and_is_said(self, doctor, visit):
        text = calendar(
            *(f"UID:a\nDTSTART:20261124T{hour}0000\nSUMMARY:Rosa 212 555 0123" for hour in ("09", "10")),
            "UID:a\nRECURRENCE-ID:20261201T090000\nDTSTART:20261124T110000\nSUMMARY:Rosa 212 555 0123",
        )

        first, second, changed_day = bring_in(text, doctor, visit).lines

        assert [line.verdict for line in (first, second, changed_day)] == [Verdict.IN, Verdict.UNREADABLE, Verdict.IN]
        assert second.why == "It is row 1 of this file once more, at another time or for longer."

    def test_hundreds_of_rows_come_in_with_few_queries(self, doctor, visit, django_assert_max_num_queries):
        text = table(*(f"Patient {n},2125550123,2027-{n % 12 + 1:02}-{n // 12 + 1:02},9:00,30" for n in range(336)))
        digest, by = planned(text, doctor, visit).digest, Actor.staff(make.user(roles.MANAGER))

        with django_assert_max_num_queries(25) as queries:
            carry_out(content=text.encode(), practitioner=doctor, visit_type=visit, digest=digest, by=by)

        assert Appointment.objects.count() == 336
        assert any("FOR NO KEY UPDATE" in query["sql"] for query in queries.captured_queries)

    def test_what_clashes_comes_in_overbooked_row_by_row_and_says_why(self, doctor, visit):
        held = make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)
        Closure.objects.create(name="Ice", starts_at="2026-11-25T14:00Z", ends_at="2026-11-25T15:00Z")
        text = table(
            "Rosa,2125550123,2026-11-24,9:00,30",
            "Sam,2125550177,2026-11-24,9:15,30",
            "Ann,2125550199,2026-11-24,11:00,30",
            "Ben,2125550198,2026-11-24,11:15,30",
            "Ida,2125550197,2026-11-24,8:00,30",
            "Lou,2125550196,2026-11-25,9:00,30",
            "Lunch,,2026-11-24,9:00,30",
        )

        plan = bring_in(text, doctor, visit, overbook=(2, 4, 5, 6, 7, 8, 99))

        assert [line.verdict for line in plan.lines] == [
            Verdict.OVERBOOKED, Verdict.CLASH, Verdict.IN, Verdict.OVERBOOKED, Verdict.OVERBOOKED, Verdict.OVERBOOKED,
            Verdict.CLASH,
        ]  # fmt: skip
        given = Appointment.objects.exclude(pk=held.pk).order_by("starts_at")
        assert [(each.inquiry.name, each.status, each.overbook_reason) for each in given] == [
            ("Ida", "booked", "From another calendar. It is outside their hours: change the hours first."),
            ("Rosa", "booked",
             f"From another calendar. It clashes with {held.inquiry.shown_reference} (Nov. 24, 2026, 9 a.m.)."),
            ("Ann", "booked", ""),
            ("Ben", "booked", "From another calendar. It clashes with row 4 of this file."),
            ("Lou", "booked", "From another calendar. A closure or busy time is then: change that first."),
        ]  # fmt: skip
        assert [each.overbooked for each in given] == [True, True, False, True, True]
        assert [verdict for verdict in verdicts(text, doctor, visit) if verdict == Verdict.HERE] == [Verdict.HERE] * 5

    def test_a_plan_that_changed_is_not_carried_out(self, doctor, visit):
        text = table("Rosa,2125550123,2026-11-24,9:00,30", "Sam,2125550177,2026-11-24,10:00,30")
        digest = planned(text, doctor, visit).digest
        make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)

        with pytest.raises(PlanChanged) as changed:
            bring_in(text, doctor, visit, digest)

        assert [line.verdict for line in changed.value.plan.lines] == [Verdict.CLASH, Verdict.IN]
        assert Appointment.objects.count() == 1

    def test_the_database_refuses_what_slips_through_and_then_nothing_came_in(self, doctor, visit, monkeypatch):
        make.appointment(starts_at="2026-11-24T15:00Z", practitioner=doctor, visit_type=visit)
        monkeypatch.setattr("appointments.bookings.imports.taken.Times.clash", lambda self, slot, **more: None)
        text = table(
            "Rosa,2125550123,2026-11-24,9:00,30", "Sam,2125550177,2026-11-24,10:00,30", "Lunch,,2026-11-24,11:00,30"
        )

        with pytest.raises(SlotTaken):
            bring_in(text, doctor, visit)

        assert (Appointment.objects.count(), Inquiry.objects.count(), BusyBlock.objects.count()) == (1, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_in_the_same_file_at_once_bring_it_in_once():
    visit = make.visit_type()
    doctor = make.practitioner(visit=visit)
    text = table(*(f"Patient {n},2125550123,2026-11-24,{9 + n}:00,30" for n in range(8)))
    digest = planned(text, doctor, visit).digest

    ended = at_once(*[lambda: bring_in(text, doctor, visit, digest)] * 3)

    assert ended == {"ok": 1, "PlanChanged": 2}
    assert Appointment.objects.count() == 8


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def manager(self, client):
        client.force_login(make.user(roles.MANAGER))
        return client

    def dry_run(self, manager, doctor, visit, text: str | bytes) -> str:
        file = SimpleUploadedFile("old.csv", text if isinstance(text, bytes) else text.encode())
        data = {"file": file, "practitioner": doctor.pk, "visit_type": visit.pk}
        return manager.post(PAGE, data).content.decode()

    def agree(self, manager, html: str, **ticked: list[str]):
        fields = re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', html)
        assert {name for name, _value in fields} >= {"content", "digest"}
        return manager.post(PAGE, dict(fields) | ticked, follow=True)

    def next_step(self, manager, html: str, **said) -> str:
        """What the page leads to when nothing but `said` is typed on it: no file is chosen again."""
        return manager.post(PAGE, {"content": self.kept(html), **said}).content.decode()

    def kept(self, html: str) -> str:
        return re.search(r'<input type="hidden" name="content"(?: value="([^"]*)")?', html)[1] or ""

    def asked(self, html: str) -> list[str]:
        return re.findall(r'<(?:select|input type="file") name="(\w+)"', html)

    def test_a_file_that_says_all_is_one_step_from_its_dry_run(self, manager, doctor, visit):
        assert self.asked(manager.get(PAGE).content.decode()) == ["file"]
        text = 'name,phone,practitioner,visit type,start\nRosa,2125550123,"Jane Doe, MD",First visit,2026-11-24 9:00'
        file = SimpleUploadedFile("old.csv", text.encode())

        html = manager.post(PAGE, {"file": file}).content.decode()

        assert "Of 1 row: 1 comes in." in html
        self.agree(manager, html)
        assert Appointment.objects.get().practitioner == doctor

    @pytest.mark.parametrize(
        ("columns", "row", "asked"),
        [
            ("practitioner,start", '"Jane Doe, MD",2026-11-24 9:00', "visit_type"),
            ("visit type,start", "First visit,2026-11-24 9:00", "practitioner"),
        ],
    )
    def test_what_the_file_does_not_say_is_asked_and_nothing_else(self, manager, doctor, visit, columns, row, asked):
        text = f"name,{columns}\nRosa,{row}\nSam,{row.replace('9:00', 'at ten')}\nAnn,{row.replace('9:00', '10:00')}"
        file = SimpleUploadedFile("old.csv", text.encode())

        html = manager.post(PAGE, {"file": file}).content.decode()

        assert self.asked(html) == [asked, "file"]
        assert "“old.csv” is here." in html
        assert "Of 3 rows, 2 do not say it." in html
        assert "This field is required." not in html
        html = self.next_step(manager, html, **{asked: ""})
        assert self.asked(html) == [asked, "file"]
        assert "This field is required." in html
        html = self.next_step(manager, html, **{asked: {"practitioner": doctor, "visit_type": visit}[asked].pk})
        assert "Of 3 rows: 1 stays out, 2 come in." in html
        self.agree(manager, html)
        assert Appointment.objects.filter(practitioner=doctor, visit_type=visit).count() == 2

    @pytest.mark.parametrize(("answer", "day"), [("month", "Dec. 5"), ("day", "May 12")])
    def test_what_stands_first_in_its_dates_is_asked_where_none_says_it(self, manager, doctor, visit, answer, day):
        file = SimpleUploadedFile("old.csv", table("Rosa,,12/5/2026,9:00,30").replace("2026", "2027").encode())
        html = manager.post(PAGE, {"file": file}).content.decode()

        assert "“12/5/2027” in this file is" in html
        assert re.findall(r'type="radio" name="dates" value="(\w+)"', html) == ["month", "day"]
        assert "This field is required." in self.next_step(manager, html, dates="")
        html = self.next_step(manager, html, dates=answer)
        html = self.next_step(manager, html, practitioner=doctor.pk, visit_type=visit.pk)

        assert f"{day}, 2027, 9 a.m." in html

    @pytest.mark.parametrize(
        ("day", "asked", "said"),
        [
            ("Sat, 12/5/2026", "“12/5/2026” in this file is", "Of 1 row: 1 comes in."),
            ("1/12/2026", "“1/12/2026” in this file is", "All appointments in this file are over."),
        ],
    )
    def test_what_was_answered_may_leave_nothing_to_come(self, manager, doctor, visit, day, asked, said):
        file = SimpleUploadedFile("old.csv", f'name,start\nRosa,"{day} 9:00"'.encode())
        html = manager.post(PAGE, {"file": file}).content.decode()
        assert asked in html

        html = self.next_step(manager, html, dates="month")
        if "All" not in said:
            html = self.next_step(manager, html, practitioner=doctor.pk, visit_type=visit.pk)

        assert said in html

    def test_another_file_takes_the_place_of_the_one_that_is_kept_unless_it_cannot_be_read(
        self, manager, doctor, visit
    ):
        text = table("Rosa,2125550123,2026-11-24,9:00,30")
        html = manager.post(PAGE, {"file": SimpleUploadedFile("old.csv", text.encode())}).content.decode()
        said = {"practitioner": doctor.pk, "visit_type": visit.pk}

        broken = self.next_step(manager, html, file=SimpleUploadedFile("photo.jpg", b"\xff\x00"), **said)
        assert "This file is no text in UTF-8." in broken
        assert "“old.csv” is kept: without another file, the next step takes it." in broken
        assert self.kept(broken) == self.kept(html)

        other = table("Sam,2125550177,2026-11-24,9:00,30").encode()
        shown = self.next_step(manager, html, file=SimpleUploadedFile("new.csv", other), **said)
        self.agree(manager, shown)
        assert Inquiry.objects.get().name == "Sam"

    def test_a_dry_run_stores_nothing_and_agreeing_brings_in_what_it_said(self, manager, doctor, visit):
        html = self.dry_run(
            manager,
            doctor,
            visit,
            table(
                "<b>Rosa</b>,2125550123,2026-11-24,9:00,30",
                "Walk-in,,2026-11-24,10:00,30",
                "Sam,2125550177,2026-11-24,9:15,30",
            ),
        )

        assert "Of 3 rows: 1 clashes, 1 is kept as busy time, 1 comes in." in html
        assert "Bring in 1 appointment, and those that I ticked<" in html
        assert html.index("It clashes with row 2 of this file.") < html.index("Walk-in") < html.index(escape("<b>Rosa"))
        assert "Tue, Nov. 24, 2026, 9 a.m. – 9:30 a.m." in html
        assert not Appointment.objects.exists()

        answer = self.agree(manager, html)

        assert answer.redirect_chain == [("/admin/appointments/appointment/", 302)]
        assert "1 appointment came in, 1 kept as busy time." in answer.content.decode()
        assert Appointment.objects.get().inquiry.name == "<b>Rosa</b>"

    def test_what_changed_since_the_dry_run_is_shown_again(self, manager, doctor, visit):
        html = self.dry_run(
            manager, doctor, visit, table("Rosa,2125550123,2026-11-24,9:00,30", "Sam,2125550177,2026-11-24,10:00,30")
        )
        make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)

        again = self.agree(manager, html).content.decode()

        assert "Nothing came in yet: the calendar changed since you looked." in again
        assert "Of 2 rows: 1 clashes, 1 comes in." in again
        self.agree(manager, again)
        assert Appointment.objects.count() == 2

    def test_what_the_database_refuses_is_a_sentence(self, manager, doctor, visit, monkeypatch):
        html = self.dry_run(manager, doctor, visit, table("Rosa,2125550123,2026-11-24,9:00,30"))

        def refuse(**kwargs):
            raise SlotTaken from IntegrityError()

        monkeypatch.setattr(bring_in_page, "carry_out", refuse)

        assert "Nothing came in yet" in self.agree(manager, html).content.decode()

    def test_a_file_that_cannot_be_read_is_a_sentence_beside_the_field(self, manager, doctor, visit):
        assert "This file is no text in UTF-8." in self.dry_run(manager, doctor, visit, b"\xff\x00")
        assert "The submitted file is empty." in self.dry_run(manager, doctor, visit, b"")
        assert "This field is required." in manager.post(PAGE, {}).content.decode()

    def test_the_dry_run_shows_what_is_cut_from_a_name(self, manager, doctor, visit):
        html = self.dry_run(
            manager, doctor, visit, table("Rosa Lind (DOB 3/4/1950) 212 555 0123 brings MRI,,2026-11-24,9:00,30")
        )

        assert "Cut from 1 row: what is no name or number does not come in." in html
        assert "Rosa Lind<br>212 555 0123<br><small>Cut: “DOB 3/4/1950”, “brings MRI”</small>" in html

    CLASHING = table(
        "Rosa,2125550123,2026-11-24,9:00,30", "Sam,2125550177,2026-11-24,9:15,30", "Ann,,2026-11-24,11:00,"
    )

    def test_what_clashes_is_ticked_row_by_row(self, manager, doctor, visit):
        html = self.dry_run(manager, doctor, visit, self.CLASHING)
        assert re.findall(r'<input type="checkbox" name="overbook" value="(\d+)" form="bring-in">', html) == ["3"]
        assert html.count("Bring in 2 appointments, and those that I ticked<") == 2

        answer = self.agree(manager, html, overbook=["3"])

        assert (
            "3 appointments came in, 1 of them overbooked, 0 kept as busy time, 1 without a number yet, in the list of "
            "calls."
        ) in answer.content.decode()
        assert Appointment.objects.get(overbooked=True).inquiry.name == "Sam"

    def test_where_nothing_but_clashes_is_there_and_none_is_ticked_the_rows_stay(self, manager, doctor, visit):
        make.appointment(starts_at="2026-11-24T14:00Z", practitioner=doctor, visit_type=visit)
        html = self.dry_run(manager, doctor, visit, table("Rosa,2125550123,2026-11-24,9:00,30"))
        assert html.count("Bring in those that I ticked<") == 2

        again = self.agree(manager, html).content.decode()

        assert "Nothing came in: tick a row that is to come in overbooked." in again
        self.agree(manager, again, overbook=["2"])
        assert Appointment.objects.filter(overbooked=True).count() == 1

    def test_what_was_ticked_stays_ticked_where_the_calendar_changed(self, manager, doctor, visit):
        html = self.dry_run(manager, doctor, visit, self.CLASHING)
        make.appointment(starts_at="2026-11-24T16:00Z", practitioner=doctor, visit_type=visit)

        again = self.agree(manager, html, overbook=["3"]).content.decode()

        assert re.findall(r'name="overbook" value="(\d+)" form="bring-in"( checked)?', again) == [
            ("3", " checked"),
            ("4", ""),
        ]
        assert not Inquiry.objects.filter(name="Sam").exists()

    def test_only_who_may_overbook_ticks(self, client, doctor, visit):
        may_add = Permission.objects.filter(codename__in=["add_appointment", "view_appointment"])
        adder = make.user()
        adder.user_permissions.set(may_add)
        client.force_login(adder)
        html = self.dry_run(client, doctor, visit, self.CLASHING)
        assert "It clashes with row 2" in html
        assert "overbook" not in html

        assert self.agree(client, html, overbook=["3"]).status_code == 403
        assert not Appointment.objects.exists()

    @pytest.mark.parametrize("number", ["x", "-3", "9" * 30, ""])
    def test_what_no_row_has_is_no_number(self, manager, doctor, visit, number):
        html = self.dry_run(manager, doctor, visit, self.CLASHING)

        assert self.agree(manager, html, overbook=[number]).status_code == 400

    def test_a_column_that_means_nothing_here_is_named(self, manager, doctor, visit):
        html = self.dry_run(manager, doctor, visit, "name,phone,start,Doctor\nRosa,2125550123,2026-11-24 9:00,x")

        assert "These columns mean nothing here and are left out: Doctor." in html

    def test_a_large_file_comes_back_with_its_page(self, manager, doctor, visit):
        lines = (f"Patient {n} {'é' * 120},2125550123,2027-01-04,9:00,30" for n in range(1999))

        html = self.dry_run(manager, doctor, visit, table(*lines))

        assert "1 appointment came in" in self.agree(manager, html).content.decode()

    def test_only_our_own_dry_run_is_carried_out(self, manager, doctor, visit):
        made_up = {"practitioner": doctor.pk, "visit_type": visit.pk, "content": "eJw:x:y", "digest": "x"}
        assert manager.post(PAGE, made_up).status_code == 400

        html = self.dry_run(manager, doctor, visit, table("Rosa,2125550123,2026-11-24,9:00,30"))
        type(doctor).objects.update(is_active=False)

        again = self.agree(manager, html).content.decode()
        assert "the practitioner or the kind of visit is gone" in again
        assert not Appointment.objects.exists()
        other = make.practitioner("John Roe, MD", visit=visit)
        shown = self.next_step(manager, again, practitioner=other.pk, visit_type=visit.pk)
        self.agree(manager, shown)
        assert Appointment.objects.get().practitioner == other

    @pytest.mark.parametrize(
        ("role", "status"), [(roles.MANAGER, 200), (roles.FRONT_DESK, 403), (roles.CLINICIAN, 403)]
    )
    def test_only_who_may_add_appointments_brings_them_in(self, client, role, status):
        client.force_login(make.user(role))

        assert client.get(PAGE).status_code == status
        assert client.post(PAGE, {}).status_code == status

    def test_the_example_on_the_page_can_be_read(self, manager):
        html = manager.get(PAGE).content.decode()
        example = re.search(r"<pre[^>]*>(.*?)</pre>", html, re.DOTALL)[1].replace("&quot;", '"')

        assert [row.problem for row in rows(example)] == ["", ""]


def test_what_one_file_calls_a_time_zone_is_forgotten_before_the_next():
    def file(offset: str) -> bytes:
        zone = (
            "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
            f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        )
        event = (
            "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Rosa Lind 212 555 0123\r\n"
            "DTSTART;TZID=Customized Time Zone:20261124T090000\r\nDURATION:PT30M\r\nEND:VEVENT\r\n"
        )
        return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{zone}{event}END:VCALENDAR\r\n".encode()

    read = [files.read(file(offset), ZoneInfo("UTC")) for offset in ("-0500", "+0100")]

    assert [reading.rows[0].starts_at.astimezone(UTC).hour for reading in read] == [14, 8]


@pytest.mark.django_db
def test_a_row_is_known_by_what_it_was_known_by_before_searches_folded_more():
    doctor, visit = make.practitioner(), make.visit_type()

    bring_in(table("Łukasz J.R. O'Núñez_Groß,(212) 555-0123,2026-11-24,9:00,45"), doctor, visit)

    known_by = repr((doctor.pk, TUESDAY_9.isoformat(), "łukasz j.r. o nunez_gross"))
    digest = salted_hmac("appointments.importing", known_by, algorithm="sha256").hexdigest()
    assert Inquiry.objects.get().submission_id == f"import:{digest[:57]}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        table("Rosa Lind (DOB 3/4/1950),212 555 0123,2026-11-24,9:00,45"),
        calendar("DTSTART:20261124T090000\nDURATION:PT45M\nSUMMARY:212 555 0123 Rosa Lind (DOB 3/4/1950)"),
    ],
)
def test_a_row_is_known_by_what_it_was_known_by_before_dates_were_cut(text):
    doctor, visit = make.practitioner(), make.visit_type()

    bring_in(text, doctor, visit)

    known_by = repr((doctor.pk, TUESDAY_9.isoformat(), "rosa lind dob 3 4 1950"))
    digest = salted_hmac("appointments.importing", known_by, algorithm="sha256").hexdigest()
    assert Inquiry.objects.get().submission_id == f"import:{digest[:57]}"
