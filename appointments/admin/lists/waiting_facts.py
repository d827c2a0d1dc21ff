"""What is known of many inquiries beside their own rows: what was written, called, mailed, given and asked."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from appointments.inquiries.vain_calls import since_reached
from appointments.models import AppointmentStatus, CallState, InquiryStatus, MailState, NotificationKind
from appointments.models.log import Outcome

THEIRS, OURS, CALL, FAILED, TO_CALL, MAILED, TIME = "theirs", "ours", "call", "failed", "to call", "mailed", "time"
ASKED, ANSWERED = "asked", "answered"


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
        # When a mail went out that says that a time is gone.
        self.mailed: dict[int, datetime] = {}
        # All times; of what was canceled or has arrived also when, and what it was before it was canceled.
        self.times: dict[int, list[dict[str, Any]]] = defaultdict(list)
        # Which practitioner was asked, as long as it matters, and whether they have answered.
        self.doctors: dict[int, tuple[str, bool]] = {}
        calls: list[tuple[int, str, datetime]] = []
        for pk, what, at, words, *more in _rows(inquiries):
            if what == TIME:
                self.times[pk].append({"status": words, "starts_at": at, **dict(zip(_OF_A_TIME, more, strict=True))})
            elif what == CALL:
                calls.append((pk, words, at))
            elif what == THEIRS:
                self.theirs[pk] = at, words
            elif what in (ASKED, ANSWERED):
                self.doctors[pk] = words, what == ANSWERED
            elif what in (OURS, MAILED):
                (self.ours if what == OURS else self.mailed)[pk] = at
            else:
                (self.failed if what == FAILED else self.to_call)[pk] = words
        # Calls since anybody was reached.
        self.tries = since_reached(calls)


def _rows(inquiries: Sequence[int]) -> list[tuple[Any, ...]]:
    if not inquiries:
        return []
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"ids": list(inquiries), **_STATES}
        cursor.execute(_ASKED, values)
        return cursor.fetchall()


_STATES: dict[str, Any] = {
    "failed": [MailState.FAILED.value, MailState.BOUNCED.value],
    "sent": MailState.SENT.value,
    "displaced": NotificationKind.DISPLACED.value,
    "waiting": CallState.WAITING.value,
    "canceled": AppointmentStatus.CANCELLED.value,
    "open": [status.value for status in InquiryStatus.ours()],
    "reached": Outcome.REACHED.value,
    "arrived": AppointmentStatus.ARRIVED.value,
}
_OF_A_TIME = ("held_until", "displaced_at", "reached_at", "changed_at", "was", "was_held_until", "pk", "version")
# As SQL: for a page of a few rows, making it of querysets takes longer than asking and reading.
_ASKED = f"""
SELECT inquiry_id, what, at, words, held_until, displaced_at, reached_at, changed_at, was, was_held_until,
    pk, version FROM (
    SELECT a.id, a.inquiry_id, '{TIME}' AS what, a.starts_at AS at, a.status AS words, a.held_until, a.displaced_at,
        a.reached_at, became.pgh_created_at AS changed_at, before.status AS was, before.held_until AS was_held_until,
        a.id AS pk, a.version
    FROM appointments_appointment AS a
    LEFT JOIN LATERAL (
        SELECT pgh_created_at FROM appointments_appointmentevent
        WHERE pgh_obj_id = a.id AND status = a.status ORDER BY pgh_id DESC LIMIT 1
    ) AS became ON a.status IN (%(canceled)s, %(arrived)s)
    LEFT JOIN LATERAL (
        SELECT status, held_until FROM appointments_appointmentevent
        WHERE pgh_obj_id = a.id AND status <> %(canceled)s ORDER BY pgh_id DESC LIMIT 1
    ) AS before ON a.status = %(canceled)s
    WHERE a.inquiry_id = ANY(%(ids)s)
    UNION ALL SELECT id, inquiry_id, what, at, words, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (
        (
            SELECT DISTINCT ON (inquiry_id, from_patient)
                id, inquiry_id, CASE WHEN from_patient THEN '{THEIRS}' ELSE '{OURS}' END AS what,
                created_at AS at, words
            FROM appointments_message WHERE inquiry_id = ANY(%(ids)s)
            ORDER BY inquiry_id, from_patient, created_at DESC, id DESC
        )
        UNION ALL SELECT id, inquiry_id, '{CALL}', created_at, outcome
        FROM appointments_call WHERE inquiry_id = ANY(%(ids)s) AND taken_back_at IS NULL
        UNION ALL SELECT id, inquiry_id, '{FAILED}', created_at, state
        FROM appointments_email WHERE inquiry_id = ANY(%(ids)s) AND state = ANY(%(failed)s)
        UNION ALL SELECT id, inquiry_id, '{MAILED}', sent_at, ''
        FROM appointments_email WHERE inquiry_id = ANY(%(ids)s) AND kind = %(displaced)s AND state = %(sent)s
        UNION ALL SELECT id, inquiry_id, '{TO_CALL}', due_at, kind
        FROM appointments_calltask WHERE inquiry_id = ANY(%(ids)s) AND state = %(waiting)s AND keeps_promise
        UNION ALL SELECT q.id, q.inquiry_id, CASE WHEN q.answered_at IS NULL THEN '{ASKED}' ELSE '{ANSWERED}' END,
            q.asked_at, p.name
        FROM appointments_doctorquestion AS q JOIN appointments_practitioner AS p ON p.id = q.practitioner_id
        JOIN appointments_inquiry AS i ON i.id = q.inquiry_id
        WHERE q.inquiry_id = ANY(%(ids)s) AND q.taken_back_at IS NULL AND i.status = ANY(%(open)s)
            AND NOT EXISTS (
                SELECT FROM appointments_message AS m
                WHERE m.inquiry_id = q.inquiry_id AND NOT m.from_patient AND m.created_at >= q.answered_at
            )
            AND NOT EXISTS (
                SELECT FROM appointments_call AS c WHERE c.inquiry_id = q.inquiry_id AND c.outcome = %(reached)s
                    AND c.taken_back_at IS NULL AND c.created_at >= q.answered_at
            )
    ) AS said
) AS known ORDER BY at, id
"""  # noqa: S608  (Of our own words.)
