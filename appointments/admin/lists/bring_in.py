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
from appointments.bookings.imports.rows import plain
from appointments.errors import HasAppointment, PlanChanged, SlotTaken
from appointments.models import Practitioner, VisitType
from clinic.models import Clinic
from clinic.server.security_log import Event, record

SALT = "appointments.admin.bring_in"

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


class FileForm(forms.Form):
    """A file, or the one that was uploaded with an earlier step: its page carries it along, and nothing is stored."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("File"),
        help_text=_("A calendar (.ics) or a table (.csv), of at most 2 MB and 5,000 rows."),
        required=False,
    )
    content = forms.CharField(strip=False, required=False, widget=forms.HiddenInput)

    name = ""

    def clean_content(self) -> tuple[str, bytes] | None:
        try:
            name, text = signing.loads(kept, salt=SALT) if (kept := self.cleaned_data["content"]) else ("", "")
        except signing.BadSignature as error:
            raise BadRequest("not from our dry run") from error
        self.fields["file"].label = _("Another file in its place (optional)") if text else self.fields["file"].label
        self.name = name
        return (name, text.encode()) if text else None

    def clean(self) -> None:
        file, kept = self.cleaned_data.get("file"), self.cleaned_data.get("content")
        if file:
            # One byte too many is enough to be refused.
            name, self.read_content = plain(file.name)[:60], file.read(limits.IMPORT_BYTES + 1)
        elif kept:
            name, self.read_content = kept
        else:
            if "file" not in self.errors:
                self.add_error("file", self.fields["file"].error_messages["required"])
            return
        self.reading = files.read(self.read_content, Clinic.current().zone)
        if self.reading.problem:
            self.add_error("file", self.reading.problem)
        else:
            self.name = name

    def kept(self) -> str:
        """The file as the next page carries it along."""
        # Signed: a compressed text that we did not make could unfold to any size.
        return signing.dumps([self.name, self.read_content.decode()], salt=SALT, compress=True)


class ChoiceForm(forms.Form):
    """With whom and what for, each only where rows of the file do not say it."""

    use_required_attribute = False

    practitioner = forms.ModelChoiceField(Practitioner.objects.active(), label=_("Practitioner"))
    visit_type = forms.ModelChoiceField(VisitType.objects.active(), label=_("Kind of visit"))

    def __init__(self, *args: Any, reading: Reading, **kwargs: Any):
        super().__init__(*args, **kwargs)
        helps = {
            "practitioner": _("Of %(rows)d rows, %(silent)d do not say it."),
            "visit_type": _(
                "Of %(rows)d rows, %(silent)d do not say it. It says how long a visit takes, and its pause."
            ),
        }
        for field, words in helps.items():
            if silent := reading.silent_on(field):
                self.fields[field].help_text = words % {"rows": len(reading.rows), "silent": silent}
            else:
                del self.fields[field]

    @property
    def said(self) -> dict[str, Any]:
        return {"practitioner": None, "visit_type": None} | self.cleaned_data


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Ask for a file, then for what it does not say; show what would happen, and do it when that is posted."""
    if not request.user.has_perm(BRING_IN):
        raise PermissionDenied
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if not (form.is_bound and form.is_valid()):
        return _page(request, model_admin, form=form)
    is_asked = any(field in request.POST for field in ChoiceForm.base_fields)
    choice = ChoiceForm(request.POST if is_asked else None, reading=form.reading)
    if not choice.fields:
        choice = ChoiceForm({}, reading=form.reading)
    if not choice.is_valid():
        if "digest" in request.POST:
            gone = gettext("Nothing came in: the practitioner or the kind of visit is gone. Choose again.")
            messages.warning(request, gone)
        return _ask(request, model_admin, form, choice)
    if "digest" in request.POST:
        return _bring_in(request, model_admin, form, choice)
    return _dry_run(request, model_admin, form, choice, plans.plan(form.reading, **choice.said, now=timezone.now()))


def _ask(request: HttpRequest, model_admin: ModelAdmin, form: FileForm, choice: ChoiceForm) -> HttpResponse:
    again = FileForm(initial={"content": form.kept()})
    again.fields["file"].label = _("Another file in its place (optional)")
    return _page(request, model_admin, form=again, choice=choice, name=form.name)


def _bring_in(request: HttpRequest, model_admin: ModelAdmin, form: FileForm, choice: ChoiceForm) -> HttpResponse:
    ticked, content = _ticked(request), form.read_content
    agreed = {**choice.said, "content": content, "digest": request.POST["digest"], "overbook": ticked}
    try:
        done = carry_out(**agreed, by=Actor.staff(request.user))
    except PlanChanged as changed:
        plan = changed.plan
    except (SlotTaken, HasAppointment):
        plan = None
    else:
        if not (done.coming or done.counts[Verdict.BUSY]):
            messages.warning(request, gettext("Nothing came in: tick a row that is to come in overbooked."))
            return _dry_run(request, model_admin, form, choice, done)
        record(Event.IMPORTED, request, came=len(done.coming), kept=done.counts[Verdict.BUSY])
        messages.success(request, _told(done))
        return redirect("admin:appointments_appointment_changelist")
    messages.warning(request, gettext("Nothing came in yet: the calendar changed since you looked. Look again."))
    plan = plan or plans.plan(form.reading, **choice.said, now=timezone.now())
    return _dry_run(request, model_admin, form, choice, plan, ticked=ticked)


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
    form: FileForm,
    choice: ChoiceForm,
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
        unused=", ".join(form.reading.unused),
        button=_button(plan, may_tick),
        may_tick=may_tick,
        ticked=ticked,
        cut=sum(bool(line.row.cut) for line in plan.lines),
        agreed={
            "content": form.kept(),
            "digest": plan.digest,
            **{name: each.pk for name, each in choice.said.items() if each},
        },
    )


def _page(request: HttpRequest, model_admin: ModelAdmin, **context: Any) -> HttpResponse:
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Appointments"))),
        "title": gettext("Bring in appointments"),
        "example": EXAMPLE,
        **context,
    }
    return TemplateResponse(request, "admin/appointments/appointment/import.html", context)
