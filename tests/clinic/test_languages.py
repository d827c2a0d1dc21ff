"""The language of words stands in one place."""

import ast
import re
from pathlib import Path

from django.conf import settings
from django.utils import translation

from clinic.languages import SITE_LANGUAGE
from clinic.server.middleware import choose_the_language

ROOT = Path(settings.BASE_DIR)
NAMED_IN = [
    "appointments/models/inquiry_choices.py",  # What people speak is no language of our words.
    "clinic/settings.py",
]


def _literals(file: Path) -> list[str]:
    """The strings of a module, or those within the tags of a template and the languages of its elements."""
    source = file.read_text()
    if file.suffix == ".py":
        return [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    tags = re.findall(r"{[{%].*?[%}]}", source)
    return [*re.findall(r"""["'](.*?)["']""", " ".join(tags)), *re.findall(r'\slang="([^"]*)"', source)]


def test_words_that_name_no_other_language_are_in_that_of_the_settings():
    assert (settings.LANGUAGE_CODE, SITE_LANGUAGE) == ("en-us", "en")


def test_the_sites_language_is_named_in_the_settings_and_nowhere_else():
    python = [file for app in ("clinic", "procedures", "appointments") for file in (ROOT / app).rglob("*.py")]
    files = [file for file in python if "migrations" not in file.parts] + list((ROOT / "templates").rglob("*.*"))

    naming = {str(file.relative_to(ROOT)) for file in files if {"en", "en-us", "en-US"} & set(_literals(file))}

    assert sorted(naming) == NAMED_IN


def test_no_page_is_made_in_the_language_that_a_browser_asks_for(client, db):
    pages = {client.get("/about/", headers={"accept-language": asked}).content for asked in ("en", "es", "de")}

    assert len(pages) == 1
    assert "django.middleware.locale.LocaleMiddleware" not in settings.MIDDLEWARE


def test_a_request_is_answered_in_the_language_of_the_site_whichever_was_spoken_before():
    with translation.override("es"):
        assert choose_the_language(lambda _request: translation.get_language())(None) == settings.LANGUAGE_CODE
        assert translation.get_language() == "es"
