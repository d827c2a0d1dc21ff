"""How the fields of the visitors' form stand on the page, and what stands between them."""

import re
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Hidden, Layout, Submit
from django.urls import reverse_lazy
from django.utils.translation import gettext, gettext_noop

from appointments.models import InquiryKind
from appointments.models.inquiry_choices import ContactChannel

NOT_SURE = ""
HELD_A_WHILE = gettext_noop("Then we hold the time only for a while, and only if we can.")
# Crispy compiles an input's value as a template: of what was sent, only what a slot's code can hold stands there.
SLOT_SIGNS = re.compile(r"[^0-9TZ-]")


def helper(form: Any) -> FormHelper:
    """How the form of a visitor stands on its page, with a time that was chosen or without one."""
    helper = FormHelper()
    helper.form_action = reverse_lazy("appointments")
    # Nobody is signed in here: clinic.server.http.posts_from_here stands in for a token.
    helper.disable_csrf = True
    helper.attrs = {"novalidate": True}
    helper.form_id = "contact-form"
    helper.layout = Layout(
        *(_booking(form) if form.promise else _plain(form)),
        "consent",
        HTML('{% include "appointments/_privacy_link.html" %}'),
        Hidden("sum_token", form.asked.token),
        *([Hidden("slot", SLOT_SIGNS.sub("", form.slot))] if form.slot else []),
        *_sum(form),
        HTML('{% include "appointments/_honeypot.html" %}'),
        *([HTML('<p class="promise">{{ form.promise }}</p>')] if form.promise else []),
        Submit("", gettext("Book this time") if form.promise else gettext("Send")),
    )
    return helper


def _plain(form: Any) -> list[Any]:
    return [
        "kind",
        "name",
        "contact_by",
        Div("phone", css_class="reveal reveal-phone"),
        Div("email", css_class="reveal reveal-email"),
        "message",
        *_optional(
            form,
            gettext("For someone else, another language (optional)"),
            Div("seen_before", css_class="reveal reveal-seen-before"),
            "procedure",
        ),
    ]


def _booking(form: Any) -> list[Any]:
    procedure = form.typed("procedure")
    return [
        Hidden("kind", InquiryKind.APPOINTMENT),
        Hidden("contact_by", ContactChannel.PHONE),
        Hidden("procedure", procedure if procedure in form.procedures else NOT_SURE),
        "name",
        "phone",
        "email",
        *_optional(
            form,
            gettext("For someone else, another language, a message (optional)"),
            *([] if form.has_said_seen_before else ["seen_before"]),
            "message",
        ),
    ]


def _optional(form: Any, summary: str, *fields: Any) -> list[Any]:
    """These and the other optional fields, folded away under `summary` until one of them is filled in or wrong."""
    folded = Layout(
        "reach_note",
        "spoken_language",
        *fields,
        "for_someone_else",
        Div("patient_name", "contact_person", css_class="reveal reveal-someone-else"),
        Div("patient_phone", css_class="reveal reveal-patient-phone"),
    )
    names = [pointer.name for pointer in folded.get_field_names()]
    is_open = any(form.typed(name) or (form.is_bound and form.errors.get(name)) for name in names)
    return [
        HTML(f"<details{' open' if is_open else ''}><summary>{summary}</summary>"),
        folded,
        HTML("</details>"),
    ]


def _sum(form: Any) -> list[Any]:
    if form.solved:
        # A right answer is not asked again. Never what was typed: crispy compiles an input's value as a template.
        return [Hidden("sum", str(form.asked.first + form.asked.second))]
    return [
        Field("sum", template="clinic_forms/sum.html"),
        "check_by_hand",
        *([HTML(f'<p class="reveal reveal-by-hand">{gettext(HELD_A_WHILE)}</p>')] if form.promise else []),
    ]
