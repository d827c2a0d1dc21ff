"""What is known of many inquiries beside their own rows: what was written, called, mailed and given. Two statements."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from appointments.inquiries.vain_calls import in_vain
from appointments.models import AppointmentStatus, CallState, MailState

THEIRS, OURS, CALL, FAILED, TO_CALL = "theirs", "ours", "call", "failed", "to call"


class Facts:
    """By the id of an inquiry."""

    def __init__(self, inquiries: Sequence[int], now: datetime):
        self.now = now
        # When its people wrote last, and what; when we did.
        self.theirs: dict[int, tuple[datetime, str]] = {}
        self.ours: dict[int, datetime] = {}
        # The state of a mail that did not arrive, and the kind of a call that is to be made in the place of an answer.
        self.failed: dict[int, str] = {}
        self.to_call: dict[int, str] = {}
        self.times: dict[int, list[dict[str, Any]]] = defaultdict(list)
        calls: list[tuple[int, str, datetime]] = []
        if inquiries:
            for pk, what, at, words in _rows(_SAID, inquiries):
                if what == THEIRS:
                    self.theirs[pk] = at, words
                elif what == OURS:
                    self.ours[pk] = at
                elif what == CALL:
                    calls.append((pk, words, at))
                else:
                    (self.failed if what == FAILED else self.to_call)[pk] = words
            for row in _rows(_TIMES, inquiries):
                time = dict(zip(_OF_A_TIME, row, strict=True))
                self.times[time["inquiry_id"]].append(time)
        # When it was called in vain since anybody was reached.
        self.vain = in_vain(calls)


def _rows(statement: str, inquiries: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(inquiries), **_STATES})
        return cursor.fetchall()


_STATES = {
    "failed": [MailState.FAILED.value, MailState.BOUNCED.value],
    "waiting": CallState.WAITING.value,
    "canceled": AppointmentStatus.CANCELLED.value,
}

# As SQL: for a page of a few rows, making it of querysets takes longer than asking and reading.
_SAID = f"""
SELECT inquiry_id, what, at, words FROM (
    (
        SELECT DISTINCT ON (inquiry_id, from_patient)
            inquiry_id, CASE WHEN from_patient THEN '{THEIRS}' ELSE '{OURS}' END AS what, created_at AS at, words, id
        FROM appointments_message WHERE inquiry_id = ANY(%(ids)s)
        ORDER BY inquiry_id, from_patient, created_at DESC, id DESC
    )
    UNION ALL SELECT inquiry_id, '{CALL}', created_at, outcome, id
    FROM appointments_call WHERE inquiry_id = ANY(%(ids)s) AND taken_back_at IS NULL
    UNION ALL SELECT inquiry_id, '{FAILED}', created_at, state, id
    FROM appointments_email WHERE inquiry_id = ANY(%(ids)s) AND state = ANY(%(failed)s)
    UNION ALL SELECT inquiry_id, '{TO_CALL}', due_at, kind, id
    FROM appointments_calltask WHERE inquiry_id = ANY(%(ids)s) AND state = %(waiting)s AND keeps_promise
) AS said ORDER BY at, id
"""  # noqa: S608  (Of our own words.)
_OF_A_TIME = (
    "pk", "inquiry_id", "status", "starts_at", "held_until", "displaced_at", "reached_at", "changed_at", "was",
    "was_held_until",
)  # fmt: skip
# Of what was canceled also when, and what it was before.
_TIMES = """
SELECT a.id, a.inquiry_id, a.status, a.starts_at, a.held_until, a.displaced_at, a.reached_at,
    canceled.pgh_created_at, before.status, before.held_until
FROM appointments_appointment AS a
LEFT JOIN LATERAL (
    SELECT pgh_created_at FROM appointments_appointmentevent
    WHERE pgh_obj_id = a.id AND status = %(canceled)s ORDER BY pgh_id DESC LIMIT 1
) AS canceled ON a.status = %(canceled)s
LEFT JOIN LATERAL (
    SELECT status, held_until FROM appointments_appointmentevent
    WHERE pgh_obj_id = a.id AND status <> %(canceled)s ORDER BY pgh_id DESC LIMIT 1
) AS before ON a.status = %(canceled)s
WHERE a.inquiry_id = ANY(%(ids)s) ORDER BY a.starts_at
"""
