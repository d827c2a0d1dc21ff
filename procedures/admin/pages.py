from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic import timeline
from clinic.admin_site import ShownOnTheSite
from clinic.browser_fields import DayAndTime
from clinic.one_line import OneLineInput
from clinic.typed_text import one_line
from procedures import empty, facts, links, markdown, raw_marks, wording
from procedures.admin import links_said, sign_off, versions
from procedures.models import Page, Procedure, Revision, Words

# The button that publishes over signed words, followed by the digest of these.
OVER = "over-"


class PageForm(forms.ModelForm):
    """A page together with the words of its draft, or without one those that visitors see."""

    title = forms.CharField(label=_("Title"), max_length=150, widget=OneLineInput(attrs={"size": 80}))
    lead = forms.CharField(
        label=_("Lead"),
        max_length=300,
        help_text=_("One sentence that says what the page is about."),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
    )
    body = forms.CharField(
        label=_("Body"),
        max_length=50_000,
        help_text=_("Plain words with a few signs between them: see “How to write” beside this field."),
        widget=forms.Textarea(attrs={"rows": 30, "cols": 80}),
    )
    publish_at = forms.SplitDateTimeField(
        label=_("Publish at"),
        required=False,
        help_text=_("Only for “Publish”: leave it empty to publish at once."),
        widget=DayAndTime,
    )
    # The digest of the words that the form began with: what a colleague saved meanwhile is not overwritten unseen.
    began_with = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Page
        fields = ["procedure", "slug", "label", "position"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        page = self.instance
        self.asked: dict[str, str] | None = None
        self.shown = page.newest() if page.pk else None
        if self.shown:
            words = self.shown.words
            self.initial.update(title=words.title, lead=words.lead, body=words.body, began_with=self.shown.digest)

    @property
    def is_publishing(self) -> bool:
        """Whether visitors shall see the words: “Publish” was pressed, or the button of the question that followed."""
        return "_publish" in self.data or self.data.get("do", "").startswith(OVER)

    def still_empty(self) -> list[str]:
        """What nobody has written yet of the words that the form began with."""
        if not self.shown:
            return []
        return [*([] if self.shown.lead else [gettext("The lead")]), *empty.sentences(self.shown.body)]

    def clean_title(self) -> str:
        return self._plain("title")

    def clean_lead(self) -> str:
        return self._plain("lead")

    def _plain(self, name: str) -> str:
        words = " ".join(one_line(self.cleaned_data[name]).split())
        if problem := raw_marks.in_plain(words):
            raise forms.ValidationError(problem)
        return words

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or self.cleaned_data
        # The language is not asked yet, and Django checks a constraint only when it asks for all of its fields.
        same = Page.objects.filter(
            procedure=said.get("procedure", self.instance.procedure),
            slug=said.get("slug"),
            language=self.instance.language,
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("slug", _("This procedure already has a page at this address."))
        if self.is_publishing and "body" in said:
            self._may_be_published(said["body"], said.get("procedure", self.instance.procedure))
        return said

    def _may_be_published(self, body: str, procedure: Procedure | None) -> None:
        for problem in filter(None, [*empty.sentences(body), facts.problem(body, procedure)]):
            self.add_error("body", problem)
        if not self.errors and self.cleaned_data.get("publish_at") and self._is_live_already():
            self.add_error("publish_at", _("Visitors see these words already: empty this, or change the words."))
        if not self.errors and (asked := self._replaces_signed_words()) and self.data.get("sure") != asked["do"]:
            self.asked = asked
            self.add_error(None, _("Nothing is published yet: answer the question above the words first."))

    def _is_live_already(self) -> bool:
        """Whether there is nothing to publish: neither a draft, nor other words than those that visitors see."""
        page = self.instance
        live = page.live_revision() if page.pk and not page.draft() else None
        return live is not None and self.words() == live.words

    def _replaces_signed_words(self) -> dict[str, str] | None:
        """What is asked before words that a clinician signed give way to words that nobody signed."""
        live = self.instance.live_revision() if self.instance.pk else None
        if not (live and live.sign_off) or self.words() == live.words:
            return None
        if self.shown and self.shown.sign_off and self.shown.words == self.words():
            return None
        question = gettext("Publish all the same?")
        return {
            "words": f"{wording.replaced(live.sign_off)} {question}",
            "button": gettext("Publish all the same"),
            "do": f"{OVER}{live.digest}",
        }

    def clean_body(self) -> str:
        body = raw_marks.understood(self.cleaned_data["body"]).rstrip() + "\n"
        procedure = self.instance.procedure or self.cleaned_data.get("procedure")
        if problem := markdown.problem(body) or links.problem(body, procedure):
            raise forms.ValidationError(problem)
        return body

    def clean_publish_at(self) -> datetime | None:
        at = self.cleaned_data["publish_at"]
        if at and not self.is_publishing:
            raise forms.ValidationError(
                _("“Save as draft” publishes at no time: press “Publish” to keep this one, or empty it.")
            )
        if at and not timezone.now() < at < timeline.LATEST:
            raise forms.ValidationError(_("Enter a time that is still to come, or leave it empty to publish at once."))
        return at

    def clean_began_with(self) -> str:
        began_with = self.cleaned_data["began_with"]
        if self.shown and began_with != self.shown.digest:
            # Sent again from this page it is meant: the colleague's words have been pointed out.
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("began_with")] = self.shown.digest  # type: ignore[index]
            raise forms.ValidationError(
                _(
                    "A colleague saved other words while you were writing. Yours are below, theirs under “Preview”. "
                    "Save again to keep yours."
                )
            )
        return began_with

    def words(self) -> Words:
        return Words(self.cleaned_data["title"], self.cleaned_data["lead"], self.cleaned_data["body"])


class RevisionInline(admin.TabularInline):
    """All versions, with what can be done with each."""

    model = Revision
    verbose_name_plural = _("all versions, newest first")
    fields = readonly_fields = ("published_at", "title", "written_by", "signed", "look")
    extra = max_num = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        return Revision.objects.newest_first().with_signature().select_related("created_by")

    @admin.display(description=_("by"))
    def written_by(self, revision: Revision) -> str:
        return wording.writer(revision)

    @admin.display(description=_("signed off by"))
    def signed(self, revision: Revision) -> str:
        return getattr(revision, "signed_by", None) or "–"

    @admin.display(description=_("look"))
    def look(self, revision: Revision) -> SafeString:
        show = reverse("admin:procedures_page_version", args=[revision.page_id, revision.pk])
        compare = reverse("admin:procedures_page_compare", args=[revision.page_id])
        return format_html(
            '<a href="{}">{}</a> · <a href="{}?new={}">{}</a>',
            show, gettext("Show"), compare, revision.pk, gettext("Compare, go back"),
        )  # fmt: skip


class PageAdmin(ShownOnTheSite):
    form = PageForm
    inlines = [RevisionInline]
    list_display = ["__str__", "waiting", "review"]
    list_filter = ["procedure"]
    list_select_related = ["procedure"]
    readonly_fields = ["review", "waiting"]
    fieldsets = [
        (None, {"fields": ["review", "waiting", "title", "lead", "body", "publish_at", "began_with"]}),
        (
            _("Where the page stands"),
            {
                "fields": ["procedure", "slug", "label", "position"],
                "description": _("These are no draft: visitors see a change at once. An old address leads to the new."),
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        return Page.objects.with_state()

    @admin.display(description=_("review"))
    def review(self, page: Page) -> str:
        return wording.review(page) if page.pk else "–"

    @admin.display(description=_("where it stands"))
    def waiting(self, page: Page) -> str:
        return wording.waiting(page) if page.pk else "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """A page stays with its procedure: its sign-off was given for words about that."""
        return [*self.readonly_fields, *(["procedure"] if obj else [])]

    def view_on_site(self, row: Page) -> str | None:
        is_shown = row.is_live and (row.procedure is None or row.procedure.is_published)
        return super().view_on_site(row) if is_shown else None

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """All versions are kept, and who signed them; a page that nobody should read is an unpublished procedure's."""
        return False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Users who may only read see the words beside their facts."""
        may_only_read = self.has_view_permission(request) and not self.has_change_permission(request)
        if request.method != "POST" and may_only_read and (page := self.get_object(request, object_id)):
            return redirect("admin:procedures_page_sign_off", page.pk)
        return super().change_view(request, object_id, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Page, form: PageForm, change: bool) -> None:
        old = Page.objects.select_related("procedure").get(pk=obj.pk).get_absolute_url() if change else ""
        super().save_model(request, obj, form, change)
        if old:
            links_said.say_that_it_moved(request, obj, old)
        live = obj.live_revision()
        if not obj.draft() and live and form.words() == live.words:
            return
        draft = obj.save_draft(form.words(), by=request.user)
        if form.is_publishing:
            links_said.say_what_leads_nowhere(request, obj, live.body if live else "", draft.body)
            draft.publish(at=form.cleaned_data["publish_at"])
            planned = obj.planned()
            if planned and planned.pk != draft.pk:
                messages.warning(
                    request,
                    gettext("Other words are planned, and will replace these. “Compare versions” can take them back."),
                )
            if obj.procedure and not obj.procedure.is_published:
                messages.warning(request, gettext("Visitors see this page once somebody shows them the procedure."))

    def get_urls(self) -> list[Any]:
        def at(route: str, view: Any, name: str) -> Any:
            def shown(request: HttpRequest, pk: int, **about: int) -> HttpResponse:
                return view(request, self, pk, **about)

            shown.model_admin = self  # type: ignore[attr-defined]  # As Django says it of its own pages.
            return path(f"<int:pk>/{route}", self.admin_site.admin_view(shown), name=f"procedures_page_{name}")

        return [
            at("preview/", versions.preview, "preview"),
            at("published/", versions.published, "published"),
            at("versions/<int:version>/", versions.show, "version"),
            at("versions/<int:version>/go-back/", versions.go_back, "go_back"),
            at("versions/<int:version>/withdraw/", versions.withdraw, "withdraw"),
            at("compare/", versions.compare, "compare"),
            at("sign-off/", sign_off.view, "sign_off"),
            *super().get_urls(),
        ]
