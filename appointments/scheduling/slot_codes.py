"""A slot in a few signs, for addresses and forms."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from appointments.models import Appointment, Schedule
from appointments.slots import Slot
from clinic import timeline
from clinic.models import Clinic

_CODE = re.compile(r"(\d{1,15})-(\d{1,15})-(\d{8}T\d{6})Z")


def encode(slot: Slot) -> str:
    """
    The slot as it stands in addresses and forms, like "1-2-20261124T143000Z": visit type, practitioner, start in UTC.

    It proves nothing: whether the slot is free is looked up when the code comes back.
    """
    return f"{slot.visit_type_id}-{slot.practitioner_id}-{slot.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def find(text: str, schedules: Iterable[Schedule]) -> Slot | None:
    """The slot that the code names, free or not. None when no schedule has such a slot, or the text is no code."""
    found = _CODE.fullmatch(text)
    if not found:
        return None
    named = int(found[1]), int(found[2])
    schedule = next((each for each in schedules if (each.visit_type_id, each.practitioner_id) == named), None)
    try:
        starts_at = datetime.strptime(found[3], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:  # February 30.
        return None
    if schedule is None or not timeline.EARLIEST < starts_at < timeline.LATEST - timedelta(days=1):
        return None
    return Slot.starting_at(starts_at, schedule.visit_type.rules, schedule.practitioner_id)


def near(text: str, schedules: Iterable[Schedule]) -> dict[str, str]:
    """The parameters of an address that shows the times around the slot of this code; empty when it is no code."""
    slot = find(text, schedules)
    if slot is None:
        return {}
    day = slot.starts_at.astimezone(Clinic.current().zone).date()
    return {**alike(slot), "day": day.isoformat()}


def alike(visit: Slot | Appointment) -> dict[str, str]:
    """The parameters of an address that shows times for the same kind of visit, with the same practitioner."""
    return {"visit": str(visit.visit_type_id), "with": str(visit.practitioner_id)}
