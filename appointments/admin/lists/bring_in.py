"""Bringing in appointments from another calendar: a file, what would become of each of its rows, and then doing it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor
from appointments.admin.base import BRING_IN, OVERBOOK, list_trail, page_context
from appointments.admin.lists.bring_in_forms import ChoiceForm, FileForm, OrderForm
from appointments.bookings.imports import plans
from appointments.bookings.imports.carry_out import carry_out
from appointments.bookings.imports.lines import Plan, Verdict
from appointments.errors import HasAppointment, PlanChanged, SlotTaken
from clinic.server.security_log import Event, record

EXAMPLE = """\
name,phone,email,practitioner,visit type,date,time,minutes
Rosa Lind,212 555 0123,rosa@example.com,"Jane Doe, MD",First visit,11/24/2026,9:30 AM,30
Sam Okoro,212 555 0177,,"Jane Doe, MD",Follow-up,11/24/2026,10:00 AM,20
"""

COUNTS = {
    Verdict.DECIDE: ngettext_lazy("%d is for you to decide", "%d are for you to decide"),
    Verdict.UNREADABLE: ngettext_lazy("%d stays out", "%d stay out"),
    Verdict.FREE: ngettext_lazy("%d takes no time", "%d take no time"),
    Verdict.CLASH: ngettext_lazy("%d clashes", "%d clash"),
    Verdict.OUTSIDE: ngettext_lazy("%d has no hours", "%d have no hours"),
    Verdict.CANCELLED: ngettext_lazy("%d is canceled", "%d are canceled"),
    Verdict.MOVED: ngettext_lazy("%d changes", "%d change"),
    Verdict.BUSY: ngettext_lazy("%d is kept as busy time", "%d are kept as busy time"),
    Verdict.IN: ngettext_lazy("%d comes in", "%d come in"),
    Verdict.LINKED: ngettext_lazy("%d is compared from now on", "%d are compared from now on"),
    Verdict.HERE: ngettext_lazy("%d is here already", "%d are here already"),
    Verdict.OVER: ngettext_lazy("%d is over", "%d are over"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Ask for a file, then for what it does not say; show what would happen, and do it when that is posted."""
    if not request.user.has_perm(BRING_IN):
        raise PermissionDenied
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if not (form.is_bound and form.is_valid()):
        return _page(request, model_admin, form=form)
    if unsure := form.reading.unsure:
        order = OrderForm(request.POST if "dates" in request.POST else None, unsure=unsure)
        if not order.is_valid():
            return _ask(request, model_admin, form, order)
        form.read_by(order.cleaned_data["dates"])
        if form.errors:
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


def _ask(request: HttpRequest, model_admin: ModelAdmin, form: FileForm, choice: ChoiceForm | OrderForm) -> HttpResponse:
    again = FileForm(initial={"content": form.kept()})
    again.fields["file"].label = _("Another file in its place (optional)")
    return _page(request, model_admin, form=again, choice=choice, name=form.name)


def _bring_in(request: HttpRequest, model_admin: ModelAdmin, form: FileForm, choice: ChoiceForm) -> HttpResponse:
    ticked, theirs, ours = _ticked(request), _decided(request, "theirs"), _decided(request, "ours")
    # Whoever may overbook has said so where they follow the other calendar to a time that is not free.
    overbook = ticked | theirs if request.user.has_perm(OVERBOOK) else ticked
    agreed = {**choice.said, "content": form.read_content, "digest": request.POST["digest"]}
    agreed |= {"overbook": overbook, "theirs": theirs, "ours": ours}
    try:
        done = carry_out(**agreed, by=Actor.staff(request.user))
    except PlanChanged as changed:
        plan = changed.plan
    except (SlotTaken, HasAppointment):
        plan = None
    else:
        if not done.does_something:
            messages.warning(request, gettext("Nothing came in: tick a row that is to come in overbooked."))
            return _dry_run(request, model_admin, form, choice, done)
        record(Event.IMPORTED, request, came=len(done.coming), kept=done.counts[Verdict.BUSY])
        messages.success(request, _told(done))
        return redirect("admin:appointments_appointment_changelist")
    messages.warning(request, gettext("Nothing came in yet: the calendar changed since you looked. Look again."))
    plan = plan or plans.plan(form.reading, **choice.said, now=timezone.now())
    decided = dict.fromkeys(theirs, "theirs") | dict.fromkeys(ours, "ours")
    return _dry_run(request, model_admin, form, choice, plan, ticked=ticked, decided=decided)


def _ticked(request: HttpRequest) -> set[int]:
    """The numbers of the rows that somebody who may ticked, to be overbooked."""
    numbers = request.POST.getlist("overbook")
    if numbers and not request.user.has_perm(OVERBOOK):
        raise PermissionDenied
    return _numbers(numbers)


def _decided(request: HttpRequest, side: str) -> set[int]:
    """The numbers of the rows that were changed on both sides, and are to be as on this one."""
    return _numbers(
        name.removeprefix("decide_")
        for name, value in request.POST.items()
        if name.startswith("decide_") and value == side
    )


def _numbers(typed: Iterable[str]) -> set[int]:
    numbers = list(typed)
    if not all(number.isdecimal() and len(number) < 9 for number in numbers):
        raise BadRequest("not rows of our dry run")
    return {int(number) for number in numbers}


def _told(done: Plan) -> str:
    came = ngettext_lazy("%d appointment came in", "%d appointments came in") % len(done.coming)
    told = [str(came), gettext("%d kept as busy time") % done.counts[Verdict.BUSY]]
    if done.counts[Verdict.OVERBOOKED]:
        told.insert(1, gettext("%d of them overbooked") % done.counts[Verdict.OVERBOOKED])
    if tentative := sum(bool(line.row.is_tentative) for line in done.coming):
        told.append(gettext("%d to be confirmed") % tentative)
    changes = {Verdict.MOVED: _("%d changed"), Verdict.CANCELLED: _("%d canceled"), Verdict.KEPT: _("%d left as here")}
    changes[Verdict.LINKED] = _("%d compared from now on")
    told += [words % done.counts[verdict] for verdict, words in changes.items() if done.counts[verdict]]
    if without := sum(not line.row.can_be_reached for line in done.coming):
        told.append(gettext("%d without a number yet, in the list of calls") % without)
    return f"{', '.join(told)}."


def _button(plan: Plan, may_tick: bool) -> str:
    """What the button says that does what the dry run shows; empty where there is nothing to do."""
    coming, busy = plan.counts[Verdict.IN], plan.counts[Verdict.BUSY]
    changed = [plan.counts[verdict] for verdict in (Verdict.MOVED, Verdict.CANCELLED, Verdict.DECIDE)]
    if any(changed):
        return _button_of_changes(coming + busy, *changed, may_tick=may_tick)
    if coming:
        words = ngettext_lazy("Bring in %d appointment", "Bring in %d appointments") % coming
        return gettext("%s, and those that I ticked") % words if may_tick else str(words)
    if may_tick:
        return gettext("Bring in those that I ticked")
    if busy:
        return str(ngettext_lazy("Keep %d busy time", "Keep %d busy times") % busy)
    return gettext("Compare them from now on") if plan.counts[Verdict.LINKED] else ""


def _button_of_changes(coming: int, moved: int, cancelled: int, to_decide: int, *, may_tick: bool) -> str:
    parts = [
        str(words % n)
        for words, n in (
            (ngettext_lazy("bring in %d", "bring in %d"), coming),
            (ngettext_lazy("change %d", "change %d"), moved),
            (ngettext_lazy("cancel %d", "cancel %d"), cancelled),
        )
        if n
    ]
    parts += [gettext("do what I decided")] if to_decide else []
    parts += [gettext("bring in those that I ticked")] if may_tick else []
    return gettext("Agree: %s") % ", ".join(parts)


def _dry_run(
    request: HttpRequest,
    model_admin: ModelAdmin,
    form: FileForm,
    choice: ChoiceForm,
    plan: Plan,
    *,
    ticked: Collection[int] = (),
    decided: Mapping[int, str] | None = None,
) -> HttpResponse:
    may_overbook = request.user.has_perm(OVERBOOK)
    may_tick = may_overbook and any(line.may_be_overbooked for line in plan.lines)
    counts = [words % plan.counts[verdict] for verdict, words in COUNTS.items() if plan.counts[verdict]]
    if over := form.reading.over:
        counts.append(ngettext_lazy("%d more is long over", "%d more are long over") % over)
    rows = ngettext_lazy("Of %d row", "Of %d rows") % len(plan.lines)
    return _page(
        request,
        model_admin,
        plan=plan,
        summary=gettext("%(rows)s: %(counts)s.") % {"rows": rows, "counts": ", ".join(map(str, counts))},
        lines=[line for verdict in Verdict for line in plan.of(verdict)],
        unused=", ".join(name[:40] for name in form.reading.unused[:50]),
        button=_button(plan, may_tick),
        may_tick=may_tick,
        ticked=ticked,
        may_overbook=may_overbook,
        theirs={number for number, side in (decided or {}).items() if side == "theirs"},
        ours={number for number, side in (decided or {}).items() if side == "ours"},
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
