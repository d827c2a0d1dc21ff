"""
How often somebody sends something, counted by hash: nobody is found by it, and all machines count together.

It is counted before it is stored, so that many at once are counted one after the other. Where nothing is stored, the
count is given back.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate

from django.db import Error
from django.http import HttpRequest, HttpResponse

from appointments import limits
from appointments.models import Counter, Inquiry
from appointments.models.counter import name_of
from clinic import phones
from clinic.mailboxes import mailbox
from clinic.server.client_address import client_address

DAY = timedelta(days=1)
# In the request's META: the names under which its post was counted.
_COUNTED = "appointments.counted"
# What was posted could not be read, or not be stored.
_NOTHING_STORED = (422, 503)


@dataclass(frozen=True)
class Counted:
    """What has come to now, this one counted: from this address, of this sender, and times chosen by anybody."""

    posts: int = 0
    of_sender: int = 0
    times: int = 0
    everybodys_times: int = 0

    @property
    def is_refused(self) -> bool:
        """Nothing more is stored from this address within the hour."""
        return self.posts > limits.POSTS_AT_MOST

    @property
    def is_checked_by_hand(self) -> bool:
        return self.posts > limits.POSTS_TO_CHECK or self.of_sender > limits.POSTS_OF_A_SENDER

    @property
    def may_have_a_time(self) -> bool:
        return self.times <= limits.TIMES_FROM_AN_ADDRESS_A_DAY


def where_stored[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Count what the view answers only where it is stored: mistakes in it, and what we can't store, count nothing."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Exception:
            give_back(request)
            raise
        if response.status_code in _NOTHING_STORED:
            give_back(request)
        return response

    return answer


def give_back(request: HttpRequest, names: Iterable[str] | None = None) -> None:
    """Take back what this request was counted by, or only these; nothing where the database does not do that either."""
    counted: list[str] = request.META.get(_COUNTED, [])
    gone = set(counted if names is None else names)
    with suppress(Error):
        Counter.objects.down(gone)
    request.META[_COUNTED] = [name for name in counted if name not in gone]


def give_back_time(request: HttpRequest, now: datetime) -> None:
    """Take back the time that was counted at `now`: what was sent is stored without it, by no wish of its writer."""
    give_back(request, _times(client_address(request), now))


def _up(request: HttpRequest, names: Iterable[str], now: datetime) -> dict[str, int]:
    found = Counter.objects.up(names, until=now + DAY)
    request.META[_COUNTED] = [*request.META.get(_COUNTED, []), *found]
    return found


def post(request: HttpRequest, inquiry: Inquiry, *, with_time: bool, now: datetime) -> Counted:
    """Count something that was sent, in one statement."""
    address, hour = client_address(request), f"{now:%Y%m%d%H}"
    email = mailbox(inquiry.email) if inquiry.email else ""
    senders = [name_of("sender", who, now) for who in (phones.e164(inquiry.phone), email) if who]
    posts = name_of(f"posts {hour}", address, now) if address else ""
    times = _times(address, now) if with_time else []
    found = _up(request, [*filter(None, [posts]), *senders, *times], now)
    of_sender = max((found[name] for name in senders), default=0)
    return Counted(posts=found.get(posts, 0), of_sender=of_sender, **_of_times(times, found))


def own_page(request: HttpRequest, inquiry: Inquiry, *, is_reply: bool, now: datetime) -> bool:
    """Count something that is done on an own page: whether there was room for it today."""
    what, most = ("replies", limits.REPLIES_A_DAY) if is_reply else ("switches", limits.SWITCHES_A_DAY)
    name = name_of(what, str(inquiry.pk), now)
    return _up(request, [name], now)[name] <= most


def time(request: HttpRequest, *, now: datetime) -> Counted:
    """Count a time that is chosen for what was sent before."""
    names = _times(client_address(request), now)
    return Counted(**_of_times(names, _up(request, names, now)))


def _times(address: str, now: datetime) -> list[str]:
    """The counters of everybody's times in this hour and, where it is known, of this address' in this day."""
    return [name_of("everybody", f"{now:%H}", now), *([name_of("times", address, now)] if address else [])]


def _of_times(names: list[str], found: dict[str, int]) -> dict[str, int]:
    return dict(zip(("everybodys_times", "times"), (found[name] for name in names), strict=False))
