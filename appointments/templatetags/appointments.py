import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from appointments.admin import wording
from appointments.admin.base import ENTER_CALLERS, OWN_DAY, VIEW_INQUIRY
from appointments.admin.lists.why_waiting import waits_cell, why_waiting
from appointments.bookings import waiting_list
from appointments.inquiries import contacts
from appointments.models import Appointment, CallTask, Closure, DoctorQuestion, Email, Inquiry, Practitioner, Schedule
from appointments.models.counting import count_all
from appointments.notifications.calls import end_of_day
from appointments.public import blank_form
from clinic import practice
from clinic.models import Clinic
from clinic.sentences import untranslated

register = template.Library()


BUTTON = (
    '<a href="{}" style="display:inline-block;padding:12px 24px;border-radius:6px;background:#0f5c63;color:#ffffff;'
    'font-weight:600;text-decoration:none">{}</a>'
)


@register.simple_tag
def mail_body(body: str, link: str, button: str, time: str, kept: Sequence[str]) -> SafeString:
    """
    The mail's words as HTML: a line that is `link` is a button, one that is `time` is large.

    Within other lines `link`, and nothing else that looks like one, is a link. What is `kept`, like a name, is marked
    for browsers that translate.
    """
    marked = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, kept))})(?!\w)") if kept else None

    def plain(words: str) -> SafeString:
        parts = marked.split(words) if marked else [words]  # Every second one is kept.
        return format_html_join("", "{}", ((untranslated(each) if n % 2 else each,) for n, each in enumerate(parts)))

    def line(words: str) -> SafeString:
        if words == link:
            return format_html(BUTTON, link, button)
        if time and words == time:
            return format_html('<strong style="font-size:22px">{}</strong>', words)
        parts = words.split(link) if link else [words]
        return format_html_join(format_html('<a href="{0}">{0}</a>', link), "{}", ((plain(part),) for part in parts))

    paragraphs = (part.strip("\n").split("\n") for part in body.replace("\r\n", "\n").split("\n\n") if part.strip())
    lines = ((format_html_join(SafeString("<br>"), "{}", ((line(each),) for each in part)),) for part in paragraphs)
    return format_html_join("\n", "<p>{}</p>", lines)


@register.inclusion_tag("appointments/_contact.html")
def contact_form(procedure: str, times_online: bool) -> dict[str, Any]:
    """The contact section for the bottom of a procedure's page, with that procedure selected."""
    form = blank_form.html(timezone.now(), procedure)
    return {"form": form, "times_online": times_online, "practice": practice.current()}


@register.inclusion_tag("admin/appointments/_waiting.html", takes_context=True)
def waiting_inquiries(context: Context) -> dict[str, Any]:
    """What waits, for the first page of those who may see it: the ten oldest promises."""
    if not context["request"].user.has_perm(VIEW_INQUIRY):
        return {}
    waiting, now = Inquiry.objects.waiting_for_us(), timezone.now()
    counts = count_all(
        waiting=waiting,
        by_hand=Inquiry.objects.to_check_by_hand(),
        spam=Inquiry.objects.spam(),
        calls=CallTask.objects.to_make(),
        reminders=CallTask.objects.reminders(end_of_day(now)),
        held=Appointment.objects.to_confirm(),
        displaced=Appointment.objects.displaced(now),
        mails=Email.objects.in_trouble(now),
        refused=Email.objects.refused_at_the_door(),
    )
    oldest = list(waiting.select_related("procedure")[:10])
    waits = why_waiting(oldest, now)
    return {
        "may_see": True,
        "rows": [
            {
                "inquiry": inquiry,
                "waits": waits_cell(waits[inquiry.pk], now),
                "about": wording.about(inquiry),
                "reach": contacts.reach(inquiry),
                "promise": wording.promise(inquiry, now),
                "is_late": inquiry.is_late(now),
            }
            for inquiry in oldest
        ],
        "counts": {**counts, "earlier": len(waiting_list.freed_slots(now))},
        "no_mail_goes_out": counts["refused"] > 0,
        "choosing_is_paused": Clinic.current().is_choosing_paused,
    }


@register.inclusion_tag("admin/appointments/doctorquestion/_own_day.html", takes_context=True)
def own_day(context: Context) -> dict[str, Any]:
    """Where a practitioner's own pages begin, with the number of questions that wait for them."""
    user = context["request"].user
    if not user.has_perm(OWN_DAY) or not Practitioner.objects.whose_account(user):
        return {}
    return {"may_see": True, "questions": DoctorQuestion.objects.open().of(user).count()}


@register.inclusion_tag("admin/appointments/inquiry/_new_caller.html", takes_context=True)
def new_caller(context: Context) -> dict[str, Any]:
    """Where the front desk begins with a caller's name: what is typed is posted, and stands in no address."""
    may_enter = context["request"].user.has_perms(ENTER_CALLERS)
    return {"may_enter": may_enter, "key": uuid4(), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("admin/appointments/inquiry/_find.html", takes_context=True)
def find_box(context: Context) -> dict[str, Any]:
    """The box in the head of every page of those who may look at inquiries; what was searched last stands in it."""
    may_find = context["request"].user.has_perm(VIEW_INQUIRY)
    return {
        "may_find": may_find,
        "searched": context.get("searched", ""),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("appointments/_closures.html")
def coming_closures() -> dict[str, Any]:
    """When the clinic is closed within the next week although its hours say otherwise."""
    now = timezone.now()
    closures = Closure.objects.standing().of_the_clinic().after(now).filter(starts_at__lt=now + timedelta(days=7))
    return {"closures": closures, "practice": practice.current()}


@register.simple_tag
def times_online() -> bool:
    """Whether visitors can choose times now."""
    return Schedule.any_online()


@register.inclusion_tag("appointments/_practitioners.html")
def practitioners() -> dict[str, Any]:
    """Who sees patients here, each with a kind of visit whose times patients may choose: `online_visit`, or None."""
    people = Practitioner.objects.active().annotate(online_visit=Schedule.objects.first_visit())
    return {"practitioners": people}
