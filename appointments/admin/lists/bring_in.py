"""Bringing in appointments from another calendar: a file, what would become of each of its rows, and then doing it."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core import signing
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments import limits
from appointments.actors import Actor
from appointments.admin.base import BRING_IN, OVERBOOK, list_trail, page_context
from appointments.bookings.imports import files, plans
from appointments.bookings.imports.carry_out import carry_out
from appointments.bookings.imports.files import Reading
from appointments.bookings.imports.plans import Plan, Verdict
from appointments.errors import HasAppointment, PlanChanged, SlotTaken
from appointments.models import Practitioner, VisitType
from clinic.models import Clinic
from clinic.server.security_log import Event, record

SALT = "appointments.admin.importing"

EXAMPLE = """\
name,phone,email,practitioner,visit type,date,time,minutes
Rosa Lind,212 555 0123,rosa@example.com,"Jane Doe, MD",First visit,11/24/2026,9:30 AM,30
Sam Okoro,212 555 0177,,"Jane Doe, MD",Follow-up,11/24/2026,10:00 AM,20
"""

COUNTS = {
    Verdict.UNREADABLE: ngettext_lazy("%d stays out", "%d stay out"),
    Verdict.CLASH: ngettext_lazy("%d clashes", "%d clash"),
    Verdict.OUTSIDE: ngettext_lazy("%d has no hours", "%d have no hours"),
    Verdict.BUSY: ngettext_lazy("%d is kept as busy time", "%d are kept as busy time"),
    Verdict.IN: ngettext_lazy("%d comes in", "%d come in"),
    Verdict.HERE: ngettext_lazy("%d is here already", "%d are here already"),
    Verdict.OVER: ngettext_lazy("%d is over", "%d are over"),
}


class ChoiceForm(forms.Form):
    """With whom and what for, where the file does not say it."""

    use_required_attribute = False

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.active(), label=_("Practitioner"), help_text=_("Where the file does not say it.")
    )
    visit_type = forms.ModelChoiceField(
        VisitType.objects.active(),
        label=_("Kind of visit"),
        help_text=_("Where the file does not say it. It says how long a visit takes and the pause after it."),
    )


class FileForm(ChoiceForm):
    file = forms.FileField(
        label=_("File"), help_text=_("A calendar (.ics) or a table (.csv), of at most 2 MB and 5,000 rows.")
    )

    field_order = ["file", "practitioner", "visit_type"]

    def clean_file(self) -> bytes:
        # One byte too many is enough to be refused.
        content: bytes = self.cleaned_data["file"].read(limits.IMPORT_BYTES + 1)
        self.reading = files.read(content, Clinic.current().zone)
        if self.reading.problem:
            raise forms.ValidationError(self.reading.problem)
        return content


class AgreedForm(ChoiceForm):
    """What the dry run was about, carried along by its page: nothing of it is stored before somebody agrees."""

    content = forms.CharField(strip=False, widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("practitioner", "visit_type"):
            self.fields[name].widget = forms.HiddenInput()

    @classmethod
    def of(cls, content: bytes, said: dict[str, Any], plan: Plan) -> "AgreedForm":
        # Signed: a compressed text that we did not make could unfold to any size.
        signed = signing.dumps(content.decode(), salt=SALT, compress=True)
        return cls(initial={**said, "content": signed, "digest": plan.digest}, auto_id=False)

    def clean_content(self) -> bytes:
        try:
            return str(signing.loads(self.cleaned_data["content"], salt=SALT)).encode()
        except signing.BadSignature as error:
            raise BadRequest("not from our dry run") from error


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Ask for a file; a POST with one shows what would happen, and a POST of what was shown does it."""
    if not request.user.has_perm(BRING_IN):
        raise PermissionDenied
    if "digest" in request.POST:
        return _bring_in(request, model_admin)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        content = said.pop("file")
        return _dry_run(
            request, model_admin, content, said, form.reading, plans.plan(form.reading, **said, now=timezone.now())
        )
    return _page(request, model_admin, form=form)


def _bring_in(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    form = AgreedForm(request.POST)
    if not form.is_valid():
        messages.warning(
            request, gettext("Nothing came in: the practitioner or the kind of visit is gone. Choose again.")
        )
        return redirect(request.path)
    said, ticked = form.cleaned_data, _ticked(request)
    content, digest = said.pop("content"), said.pop("digest")
    try:
        done = carry_out(content=content, digest=digest, overbook=ticked, by=Actor.staff(request.user), **said)
    except PlanChanged as changed:
        plan = changed.plan
    except (SlotTaken, HasAppointment):
        plan = None
    else:
        if not (done.coming or done.counts[Verdict.BUSY]):
            messages.warning(request, gettext("Nothing came in: tick a row that is to come in overbooked."))
            return _dry_run(request, model_admin, content, said, files.read(content, Clinic.current().zone), done)
        record(Event.IMPORTED, request, came=len(done.coming), kept=done.counts[Verdict.BUSY])
        messages.success(request, _told(done))
        return redirect("admin:appointments_appointment_changelist")
    messages.warning(request, gettext("Nothing came in yet: the calendar changed since you looked. Look again."))
    reading = files.read(content, Clinic.current().zone)
    plan = plan or plans.plan(reading, **said, now=timezone.now())
    return _dry_run(request, model_admin, content, said, reading, plan, ticked=ticked)


def _ticked(request: HttpRequest) -> set[int]:
    """The numbers of the rows that somebody who may ticked, to be overbooked."""
    numbers = request.POST.getlist("overbook")
    if numbers and not request.user.has_perm(OVERBOOK):
        raise PermissionDenied
    if not all(number.isdecimal() and len(number) < 9 for number in numbers):
        raise BadRequest("not rows of our dry run")
    return {int(number) for number in numbers}


def _told(done: Plan) -> str:
    came = ngettext_lazy("%d appointment came in", "%d appointments came in") % len(done.coming)
    told = [str(came), gettext("%d kept as busy time") % done.counts[Verdict.BUSY]]
    if done.counts[Verdict.OVERBOOKED]:
        told.insert(1, gettext("%d of them overbooked") % done.counts[Verdict.OVERBOOKED])
    if without := sum(not line.row.can_be_reached for line in done.coming):
        told.append(gettext("%d without a number yet, in the list of calls") % without)
    return f"{', '.join(told)}."


def _button(plan: Plan, may_tick: bool) -> str:
    """What the button says that does what the dry run shows; empty where there is nothing to do."""
    coming, busy = plan.counts[Verdict.IN], plan.counts[Verdict.BUSY]
    if coming:
        words = ngettext_lazy("Bring in %d appointment", "Bring in %d appointments") % coming
        return gettext("%s, and those that I ticked") % words if may_tick else str(words)
    if may_tick:
        return gettext("Bring in those that I ticked")
    return str(ngettext_lazy("Keep %d busy time", "Keep %d busy times") % busy) if busy else ""


def _dry_run(
    request: HttpRequest,
    model_admin: ModelAdmin,
    content: bytes,
    said: dict[str, Any],
    reading: Reading,
    plan: Plan,
    *,
    ticked: Collection[int] = (),
) -> HttpResponse:
    may_overbook = request.user.has_perm(OVERBOOK)
    may_tick = may_overbook and any(line.may_be_overbooked for line in plan.lines)
    counts = [words % plan.counts[verdict] for verdict, words in COUNTS.items() if plan.counts[verdict]]
    rows = ngettext_lazy("Of %d row", "Of %d rows") % len(plan.lines)
    return _page(
        request,
        model_admin,
        plan=plan,
        summary=gettext("%(rows)s: %(counts)s.") % {"rows": rows, "counts": ", ".join(map(str, counts))},
        lines=[line for verdict in Verdict for line in plan.of(verdict)],
        unused=", ".join(reading.unused),
        button=_button(plan, may_tick),
        may_tick=may_tick,
        ticked=ticked,
        cut=sum(bool(line.row.cut) for line in plan.lines),
        agreed=AgreedForm.of(content, said, plan),
    )


def _page(request: HttpRequest, model_admin: ModelAdmin, **context: Any) -> HttpResponse:
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Appointments"))),
        "title": gettext("Bring in appointments"),
        "example": EXAMPLE,
        **context,
    }
    return TemplateResponse(request, "admin/appointments/appointment/import.html", context)
