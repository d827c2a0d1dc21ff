"""The static files of several releases side by side, in the folder that nginx serves."""

import os
import time

import pytest
from django.core.management import CommandError, call_command

# Files have the machine's time.
pytestmark = pytest.mark.real_time


@pytest.fixture
def source(settings, tmp_path):
    """The files of a site, which it collects elsewhere."""
    source = tmp_path / "source"
    (source / "css").mkdir(parents=True)
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
    return source


@pytest.fixture
def shared(tmp_path):
    return tmp_path / "shared"


def release(source, shared, words: str) -> None:
    (source / "css" / "site.css").write_text(words)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("share_static", shared)


def long_pass(shared) -> None:
    long_ago = time.time() - 61 * 24 * 60 * 60
    for file in shared.rglob("*.css"):
        os.utime(file, (long_ago, long_ago))


def contents(shared) -> list[str]:
    return sorted(file.read_text() for file in shared.rglob("*.css"))


def test_the_files_of_the_release_before_stay(source, shared):
    release(source, shared, "one {}")
    release(source, shared, "two {}")

    assert contents(shared) == ["one {}", "two {}"]


def test_what_no_release_brought_for_long_is_removed_and_what_one_brought_again_is_not(source, shared):
    release(source, shared, "one {}")
    release(source, shared, "two {}")
    long_pass(shared)
    release(source, shared, "two {}")

    assert contents(shared) == ["two {}"]


def test_the_release_before_stays_however_old_it_is(source, shared):
    release(source, shared, "one {}")
    long_pass(shared)
    release(source, shared, "two {}")

    assert contents(shared) == ["one {}", "two {}"]


def test_nginx_which_is_another_user_may_read_them_whatever_the_umask(source, shared):
    before = os.umask(0o077)
    try:
        release(source, shared, "one {}")
    finally:
        os.umask(before)

    assert {oct(file.stat().st_mode & 0o777) for file in (shared, *shared.rglob("[!.]*"))} == {"0o755", "0o644"}


def test_what_was_not_collected_is_not_shared(source, shared):
    with pytest.raises(CommandError, match="not collected"):
        call_command("share_static", shared)
