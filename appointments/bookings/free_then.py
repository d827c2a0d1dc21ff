"""What was free when somebody began to wait: a time that lies in it is none that became free since."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from appointments.slots import Slot

# By practitioner (the key of an object in JSON is text): from when to when, in minutes since 1970.
type Kept = dict[str, list[list[int]]]


def keep(slots: Iterable[Slot]) -> Kept:
    """These times as a wish keeps them: those that follow each other are one."""
    kept: Kept = defaultdict(list)
    for slot in sorted(slots):
        begins, ends = _minute(slot.starts_at.timestamp()), _minute(slot.blocked_until.timestamp())
        of_them = kept[str(slot.practitioner_id)]
        if of_them and of_them[-1][1] >= begins:
            of_them[-1][1] = max(of_them[-1][1], ends)
        else:
            of_them.append([begins, ends])
    return dict(kept)


def held(kept: Kept, slot: Slot) -> bool:
    """Whether this time was free then."""
    of_them = kept.get(str(slot.practitioner_id), [])
    at = bisect_right(of_them, _minute(slot.starts_at.timestamp()), key=lambda each: each[0])
    return at > 0 and of_them[at - 1][1] >= _minute(slot.ends_at.timestamp())


def _minute(timestamp: float) -> int:
    return int(timestamp // 60)
