"""What other programs write into their files: folded inside a letter, years of it, in zones of their own, zipped."""

import io
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appointments.bookings.imports import files
from appointments.bookings.imports.files import Reading
from appointments.models import Appointment
from clinic.accounts import roles
from tests import make
from tests.appointments.bookings.test_imports import PAGE, calendar

pytestmark = pytest.mark.usefixtures("monday_noon")
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY_9 = datetime(2026, 11, 24, 14, tzinfo=UTC)


def read(content: bytes) -> Reading:
    reading = files.read(content, NEW_YORK)
    assert not reading.problem, reading.problem
    return reading


def zipped(**inside: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


def lzma(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.ics", content)
    return packed.getvalue()


LOCKED = "This .zip is locked with a password: unpack it"
EVENT = "UID:a\nDTSTART:20261124T090000\nDURATION:PT30M\nSUMMARY:"


class TestBytes:
    @pytest.mark.parametrize("fold", [b"\r\n ", b"\r\n\t", b"\n "])
    def test_a_line_may_be_folded_inside_a_letter(self, fold):
        content = (
            calendar(EVENT + "Zoë Späth 212 555 0123").encode().replace(b"p\xc3\xa4th", b"p\xc3" + fold + b"\xa4th")
        )
        assert fold in content

        (row,) = read(content).rows

        assert (row.problem, row.name, row.phone) == ("", "Zoë Späth", "212 555 0123")

    def test_a_broken_byte_costs_its_event_and_not_the_file(self):
        content = calendar(EVENT + "Rosa Nunez", EVENT.replace(":a", ":b") + "Sam").encode().replace(b"Nun", b"N\xfan")

        broken, fine = read(content).rows

        assert (broken.name, broken.problem) == ("Rosa N\ufffdnez".replace("n\ufffd", "\ufffd"), BROKEN)
        assert (fine.name, fine.problem) == ("Sam", "")

    def test_a_broken_byte_in_what_is_not_read_costs_nothing(self):
        content = calendar(EVENT + "Rosa\nLOCATION:Caf=").encode().replace(b"=", b"\xe9")

        assert [row.problem for row in read(content).rows] == [""]

    def test_a_broken_byte_costs_its_row_of_a_table(self):
        broken, fine = read(
            "name,start\nRosa Núñez,2026-11-24 9:00\n".encode("latin-1") + b"Sam,2026-11-24 9:30\n"
        ).rows

        assert (broken.problem, fine.problem) == (BROKEN, "")

    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize(
        "text",
        ["name\tstart\nRosa Núñez\t2026-11-24 9:00\n", calendar(EVENT + "Rosa Núñez")],
        ids=["table", "calendar"],
    )
    def test_what_a_program_saved_as_unicode_text_is_read(self, text, encoding, mark):
        content = (mark + text).encode(encoding)

        assert [[row.name for row in read(each).rows] for each in (content, content + b"\n")] == [["Rosa Núñez"]] * 2

    def test_a_broken_letter_of_it_costs_its_row(self):
        text = "name,start\nRosa N\ud800,2026-11-24 9:00\nSam,2026-11-24 9:30\n"

        broken, fine = read(text.encode("utf-16-le", "surrogatepass")).rows

        assert (broken.problem, fine.problem) == (BROKEN, "")

    @pytest.mark.parametrize("encoding", ["utf-32", "utf-32-be", "cp1252", "cp500"])
    def test_another_encoding_is_a_sentence(self, encoding):
        content = "name,start\nRosa Núñez,2026-11-24 9:00\n".encode(encoding)

        assert files.read(content, NEW_YORK).problem.startswith(("This file is no text in UTF-8", "The first line"))

    def test_what_tells_spreadsheet_programs_the_separator_is_no_line_of_names(self):
        (row,) = read("\ufeffsep=;\r\nname;start\r\nLind, Rosa;2026-11-24 9:00\r\n".encode()).rows

        assert (row.number, row.name, row.starts_at) == (2, "Lind, Rosa", TUESDAY_9)


BROKEN = "A letter in it is broken: it is no text in UTF-8."


class TestSize:
    def test_what_is_long_over_is_counted_and_what_is_to_come_is_read(self):
        old = "UID:{0}\nDTSTART:20190104T090000\nDTEND:20190104T093000\nSUMMARY:Patient {0}\nLOCATION:" + "x" * 300
        content = calendar(*(old.format(n) for n in range(16_568)), EVENT + "Rosa 212 555 0123").encode()
        assert len(content) > 5_800_000

        reading = read(content)

        assert (reading.over, [row.number for row in reading.rows]) == (16_568, [16_569])
        # What its page carries along reads the same, and is small.
        again = read(reading.kept)
        assert (again.over, again.rows, again.kept) == (reading.over, reading.rows, reading.kept)
        assert len(reading.kept) < len(content) / 4

    @pytest.mark.parametrize(
        ("event", "is_over"),
        [
            ("DTSTART:20190104T090000\nDTEND:20190104T093000", True),
            ("DTSTART:20261122T090000\nDTEND:20261122T093000", False),
            ("DTSTART:20190104T090000\nDTEND:20270104T093000", False),
            ("DTSTART:20190104T090000\nDURATION:PT30M", True),
            ("DTSTART:20261110T090000\nDURATION:P30D", False),
            ("DTSTART:20190104T090000\nRRULE:FREQ=WEEKLY", False),
            ("DTSTART:20190104T090000\nRRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z", True),
            ("DTSTART:20190104T090000\nRRULE:FREQ=WEEKLY;UNTIL=20300101T000000Z", False),
            ("DTSTART:20190104T090000\nRDATE:20261201T090000", False),
            ("DTSTART:02190104T090000", False),
            ("DTSTART:soon", False),
        ],
    )
    def test_only_what_can_not_be_to_come_is_over(self, event, is_over):
        reading = read(calendar(event + "\nSUMMARY:Rosa", EVENT + "Sam").encode())

        assert (reading.over, len(reading.rows)) == ((1, 1) if is_over else (0, 2))

    LONG = "It holds more than any appointment does: enter it by hand."

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("EXDATE:20261225T090000\n" * 2000, LONG),
            ("RDATE:" + ",".join(["20261225T090000"] * 5000), LONG),
            ("DTEND" + ";A=B" * 20_000 + ":20261124T093000", LONG),
            ("ATTENDEE:mailto:a@example.com\n" * 5000, ""),
            ("DESCRIPTION:" + "x" * 100_000, ""),
        ],
    )
    def test_an_event_that_holds_more_than_any_does_is_not_waited_for(self, line, problem):
        reading = read(calendar(EVENT + "Rosa\n" + line, EVENT.replace(":a", ":b") + "Sam").encode())

        assert [(row.name, row.problem) for row in reading.rows] == [("Rosa", problem), ("Sam", "")]
        assert read(reading.kept).rows == reading.rows
        assert len(reading.kept) < 70_000

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"BEGIN:VCALENDAR\n" + b"BEGIN:A\n" * 21, "This calendar file is broken. Export it again."),
            (b"name,start" + b",x" * 200, "There are more than 200 columns."),
        ],
    )
    def test_what_is_deeper_or_wider_than_any_file_is_refused(self, content, problem):
        assert problem in files.read(content, NEW_YORK).problem

    def test_so_it_is_in_a_table(self):
        lines = [f"Patient,{n % 12 + 1}/4/2019,9:00" for n in range(5_482)]
        reading = read("\n".join(["name,date,time", *lines, "Rosa,11/24/2026,9:00"]).encode())

        assert (reading.over, [row.number for row in reading.rows]) == (5_482, [5_484])

    def test_as_many_rows_as_a_clinic_has_in_a_year_may_be_to_come(self):
        content = b"name,start\n" + b"a,2026-11-24 9:00\n" * 5_482

        assert len(read(content).rows) == 5_482


class TestZips:
    CALENDAR = calendar(EVENT + "Rosa 212 555 0123").encode()

    def test_the_only_calendar_in_it_is_read(self):
        content = zipped(clinic__ics=self.CALENDAR, readme__txt=b"hello")

        assert [row.name for row in read(content).rows] == ["Rosa"]

    def test_so_it_is_among_what_other_programs_put_beside_it(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name in (
                "a.ics/", "a.ics/notes.csv", "__MACOSX/b/._Clinic.ICS", "b/__MACOSX/x.ics", "b/._x.ics", ".DS_Store",
            ):  # fmt: skip
                archive.writestr(name, b"\x00\x05")
            archive.writestr("b/Clinic.ICS", self.CALENDAR)

        assert [row.name for row in read(packed.getvalue()).rows] == ["Rosa"]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (zipped(a__ics=CALENDAR, b__ics=CALENDAR), "several calendars in this .zip: a.ics, b.ics. Unpack it"),
            (zipped(readme__txt=b"hello"), "There is no calendar (.ics) in this .zip."),
            (zipped(a__ics=b"a" * 20_000_001), "larger than 20 MB"),
            (zipped(a__ics=CALENDAR)[:-9], "This .zip cannot be opened"),
            (zipped(), "There is no calendar (.ics) in this .zip."),
            (
                zipped(a__ics=CALENDAR).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
                LOCKED,
            ),
            (zipped(**{f"a{n}__txt": b"" for n in range(2001)}), "too many files in this .zip"),
            (zipped(**{"xl/workbook__xml": b""}), "This is a workbook of a spreadsheet program"),
            (lzma(CALENDAR), "This .zip cannot be opened"),
            (zipped(a__ics=zipped(a__ics=CALENDAR)), "no text in UTF-8"),
        ],
    )
    def test_what_is_none_is_one_sentence(self, content, problem):
        assert problem in files.read(content, NEW_YORK).problem


class TestZones:
    RULES = (
        "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T020000\r\n"
        "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r\nTZOFFSETFROM:-0500\r\n"
        "TZOFFSETTO:-0400\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    )

    @pytest.mark.parametrize(
        ("name", "hour"),
        [
            ("America/New_York", 9),
            ("Eastern Standard Time", 9),
            ('"(UTC-05:00) Eastern Time (US & Canada)"', 9),
            ("(UTC-05:00) Eastern Time (US & Canada)", 9),
            ('"(GMT-08:00) Pacific Time (US & Canada)"', 6),
            ('"(UTC-07:00) Arizona"', 7),
            ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', 15),
            ("/freeassociation.sourceforge.net/America/Chicago", 8),
            ("US/Eastern", 9),
            ('"(UTC) Coordinated Universal Time"', 14),
            ('"UTC-05:00"', 9),
            ("UTC+01:00", 15),
            ("GMT-0500", 9),
            ("Etc/GMT+5", 9),
            ("/freeassociation.sourceforge.net/Etc/GMT+5", 9),
            ('"America/New_York"', 9),
            ("America/New York", 9),
            ("america/new_york", 9),
            ("EDT", 9),
            ("EST", 9),
            ("PST", 6),
            ("EST5EDT", 9),
            ('"EST5EDT,M3.2.0,M11.1.0"', 9),
            ("EASTERN STANDARD TIME", 9),
            ("Central Standard Time (Mexico)", 8),
            ("Central Time (Mexico)", 8),
            ("Pacific Daylight Time (Mexico)", 6),
            ('"(UTC-07:00) Mountain Time (US & Canada)"', 7),
            ('"(UTC-05:00) Indiana (East)"', 9),
            ('"(GMT-06:00) Central Time - Regina"', 8),
            ("GMT Standard Time", 14),
            ("tzone://Microsoft/Utc", 14),
            ('"(UTC-04:00) Georgetown, La Paz, Manaus, San Juan"', 10),
            ('"(GMT-05.00) Eastern Time (US and Canada)"', 9),
            ('"UTC\u221205:00"', 9),
            ("-0500", 9),
            ('"-05:00"', 9),
            ("Eastern Standard Time 1", 9),
            ("Eastern Standard Time (2)", 9),
            ('"Pacific Time (US & Canada); Tijuana"', 6),
            ("Europe/London (GMT)", 14),
            ("EST (America/New_York)", 9),
        ],
    )
    def test_they_are_understood_as_other_programs_call_them(self, name, hour):
        event = f"DTSTART;TZID={name}:20261124T{hour:02}0000\nSUMMARY:Rosa"

        assert [(row.problem, row.starts_at) for row in read(calendar(event).encode()).rows] == [("", TUESDAY_9)]

    @pytest.mark.parametrize(
        ("name", "hour"),
        [
            ("Central Time (Mexico)", 15),
            ('"(GMT-06:00) Central Time - Regina"', 15),
            ("EST", 13),
            ("MST", 15),
            ("UTC-05:00", 14),
            ("-0500", 14),
            ("America/New_York (EST)", 13),
            ("Europe/London (GMT)", 8),
            ("London (GMT)", 8),
        ],
    )
    def test_in_summer_they_differ_from_their_namesakes(self, name, hour):
        (row,) = read(calendar(f"DTSTART;TZID={name}:20270624T090000\nSUMMARY:Rosa").encode()).rows

        assert (row.problem, row.starts_at) == ("", datetime(2027, 6, 24, hour, tzinfo=UTC))

    def test_what_the_clinics_own_zone_is_called_for_short_is_the_clinics(self):
        content = calendar("DTSTART;TZID=MST:20270624T090000\nSUMMARY:Rosa").encode()

        assert files.read(content, ZoneInfo("America/Phoenix")).rows[0].starts_at.hour == 16

    def test_a_time_without_a_zone_is_in_its_calendars(self):
        content = calendar("DTSTART:20261124T060000\nSUMMARY:Rosa").replace(
            "VERSION:2.0", "X-WR-TIMEZONE:America/Los_Angeles"
        )

        assert read(content.encode()).rows[0].starts_at == TUESDAY_9

    def test_rules_that_could_be_counted_for_ever_name_no_zone(self):
        rules = self.RULES.replace("FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
        event = "DTSTART;TZID=Customized Time Zone:20261124T090000\nSUMMARY:Rosa"

        (row,) = read(calendar(event).replace("VERSION:2.0\r\n", "VERSION:2.0\r\n" + rules).encode()).rows

        assert "“Customized Time Zone” is not known" in row.problem

    def test_a_zone_is_read_wherever_it_stands(self):
        event = 'DTSTART;VALUE=DATE-TIME;TZID="(GMT-08:00) Pacific Time (US & Canada)":20261124T060000\nSUMMARY:Rosa'

        assert [(row.problem, row.starts_at) for row in read(calendar(event).encode()).rows] == [("", TUESDAY_9)]

    def test_a_zone_of_a_files_own_follows_its_rules_in_summer_and_winter(self):
        winter, summer = (
            f"DTSTART;TZID=Customized Time Zone:{day}T090000\nDURATION:PT30M\nSUMMARY:Rosa"
            for day in (20261124, 20270624)
        )
        content = calendar(winter, summer).replace("VERSION:2.0\r\n", "VERSION:2.0\r\n" + self.RULES).encode()

        reading = read(content)

        assert [row.starts_at.hour for row in reading.rows] == [14, 13]
        assert read(reading.kept).rows == reading.rows

    @pytest.mark.parametrize("name", ["Mars/Base", "Eastern Time (Brazil)", "(UTC-09:00) Eastern Time"])
    def test_a_zone_that_nobody_knows_is_a_sentence(self, name):
        (row,) = read(calendar(f'DTSTART;TZID="{name}":20261124T090000\nSUMMARY:Rosa').encode()).rows

        assert row.problem == (
            f"Its time zone “{name}” is not known, and the file does not describe it: enter it by hand."
        )


@pytest.mark.django_db
def test_a_zip_with_a_broken_event_goes_all_the_way(client):
    visit = make.visit_type("First visit")
    doctor = make.practitioner(visit=visit)
    client.force_login(make.user(roles.MANAGER))
    text = calendar(EVENT + "Rosa Lind", EVENT.replace(":a", ":b") + "S=m", "DTSTART:20190104T090000").encode()
    file = SimpleUploadedFile("google.ical.zip", zipped(clinic__ics=text.replace(b"=", b"\xe4")))
    said = {"practitioner": doctor.pk, "visit_type": visit.pk}

    html = client.post(PAGE, {"file": file, **said}).content.decode()

    assert "Of 2 rows: 1 stays out, 1 comes in, 1 more is long over." in html
    fields = {name: html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("content", "digest", *said)}
    client.post(PAGE, fields)
    assert Appointment.objects.get().inquiry.name == "Rosa Lind"
