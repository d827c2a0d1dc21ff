from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from django.utils import timezone

from appointments.actors import Actor
from appointments.inquiries import search
from appointments.inquiries.search import words_of
from appointments.models import Appointment, BroughtIn, Email, Inquiry, MailText
from appointments.models.inquiry import BY_FILE
from appointments.records import erasure, history
from tests import make

refused = import_module("appointments.migrations.0022_a_refused_mail_says_so").REFUSED
names_nearly_the_same = import_module("appointments.migrations.0052_names_nearly_the_same_are_found").write_again
unseen_signs = import_module("appointments.migrations.0070_unseen_signs_part_no_words")
as_typed = import_module("appointments.migrations.0075_letters_and_numbers_are_found_as_typed")
keyboards = import_module("appointments.migrations.0079_names_are_one_on_arabic_and_persian_keyboards")
dialed_now = import_module("appointments.migrations.0077_numbers_are_dialed_as_they_are_read_now")
write_again = import_module("appointments.migrations.0018_words_are_found_as_they_are_typed").write_again
without_name = import_module("appointments.migrations.0036_mails_name_nobody").WITHOUT_NAME
[says_so] = [
    each.sql for each in import_module("appointments.migrations.0049_what_came_by_file_says_so").Migration.operations
]


@pytest.mark.django_db
def test_words_are_written_again_as_the_search_folds_them_and_no_history_of_it(monkeypatch):
    monkeypatch.setitem(write_again.__globals__, "BATCH", 2)
    made = [make.inquiry(name=name) for name in ("Søren Groß", "Jean-Paul", "Rosa Lind")]
    erased = make.inquiry()
    erasure.erase(erased, reason="Their wish", by=Actor.staff(make.user()))
    Inquiry.objects.filter(erased_at=None).update(search_words=" as it was folded before")
    events = Inquiry.events.rel.related_model.objects.count()

    with connection.schema_editor() as schema_editor:
        write_again(apps, schema_editor)

    for inquiry in made:
        assert Inquiry.objects.get(pk=inquiry.pk).search_words == words_of(inquiry)
    assert Inquiry.objects.get(pk=erased.pk).search_words == ""
    assert Inquiry.events.rel.related_model.objects.count() == events


@pytest.mark.django_db
def test_names_nearly_the_same_and_parts_of_references_are_found_in_what_was_stored_before(monkeypatch):
    monkeypatch.setattr(search, "WRITTEN_AT_ONCE", 2)
    made = [make.inquiry(name=name) for name in ("Søren Groß", "Jean-Paul", "Rosa Lind")]
    expected = [(row.search_words, row.search_trigrams) for row in made]
    erased = make.inquiry()
    erasure.erase(erased, reason="Their wish", by=Actor.staff(make.user()))
    Inquiry.objects.filter(erased_at=None).update(search_words=" as before", search_trigrams=[])

    with connection.schema_editor() as schema_editor:
        names_nearly_the_same(apps, schema_editor)

    rows = Inquiry.objects.filter(erased_at=None).order_by("pk")
    assert [(row.search_words, row.search_trigrams) for row in rows] == expected
    erased.refresh_from_db()
    assert (erased.search_words, erased.search_trigrams) == ("", [])


@pytest.mark.django_db
def test_mails_that_were_refused_before_say_so_and_those_that_met_silence_do_not():
    inquiry, now = make.inquiry(contact_by="email", email="rosa@example.com"), timezone.now()
    errors = {
        "550 b'no such mailbox'": True,
        "SMTPDataError: (554, b'looks like spam')": True,
        "451 b'try again'": False,
        "SMTPDataError: (451, b'try again')": False,
        "ConnectionRefusedError: [Errno 111] Connection refused": False,
    }
    for state in ("failed", "waiting", "bounced"):
        for error in errors:
            about = {"kind": "answered", "to": inquiry.email, "due_at": now, "next_try_at": now}
            Email.objects.create(dedupe_key=f"{state} {error}", state=state, last_error=error, **about)

    with connection.cursor() as cursor:
        cursor.execute(refused)

    found = {(each.state, each.last_error): each.is_refused for each in Email.objects.filter(kind="answered")}
    assert found == {
        (state, error): state == "bounced" or (state == "failed" and is_refused)
        for state in ("failed", "waiting", "bounced")
        for error, is_refused in errors.items()
    }


@pytest.mark.django_db
def test_the_clinics_own_words_for_mails_name_nobody_and_are_whole():
    MailText.objects.create(kind="received", subject="For {name}, {reference}", body="Dear {name},\n\n{link}\n{name}")
    MailText.objects.create(kind="answered", subject="{reference}", body="Good day,\n{link}")

    with connection.cursor() as cursor:
        cursor.execute(without_name)

    assert list(MailText.objects.order_by("pk").values_list("subject", "body")) == [
        ("For, {reference}", "Dear,\n\n{link}\n"), ("{reference}", "Good day,\n{link}"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_came_by_file_says_so():
    by_file, others = make.inquiry(submission_id="import:1"), make.inquiry()

    with connection.cursor() as cursor:
        cursor.execute(says_so)

    assert dict(Inquiry.objects.values_list("pk", "source")) == {by_file.pk: "file", others.pk: "site"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("migration", "changed", "other"),
    [
        (unseen_signs, [{"name": "Ro\u200bsa Lind"}, {"name": "Ɗanladi"}], {"name": "Jean-Paul"}),
        (as_typed, [{"name": "Ƶiva"}, {"patient_name": "Ro\u3164sa"}, {"phone": "apt 4 212 555 0123"},
                    {"phone": "10021 212 555 0123"}], {"phone": "+1 (212) 555-0123"}),
        (keyboards, [{"name": "فاطمة"}, {"patient_name": "کریم"}], {"name": "رزا"}),
    ],
)  # fmt: skip
def test_what_is_folded_in_another_way_is_folded_anew_and_the_rest_is_left(monkeypatch, migration, changed, other):
    monkeypatch.setattr(search, "WRITTEN_AT_ONCE", 1)
    made = [make.inquiry(**each) for each in changed]
    left = make.inquiry(**other)
    Inquiry.objects.update(search_words=" as before")

    with connection.schema_editor() as schema_editor:
        migration.write_again(apps, schema_editor)

    assert [Inquiry.objects.get(pk=each.pk).search_words for each in made] == [words_of(each) for each in made]
    assert Inquiry.objects.get(pk=left.pk).search_words == " as before"


@pytest.mark.django_db
def test_numbers_of_before_are_dialed_as_they_are_read_now_and_the_usual_ones_are_not_read(monkeypatch):
    monkeypatch.setattr(search, "WRITTEN_AT_ONCE", 2)
    typed = {"apt 4 212 555 0123": "+1212", "06 12 34 56 78": "+16", "(212) 555-0123 after 5": "", "call me": "+1"}
    read = [make.inquiry(phone=each) for each in typed]
    usual = make.inquiry(phone="+1 (212) 555-0123")
    for row, before in zip([*read, usual], [*typed.values(), "as before"], strict=True):
        Inquiry.objects.filter(pk=row.pk).update(phone_e164=before)
    told = len(history.lines(read[0]))

    with connection.schema_editor() as schema_editor:
        dialed_now.read_again(apps, schema_editor)

    assert list(Inquiry.objects.order_by("pk").values_list("phone_e164", flat=True)) == [
        "+12125550123", "", "+12125550123", "", "as before",
    ]  # fmt: skip
    assert len(history.lines(read[0])) == told


@pytest.mark.django_db
def test_what_came_in_before_is_compared_with_what_its_file_said_then():
    compared = import_module("appointments.migrations.0069_times_that_came_in_before_are_compared").Migration.operations
    given = make.appointment(make.inquiry(submission_id=BY_FILE + "a", source="file"))
    make.appointment()
    said = given.starts_at, given.ends_at, given.practitioner_id
    Appointment.objects.filter(pk=given.pk).update(
        starts_at=F("starts_at") + timedelta(hours=1), ends_at=F("ends_at") + timedelta(hours=1),
        blocked_until=F("blocked_until") + timedelta(hours=1),
    )  # fmt: skip

    with connection.cursor() as cursor:
        cursor.execute(compared[0].sql)

    rows = BroughtIn.objects.values_list(
        "submission_id", "starts_at", "ends_at", "practitioner", "is_cancelled", "sequence"
    )
    assert list(rows) == [(BY_FILE + "a", *said, False, 0)]
