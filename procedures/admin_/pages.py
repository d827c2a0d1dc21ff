from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures import markdown
from procedures.models import OVERVIEW, Page, Procedure, Revision, Words


class PageForm(forms.ModelForm):
    """A page together with the words of its draft, or without one those that visitors see."""

    title = forms.CharField(label=_("Title"), max_length=150, widget=forms.TextInput(attrs={"size": 80}))
    lead = forms.CharField(
        label=_("Lead"),
        max_length=300,
        help_text=_("One sentence that says what the page is about."),
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
    )
    body = forms.CharField(
        label=_("Body"),
        max_length=50_000,
        help_text=_(
            'Markdown: ## begins a heading, - an item of a list. A line like {fact="R8"} names the clinical fact '
            "that the next block tells; keep it there."
        ),
        widget=forms.Textarea(attrs={"rows": 30, "cols": 80}),
    )

    publish_at = forms.SplitDateTimeField(
        label=_("Publish at"),
        required=False,
        help_text=_("Only for “Publish”: leave it empty to publish at once."),
        widget=AdminSplitDateTime,
    )

    class Meta:
        model = Page
        fields = ["procedure", "slug", "label", "position"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        page = self.instance
        shown = (page.draft() or page.live_revision()) if page.pk else None
        if shown:
            self.initial.update(title=shown.title, lead=shown.lead, body=shown.body)

    def clean_body(self) -> str:
        body = self.cleaned_data["body"].replace("\r\n", "\n") + "\n"
        if problem := markdown.problem(body):
            raise forms.ValidationError(problem)
        return body

    def words(self) -> Words:
        return Words(self.cleaned_data["title"], self.cleaned_data["lead"], self.cleaned_data["body"])


class RevisionInline(admin.TabularInline):
    model = Revision
    verbose_name_plural = _("all versions, newest first")
    fields = readonly_fields = ("published_at", "title", "written_by")
    ordering = ["-published_at", "-pk"]
    extra = max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("created_by", "page__procedure")

    @admin.display(description=_("by"))
    def written_by(self, revision: Revision) -> str:
        if revision.created_by:
            return str(revision.created_by)
        return str(_("the file it was loaded from") if revision.source_digest else _("somebody whose account is gone"))


@admin.register(Procedure)
class ProcedureAdmin(admin.ModelAdmin):
    list_display = ["name", "is_published", "position"]
    prepopulated_fields = {"slug": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Procedure | None = None) -> bool:
        """Inquiries keep what they are about: a procedure that is no longer offered is hidden instead."""
        return False


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    form = PageForm
    inlines = [RevisionInline]
    list_display = ["__str__", "words", "review"]
    list_filter = ["procedure"]
    list_select_related = ["procedure"]
    readonly_fields = ["review", "words"]
    fields = ["review", "words", "procedure", "slug", "label", "position", "title", "lead", "body", "publish_at"]

    @admin.display(description=_("review"))
    def review(self, page: Page) -> str:
        return str(_("Not yet reviewed by a clinician"))

    @admin.display(description=_("words"))
    def words(self, page: Page) -> str:
        if page.draft():
            return gettext("There is a draft that visitors do not see yet")
        planned = page.revisions.filter(published_at__gt=timezone.now()).order_by("published_at").first()
        if planned:
            when = date_format(timezone.localtime(planned.published_at), "N j, Y, P")
            return gettext("New words show from %s") % when
        return gettext("Visitors see the newest words")

    def save_model(self, request: HttpRequest, obj: Page, form: PageForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        live = obj.live_revision()
        if not obj.draft() and live and form.words() == live.words:
            return
        draft = obj.save_draft(form.words(), by=request.user)
        if "_publish" in request.POST:
            draft.publish(at=form.cleaned_data["publish_at"])

    def get_urls(self) -> list[Any]:
        preview = self.admin_site.admin_view(self.preview)
        return [path("<int:pk>/preview/", preview, name="procedures_page_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as it would look with its draft; as visitors see it when there is none."""
        page = get_object_or_404(Page, pk=pk)
        if not self.has_view_permission(request, page):
            raise PermissionDenied
        revision = page.draft() or page.live_revision()
        context = {"page": page, "revision": revision, "pages": [page], "is_overview": page.slug == OVERVIEW}
        template = "procedures/page.html" if page.procedure else "procedures/glossary.html"
        return render(request, template, context)
