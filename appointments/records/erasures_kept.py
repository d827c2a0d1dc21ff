"""
The list of erasures outside the database: a restored dump holds again what was erased after it, until this is replayed.

A line is an inquiry by its number and when it was sent, since a number that was lost with the database is given again.
Nothing in it is about a person.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from appointments.actors import Actor
from appointments.inquiries import lifecycle
from appointments.models import Erasure, Inquiry
from appointments.records import erasure
from clinic.busy import Busy

NAME = "erasures.jsonl"
REASON = "erased before; a backup had brought it back"


class Replayed(NamedTuple):
    erased: int
    # Numbers of inquiries in somebody's hands: to be erased by hand.
    left: list[int]


def lines() -> Iterator[str]:
    """Each erasure of this database, the oldest first."""
    rows = Erasure.objects.order_by("at", "pk").values_list("inquiry", "inquiry__created_at", "at")
    for pk, sent, at in rows.iterator():
        yield json.dumps({"inquiry": pk, "sent": sent.isoformat(), "erased": at.isoformat()})


def keep(path: Path) -> list[str]:
    """Append to the list in `path` what it does not have yet; return all of it."""
    with path.open("a+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        path.chmod(0o600)
        kept.seek(0)
        known = kept.read().splitlines()
        known_lines = set(known)
        fresh = [line for line in lines() if line not in known_lines]
        kept.writelines(f"{line}\n" for line in fresh)
    return known + fresh


def replay(kept: Iterable[str]) -> Replayed:
    """Erase again what the list names and this database still has, also what was on hold when it was dumped."""
    erased, left = 0, []
    for line in kept:
        said = json.loads(line)
        sent = datetime.fromisoformat(said["sent"])
        inquiry = Inquiry.objects.filter(pk=said["inquiry"], created_at=sent, erased_at=None).first()
        if inquiry is None:
            continue
        done = False
        with suppress(Busy):
            if inquiry.legal_hold:
                lifecycle.legal_hold(inquiry=inquiry, on=False, version=inquiry.version, by=Actor.system())
            done = erasure.erase(inquiry, reason=REASON, by=Actor.system())
        if done:
            erased += 1
        else:
            left.append(inquiry.pk)
    return Replayed(erased, left)
