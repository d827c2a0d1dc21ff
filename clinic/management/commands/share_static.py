import json
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management.base import BaseCommand, CommandError

KEEP_DAYS = 60
# The names of the files of the release that came last.
NEWEST = ".newest"


class Command(BaseCommand):
    # It asks nothing of the database, which may not be migrated yet.
    requires_system_checks = []
    help = (
        "Put the collected static files into a folder that nginx serves, beside those of earlier releases: their pages "
        f"name them while an upgrade runs, and in caches. What no release has brought for {KEEP_DAYS} days is removed."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **options: Any) -> None:
        if not isinstance(staticfiles_storage, ManifestFilesMixin):
            raise CommandError("With DEBUG files have no names of their own: this is for production")
        collected = Path(staticfiles_storage.location)
        try:
            manifest = json.loads((collected / staticfiles_storage.manifest_name).read_text())
        except OSError as error:
            raise CommandError("The static files are not collected: manage.py collectstatic --no-input") from error
        folder.mkdir(parents=True, exist_ok=True)
        _renew(folder)
        for name in manifest["paths"].values():
            _put(collected / name, folder / name, folder)
        Path(folder, NEWEST).write_text("\n".join(manifest["paths"].values()))
        _remove(folder, before=time.time() - KEEP_DAYS * 24 * 60 * 60)


def _put(file: Path, there: Path, folder: Path) -> None:
    """Whole at once, since nginx may read it at this moment; nginx is another user, whatever our umask is."""
    if there.exists():
        os.utime(there)
        return
    there.parent.mkdir(parents=True, exist_ok=True)
    for each in there.relative_to(folder).parents:
        (folder / each).chmod(0o755)
    fresh = there.with_name(f".{there.name}-{os.getpid()}")
    shutil.copyfile(file, fresh)
    fresh.chmod(0o644)
    fresh.replace(there)


def _renew(folder: Path) -> None:
    """The release before, which may be old, has been in use until now: its days begin today."""
    with suppress(FileNotFoundError):
        for name in Path(folder, NEWEST).read_text().splitlines():
            with suppress(FileNotFoundError):
                os.utime(folder / name)


def _remove(folder: Path, before: float) -> None:
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_mtime < before:
            file.unlink()
