"""What visitors ask for: the form, free times, and each inquiry's own page."""

from appointments.public.views.appointment import calendar, cancel, card, earlier, offers
from appointments.public.views.choosing import choose
from appointments.public.views.contact import contact, old_address
from appointments.public.views.inquiry import inquiry, reminders, reply
from appointments.public.views.times import times

__all__ = [
    "calendar", "cancel", "card", "choose", "contact", "earlier", "inquiry", "offers", "old_address", "reminders",
    "reply", "times",
]  # fmt: skip
