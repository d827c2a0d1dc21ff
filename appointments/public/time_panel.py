"""The panel about a time on an inquiry's own page: the one that they have, had, or asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments.models import Appointment, AppointmentStatus
from appointments.notifications import reminders
from appointments.notifications.changes import known_state
from appointments.public.standing import Standing
from appointments.slots import Slot, what_changed
from clinic.sentences import ended, untranslated


class Line(NamedTuple):
    """A sentence or two; `strong` stands before the other words."""

    words: str
    strong: str = ""
    is_late: bool = False


class Link(NamedTuple):
    words: str
    address: str
    # The drawing before the words, as _icon.html knows it.
    icon: str = ""


class Button(NamedTuple):
    """A button that posts its `name` to an address."""

    words: str
    name: str
    address: str


@dataclass(frozen=True)
class TimePanel:
    """What stands in the panel about their time: the one that they have, had, or asked for."""

    title: str
    starts_at: datetime
    practitioner: object
    visit_type: object
    # Before the time itself, and after it.
    above: Sequence[Line] = ()
    below: Sequence[Line] = ()
    is_to_come: bool = False
    preparation: str = ""
    links: Sequence[Link] = ()
    after_links: Sequence[Line] = ()
    earlier: Button | None = None
    # Saying that they will come, while it is near and they have not said so.
    coming: Button | None = None


class HasTimePanel(Standing):
    """What the panel says as things stand, and what it offers."""

    @property
    def time(self) -> TimePanel | None:
        if self.wish:
            return self._wished(self.wish)
        return self._given(self.appointment) if self.appointment else None

    def _at(self, name: str) -> str:
        return reverse(name, args=[self.inquiry.key])

    def _when(self, moment: datetime) -> str:
        """A moment beside the time itself, which says the clinic's zone."""
        return date_format(timezone.localtime(moment, self.clinic.zone), "l, F j, P")

    def _wished(self, wish: Slot) -> TimePanel:
        held = self.appointment
        is_held = held is not None and held.held_until is not None and held.held_until > self.now
        if is_held and held and held.held_until:
            until = ended(_("We are holding it until %s") % self._when(held.held_until))
            line = f"{until} {_('It is not confirmed yet.')}"
        elif self.inquiry.appointments.filter(held_until__isnull=False, starts_at=wish.starts_at).exists():
            line = _("We no longer hold it.")
        else:
            line = _("We have not held it.")
        return TimePanel(
            _("You asked for this time"),
            wish.starts_at,
            self.inquiry.wished_practitioner,
            self.inquiry.wished_visit_type,
            below=[Line(line)],
            links=[Link(_("Cancel this appointment"), self._at("inquiry_cancel"), "cross")] if is_held else [],
        )

    def _given(self, theirs: Appointment) -> TimePanel:
        title = _PANEL_TITLES.get(AppointmentStatus(theirs.status), gettext_lazy("Your last appointment"))
        if self.to_come and theirs.status == AppointmentStatus.BOOKED:
            title = gettext_lazy("Your appointment")
        if theirs.displaced_at and not self.is_cancelled:
            title = gettext_lazy("We can’t see you at this time")
        below: list[Line] = []
        if theirs.status == AppointmentStatus.PENDING and not theirs.displaced_at:
            below.append(Line(_("We are holding this appointment for you. It is not confirmed yet.")))
        below += self._somebody_else(theirs)
        if self.has_time and not self.is_gone and theirs.has_said_they_will_come:
            below.append(Line(_("You have told us that you will come.")))
        if theirs.cancelled_late and self.is_cancelled and self.clinic.late_policy:
            below.append(Line(f"{self._cancelled_late()} {self.clinic.late_policy}"))
        panel = TimePanel(
            str(title), theirs.starts_at, theirs.practitioner, theirs.visit_type, above=self._sorry(), below=below
        )
        if not self.to_come:
            return panel
        return replace(
            panel,
            is_to_come=True,
            preparation=theirs.visit_type.signed_preparation(),
            links=self._links(),
            after_links=self._after_links(),
            earlier=self._earlier(),
            coming=self._coming(theirs),
        )

    def _somebody_else(self, theirs: Appointment) -> list[Line]:
        """That they keep the time that they know, and somebody else will see them, where that is so."""
        known = known_state(theirs) if self.has_time and not self.is_gone and theirs.sequence else None
        if known is None or what_changed(known, theirs) != "practitioner_id":
            return []
        about = {"who": untranslated(theirs.practitioner.name), "them": untranslated(known.practitioner.name)}
        return [Line(format_html(_("The time stays. Instead of {them}, {who} will see you."), **about))]

    def _sorry(self) -> list[Line]:
        if not self.is_gone:
            return []
        words = _("Please choose another time, or call us.") if self.may_move else _("Please call us for another time.")
        return [Line(words, _("We are sorry: we can’t see you at this time."), is_late=True)]

    def _cancelled_late(self) -> str:
        hours = self.clinic.late_hours
        words = ngettext("You canceled less than %d hour before.", "You canceled less than %d hours before.", hours)
        return words % hours

    def _links(self) -> list[Link]:
        keeping = [
            Link(_("Add it to your calendar"), self._at("inquiry_calendar"), "calendar"),
            Link(_("Print an appointment card"), self._at("inquiry_card"), "card"),
        ]
        moving = [Link(_("Move this appointment"), self._at("inquiry_times"), "move")]
        return [
            *([] if self.is_gone else keeping),
            *(moving if self.may_move else []),
            Link(_("Cancel this appointment"), self._at("inquiry_cancel"), "cross"),
        ]

    def _after_links(self) -> list[Line]:
        lines = [] if self.may_move else [Line(_("To move it, please call us."))]
        if self.inquiry.waiting_list_since and not self.is_gone:
            lines.append(Line(_("You would take an earlier time. If one becomes free, we will tell you.")))
        return lines

    def _earlier(self) -> Button | None:
        if self.is_gone:
            return None
        if self.inquiry.waiting_list_since:
            return Button(_("Stop looking for an earlier time"), "off", self._at("inquiry_earlier"))
        return Button(_("Tell me if an earlier time becomes free"), "on", self._at("inquiry_earlier"))

    def _coming(self, theirs: Appointment) -> Button | None:
        is_sure = theirs.status == AppointmentStatus.BOOKED and not self.is_gone
        is_near = theirs.starts_at - self.now < reminders.EARLIEST
        if not is_sure or not is_near or theirs.has_said_they_will_come:
            return None
        return Button(_("I will come"), "yes", self._at("inquiry_coming"))


_PANEL_TITLES = {
    AppointmentStatus.CANCELLED: gettext_lazy("The appointment that was canceled"),
    AppointmentStatus.PENDING: gettext_lazy("Held, not confirmed yet"),
    AppointmentStatus.NOSHOW: gettext_lazy("We missed you"),
}
