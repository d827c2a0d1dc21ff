"""What is stored comes out as files, without the web server."""

import csv
import io
import json
import logging

import pytest
from django.core.management import CommandError, call_command

from appointments.models import Inquiry
from clinic import spreadsheet
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_that_is_stored_as_csv_and_json(tmp_path, caplog):
    make.clinic(time_zone="America/New_York")
    inquiry = make.inquiry(name="=Petra Lang", message="My back.\nIt hurts.")
    appointment = make.appointment(inquiry)
    inquiry.messages.create(words="Can my son park there?", from_patient=True)
    out = io.StringIO()

    with caplog.at_level(logging.INFO, "clinic.security"):
        call_command("export", str(tmp_path / "out"), stdout=out)

    [row] = json.loads((tmp_path / "out" / "inquiries.json").read_text())
    assert (row["name"], row["message"]) == ("=Petra Lang", "My back.\nIt hurts.")
    text = (tmp_path / "out" / "inquiries.csv").read_text().removeprefix(spreadsheet.BOM)
    [line] = csv.DictReader(io.StringIO(text, newline=""))
    assert (line["reference"], line["name"]) == (inquiry.reference, "'=Petra Lang")
    [given] = json.loads((tmp_path / "out" / "appointments.json").read_text())
    assert given["inquiry"] == inquiry.reference
    assert given["starts_at"] == appointment.starts_at.astimezone(make.clinic().zone).isoformat(timespec="seconds")
    [message] = json.loads((tmp_path / "out" / "messages.json").read_text())
    assert (message["from_patient"], message["words"]) == (True, "Can my son park there?")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert [record.message for record in caplog.records] == ["record_exported"]
    assert "1  " in out.getvalue()


def test_nothing_at_all_is_an_empty_list(tmp_path):
    call_command("export", str(tmp_path), stdout=io.StringIO())

    assert not Inquiry.objects.exists()
    assert json.loads((tmp_path / "inquiries.json").read_text()) == []


def test_files_that_are_there_are_not_written_over(tmp_path):
    (tmp_path / "inquiries.csv").write_text("mine")

    with pytest.raises(CommandError, match="File exists"):
        call_command("export", str(tmp_path), stdout=io.StringIO())

    assert (tmp_path / "inquiries.csv").read_text() == "mine"
