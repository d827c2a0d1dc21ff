"""Putting a canned reply into the answer that somebody is writing: nothing is sent, and what was typed stays."""

from django.http import HttpRequest, QueryDict

from appointments.admin.base import as_key
from appointments.inquiries.canned_replies import Filled

# The button that puts the chosen one in, and the select beside it.
FILL, CHOSEN = "fill", "canned"


def with_words(request: HttpRequest, replies: list[Filled]) -> QueryDict:
    """What was posted, with the words of the reply that was chosen after those that were typed."""
    posted = request.POST.copy()
    chosen = as_key(posted.get(CHOSEN, ""))
    words = next((reply.words for reply in replies if reply.pk == chosen), "")
    typed = posted.get("answer", "").rstrip()
    posted["answer"] = "\n\n".join(filter(None, (typed, words)))
    return posted
