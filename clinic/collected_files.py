"""The static files as collectstatic leaves them for this code: each page names some, and is an error without them."""

import json
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

# As collectstatic leaves them out.
NOT_COLLECTED = ["CVS", ".*", "*~"]


class NotCollected(Exception):
    """There is no list of collected files at all."""


def missing() -> list[str]:
    """Those of our files that were not collected, or are gone again; nothing with DEBUG, which reads static/ itself."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return []
    try:
        hashed = json.loads(Path(staticfiles_storage.path(staticfiles_storage.manifest_name)).read_text())["paths"]
    except OSError as error:
        raise NotCollected from error
    ours = {path for finder in get_finders() for path, _storage in finder.list(NOT_COLLECTED)}
    return sorted(path for path in ours if path not in hashed or not staticfiles_storage.exists(hashed[path]))
