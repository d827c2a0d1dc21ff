"""Production with too few static files serves nothing; pages for errors need none. Style sheets travel bare."""

import brotli
import pytest
from django.core.management import call_command
from django.test import Client
from gunicorn.arbiter import Arbiter

from clinic import practice
from clinic.collected_files import bare
from clinic.server import gunicorn_conf

pytestmark = pytest.mark.django_db
PHONE = b"(212) 555-0100"


@pytest.fixture
def collected(settings, tmp_path):
    """A site with three files, collected elsewhere, as production does it."""
    source = tmp_path / "source"
    (source / "css").mkdir(parents=True)
    (source / "css/ours.css").write_text("/* So */ a { b: c }\n" * 99)
    (source / "a.css").write_text("/* Theirs */ a {}")
    (source / "b.svg").write_text("<svg/>")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    production = "clinic.collected_files.Files"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": production}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return settings.STATIC_ROOT


@pytest.mark.parametrize(
    ("style", "travels"),
    [
        ("/* Why: it's so. */\na { b: c }\n", "\na { b: c }\n"),
        ("a {\n  /* One,\n     and two. */\n  b: c; /* So. */\n\n  d: e\n}\n", "a {\n\nb: c; \nd: e\n}\n"),
        ('a::before { content: "/* no comment */" }', 'a::before { content: "/* no comment */" }'),
        ("a { b: url('data:,/*') } /**/ c {}", "a { b: url('data:,/*') }  c {}"),
        ("a /* and */ b, c/**/> d {}", "a  b, c> d {}"),
        ("/* “é” */ a { content: '✓ ' / \"\" }", " a { content: '✓ ' / \"\" }"),
    ],
)
def test_a_style_sheet_travels_without_its_comments_and_indents(style, travels):
    assert bare(style.encode()).decode() == travels


def test_our_own_style_sheets_are_collected_so_packed_or_not_and_others_as_they_are(collected):
    ours, packed = (next(collected.glob(f"css/ours.*.css{ending}")).read_bytes() for ending in ("", ".br"))

    assert ours == brotli.decompress(packed) == b" a { b: c }\n" * 99
    assert next(collected.glob("a.*.css")).read_text() == "/* Theirs */ a {}"


def end_of_a_web_process() -> int:
    with pytest.raises(SystemExit) as left:
        gunicorn_conf.post_worker_init(None)
    return left.value.code


def test_without_any_no_web_process_starts(collected, caplog):
    (collected / "staticfiles.json").unlink()

    assert end_of_a_web_process() == Arbiter.WORKER_BOOT_ERROR
    assert [record.getMessage() for record in caplog.records] == [
        "The static files are not collected, and no page works without: manage.py collectstatic --no-input"
    ]


def test_without_one_of_them_neither(collected, caplog):
    next(collected.glob("a.*.css")).unlink()

    assert end_of_a_web_process() == Arbiter.WORKER_BOOT_ERROR
    assert [record.getMessage() for record in caplog.records] == [
        "1 static files are not collected, the first is a.css, and no page works without: manage.py collectstatic "
        "--no-input"
    ]


def test_readyz_says_it(collected, client):
    next(collected.glob("a.*.css")).unlink()

    answer = client.get("/readyz")

    assert (answer.status_code, "1 static file is missing." in answer.content.decode().splitlines()) == (503, True)


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [("127.0.0.1:8000", "/nowhere/", 404), ("127.0.0.1:8000", "/about/", 500), ("evil.example", "/", 400)],
)
def test_a_page_for_errors_needs_none(collected, host, path, status):
    """The list of collected files has none of those that our pages name."""
    practice.current()

    answer = Client(raise_request_exception=False).get(path, headers={"host": host})

    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert (PHONE in answer.content, b"<h1>" in answer.content, b"site.css" in answer.content) == (True, True, False)
