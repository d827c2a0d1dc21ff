from typing import Any

from django import template

from appointments.scheduling.free_times import FreeTimes

register = template.Library()


@register.simple_tag
def times_of(free: FreeTimes, **changes: Any) -> str:
    """The choice of free times, changed, as the part of an address after "?"."""
    return free.address(**changes)
