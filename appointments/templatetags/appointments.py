import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from appointments.admin.base import (
    ADD_CLOSURE,
    CHANGE_CLINIC,
    ENTER_CALLERS,
    OWN_DAY,
    VIEW_APPOINTMENT,
    VIEW_INQUIRY,
    VIEW_REPORTS,
)
from appointments.admin.today import page
from appointments.models import Closure, DoctorQuestion, Practitioner, Schedule
from appointments.public import blank_form, people
from appointments.scheduling import holidays
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
        if len(parts) == 1:
            return conditional_escape(words)
        return format_html_join("", "{}", ((untranslated(each) if n % 2 else each,) for n, each in enumerate(parts)))

    def line(words: str) -> SafeString:
        if words == link:
            return format_html(BUTTON, link, button)
        if time and words == time:
            return format_html('<strong style="font-size:22px">{}</strong>', words)
        parts = words.split(link) if link else [words]
        if len(parts) == 1:
            return plain(words)
        return format_html_join(format_html('<a href="{0}">{0}</a>', link), "{}", ((plain(part),) for part in parts))

    paragraphs = (part.strip("\n").split("\n") for part in body.replace("\r\n", "\n").split("\n\n") if part.strip())
    lines = ((format_html_join(SafeString("<br>"), "{}", ((line(each),) for each in part)),) for part in paragraphs)
    return format_html_join("\n", "<p>{}</p>", lines)


@register.inclusion_tag("appointments/_contact.html")
def contact_form(procedure: str, times_online: bool) -> dict[str, Any]:
    """The contact section for the bottom of a procedure's page, with that procedure selected."""
    form = blank_form.html(timezone.now(), procedure)
    return {"form": form, "times_online": times_online, "practice": practice.current()}


# What templates of staff's pages ask for. Permissions have their names in one place.
MAY = {
    "see_patients": VIEW_INQUIRY, "see_visits": VIEW_APPOINTMENT, "see_reports": VIEW_REPORTS, "close": ADD_CLOSURE,
    "change_clinic": CHANGE_CLINIC,
}  # fmt: skip


@register.simple_tag(takes_context=True)
def may_do(context: Context) -> dict[str, SimpleLazyObject]:
    """Whether who reads the page may do each of these: asked where a template does."""
    user = context["request"].user
    return {name: SimpleLazyObject(partial(user.has_perm, right)) for name, right in MAY.items()}


@register.inclusion_tag("admin/appointments/today/_today.html", takes_context=True)
def today(context: Context) -> dict[str, Any]:
    """What the first page says to those who may see patients; to others nothing."""
    user = context["request"].user
    if not user.has_perm(VIEW_INQUIRY):
        return {}
    return {**page.context(user), "csrf_token": context.get("csrf_token")}


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


@register.simple_tag
def practitioners() -> tuple[people.Person, ...]:
    """Who sees patients here, for appointments/_practitioners.html."""
    return people.shown()


@register.simple_tag(takes_context=True)
def undecided_holidays(context: Context) -> str:
    """For the manager: the public holidays to come of which nobody has said whether the clinic is open; or nothing."""
    user = context["request"].user
    if not (user.has_perm(CHANGE_CLINIC) and Clinic.current().holidays_of):
        return ""
    return holidays.within_reach(timezone.now())
