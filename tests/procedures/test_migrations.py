import hashlib

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinic import database_limits
from procedures.models import Page, Revision, SignOff
from tests import make

pytestmark = pytest.mark.django_db

BEFORE = [("procedures", "0004_a_clinician_signs_words_off")]
AFTER = [("procedures", "0005_sign_offs_hold_for_words_by_sha_256")]


def migrate(to):
    connection.check_constraints()  # Postgres alters no table whose rows are still to be checked.
    with database_limits.lifted():  # As the command does: a busy machine may think for long between two statements.
        MigrationExecutor(connection).migrate(to)


def test_a_sign_off_holds_for_its_words_and_for_no_others_on_the_way_and_back():
    procedure = make.procedure()
    signed, changed = (page.live_revision() for page in Page.objects.filter(procedure=procedure)[:2])
    holds, ended = make.sign_off(signed), make.sign_off(changed)
    Revision.objects.filter(pk=changed.pk).update(body="Other words.")
    in_force = []

    for to in (BEFORE, AFTER):
        migrate(to)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sign_off.id FROM procedures_signoff sign_off JOIN procedures_revision revision "
                "ON revision.id = sign_off.revision_id AND revision.digest = sign_off.digest"
            )
            in_force.append([pk for (pk,) in cursor])

    assert in_force == [[holds.pk], [holds.pk]]
    assert list(SignOff.objects.in_force()) == [holds]
    assert ended.digest != Revision.objects.get(pk=changed.pk).digest


def test_the_digest_is_the_one_that_anybody_can_make_again():
    words = ("A\\title", "Müller \\x41 lead", "Body \\\\ with 🦴 and 'quotes' and %s\n")
    page = make.procedure().pages.get(slug="overview")
    Revision.objects.filter(page=page).update(title=words[0], lead=words[1], body=words[2])

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    assert Revision.objects.get(page=page).digest == digest("".join(map(digest, words)))
