"""The static files as collectstatic leaves them for this code: each page names some, and is an error without them."""

import json
import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# As collectstatic leaves them out.
NOT_COLLECTED = ["CVS", ".*", "*~"]


_STRING_COMMENT_OR_INDENT = re.compile(rb"""("[^"\n]*"|'[^'\n]*')|/\*.*?\*/|(?<=\n)\s+""", re.DOTALL)


def bare(style: bytes) -> bytes:
    """A style sheet of ours without comments and indents: a twentieth of what a first visit loads."""
    return _STRING_COMMENT_OR_INDENT.sub(rb"\1", style)


class Files(CompressedManifestStaticFilesStorage):
    """Static files with names that change as they do, and compressed; our own style sheets bare."""

    def _save(self, name: str, content: Any) -> str:
        if name.startswith("css/"):  # Others' have their licenses in comments.
            content = ContentFile(bare(b"".join(content.chunks())))
        return super()._save(name, content)


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
