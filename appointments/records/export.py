"""All inquiries, appointments and messages as files: for another program, or for a day without the site."""

import json
import os
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from appointments.models import Appointment, Inquiry, Message
from clinic import spreadsheet
from clinic.models import Clinic
from clinic.server import security_log


class Table(NamedTuple):
    """What one file is called, and its columns: a heading, and where its value is."""

    name: str
    model: type[Model]
    columns: dict[str, str]

    def rows(self) -> QuerySet[Any, tuple[Any, ...]]:
        return self.model._default_manager.order_by("pk").values_list(*self.columns.values())


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


TABLES = (
    Table(
        "inquiries",
        Inquiry,
        _same(
            "reference", "created_at", "source", "kind", "name", "contact_person", "patient_name", "date_of_birth",
            "chart_number", "contact_by", "phone", "patient_phone", "email", "reach_note", "spoken_language", "message",
        )
        | {"procedure": "procedure__name"}
        | _same("status", "screening", "answer_by", "answered_at", "legal_hold", "erased_at"),
    ),
    Table(
        "appointments",
        Appointment,
        {"inquiry": "inquiry__reference", "practitioner": "practitioner__name", "kind_of_visit": "visit_type__name"}
        | _same("starts_at", "ends_at", "status", "held_until", "displaced_at", "cancelled_late", "created_at"),
    ),
    Table(
        "messages",
        Message,
        {"inquiry": "inquiry__reference"} | _same("from_patient", "words", "created_at"),
    ),
)  # fmt: skip


@transaction.atomic(durable=True)
def write(folder: Path) -> dict[str, int]:
    """
    Write each table into `folder`, as CSV for a spreadsheet and as JSON; return how many rows each has.

    All of one moment, times in the clinic's zone. Raises FileExistsError rather than to write over a file.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    zone = Clinic.current().zone
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = {}
    for table in TABLES:
        headings = list(table.columns)
        number = 0
        with _new(folder / f"{table.name}.csv") as for_sheets, _new(folder / f"{table.name}.json") as for_programs:
            for_sheets.write(spreadsheet.BOM)
            for_sheets.writelines(spreadsheet.lines([headings]))
            for_programs.write("[")
            for row in _in_zone(table, zone):
                for_sheets.writelines(spreadsheet.lines([row]))
                words = json.dumps(dict(zip(headings, row, strict=True)), ensure_ascii=False)
                for_programs.write(f"{',' if number else ''}\n{words}")
                number += 1
            for_programs.write("\n]\n")
        written[table.name] = number
    security_log.record(security_log.Event.RECORD_EXPORTED, None, inquiries=written["inquiries"])
    return written


def _in_zone(table: Table, zone: tzinfo) -> Iterator[list[Any]]:
    for row in table.rows().iterator(chunk_size=2000):
        yield [_plain(value, zone) for value in row]


def _plain(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _new(path: Path) -> IO[str]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    return open(handle, "w", encoding="utf-8", newline="")
