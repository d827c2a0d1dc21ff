"""What is closed most often, as links that fill in the form of a closure: "From now until noon", "Dr. Osei today"."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from appointments.models import Practitioner
from clinic.hours import DEFAULT_WEEK, Opening

NOON = time(12)


class Preset(NamedTuple):
    """What a link or a button says, and what it fills in."""

    words: str
    fields: dict[str, Any]

    @property
    def query(self) -> str:
        """As the address of the form."""
        return urlencode(self.fields)

    @property
    def posted(self) -> list[tuple[str, Any]]:
        """As the form posts it, where nobody has to look at it first."""
        moments = [
            (f"{name}_{place}", part)
            for name in ("starts_at", "ends_at")
            for place, part in enumerate(self.fields[name].split("T"))
        ]
        return [*((name, self.fields[name]) for name in ("practitioner", "name") if name in self.fields), *moments]


def presets(week: Sequence[Opening], doctors: Iterable[Practitioner], now: datetime) -> list[Preset]:
    """What can be closed now; `now` is in the clinic's zone, and ends are those of its opening hours."""
    now = now.replace(tzinfo=None, second=0, microsecond=0)
    return [*_of_the_clinic(week or DEFAULT_WEEK, now), *_of_doctors(doctors, now)]


def away_today(doctors: Iterable[Practitioner], now: datetime) -> list[Preset]:
    """That one of these practitioners is away from now on; `now` as above."""
    return list(_of_doctors(doctors, now.replace(tzinfo=None, second=0, microsecond=0)))


def _of_the_clinic(week: Sequence[Opening], now: datetime) -> Iterator[Preset]:
    today, tomorrow = now.date(), now.date() + timedelta(days=1)
    closes = {
        day: max((each.closes for each in week if each.weekday == day.weekday()), default=time.min)
        for day in (today, tomorrow)
    }
    noon, end = datetime.combine(today, NOON), datetime.combine(today, closes[today])
    if now < noon < end:
        yield _preset(_("From now until noon"), now, noon)
    if now < end:
        yield _preset(_("From now until we close"), now, end)
    noon, end = datetime.combine(tomorrow, NOON), datetime.combine(tomorrow, closes[tomorrow])
    if noon < end:
        yield _preset(_("Tomorrow afternoon"), noon, end)


def _of_doctors(doctors: Iterable[Practitioner], now: datetime) -> Iterator[Preset]:
    midnight = datetime.combine(now.date() + timedelta(days=1), time())
    for doctor in doctors:
        yield _preset(_("%s today") % doctor, now, midnight, practitioner=doctor.pk)


def _preset(words: str, starts_at: datetime, ends_at: datetime, **more: Any) -> Preset:
    reason = _("Away today") if more else _("Closed")
    said = {"name": reason, "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}", "ends_at": f"{ends_at:%Y-%m-%dT%H:%M}"}
    return Preset(words, said | more)
