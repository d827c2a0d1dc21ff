"""Files with a page's words: those that a new site starts with, and the empty ones that a new procedure does."""

import re
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from procedures import markdown
from procedures.models import Words

CONTENT = Path(__file__).resolve().parent / "content"
# The pages of a procedure that nobody has written yet; {Name} and {name} stand for what it is called.
SKELETON = CONTENT.with_name("skeleton")
_A_NAME = re.compile(r"\{[Nn]ame\}")
FENCE = "+++\n"


class NotAPage(Exception):
    """The file cannot be read as a page; the words say why, and name the file."""


@dataclass(frozen=True)
class PageFile:
    """A page as its file has it: the fields of the `Page` in `about`, its words, the digest of the file."""

    slug: str
    about: dict[str, Any]
    words: Words
    digest: str


def read(file: Path) -> PageFile:
    """Raises NotAPage."""
    text = file.read_text()
    try:
        before, head, body = text.split(FENCE, 2)
        about = tomllib.loads(head)
        words = Words(title=about.pop("title"), lead=about.pop("lead"), body=body.strip() + "\n")
    except (ValueError, KeyError) as error:
        raise NotAPage(f"{file}: begins with a block of title, lead, label and position between +++ lines") from error
    if before or (problem := markdown.problem(_A_NAME.sub("It", words.body))):
        raise NotAPage(f"{file}: {'something stands before the first +++' if before else problem}")
    return PageFile(file.stem, about, words, sha256(text.encode()).hexdigest())
