import io
import shutil

import pytest
from django.core.management import CommandError, call_command

from procedures.management.commands.load_content import CONTENT
from procedures.models import Page, Procedure, Revision, Words

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CONTENT, tmp_path / "content")


def load(folder=CONTENT) -> str:
    out = io.StringIO()
    call_command("load_content", folder=folder, stdout=out)
    return out.getvalue()


def recovery() -> Page:
    return Page.objects.get(slug="recovery")


def test_the_content_is_loaded_once(folder):
    assert load(folder).count("loaded") == 4
    assert load(folder).count("up to date") == 4
    assert (Procedure.objects.count(), Page.objects.count(), Revision.objects.count()) == (1, 4, 4)


def test_new_words_in_a_file_reach_a_page_that_nobody_edited(folder):
    load(folder)
    file = folder / "kyphoplasty" / "recovery.md"
    file.write_text(file.read_text().replace("# What can I expect?", "# What comes after?"))

    assert "kyphoplasty/recovery: updated from its file" in load(folder)
    assert "What comes after?" in recovery().live_revision().body


def test_an_edit_is_never_overwritten_and_the_command_says_so(folder):
    load(folder)
    recovery().publish(Words("Our title", "Our lead.", "Our words.\n"))
    file = folder / "kyphoplasty" / "recovery.md"
    file.write_text(file.read_text() + "\nMore.\n")

    assert "kyphoplasty/recovery: kept: it was edited in the admin" in load(folder)
    assert recovery().live_revision().body == "Our words.\n"


def test_a_renamed_procedure_keeps_its_name(folder):
    load(folder)
    Procedure.objects.update(name="Balloon kyphoplasty", is_published=False)

    load(folder)

    assert list(Procedure.objects.values_list("name", "is_published")) == [("Balloon kyphoplasty", False)]


@pytest.mark.parametrize("broken", ["no head", "+++\nlabel = 1\n+++\nwords", "x+++\n+++\n", "+++\n= =\n+++\nwords"])
def test_a_file_that_is_no_page_is_named_and_nothing_is_loaded(folder, broken):
    (folder / "kyphoplasty" / "zzz.md").write_text(broken)

    with pytest.raises(CommandError, match=r"zzz\.md"):
        load(folder)
    assert not Procedure.objects.exists()


def test_a_block_that_is_not_closed_is_named(folder):
    file = folder / "kyphoplasty" / "benefits.md"
    file.write_text(file.read_text() + "\n::: card\n")

    with pytest.raises(CommandError, match=r"benefits\.md: A block is not closed"):
        load(folder)
