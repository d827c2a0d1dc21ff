import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from clinic.database_limits import PatientCommand
from clinic.languages import SITE_LANGUAGE
from procedures import content_files, facts
from procedures.content_files import CONTENT
from procedures.models import Page, Procedure


class Command(PatientCommand):
    help = "Load the procedures' pages from procedures/content/, and keep every page that somebody edited."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="folder", type=Path, default=CONTENT, help="another folder to load from")

    @transaction.atomic
    def handle(self, *, folder: Path, verbosity: int, **options: Any) -> None:
        for about in sorted(folder.glob("*/procedure.toml")):
            procedure, _is_new = Procedure.objects.get_or_create(
                slug=about.parent.name, defaults=tomllib.loads(about.read_text()) | {"is_published": True}
            )
            if (file := about.with_name("facts.toml")).is_file():
                facts.load(procedure, file)
            for file in sorted(about.parent.glob("*.md")):
                did = load_page(procedure, file)
                if verbosity:
                    self.stdout.write(f"{procedure.slug}/{file.stem}: {did}")
        for file in sorted(folder.glob("*.md")):  # Pages beside the procedures: the glossary.
            did = load_page(None, file)
            if verbosity:
                self.stdout.write(f"{file.stem}: {did}")


def load_page(procedure: Procedure | None, file: Path) -> str:
    """
    Bring one page up to its file, and say what was done.

    New words in a file become the live revision only where the live one came from a file too: what a person
    wrote stays. Raises CommandError when the file cannot be read as a page.
    """
    try:
        read = content_files.read(file)
    except content_files.NotAPage as error:
        raise CommandError(str(error)) from error
    words = read.words
    page, is_new = Page.objects.get_or_create(
        procedure=procedure, slug=read.slug, language=SITE_LANGUAGE, defaults=read.about
    )
    live = page.live_revision()
    if live and live.words == words:
        return "up to date"
    if live and not live.source_digest:
        return "kept: it was edited in the admin"
    if live and live.source_digest == read.digest:
        return "up to date"
    if live and live.sign_off:
        if page.draft():
            return "kept: a clinician has signed it, and there is a draft"
        page.save_draft(words)
        return "kept: a clinician has signed it; the file's words are the draft"
    page.publish(words, source_digest=read.digest)
    return "loaded" if is_new else "updated from its file"
