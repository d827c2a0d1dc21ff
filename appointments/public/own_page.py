"""What an inquiry's own page says and offers, as one object: its template prints it and decides nothing."""

from collections.abc import Sequence
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from appointments.models import AppointmentStatus, InquiryKind, InquiryScreening, InquiryStatus
from appointments.models.inquiry_choices import ContactChannel
from appointments.public import waiting_panel
from appointments.public.standing import may_choose
from appointments.public.time_panel import Button, HasTimePanel, Line, Link
from appointments.public.waiting_panel import WaitingPanel
from clinic import phones
from clinic.sentences import ended, untranslated


class OwnPage(HasTimePanel):
    """What the own page of `inquiry` says at `now`: its title, the panel about a time, what happens next."""

    @property
    def title(self) -> str:
        if self.has_time and self.to_come:
            if self.is_gone:
                return _("We have to move your appointment")
            if self.to_come.status == AppointmentStatus.PENDING:
                return _("Your appointment is held, not confirmed yet")
            return _("Your appointment is booked")
        if self.is_cancelled:
            return _("Your appointment is canceled")
        if self.inquiry.kind == InquiryKind.QUESTION:
            return _("We have your question")
        return _("We have your appointment request")

    @property
    def mark(self) -> str:
        """The drawn mark beside the title."""
        if self.has_time and self.to_come:
            is_sure = self.to_come.status != AppointmentStatus.PENDING and not self.is_gone
            return "check" if is_sure else "clock"
        if self.is_cancelled:
            return "cross"
        return "warning" if self.inquiry.is_late(self.now) else "check"

    @property
    def for_another(self) -> str:
        """That it is about another person, whose name is not said; nothing where it is about the writer."""
        if not self.inquiry.patient_name:
            return ""
        return _("You booked for another person.") if self.has_time else _("You wrote to us for another person.")

    @property
    def stops(self) -> Sequence[Line]:
        """What happens next, in three stops of which the first is behind them; nothing where it is said otherwise."""
        if self.inquiry.is_late(self.now) or self.is_gone:
            return []
        if self.has_time and self.to_come:
            come = Line(ended(_("You come to us: %s") % self._when(self.to_come.starts_at)))
            if self.to_come.status == AppointmentStatus.PENDING:
                return [Line(_("We have your request.")), self._promise(), come]
            return [
                Line(_("Your appointment is booked.")),
                Line(_("If you can’t come, move it or cancel it here, or call us.")),
                come,
            ]
        if self.proposals or self.is_cancelled or not self.inquiry.is_promised:
            return []
        arrived = Line(_("It has arrived. You don’t need to send it again."))
        if self.inquiry.kind == InquiryKind.QUESTION:
            return [arrived, self._promise(), Line(_("You get our answer."))]
        return [arrived, self._promise(), Line(_("We agree on a time with you."))]

    @property
    def next_step(self) -> Sequence[Line]:
        """What happens next; nothing where their time lies ahead and no promise is late."""
        if self.has_time and not self.inquiry.is_late(self.now):
            return []
        if self.proposals:
            return [Line(_("Please choose one of the times above."))]
        if self.is_cancelled and not (self.inquiry.is_promised and self.owes_words):
            return [self._nothing_to_do()]
        return [self._promise()]

    @property
    def choose(self) -> Link | None:
        """Choosing a time, where they have none and may."""
        is_open = self.appointment is None or not self.appointment.is_live
        if self.has_time or not (is_open and self.is_online and may_choose(self.inquiry)):
            return None
        words = _("Choose a new time") if self.appointment else _("Choose a time")
        if self.proposals:
            words = _("See all free times")
        return Link(words, self._at("inquiry_times"))

    @property
    def ask(self) -> Button | None:
        """Asking for another time, where theirs is gone, they can't choose, and nobody has been asked yet."""
        is_over = self.appointment is not None and not self.appointment.is_live
        # Who cancels is promised an answer, and has asked for nothing by that.
        is_asked = self.inquiry.is_promised and self.inquiry.waiting_list_since is not None
        if self.has_time or self.choose or not is_over or is_asked:
            return None
        return Button(_("Ask for a new time"), "ask", self._at("inquiry_times"))

    @cached_property
    def waits(self) -> WaitingPanel | None:
        """What they wait for on the waiting list, where they do."""
        return waiting_panel.panel(self)

    @property
    def waiting_list(self) -> str:
        """The address at which they join it, where they have no time and may."""
        return "" if self.has_time else waiting_panel.invitation(self)

    @property
    def card(self) -> Link | None:
        """The card to print, where there is an appointment for it."""
        if not self.has_time or self.is_gone:
            return None
        return Link(_("Print the card"), self._at("inquiry_card"))

    @property
    def keep(self) -> str:
        """How they find back to this page."""
        words = _("Write down {reference}, or print this page. You can always call us instead.")
        if self.card:
            words = _("Write down {reference}, or print the card. You can always call us instead.")
        words = format_html(words, reference=untranslated(self.inquiry.shown_reference))
        if not self.inquiry.email:
            return format_html("{} {}", _("We can’t send you this link."), words)
        if self.inquiry.sum_solved and self.inquiry.screening == InquiryScreening.PASSED:
            if self.inquiry.emails.told_or_waiting().exists():
                return _("We also send you this link by email. You can always call us instead.")
            return format_html("{} {}", _("We do not send you an email this time."), words)
        return words

    def _nothing_to_do(self) -> Line:
        """What somebody who has canceled reads: nobody calls them about it."""
        again = _("To come another day, please call us.")
        if self.choose:
            again = _("To come another day, choose a new time or call us.")
        elif self.ask:
            again = _("To come another day, ask for a new time or call us.")
        return Line(f"{_('You do not need to do anything.')} {again}")

    def _promise(self) -> Line:
        inquiry = self.inquiry
        if inquiry.status == InquiryStatus.CLOSED:
            return Line(_("This is closed. If you need anything else, call us or write to us again."))
        if inquiry.is_late(self.now):
            words = _("We are sorry. Your message is safe. We still plan to call you.")
            if inquiry.contact_by == ContactChannel.EMAIL:
                words = _("We are sorry. Your message is safe. We still plan to write to you.")
            if self.clinic.phone:
                words = format_html(
                    _('{safe} If you do not want to wait, call <a href="tel:{number}">{phone}</a> and tell us {code}.'),
                    safe=words, number=phones.dialed(self.clinic.phone), phone=untranslated(self.clinic.phone),
                    code=untranslated(inquiry.shown_reference),
                )  # fmt: skip
            return Line(words, _("We are late with our answer."), is_late=True)
        if inquiry.status == InquiryStatus.WAITING_FOR_PATIENT:
            return Line(_("We are waiting to hear from you. Please call us."))
        if inquiry.answered_at:
            return Line(_("We have been in touch. Our staff are still working on it."))
        local = timezone.localtime(inquiry.answer_by, self.clinic.zone)
        when = date_format(local, "l, F j, P")
        zone = "" if self.time or self.proposals else f" ({self.clinic.zone_name})"  # Said once.
        words = format_html(
            _('We will contact you by <strong><time datetime="{machine}">{when}</time></strong>{end}'),
            machine=local.isoformat(), when=when, end=ended(when + zone).removeprefix(when),
        )  # fmt: skip
        return Line(words)
