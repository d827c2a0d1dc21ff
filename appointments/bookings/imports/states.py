"""What the words of a state, in a table or of an event, mean for a time: taken, unsure, or somebody else's to have."""

import re
from typing import NamedTuple

from django.utils.translation import gettext

from appointments.inquiries.search import normalize


class State(NamedTuple):
    """Why it does not take place or takes no time, whether that is sure, and what its dry run says of it."""

    is_out: str = ""
    takes_no_time: str = ""
    is_tentative: bool = False
    note: str = ""


CANCELED = re.compile(r"\b(?:cancel|delet|remov|abgesagt|storni|anulad|annul)|^(?:cx|cxl|canx|void|voided|called off)$")
DECLINED = re.compile(r"\b(?:declin|reject|refus|denied|not (?:approved|accepted))")
ABSENT = re.compile(r"\bno ?show|^(?:ns|dna|fta|missed|absent)\b|\b(?:did not|didn t) (?:come|attend|arrive|show)")
# The old time of what was moved, or its new one: programs differ.
MOVED = re.compile(r"\b(?:re ?sched|moved|postpon|re ?book)|^r s$")
WAITING = re.compile(r"\bwait(?:ing)? ?list")
TENTATIVE = re.compile(
    r"\b(?:tentativ|pending|request|unconfirmed|not (?:yet )?confirmed|await|hold|held|provision|propos|draft|tbc|"
    r"to be confirmed|unable|(?:can|could) ?not|needs|left (?:message|voicemail)|no answer)"
)
TAKEN = re.compile(
    r"^(?:|ok|okay|yes|y|active|new|open|busy|opaque|booked|scheduled|planned|approved|accepted|reserved|reminded|"
    r"reminder sent|expected|kept)$|\bconfirm(?:ed|ado|ada)?\b|\bbestatigt\b"
)
BEGUN = re.compile(
    r"\b(?:checked ?(?:in|out)|check ?in|arrived|here|in (?:progress|room|session)|roomed|seated|started|waiting|"
    r"complete|completed|done|finished|fulfilled|attended|seen|visited|closed)\b"
)
# In front of a title.
LONGEST_MARK = 60
MARK = re.compile(
    r"\W*(cancel(?:l?ed|ad[oa]|led)?|deleted|abgesagt|storniert|annul[ée]e?|anulad[oa]|declined|no[ -]?show"
    r"|tentative|unconfirmed|pending|(?:on )?hold|mit vorbehalt|provisional)\s*(?::|[\])}]|\s[\-–—]\s)\s*",
    re.IGNORECASE,
)


def meant_by(typed: str) -> State:
    """What a state means. What nobody knows here comes in to be confirmed: it may say that it is canceled."""
    words = " ".join(re.sub(r"[\W_]+", " ", normalize(typed[:200])).split())
    shown = {"state": typed[:40]}
    if re.search(r"\b(?:un|not )cancel", words):
        return _unsure(gettext("Its state there is “%(state)s”, which is not known here.") % shown)
    if CANCELED.search(words):
        return State(is_out=gettext("It is canceled."))
    if DECLINED.search(words):
        return State(is_out=gettext("It was declined there: “%(state)s”.") % shown)
    if ABSENT.search(words):
        return State(is_out=gettext("They did not come, as it says there: “%(state)s”.") % shown)
    if WAITING.search(words):
        return State(takes_no_time=gettext("It is on a waiting list there: it takes no time."))
    if MOVED.search(words):
        return _unsure(gettext("It is “%(state)s” there: this may be its old time or its new one.") % shown)
    if TENTATIVE.search(words):
        return _unsure(gettext("It is “%(state)s” there.") % shown)
    if TAKEN.search(words) and (words or not typed.strip()):
        return State()
    if BEGUN.search(words):
        return State(note=gettext("It is “%(state)s” there.") % shown)
    return _unsure(gettext("Its state there is “%(state)s”, which is not known here.") % shown)


def marked(title: str) -> tuple[State, str]:
    """What a title says in front of its name, as Outlook does: "Canceled: Rosa Lind", and the title without it."""
    found = MARK.match(title[:LONGEST_MARK])
    if found is None:
        return State(), title
    return meant_by(found[1]), title[found.end() :].strip()


def _unsure(note: str) -> State:
    return State(is_tentative=True, note=note)
