"""What happens to an inquiry, each all or nothing and with its history. Knows no request and no form."""

from appointments.actions.conversation import log_call, note, reply, send_link_again, write_back
from appointments.actions.inquiries import (
    MOVES,
    changing,
    close_as_silent,
    hold,
    mark_as_spam,
    move,
    promise,
    release,
    stop_reminders,
    submit,
    take,
)

__all__ = [
    "MOVES", "changing", "close_as_silent", "hold", "log_call", "mark_as_spam",
    "move", "note", "promise", "release", "reply", "send_link_again", "stop_reminders", "submit", "take", "write_back",
]  # fmt: skip
