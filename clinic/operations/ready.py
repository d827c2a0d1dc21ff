"""
"Ready for patients?": the doctor's findings as the steps of going live, for the manager.

A step is done when the doctor finds nothing of it: nobody ticks it off. The last one is a manager's word.
"""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.accounts import mail_proof
from clinic.accounts.notices import Notice, later
from clinic.models import Proof, ProofKind
from clinic.one_line import OneLineInput
from clinic.operations import doctor
from clinic.operations.doctor.findings import Finding, Severity

MAY_SEE = "clinic.change_clinic"


class Step(NamedTuple):
    """`about` are the names of findings; `address` is where its work is done, by the name of an address."""

    title: Any
    about: tuple[str, ...]
    address: str = ""
    link: Any = ""
    part: str = ""


STEPS = (
    Step(_("Who we are"), ("clinic.E001",), "clinic_clinic_changelist", _("The clinic")),
    Step(_("Our time zone"), ("clinic.E004",), "clinic_clinic_changelist", _("The clinic")),
    Step(_("When we are open"), ("clinic.E002",), "clinic_clinic_changelist", _("The clinic")),
    Step(_("Who patients see"), ("nobody_to_see",), "appointments_practitioner_changelist", _("Practitioners")),
    Step(_("Legal notices"), ("clinic.E003",), "clinic_notice_changelist", _("Legal notices")),
    Step(
        _("Pages that a clinician signed"), ("procedures.W001", "procedures.W002"), "procedures_page_changelist",
        _("Pages"),
    ),
    Step(
        _("Public holidays"), ("undecided_holidays",), "appointments_closure_public_holidays", _("Public holidays")
    ),
    Step(
        _("Appointments of before"), ("old_calendar",), "appointments_appointment_import", _("Bring in appointments"),
        "bring_in",
    ),
    Step(_("A test mail that comes back"), ("mail_comes_back",), part="mail"),
    Step(_("Accounts and their second step"), ("managers", "second_factor"), "auth_user_changelist", _("Users")),
    Step(_("Backups that come back"), ("backup", "restore_drill")),
)  # fmt: skip
# What the last step itself is about.
OWN = ("sign_off",)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the test mail"),
        max_length=20,
        widget=OneLineInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The steps with what is missing of each; a POST mails, takes the mail's code, or is the manager's word."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    pressed = request.POST.get("do", "")
    form = CodeForm(request.POST if pressed == "code" else None)
    if request.method == "POST" and _PRESSED.get(pressed, _take_code)(request, form):
        return redirect("admin:ready")
    found = doctor.look(doctor.Part.WHOLE)
    known = {name for step in STEPS for name in step.about} | {*OWN}
    context = {
        **site.each_context(request),
        "title": gettext("Ready for patients?"),
        "steps": [
            (
                step,
                step.address and reverse(f"admin:{step.address}"),
                [each for each in found if each.name in step.about],
            )
            for step in STEPS
        ],
        "others": [each for each in found if each.name not in known],
        "errors": len(_in_the_way(found)),
        "signed": Proof.objects.latest_of(ProofKind.READY).get(ProofKind.READY),
        "form": form,
    }
    return TemplateResponse(request, "admin/ready.html", context)


def _in_the_way(found: list[Finding]) -> list[Finding]:
    """What no manager may overlook."""
    return [each for each in found if each.severity is Severity.ERROR]


def _mail(request: HttpRequest, form: CodeForm) -> bool:
    address = getattr(request.user, "email", "")
    if not address:
        messages.error(request, gettext("Your account has no email address: enter it under Your sign-in first."))
        return True
    later(request.user.pk, Notice.TEST_MAIL)
    words = gettext("A test mail is on its way to %(address)s. Type the code that it brings.")
    messages.success(request, words % {"address": address})
    return True


def _take_code(request: HttpRequest, form: CodeForm) -> bool:
    if not form.is_valid():
        return False
    if not mail_proof.is_right(request.user, form.cleaned_data["code"]):
        form.add_error("code", gettext("This is not the code of a mail of the last hour. Have another one sent."))
        return False
    _keep(request, ProofKind.TEST_MAIL, about=mail_proof.server())
    messages.success(request, gettext("The test mail came back."))
    return True


def _nothing_to_bring_in(request: HttpRequest, form: CodeForm) -> bool:
    _keep(request, ProofKind.NOTHING_TO_BRING_IN)
    return True


def _sign(request: HttpRequest, form: CodeForm) -> bool:
    if _in_the_way(doctor.look(doctor.Part.WHOLE)):
        messages.error(request, gettext("Not yet: what is marked as an error comes first."))
    else:
        _keep(request, ProofKind.READY)
        messages.success(request, gettext("The site is ready for patients, by your word."))
    return True


def _keep(request: HttpRequest, kind: ProofKind, about: str = "") -> None:
    """Once: who presses twice proves no more."""
    by: Any = request.user
    if not Proof.objects.filter(kind=kind, about=about).exists():
        Proof.objects.create(kind=kind, about=about, by=by)


_PRESSED = {"mail": _mail, "nothing": _nothing_to_bring_in, "ready": _sign}
