"""How often somebody sends something, counted by hash: nobody is found by it, and all machines count together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from appointments import limits
from appointments.models import Counter, Inquiry
from appointments.models.counter import name_of
from clinic import phones
from clinic.mailboxes import mailbox
from clinic.server.client_address import client_address

DAY = timedelta(days=1)


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


def post(request: HttpRequest, inquiry: Inquiry, *, with_time: bool, now: datetime) -> Counted:
    """Count something that was sent, in one statement."""
    address, hour = client_address(request), f"{now:%Y%m%d%H}"
    email = mailbox(inquiry.email) if inquiry.email else ""
    senders = [name_of("sender", who, now) for who in (phones.e164(inquiry.phone), email) if who]
    posts = name_of(f"posts {hour}", address, now) if address else ""
    times = _times(address, now) if with_time else []
    found = Counter.objects.up([*filter(None, [posts]), *senders, *times], until=now + DAY)
    of_sender = max((found[name] for name in senders), default=0)
    return Counted(posts=found.get(posts, 0), of_sender=of_sender, **_of_times(times, found))


def own_page(inquiry: Inquiry, *, is_reply: bool, now: datetime) -> bool:
    """Count something that is done on an own page: whether there was room for it today."""
    what, most = ("replies", limits.REPLIES_A_DAY) if is_reply else ("switches", limits.SWITCHES_A_DAY)
    name = name_of(what, str(inquiry.pk), now)
    return Counter.objects.up([name], until=now + DAY)[name] <= most


def time(request: HttpRequest, *, now: datetime) -> Counted:
    """Count a time that is chosen for what was sent before."""
    names = _times(client_address(request), now)
    return Counted(**_of_times(names, Counter.objects.up(names, until=now + DAY)))


def _times(address: str, now: datetime) -> list[str]:
    """The counters of everybody's times in this hour and, where it is known, of this address' in this day."""
    return [name_of("everybody", f"{now:%H}", now), *([name_of("times", address, now)] if address else [])]


def _of_times(names: list[str], found: dict[str, int]) -> dict[str, int]:
    return dict(zip(("everybodys_times", "times"), (found[name] for name in names), strict=False))
