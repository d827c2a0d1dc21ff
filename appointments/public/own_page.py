"""What an inquiry's own page says and offers, as one object: its template prints it and decides nothing."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from appointments.models import AppointmentStatus, InquiryKind, InquiryScreening, InquiryStatus
from appointments.public.standing import may_choose
from appointments.public.time_panel import Button, HasTimePanel, Line, Link
from clinic import phones


class OwnPage(HasTimePanel):
    """What the own page of `inquiry` says at `now`: its title, the panel about a time, what happens next."""

    @property
    def name(self) -> str:
        return _("Your question") if self.inquiry.kind == InquiryKind.QUESTION else _("Your appointment request")

    @property
    def title(self) -> str:
        if self.has_time and self.to_come:
            if self.is_gone:
                return _("Your time has to change")
            is_held = self.to_come.status == AppointmentStatus.PENDING
            return _("We are holding a time for you") if is_held else _("You have an appointment")
        if self.is_cancelled:
            return _("Your time is cancelled")
        if self.inquiry.kind == InquiryKind.QUESTION:
            return _("We have your question")
        return _("We have your appointment request")

    @property
    def next_step(self) -> Sequence[Line]:
        """What happens next; nothing where their time lies ahead and no promise is late."""
        if self.has_time and not self.inquiry.is_late(self.now):
            return []
        if self.proposals:
            return [Line(_("Please choose one of the times above."))]
        if self.is_cancelled and not self.inquiry.is_promised:
            return [Line(_("There is nothing more to do. If you want a new time, choose one or ask us."))]
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
        if self.has_time or self.choose or not is_over or self.inquiry.is_promised:
            return None
        return Button(_("Ask for a new time"), "ask", self._at("inquiry_times"))

    @property
    def keep(self) -> str:
        words = _("Print this page, or write down %s. You can always call us instead.") % self.inquiry.shown_reference
        if not self.inquiry.email:
            return f"{_('We can’t send you this link.')} {words}"
        if self.inquiry.sum_solved and self.inquiry.screening == InquiryScreening.PASSED:
            return f"{_('We also send you this link by email.')} {words}"
        return words

    def _promise(self) -> Line:
        inquiry = self.inquiry
        if inquiry.status == InquiryStatus.CLOSED:
            return Line(_("This is closed. If you need anything else, call us or write to us again."))
        if inquiry.is_late(self.now):
            words = _("Your message is safe.")
            if self.clinic.phone:
                words = format_html(
                    _('{safe} Please call <a href="tel:{number}">{phone}</a> and give {reference}.'),
                    safe=words, number=phones.dialed(self.clinic.phone), phone=self.clinic.phone,
                    reference=inquiry.shown_reference,
                )  # fmt: skip
            return Line(words, _("We are late, and we are sorry."), is_late=True)
        if inquiry.status == InquiryStatus.WAITING_FOR_PATIENT:
            return Line(_("We are waiting to hear from you. Please call us."))
        if inquiry.answered_at:
            return Line(_("We have been in touch. Our staff are still working on it."))
        local = timezone.localtime(inquiry.answer_by, self.clinic.zone)
        words = format_html(
            _('We will contact you by <strong><time datetime="{machine}">{when}</time></strong> ({zone}).'),
            machine=local.isoformat(), when=date_format(local, "l, F j, Y, P"), zone=self.clinic.zone_name,
        )  # fmt: skip
        return Line(words)
