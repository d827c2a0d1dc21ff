"""The clinical facts that a procedure's pages tell, as the clinic states them: what a clinician signs against."""

import tomllib
from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext as _

from procedures import markdown
from procedures.models import Fact, Procedure


def of(procedure: Procedure | None) -> dict[str, Fact]:
    """The facts by their ids (R8), in the clinic's own order; empty for the page beside the procedures."""
    return {fact.key: fact for fact in procedure.facts.all()} if procedure else {}


def named(body: str) -> list[str]:
    """The ids that a page's words say they tell, each once, in their order."""
    said = (str(token.attrs["data-fact"]) for token in markdown.parsed(body, signed=True) if "data-fact" in token.attrs)
    return list(dict.fromkeys(key for keys in said for key in keys.split()))


def problem(body: str, procedure: Procedure | None) -> str | None:
    """A sentence about the first fact named in the words that the procedure does not have, or None."""
    known = of(procedure)
    for key in named(body):
        if key not in known:
            return _("Unknown fact “%(key)s”: a clinician enters it first, with its source.") % {"key": key}
    return None


def load(procedure: Procedure, file: Path) -> None:
    """
    Bring the procedure's facts up to their file, a table of sentences by id.

    A new sentence in the file reaches a fact that nobody has edited or signed: what a person wrote stays.
    """
    sentences: dict[str, str] = tomllib.loads(file.read_text())
    source = sentences.pop("source")
    known = of(procedure)
    for key, sentence in sentences.items():
        digest = sha256(f"{source}\n{sentence}".encode()).hexdigest()
        fact = known.get(key) or Fact(procedure=procedure, key=key)
        if fact.pk and (not fact.source_digest or fact.signed_digest or fact.source_digest == digest):
            continue
        fact.sentence, fact.source, fact.source_digest = sentence, source, digest
        fact.save()
