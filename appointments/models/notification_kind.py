from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationKind(models.TextChoices):
    """What a mail, or the call in its place, is about. What it says stands in notifications/texts.py."""

    RECEIVED = "received", _("We have your message")
    LINK_AGAIN = "link_again", _("The link again")
    NEW_LINK = "new_link", _("A new link")
    ANSWERED = "answered", _("We have answered")
    TRIED = "tried", _("We tried to reach you")
    OFFERED = "offered", _("Times to choose from")
    WITHDRAWN = "withdrawn", _("A time is no longer offered")
    HELD = "held", _("A time is held, not confirmed yet")
    HELD_MOVED = "held_moved", _("A time was moved, not confirmed yet")
    BOOKED = "booked", _("A time is booked")
    MOVED = "moved", _("A time was moved")
    SOMEBODY_ELSE = "somebody_else", _("The time stays, somebody else sees them")
    CANCELLED = "cancelled", _("A time was canceled")
    REMINDER = "reminder", _("Reminder")
    DISPLACED = "displaced", _("A time cannot take place")
    # A call that was promised, or after "This is not for me": never a mail.
    CALL_BACK = "call_back", _("Call back")
    NOT_THEIRS = "not_theirs", _("Our mail reached somebody else")
    # Somebody has to find out how to reach them: never a mail.
    NO_NUMBER = "no_number", _("No number yet: find one")
    STAFF_WAITING = "staff_waiting", _("To staff: something waits")
    STAFF_OVERDUE = "staff_overdue", _("To the manager: a promise is overdue")
    STAFF_DAY = "staff_day", _("To staff: tomorrow’s day list")

    @classmethod
    def mailed(cls) -> list["NotificationKind"]:
        """Those that can be a mail."""
        return [kind for kind in cls if kind not in (cls.CALL_BACK, cls.NOT_THEIRS, cls.NO_NUMBER)]


MAIL_CHOICES = [(kind.value, kind.label) for kind in NotificationKind.mailed()]
