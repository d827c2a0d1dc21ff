"""The one calendar or table in a .zip, as Google exports it, whatever else programs have put beside it."""

import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext

from appointments import limits
from appointments.bookings.imports.rows import Unreadable

BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# Of each file in it, its directory has an entry that begins so: a .zip of 20 MB has room for 400,000.
ENTRY, MOST_ENTRIES = b"PK\x01\x02", 2000
CALENDARS, TABLES = (".ics", ".ical", ".icalendar"), (".csv", ".tsv")
ENCRYPTED = 0x1


def is_one(content: bytes) -> bool:
    return content.startswith(BEGINS)


def unzipped(content: bytes) -> bytes:
    """The only calendar, or else the only table, and never more than one byte more than a file may have."""
    if content.count(ENTRY) > MOST_ENTRIES:
        raise Unreadable(gettext("There are too many files in this .zip: unpack it, and choose the .ics in it."))
    try:
        with ZipFile(BytesIO(content)) as archive:
            found = _chosen(archive.infolist())
            if found.flag_bits & ENCRYPTED:
                locked = gettext("This .zip is locked with a password: unpack it, and choose the .ics in it.")
                raise Unreadable(locked)
            # Others take what memory they say that they need.
            if found.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise _broken()
            with archive.open(found) as file:
                return file.read(limits.IMPORT_BYTES + 1)
    # NotImplementedError is zipfile's word for a .zip of a kind that it does not read.
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise _broken() from error


def _broken() -> Unreadable:
    return Unreadable(gettext("This .zip cannot be opened: unpack it, and choose the .ics in it."))


def _chosen(entries: list[ZipInfo]) -> ZipInfo:
    files = [each for each in entries if not each.is_dir() and not _is_apples(each.filename)]
    for kind in (CALENDARS, TABLES):
        inside = [each for each in files if each.filename.lower().endswith(kind)]
        if len(inside) > 1:
            names = ", ".join(each.filename[:60] for each in inside[:5])
            said = gettext("There are several calendars in this .zip: %s. Unpack it, and choose one.")
            raise Unreadable(said % names)
        if inside:
            return inside[0]
    if any(each.filename == "xl/workbook.xml" for each in files):
        raise Unreadable(gettext("This is a workbook of a spreadsheet program: save it there as “CSV UTF-8”."))
    raise Unreadable(gettext("There is no calendar (.ics) in this .zip."))


def _is_apples(name: str) -> bool:
    """Whether it holds what a Mac keeps of another file, under its name."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._")
