"""What is loaded before there are processes and threads."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

# As gunicorn does it, up to its fork.
START = """
import gc, json, sys, threading
import gunicorn.app.wsgiapp
import clinic.server.gunicorn_conf
import clinic.wsgi, clinic.server.spare_threads, clinic.server.gunicorn_log
from mdurl import _decode, _encode
from procedures import markdown
signs = [sorted(map(len, cache.values())) for cache in (_encode.encode_cache, _decode.decode_cache)]
parser = markdown._parser()
rulers = (parser.core.ruler, parser.block.ruler, parser.inline.ruler, parser.inline.ruler2)
tables = [*signs, all(ruler.__cache__ for ruler in rulers)]
print(json.dumps([sorted(sys.modules), threading.active_count(), gc.get_freeze_count(), gc.isenabled(), tables]))
"""
# For commands, workers and machines of developers. Django's checks, at the page of going live, load `migrate`.
NOT_FOR_REQUESTS = {
    "appointments.notifications.held", "appointments.records.erasures_kept", "appointments.records.export",
    "clinic.accounts.oidc",  # Where there is one, AUTHENTICATION_BACKENDS names it.
}  # fmt: skip
FOLDERS_NOT_FOR_REQUESTS = (
    ".management.", ".migrations.", "appointments.demo.", "clinic.local.", "clinic.operations.backups.",
)  # fmt: skip


@pytest.fixture(scope="module")
def started():
    environment = {
        "PATH": os.environ["PATH"], "SECRET_KEY": settings.SECRET_KEY, "SITE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore::UserWarning", "-c", START]
    started = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=True)
    return json.loads(started.stdout)


def test_no_request_is_the_first_to_load_a_module_of_ours(started):
    loaded, threads, _frozen, _collects, _tables = started
    ours = {
        ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts).removesuffix(".__init__")
        for app in ("clinic", "procedures", "appointments")
        for file in (settings.BASE_DIR / app).rglob("*.py")
    }

    left_out = {name for name in ours - {*loaded} if not any(each in f"{name}." for each in FOLDERS_NOT_FOR_REQUESTS)}

    assert (left_out, threads) == (NOT_FOR_REQUESTS, 1)


def test_processes_share_what_is_loaded_and_collect_what_comes_after(started):
    loaded, _threads, frozen, collects, _tables = started

    # Some objects of each module, and of each function in it.
    assert (frozen > 100 * len(loaded), collects) == (True, True)


def test_no_two_threads_make_the_tables_of_markdown_at_once(started):
    *_, tables = started

    assert tables == [[128], [128], True]
