"""The clinician's screen: our sentences beside the facts they tell, what may be missing, and the signature."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinic.browser_fields import day
from clinic.one_line import OneLineInput
from procedures import actions, facts, markdown, unsaid, wording
from procedures.admin.versions import seen_page
from procedures.models import Page, Revision

MYSELF, ON_PAPER = "myself", "paper"
REVIEW_AFTER = timedelta(days=365)
LONGEST_UNTIL_REVIEW = timedelta(days=5 * 366)


def field(heading: Any) -> str:
    """The name of the form's field for what a clinician writes under a heading."""
    return f"section_{unsaid.ALL_HEADINGS.index(heading)}"


class SignOffForm(forms.Form):
    use_required_attribute = False

    revision = forms.IntegerField(widget=forms.HiddenInput)
    read_digest = forms.CharField(widget=forms.HiddenInput)
    how = forms.ChoiceField(label=_("Who signs?"), widget=forms.RadioSelect)
    signed_by = forms.CharField(
        label=_("The clinician’s name"),
        max_length=150,
        help_text=_("As patients shall read it, like “Jane Doe, MD”."),
        widget=OneLineInput,
    )
    signed_on = forms.DateField(label=_("Date on the paper"), required=False, widget=day())
    next_review = forms.DateField(label=_("Next review due"), widget=day())
    has_read = forms.BooleanField(label=_("Each sentence has been read beside its fact, and may be shown to patients."))

    def __init__(self, *args: Any, shown: Revision, ways: list[tuple[str, Any]], headings: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.shown = shown
        self.headings = {field(heading): str(heading) for heading in headings}
        for name, heading in self.headings.items():
            area = forms.Textarea(attrs={"rows": 3, "cols": 60})
            self.fields[name] = forms.CharField(label=heading, max_length=5_000, required=False, widget=area)
        self.fields["how"].choices = ways  # type: ignore[attr-defined]
        self.initial.update(how=ways[0][0], revision=shown.pk, read_digest=shown.digest)

    def sections(self) -> list[forms.BoundField]:
        return [self[name] for name in self.headings]

    def added(self) -> dict[str, str]:
        said = {heading: self.cleaned_data.get(name, "") for name, heading in self.headings.items()}
        return {heading: words.replace("\r\n", "\n") for heading, words in said.items() if words}

    def clean(self) -> None:
        said = self.cleaned_data
        today = timezone.localdate()
        if said.get("how") == MYSELF:
            said["signed_on"] = today
        elif not self.errors.get("signed_on") and not (
            said.get("signed_on") and timezone.localdate(self.shown.created_at) <= said["signed_on"] <= today
        ):
            sentence = _("Enter the date on the paper: it is not before the words were written, and not in the future.")
            self.add_error("signed_on", sentence)
        begins, ends = said.get("signed_on"), said.get("next_review")
        if begins and ends and not begins < ends <= begins + LONGEST_UNTIL_REVIEW:
            self.add_error("next_review", _("The next review must be later than the sign-off, by 5 years at most."))
        for name, heading in self.headings.items():
            if (words := self.added().get(heading)) and (problem := markdown.problem(words)):
                self.add_error(name, problem)
        if said.get("how") == ON_PAPER and self.added():
            self.add_error("how", _("What is on the paper is what the page says. A clinician adds to it, and signs."))
        self._read_these_very_words()

    def _read_these_very_words(self) -> None:
        """Whatever else is wrong, what the signer has read must be what stands above the form now."""
        said = self.cleaned_data
        if (said.get("revision"), said.get("read_digest")) == (self.shown.pk, self.shown.digest):
            return
        self.add_error(None, _("These words were changed while you were reading. Read them again, then sign."))
        data = self.data.copy()  # type: ignore[attr-defined]
        data["revision"], data["read_digest"] = str(self.shown.pk), self.shown.digest
        data.pop("has_read", None)
        self.data = data


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, page_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Sign off the page's newest words."""
    page = seen_page(request, page_admin, pk)
    revision = page.newest()
    if revision is None:
        raise Http404
    ways = _ways(request)
    # A clinician writes what is missing; who only enters a paper adds nothing to it.
    missing = _missing(page, revision)
    may_add = any(way == MYSELF for way, _words in ways) and not revision.is_planned
    form = SignOffForm(
        request.POST if request.method == "POST" else None,
        shown=revision,
        ways=ways or [("", "")],
        headings=[
            heading
            for heading in unsaid.headings(page.slug)
            if may_add and (heading in missing or request.POST.get(field(heading)))
        ],
        initial={"next_review": timezone.localdate() + REVIEW_AFTER},
    )
    if request.method == "POST":
        if not ways:
            raise PermissionDenied
        if form.is_valid() and _signed(request, form, page):
            return redirect("admin:procedures_page_change", pk)
    return TemplateResponse(
        request,
        "admin/procedures/page/sign_off.html",
        {
            **page_admin.admin_site.each_context(request),
            "opts": page_admin.opts,
            "title": gettext("Sign off %s") % page,
            "page": page,
            "version": wording.version(revision, page.live_revision()),
            "sign_offs": revision.sign_offs.in_force().select_related("entered_by"),
            "rows": _beside_facts(page, revision),
            "form": form,
            "signature": [form[name] for name in ("how", "signed_by", "signed_on", "next_review", "has_read")],
            "may_sign": bool(ways),
        },
    )


def _ways(request: HttpRequest) -> list[tuple[str, Any]]:
    """How this member of staff may sign, as choices."""
    ways = (
        ("procedures.add_signoff", MYSELF, _("I sign it myself, today")),
        ("procedures.record_paper_signoff", ON_PAPER, _("A clinician signed it on paper; I enter that")),
    )
    return [(way, words) for right, way, words in ways if request.user.has_perm(right)]


def _signed(request: HttpRequest, form: SignOffForm, page: Page) -> bool:
    said = form.cleaned_data
    try:
        actions.sign_off(
            revision=page.revisions.get(pk=said["revision"]),
            read_digest=said["read_digest"],
            added=form.added(),
            signed_by=said["signed_by"],
            signed_on=said["signed_on"],
            next_review=said["next_review"],
            on_paper=said["how"] == ON_PAPER,
            by=request.user,
        )
    except actions.WordsChanged:
        form.add_error(None, gettext("These words were changed this moment. Send again to see them."))
        return False
    messages.success(request, gettext("Signed off. The page says so as soon as, and as long as, these words are live."))
    return True


def _missing(page: Page, revision: Revision) -> list[Any]:
    """Headings asked for on this page that no page of the procedure has yet."""
    if page.procedure is None:
        return []
    others = [each.newest() for each in page.procedure.pages.exclude(pk=page.pk)]
    bodies = [each.body for each in (revision, *others) if each]
    there = frozenset[str]().union(*(markdown.headings(body, signed=True) for body in bodies))
    return [heading for heading in unsaid.headings(page.slug) if str(heading).casefold() not in there]


def _beside_facts(page: Page, revision: Revision) -> list[tuple[list[str], list[tuple[str, str]]]]:
    """What the page says, in its order, as (statements, [(id, fact) that they tell])."""
    known = {id: wording.fact(fact) for id, fact in facts.of(page.procedure).items()}
    said = [("", revision.title), ("", revision.lead), *markdown.statements(revision.body)]
    return [
        ([words for _ids, words in group], [(id, known.get(id, gettext("Unknown fact"))) for id in ids.split()])
        for ids, group in groupby(said, key=lambda each: each[0])
    ]
