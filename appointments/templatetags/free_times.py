from django import template

from appointments.scheduling.free_times import Day, FreeTimes

register = template.Library()


@register.simple_tag
def times_of(free: FreeTimes, day: Day) -> str:
    """The part of an address after "?" that leads to the times of another day."""
    return free.address_of(day)
